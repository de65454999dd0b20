// Specialize, contexts, save, describe. What a provider says of an instance is checked before anybody plans
// with it.
#include "provider/program.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "provider/abi.hpp"
#include "provider/artifact_adapters.hpp"
#include "provider/provider_core.hpp"
#include "provider/read_instance_info.hpp"

namespace bp {

// ---- Program

Program::Program(std::shared_ptr<Device> device, bp_program handle, const GraphView& view,
                 std::shared_ptr<const void> keep_alive)
    : device_(std::move(device)),
      constants_(view.constants()),
      keep_alive_(std::move(keep_alive)),
      handle_(handle),
      nodes_(view.shown_nodes()),
      input_count_(view.inputs().size()),
      output_count_(view.outputs().size()) {}

Program::~Program() {
  const ProviderCore& core = device_->core();
  core.call_void("releasing a program", [&] { core.program.release_program(handle_); });
  if (const uint64_t left = constants_->outstanding(); left > 0 && constants_.use_count() == 1) {
    core.host().log_misbehaviour("released a program and kept " + std::to_string(left) +
                                 " uses of its constants");
  }
}

namespace {

// The ABI's form of specs; arrays point into `specs` and here.
struct AbiSpecs {
  std::vector<bp_tensor_spec> specs;
  std::vector<bp_tensor> values;

  explicit AbiSpecs(std::span<const TensorSpec> source) {
    specs.reserve(source.size());
    values.reserve(source.size());
    for (const TensorSpec& spec : source) {
      bp_tensor_spec abi{};
      abi.struct_size = BP_STRUCT_SIZE(bp_tensor_spec, value);
      abi.element_type = static_cast<uint32_t>(spec.element);
      abi.dims = array_of(spec.dims.data(), spec.dims.size());
      if (spec.value != nullptr) {
        values.push_back(to_abi(*spec.value));
        abi.value = &values.back();
      }
      specs.push_back(abi);
    }
  }
  bp_array array() const noexcept { return array_of(specs.data(), specs.size()); }
};

}  // namespace

Result<std::shared_ptr<Instance>> Program::specialize(const SpecializeArgs& args) {
  if (args.inputs.size() != input_count_ || args.outputs.size() != output_count_) {
    return Status(ErrorCode::kInternal,
                  fmt::format("a program of {} inputs and {} outputs is specialized with {} and {}",
                              input_count_, output_count_, args.inputs.size(), args.outputs.size()));
  }
  const AbiSpecs inputs(args.inputs);
  const AbiSpecs outputs(args.outputs);
  bp_specialize_args abi{};
  abi.struct_size = BP_STRUCT_SIZE(bp_specialize_args, progress);
  abi.thread_count = args.thread_count == 0 ? 1 : args.thread_count;
  abi.inputs = inputs.array();
  abi.outputs = outputs.array();
  abi.cancel = reinterpret_cast<bp_cancel>(const_cast<CancelToken*>(args.cancel));
  abi.progress = reinterpret_cast<bp_progress>(const_cast<ProgressToken*>(args.progress));
  bp_instance_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_instance_info, context_bytes);
  bp_instance instance = nullptr;
  const ProviderCore& core = device_->core();
  BP_RETURN_IF_ERROR(core.call("specialize", device_->label(),
                               [&] { return core.program.specialize(handle_, &abi, &instance, &info); }));
  if (instance == nullptr) return core.misbehaves("specialize returned OK and no instance");
  auto checked = read_instance_info(core, device_->info(), args, info);
  if (!checked.ok()) {
    core.call_void("releasing an instance", [&] { core.program.release_instance(instance); });
    return checked.status();
  }
  return std::make_shared<Instance>(shared_from_this(), instance, std::move(*checked));
}

Status Program::save(ArtifactSink& sink) const {
  const ProviderCore& core = device_->core();
  if (core.artifact.save == nullptr) {
    return Status(ErrorCode::kUnimplemented, fmt::format("provider '{}' cannot save programs", core.id));
  }
  ArtifactWriter writer(core, sink);
  BP_RETURN_IF_ERROR(core.call("saving a program", device_->label(),
                               [&] { return core.artifact.save(handle_, writer.abi()); }));
  return writer.finish();
}

// ---- Instance

Instance::Instance(std::shared_ptr<Program> program, bp_instance handle, InstanceInfo info) noexcept
    : program_(std::move(program)), handle_(handle), info_(std::move(info)) {}

Instance::~Instance() {
  const ProviderCore& core = device().core();
  core.call_void("releasing an instance", [&] { core.program.release_instance(handle_); });
}

Result<std::unique_ptr<Context>> Instance::create_context() {
  const ProviderCore& core = device().core();
  bp_context context = nullptr;
  BP_RETURN_IF_ERROR(core.call("making a context", device().label(),
                               [&] { return core.program.create_context(handle_, &context); }));
  if (context == nullptr) return core.misbehaves("create_context returned OK and no context");
  return std::make_unique<Context>(shared_from_this(), context);
}

namespace {

constexpr uint32_t kLeastStep = BP_STRUCT_SIZE(bp_step, note);

struct StepCollector {
  const std::vector<NodeId>& nodes;
  std::vector<StepInfo> steps;
  std::string problem;

  std::string take(const bp_step* source) {
    if (source == nullptr || source->struct_size < kLeastStep) return "describe reported a malformed step";
    const bp_step abi = copy_struct(source);
    if (!is_array_of(abi.nodes, sizeof(uint32_t), nodes.size()))
      return "describe reported a malformed list of nodes";
    StepInfo step{text_of(abi.name), text_of(abi.implementation), {}, text_of(abi.note)};
    for (uint64_t i = 0; i < abi.nodes.count; ++i) {
      const auto node = element_at<uint32_t>(abi.nodes, i);
      if (node >= nodes.size()) {
        return fmt::format("describe reported node {} of a partition with {} nodes", node, nodes.size());
      }
      step.nodes.push_back(nodes[node]);
    }
    steps.push_back(std::move(step));
    return {};
  }
};

}  // namespace

Result<std::vector<StepInfo>> Instance::describe() const {
  const ProviderCore& core = device().core();
  if (core.program.describe == nullptr) return std::vector<StepInfo>{};
  StepCollector collector{program_->nodes(), {}, {}};
  bp_step_sink sink{};
  sink.struct_size = BP_STRUCT_SIZE(bp_step_sink, report);
  sink.user = &collector;
  sink.report = [](void* user, const bp_step* step) {
    auto& target = *static_cast<StepCollector*>(user);
    try {
      if (target.problem.empty()) target.problem = target.take(step);
    } catch (...) {
      target.problem = "its steps do not fit into memory";
    }
  };
  BP_RETURN_IF_ERROR(core.call("describing an instance", device().label(),
                               [&] { return core.program.describe(handle_, &sink); }));
  if (!collector.problem.empty()) return core.misbehaves(collector.problem);
  return std::move(collector.steps);
}

// ---- Context

Context::Context(std::shared_ptr<Instance> instance, bp_context handle) noexcept
    : bind_(instance->device().core().program.bind),
      run_(instance->device().core().program.run),
      handle_(handle),
      instance_(std::move(instance)) {}

Context::~Context() {
  const ProviderCore& core = instance_->device().core();
  core.call_void("releasing a context", [&] { core.program.release_context(handle_); });
}

Status Context::report_spans(RunToken& token) {
  const ProviderCore& core = instance_->device().core();
  if (core.program.report_spans == nullptr) return {};
  return core.call("report_spans", instance_->device().label(),
                   [&] { return core.program.report_spans(handle_, reinterpret_cast<bp_run_token>(&token)); });
}

Status Context::failed(const char* call, bp_status status) const noexcept {
  try {
    const Device& device = instance_->device();
    return device.core().host().take_status(status, call, device.label());
  } catch (...) {
    return Status(ErrorCode::kOutOfHostMemory, "no memory");  // short: allocates nothing
  }
}

Status Context::threw(const char* call) const noexcept {
  try {
    return instance_->device().core().threw(call, "an exception");
  } catch (...) {
    return Status(ErrorCode::kOutOfHostMemory, "no memory");
  }
}

}  // namespace bp
