/* Errors. A function returns a bp_status: NULL is success; anything else is an object made by the host
 * (host.h: status_create) which the receiver owns and gives back with status_release. A status may outlive the
 * provider that asked for it. Its text says what was expected, what was found and where.
 *
 * An error of a synchronous call took nothing: outputs are untouched, ownership is unchanged. The error of a
 * run that had enqueued something travels with the stream instead (stream.h). */
#ifndef BACKPLANE_PROVIDER_STATUS_H
#define BACKPLANE_PROVIDER_STATUS_H

#include "base.h"

typedef struct bp_status_object* bp_status;

/* Codes say what the caller should do. Numbers beyond these count as INTERNAL. */
#define BP_STATUS_OK 0u
#define BP_STATUS_INVALID_ARGUMENT 1u     /* mend the call */
#define BP_STATUS_INVALID_MODEL 2u        /* mend the model */
#define BP_STATUS_UNSUPPORTED 3u          /* valid, but not here: ask the next device */
#define BP_STATUS_UNIMPLEMENTED 4u        /* this entry point does nothing in this provider */
#define BP_STATUS_OUT_OF_HOST_MEMORY 5u   /* free host memory, or ask for less */
#define BP_STATUS_OUT_OF_DEVICE_MEMORY 6u /* free device memory or end runs, or ask for less */
#define BP_STATUS_DEVICE_LOST 7u          /* release every object of the device; open the provider anew */
#define BP_STATUS_CANCELLED 8u            /* the caller asked for it */
#define BP_STATUS_TIMEOUT 9u              /* wait longer or give up; never carried by an event */
#define BP_STATUS_INCOMPATIBLE 10u        /* versions, artefacts or machines that do not fit */
#define BP_STATUS_NOT_FOUND 11u           /* a file, a name or a device does not exist */
#define BP_STATUS_IO 12u                  /* reading or writing failed */
#define BP_STATUS_INTERNAL 13u            /* a bug in the callee */

#endif
