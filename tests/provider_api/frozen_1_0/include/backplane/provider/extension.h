/* Extensions: tables found by string id and revision, asked for in both directions with get_extension (host.h,
 * provider.h). A table's layout never changes within a revision; NULL is the answer for a revision that one
 * does not have. New ideas start in ext/draft/; the id never says "draft", so that promotion renames nothing.
 * Vendors use their own domain: "com.acme.power". */
#ifndef BACKPLANE_PROVIDER_EXTENSION_H
#define BACKPLANE_PROVIDER_EXTENSION_H

#include "base.h"

#define BP_EXTENSION_GRAPH_CAPTURE "backplane.graph_capture" /* ext/graph_capture.h */
#define BP_EXTENSION_STATE "backplane.state"                 /* ext/draft/state.h */

#endif
