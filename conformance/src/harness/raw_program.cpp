#include "harness/raw_program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace bp::conformance {
namespace {

void collect(void* user, const bp_verdict* verdict) {
  RawVerdict made;
  made.kind = verdict->kind;
  made.node = verdict->node;
  made.group = verdict->group;
  made.cost_ns = verdict->cost_ns;
  made.workspace_bytes = verdict->workspace_bytes;
  made.struct_size = verdict->struct_size;
  made.raw_reasons = verdict->reasons;
  for (uint64_t i = 0; i < verdict->reasons.count; ++i) {
    const auto* reason = BP_AT(bp_reason, verdict->reasons, i);
    made.reason_struct_sizes.push_back(reason->struct_size);
    made.reasons.push_back(
        {reason->code, reason->input, reason->output, to_text(reason->attribute), to_text(reason->text)});
  }
  for (uint64_t i = 0; i < verdict->input_wants.count; ++i) {
    made.wants.push_back(*BP_AT(uint32_t, verdict->input_wants, i));
  }
  static_cast<std::vector<RawVerdict>*>(user)->push_back(std::move(made));
}

}  // namespace

std::string reason_name(uint32_t code) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "",       "OPERATOR", "NEWER_FORM",     "TYPE",   "RANK", "DYNAMIC_SHAPE", "ATTRIBUTE", "NOT_CONSTANT",
      "LAYOUT", "MEMORY",   "DEVICE_FEATURE", "POLICY", "OTHER"};
  return code > 0 && code < kNames.size() ? std::string(kNames[code]) : fmt::format("{}", code);
}

bool RawVerdict::operator==(const RawVerdict& other) const {
  return kind == other.kind && node == other.node && group == other.group && reasons == other.reasons &&
         wants == other.wants && cost_ns == other.cost_ns && workspace_bytes == other.workspace_bytes;
}

const RawVerdict* RawQuery::of(uint32_t node) const {
  const auto found = std::find_if(verdicts.begin(), verdicts.end(),
                                  [&](const RawVerdict& verdict) { return verdict.node == node; });
  return found == verdicts.end() ? nullptr : &*found;
}

bool RawQuery::supports_all(size_t nodes) const {
  for (uint32_t node = 0; node < nodes; ++node) {
    const RawVerdict* verdict = of(node);
    if (verdict == nullptr || !verdict->supported()) return false;
  }
  return true;
}

RawQuery query(const RawProvider& provider, const RawView& view, const RawOptions& options) {
  RawQuery made;
  bp_verdict_sink sink{};
  sink.struct_size = BP_STRUCT_SIZE(bp_verdict_sink, report);
  sink.user = &made.verdicts;
  sink.report = collect;
  made.status = provider.call("query", [&] {
    return provider->capability->query(provider.device(), view.get(), options.abi(), &sink);
  });
  return made;
}

// ---- owners ----

void OwnedProgram::reset() {
  if (program_ != nullptr) (*provider_)->program->release_program(std::exchange(program_, nullptr));
}
void OwnedInstance::reset() {
  if (instance_ != nullptr) (*provider_)->program->release_instance(std::exchange(instance_, nullptr));
}
void OwnedContext::reset() {
  if (context_ != nullptr) (*provider_)->program->release_context(std::exchange(context_, nullptr));
}

// ---- programs ----

RawPartition::RawPartition(const RawProvider& provider, const RawGraph& graph, const RawOptions& options,
                           const MakeArgs& args, AbiLayout view_layout)
    : graph_(graph),
      args_(args),
      view_(std::make_unique<RawView>(graph, view_layout)),
      fingerprint_(view_->fingerprint()) {
  const RawQuery answer = query(provider, *view_, options);
  if (!answer.status.ok()) fail(fmt::format("query: expected success, got {}", answer.status.to_string()));
  const std::vector<uint32_t> inputs = graph.inputs();
  wants_.assign(inputs.size(), BP_NONE);
  for (uint32_t n = 0; n < graph.nodes().size(); ++n) {
    const RawVerdict* verdict = answer.of(n);
    for (size_t i = 0; verdict != nullptr && i < graph.nodes()[n].inputs.size(); ++i) {
      const auto found = std::find(inputs.begin(), inputs.end(), graph.nodes()[n].inputs[i]);
      // The smallest wins: DEVICE before HOST before a value at specialize.
      if (found != inputs.end()) {
        uint32_t& want = wants_[static_cast<size_t>(found - inputs.begin())];
        want = std::min(want, verdict->want(i));
      }
    }
  }
  bp_compile_args compile{};
  compile.struct_size = BP_STRUCT_SIZE(bp_compile_args, progress);
  compile.thread_count = args.thread_count;
  compile.partition = view_->get();
  compile.options = options.abi();
  compile.cancel = args.cancel == nullptr ? nullptr : args.cancel->handle();
  bp_program program = nullptr;
  provider.must("compile", [&] { return provider->program->compile(provider.device(), &compile, &program); });
  if (program == nullptr) fail("compile: succeeded and gave no program");
  program_.emplace(provider, program);
}

std::vector<std::vector<int64_t>> stated_output_dims(const RawGraph& graph) {
  std::vector<std::vector<int64_t>> dims;
  for (const uint32_t output : graph.outputs()) dims.push_back(graph.values()[output].dims);
  return dims;
}

SpecializeArgs::SpecializeArgs(const RawPartition& partition, const std::vector<RawTensor>& inputs,
                               const std::vector<std::vector<int64_t>>& output_dims)
    : store_(partition.args().layout) {
  std::vector<bp_tensor_spec> specs;
  for (size_t i = 0; i < inputs.size(); ++i) {
    bp_tensor_spec spec{};
    spec.element_type = inputs[i].element_type;
    spec.dims = store_.array(inputs[i].dims);
    if (partition.want(i) == BP_WANT_VALUE_AT_SPECIALIZE) {
      bp_tensor value{};
      value.element_type = spec.element_type;
      value.dims = spec.dims;
      value.data = store_.text(inputs[i].bytes).data;
      value.size_bytes = inputs[i].bytes.size();
      spec.value = store_.one(value, BP_STRUCT_SIZE(bp_tensor, string_size_bytes));
    }
    specs.push_back(spec);
  }
  bp_specialize_args args{};
  args.thread_count = partition.args().thread_count;
  args.inputs = this->specs(specs);
  specs.clear();
  const std::vector<uint32_t> outputs = partition.graph().outputs();
  for (size_t o = 0; o < outputs.size(); ++o) {
    bp_tensor_spec spec{};
    spec.element_type = partition.graph().values()[outputs[o]].element_type;
    spec.dims = store_.array(output_dims[o]);
    specs.push_back(spec);
  }
  args.outputs = this->specs(specs);
  args.cancel = partition.args().cancel == nullptr ? nullptr : partition.args().cancel->handle();
  args_ = store_.one(args, BP_STRUCT_SIZE(bp_specialize_args, progress));
}

bp_array SpecializeArgs::specs(const std::vector<bp_tensor_spec>& specs) {
  return store_.structs(specs, BP_STRUCT_SIZE(bp_tensor_spec, value));
}

OwnedInstance specialize(RawPartition& partition, const std::vector<RawTensor>& inputs) {
  const SpecializeArgs args(partition, inputs, stated_output_dims(partition.graph()));
  const RawProvider& provider = partition.provider();
  bp_instance instance = nullptr;
  bp_instance_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_instance_info, context_bytes);
  provider.must("specialize", [&] {
    return provider->program->specialize(partition.program().get(), &args.get(), &instance, &info);
  });
  if (instance == nullptr) fail("specialize: succeeded and gave no instance");
  const size_t outputs = partition.graph().outputs().size();
  if (info.outputs.count != outputs) {
    fail(fmt::format("specialize: expected {} outputs in bp_instance_info, found {}", outputs,
                     info.outputs.count));
  }
  return {provider, instance, info};
}

OwnedContext create_context(const OwnedInstance& instance) {
  const RawProvider& provider = instance.provider();
  bp_context context = nullptr;
  provider.must("create_context", [&] { return provider->program->create_context(instance.get(), &context); });
  if (context == nullptr) fail("create_context: succeeded and gave no context");
  return {provider, context};
}

std::vector<RawTensor> run_probe_graph(const RawProvider& provider, const RawGraph& graph,
                                       const RawOptions& options, const std::vector<RawTensor>& inputs,
                                       const MakeArgs& args, AbiLayout view_layout) {
  RawPartition partition(provider, graph, options, args, view_layout);
  const OwnedInstance instance = specialize(partition, inputs);
  RawRun run(partition, instance, inputs);
  std::vector<RawTensor> outputs = run.run();
  run.expect_no_damage();
  return outputs;
}

}  // namespace bp::conformance
