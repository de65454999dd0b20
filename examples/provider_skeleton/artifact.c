/* artifact.h: programs that can be saved. Optional as a whole. */
#include "skeleton.h"

static bp_status save(bp_program program, const bp_artifact_writer* writer) {
  (void)writer;
  return unimplemented(host_of(program), "save");
}
static bp_status check_artifact(bp_device device, const bp_artifact_info* info, bp_artifact_answer* answer) {
  (void)info, (void)answer;
  return unimplemented(of_device(device)->host, "check_artifact");
}
static bp_status load(bp_device device, const bp_compile_args* args, const bp_artifact_reader* reader,
                      bp_program* program) {
  (void)args, (void)reader, (void)program;
  return unimplemented(of_device(device)->host, "load");
}

const bp_artifact_api skeleton_artifact = {.struct_size = BP_STRUCT_SIZE(bp_artifact_api, load),
                                           .save = save,
                                           .check_artifact = check_artifact,
                                           .load = load};
