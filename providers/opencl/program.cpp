// The program table: specialize, contexts, bind, run, describe. compile() is in compile.cpp.
#include "program.hpp"

#include "compile.hpp"
#include "context.hpp"
#include "specialize.hpp"

namespace bp::opencl {

namespace {

bp_status compile(bp_device handle, const bp_compile_args* args, bp_program* program) {
  Device& device = sdk::from_handle<Device>(handle);
  return guard(device.host(), [&] {
    BP_EXPECT_STRUCT(args, bp_compile_args, progress);
    BP_EXPECT_STRUCT(args->partition, bp_graph, host_graph);
    *program = sdk::to_handle(compile_partition(device, *args));
  });
}

void release_instance(bp_instance instance) { delete reinterpret_cast<Instance*>(instance); }

bp_status create_context(bp_instance handle, bp_context* context) {
  const auto& instance = *reinterpret_cast<const Instance*>(handle);
  return guard(instance.program->host(),
               [&] { *context = sdk::to_handle(std::make_unique<Context>(instance)); });
}

bp_status describe(bp_instance handle, const bp_step_sink* sink) {
  const auto& instance = *reinterpret_cast<const Instance*>(handle);
  return guard(instance.program->host(), [&] {
    BP_EXPECT_STRUCT(sink, bp_step_sink, report);
    for (const Step& source : instance.steps) {
      bp_step step{};
      step.struct_size = BP_STRUCT_SIZE(bp_step, note);
      step.name = abi(source.name);
      step.implementation = abi(source.entry);
      step.nodes = abi(source.nodes);
      step.note = abi(source.note);
      sink->report(sink->user, &step);
    }
  });
}

}  // namespace

std::shared_ptr<const BuiltProgram> Program::build(const std::string& source, const std::string& flags) const {
  auto built = device.programs().get(source, flags);
  const std::lock_guard lock(used_mutex);
  used.emplace(built->key, built);
  return built;
}

void Program::specialize(const bp_specialize_args* args, bp_instance* instance, bp_instance_info* info) const {
  BP_EXPECT_STRUCT(args, bp_specialize_args, progress);
  BP_EXPECT_STRUCT(info, bp_instance_info, context_bytes);
  std::unique_ptr<Instance> made = Specializer(*this, *args).make();
  info->serves_range = 0;
  info->workspace_bytes = made->workspace_bytes;
  info->workspace_alignment = kAlignment;
  info->workspace_kind = kDeviceMemory;
  info->outputs = abi(made->outputs);
  info->input_ranges = {};
  info->context_bytes = 0;
  *instance = reinterpret_cast<bp_instance>(made.release());
}

const bp_program_api kProgramApi = {
    BP_STRUCT_SIZE(bp_program_api, report_spans),
    0,
    compile,
    sdk::release_entry<Program>,
    sdk::entry<&Program::specialize>,
    release_instance,
    create_context,
    sdk::release_entry<Context>,
    sdk::entry<&Context::bind>,
    run_context,
    describe,
    sdk::entry<&Context::report_spans>,
};

}  // namespace bp::opencl
