// The program table: specialize, contexts, bind, run, describe. compile() is in compile.cpp.
#include "program.hpp"

#include <memory>

#include "compile.hpp"
#include "context.hpp"
#include "device.hpp"
#include "layout_trial.hpp"
#include "specialize.hpp"
#include "struct_size.hpp"

namespace bp::cpu {

namespace {

Program* unwrap(bp_program program) { return reinterpret_cast<Program*>(program); }
Instance* unwrap(bp_instance instance) { return reinterpret_cast<Instance*>(instance); }
Context* unwrap(bp_context context) { return reinterpret_cast<Context*>(context); }

bp_status compile(bp_device device, const bp_compile_args* args, bp_program* program) {
  const bp_host* host = device_host(device);
  return guard(host, [&] {
    BP_EXPECT_STRUCT(args, bp_compile_args, progress);
    BP_EXPECT_STRUCT(args->partition, bp_graph, host_graph);
    *program = reinterpret_cast<bp_program>(compile_partition(host, *args).release());
  });
}

void release_program(bp_program program) { delete unwrap(program); }

bp_status specialize(bp_program program, const bp_specialize_args* args, bp_instance* instance,
                     bp_instance_info* info) {
  return guard(unwrap(program)->host, [&] {
    BP_EXPECT_STRUCT(args, bp_specialize_args, progress);
    BP_EXPECT_STRUCT(info, bp_instance_info, context_bytes);
    const Program& made_of = *unwrap(program);
    const LayoutChoice layout = choose_layout(made_of, *args);
    std::unique_ptr<Instance> made = Specializer(made_of, *args, layout.layout).make();
    if (!layout.note.empty() && !made->steps.empty()) {
      Step& first = made->steps.front();
      StepInfo noted = *first.info;
      noted.note += layout.note;
      first.info = std::make_shared<const StepInfo>(std::move(noted));
    }
    made_of.tuning->store();
    info->serves_range = 0;
    info->workspace_bytes = made->workspace_bytes;
    info->workspace_alignment = 64;
    info->workspace_kind = BP_MEMORY_HOST;
    info->outputs = abi(made->outputs);
    info->input_ranges = {};
    info->context_bytes = 0;
    *instance = reinterpret_cast<bp_instance>(made.release());
  });
}

void release_instance(bp_instance instance) { delete unwrap(instance); }

bp_status create_context(bp_instance instance, bp_context* context) {
  return guard(unwrap(instance)->program->host, [&] {
    *context = reinterpret_cast<bp_context>(std::make_unique<Context>(*unwrap(instance)).release());
  });
}

void release_context(bp_context context) { delete unwrap(context); }

bp_status bind(bp_context context, const bp_binding* binding) {
  return guard(unwrap(context)->host(), [&] {
    BP_EXPECT_STRUCT(binding, bp_binding, workspace);
    unwrap(context)->bind(*binding);
  });
}

bp_status run(bp_context context, const bp_run_args* args) {
  if (args == nullptr || !BP_HAS_FIELD(args, bp_run_args, token)) [[unlikely]] {
    return guard(unwrap(context)->host(), [&] { BP_EXPECT_STRUCT(args, bp_run_args, token); });
  }
  return unwrap(context)->run(*args);
}

bp_status describe(bp_instance instance, const bp_step_sink* sink) {
  return guard(unwrap(instance)->program->host, [&] {
    BP_EXPECT_STRUCT(sink, bp_step_sink, report);
    const Graph& graph = unwrap(instance)->program->graph;
    for (const Step& source : unwrap(instance)->steps) {
      bp_step step{};
      step.struct_size = BP_STRUCT_SIZE(bp_step, note);
      step.name = abi(source.info->name);
      step.implementation = abi(source.info->implementation);
      std::vector<uint32_t> nodes;
      for (const uint32_t node : source.info->nodes) nodes.push_back(graph.nodes[node].origin);
      step.nodes = abi(nodes);
      step.note = abi(source.info->note);
      sink->report(sink->user, &step);
    }
  });
}

}  // namespace

const bp_program_api kProgramApi = {
    BP_STRUCT_SIZE(bp_program_api, report_spans),
    0,
    compile,
    release_program,
    specialize,
    release_instance,
    create_context,
    release_context,
    bind,
    run,
    describe,
    nullptr,
};

}  // namespace bp::cpu
