/* program.h: from a partition to a run. */
#include "skeleton.h"

static bp_status compile(bp_device device, const bp_compile_args* args, bp_program* program) {
  (void)args, (void)program;
  return unimplemented(of_device(device)->host, "compile");
}
static void release_program(bp_program program) { free(program); }

static bp_status specialize(bp_program program, const bp_specialize_args* args, bp_instance* instance,
                            bp_instance_info* info) {
  (void)args, (void)instance, (void)info;
  return unimplemented(host_of(program), "specialize");
}
static void release_instance(bp_instance instance) { free(instance); }

static bp_status create_context(bp_instance instance, bp_context* context) {
  (void)context;
  return unimplemented(host_of(instance), "create_context");
}
static void release_context(bp_context context) { free(context); }

static bp_status bind(bp_context context, const bp_binding* binding) {
  (void)binding;
  return unimplemented(host_of(context), "bind");
}
static bp_status run(bp_context context, const bp_run_args* args) {
  (void)args;
  return unimplemented(host_of(context), "run");
}

bp_status describe(bp_instance instance, const bp_step_sink* sink);
bp_status describe(bp_instance instance, const bp_step_sink* sink) {
  (void)sink;
  return unimplemented(host_of(instance), "describe");
}
bp_status report_spans(bp_context context, bp_run_token token);
bp_status report_spans(bp_context context, bp_run_token token) {
  (void)token;
  return unimplemented(host_of(context), "report_spans");
}

const bp_program_api skeleton_program = {.struct_size = BP_STRUCT_SIZE(bp_program_api, report_spans),
                                         .compile = compile,
                                         .release_program = release_program,
                                         .specialize = specialize,
                                         .release_instance = release_instance,
                                         .create_context = create_context,
                                         .release_context = release_context,
                                         .bind = bind,
                                         .run = run,
                                         .describe = NOT_YET(describe),
                                         .report_spans = NOT_YET(report_spans)};
