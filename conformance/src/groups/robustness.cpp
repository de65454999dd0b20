#include "groups/robustness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <limits>
#include <utility>

#include "groups/contract.hpp"
#include "harness/opened.hpp"

namespace bp::conformance {
namespace {

// A call that breaks a rule: an error is the only answer.
void refuse(const RawProvider& provider, const std::string& what, const std::function<bp_status()>& call) {
  if (provider.call(what, call).ok()) fail(fmt::format("{}: expected an error, got success", what));
}

// ---- what a file can hold ----

// Graphs whose constants and attributes make no sense for their operators. Whether they are rejected, refused
// or computed somehow is the provider's affair; it does not die of them and writes nowhere else.
std::vector<Probe> senseless(uint32_t level, uint64_t seed) {
  std::vector<Probe> probes;
  const auto begin = [&](std::string name) -> Probe& {
    return probes.emplace_back(Probe{std::move(name), RawGraph(level), {}});
  };
  const auto input = [&](Probe& probe, std::vector<int64_t> dims) {
    probe.inputs.push_back(random_tensor(BP_TYPE_FLOAT32, dims, seed));
    return probe.graph.input("x", BP_TYPE_FLOAT32, std::move(dims));
  };
  const auto int64s = [](const std::vector<int64_t>& values) {
    RawTensor tensor{BP_TYPE_INT64, {static_cast<int64_t>(values.size())}, {}};
    tensor.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(int64_t));
    return tensor;
  };
  const auto attribute = [](const char* name, std::vector<int64_t> values) {
    RawAttribute made;
    made.name = name;
    made.kind = BP_ATTRIBUTE_INTS;
    made.ints = std::move(values);
    return made;
  };
  constexpr int64_t kFar = std::numeric_limits<int64_t>::max();
  for (const auto& values : std::vector<std::vector<int64_t>>{{6, 7}, {-1, -1}, {-5, 2}, {kFar, 2}, {0, 0}}) {
    const std::string text = fmt::format("{}", fmt::join(values, ", "));
    Probe& reshape = begin("Reshape of [3, 4] to " + text);
    reshape.graph.node("Reshape", {input(reshape, {3, 4}), reshape.graph.constant("shape", int64s(values))},
                       BP_TYPE_FLOAT32, {3, 4});
    Probe& gather = begin("Gather of 4 elements at " + text);
    gather.graph.node("Gather", {input(gather, {4}), gather.graph.constant("indices", int64s(values))},
                      BP_TYPE_FLOAT32, {2});
    Probe& tile = begin("Tile of [3, 4] by " + text);
    tile.graph.node("Tile", {input(tile, {3, 4}), tile.graph.constant("repeats", int64s(values))},
                    BP_TYPE_FLOAT32, {3, 4});
    Probe& expand = begin("Expand of [3, 4] to " + text);
    expand.graph.node("Expand", {input(expand, {3, 4}), expand.graph.constant("shape", int64s(values))},
                      BP_TYPE_FLOAT32, {3, 4});
    Probe& conv = begin("Conv with strides and pads of " + text);
    const uint32_t x = input(conv, {1, 3, 8, 8});
    const uint32_t w = conv.graph.constant("w", random_tensor(BP_TYPE_FLOAT32, {4, 3, 3, 3}, seed));
    conv.graph.node(
        "Conv", {x, w}, BP_TYPE_FLOAT32, {1, 4, 6, 6},
        {attribute("strides", values), attribute("pads", {values[0], values[1], values[0], values[1]})});
    Probe& pool = begin("MaxPool with a kernel of " + text);
    pool.graph.node("MaxPool", {input(pool, {1, 3, 8, 8})}, BP_TYPE_FLOAT32, {1, 3, 4, 4},
                    {attribute("kernel_shape", values)});
    Probe& transpose = begin("Transpose by " + text);
    transpose.graph.node("Transpose", {input(transpose, {3, 4})}, BP_TYPE_FLOAT32, {4, 3},
                         {attribute("perm", values)});
  }
  return probes;
}

// Structs that are not there.
void refuse_null(const Opened& opened) {
  const RawProvider& provider = opened.provider;
  const bp_device device = provider.device();
  refuse(provider, "info into NULL", [&] { return provider->device->info(device, nullptr); });
  bp_verdict_sink sink{BP_STRUCT_SIZE(bp_verdict_sink, report), 0, nullptr, [](void*, const bp_verdict*) {}};
  refuse(provider, "query of NULL",
         [&] { return provider->capability->query(device, nullptr, opened.options.abi(), &sink); });
  bp_program program = nullptr;
  refuse(provider, "compile of NULL", [&] { return provider->program->compile(device, nullptr, &program); });
  bp_compile_args args{};
  args.struct_size = BP_STRUCT_SIZE(bp_compile_args, progress);
  args.thread_count = 1;
  refuse(provider, "compile without a partition",
         [&] { return provider->program->compile(device, &args, &program); });
}

void arguments(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    refuse_null(opened);
    const RawProvider& provider = opened.provider;
    for (const Probe& probe : senseless(provider->canonical_level, opened.seed)) {
      const RawView view(probe.graph);
      const RawQuery answer = query(provider, view, opened.options);
      if (!answer.status.ok() || !answer.supports_all(probe.graph.nodes().size())) continue;
      try {
        RawPartition partition(provider, probe.graph, opened.options, opened.args);
        const OwnedInstance instance = specialize(partition, probe.inputs);
        RawRun run(partition, instance, probe.inputs);
        if (run.bind().ok() && run.start().ok()) run.wait();
        run.expect_no_damage();
      } catch (const CaseEnd& end) {
        const std::string_view text = end.what();
        // An error is what was asked for; an exception or damage is not.
        if (text.find("expected success") == std::string_view::npos)
          fail(fmt::format("{}: {}", probe.name, text));
      }
    }
  });
}

// ---- specs ----

using Change = std::function<void(std::vector<RawTensor>&, std::vector<std::vector<int64_t>>&)>;

void spec_arguments(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const RawProvider& provider = opened.provider;
    const Probe probe = any_probe(provider, opened.options, opened.seed);
    RawPartition partition(provider, probe.graph, opened.options, opened.args);
    const bp_program program = partition.program().get();
    bp_instance instance = nullptr;
    bp_instance_info info{};
    info.struct_size = BP_STRUCT_SIZE(bp_instance_info, context_bytes);
    const auto refuse_specs = [&](const char* what, const Change& change) {
      std::vector<RawTensor> inputs = probe.inputs;
      std::vector<std::vector<int64_t>> outputs = stated_output_dims(probe.graph);
      change(inputs, outputs);
      const SpecializeArgs args(partition, inputs, outputs);
      refuse(provider, what,
             [&] { return provider->program->specialize(program, &args.get(), &instance, &info); });
    };
    refuse_specs("specialize without inputs", [](auto& inputs, auto&) { inputs.clear(); });
    refuse_specs("specialize with a negative dim", [](auto& inputs, auto&) { inputs[0].dims[0] = -7; });
    refuse_specs("specialize with another element type",
                 [](auto& inputs, auto&) { inputs[0].element_type = BP_TYPE_COMPLEX64; });
    const SpecializeArgs args(partition, probe.inputs, stated_output_dims(probe.graph));
    refuse(provider, "specialize without bp_instance_info",
           [&] { return provider->program->specialize(program, &args.get(), &instance, nullptr); });
    run_probe_graph(provider, probe.graph, opened.options, probe.inputs, opened.args);
  });
}

// ---- bindings ----

void binding_arguments(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const RawProvider& provider = opened.provider;
    const Probe probe = any_probe(provider, opened.options, opened.seed);
    RawPartition partition(provider, probe.graph, opened.options, opened.args);
    const OwnedInstance instance = specialize(partition, probe.inputs);
    const OwnedContext unbound = create_context(instance);
    RawRun run(partition, instance, probe.inputs);
    const std::vector<RawTensor> expected = run.run();
    bp_run_args args = run.run_args();
    refuse(provider, "run of a context that was never bound",
           [&] { return provider->program->run(unbound.get(), &args); });
    const auto refuse_binding = [&](const char* what, auto&& change) {
      bp_binding binding = run.binding();
      change(binding);
      refuse(provider, what, [&] { return provider->program->bind(run.context(), &binding); });
    };
    refuse_binding("bind without inputs", [](bp_binding& binding) { binding.inputs.count = 0; });
    refuse_binding("bind without outputs", [](bp_binding& binding) { binding.outputs.count = 0; });
    auto* output = const_cast<bp_tensor_binding*>(BP_AT(bp_tensor_binding, run.binding().outputs, 0));
    if (instance.output(0).mode == BP_OUTPUT_FIXED && output->data.size > 1) {
      const uint64_t size = std::exchange(output->data.size, 1);
      refuse(provider, "bind of an output slice of 1 byte",
             [&] { return provider->program->bind(run.context(), &run.binding()); });
      output->data.size = size;
    }
    if (run.run() != expected) fail("after refused bindings a run gives other results");
  });
}

const std::vector<ContractCase>& cases() {
  static const std::vector<ContractCase> kCases = {
      {"robustness.arguments",
       Level::kRobust,
       {26},
       "NULL gets an error; constants and attributes that make no sense get one or some result, never a crash.",
       arguments},
      {"robustness.spec_arguments",
       Level::kRobust,
       {26},
       "Specs that do not fit the partition get errors.",
       spec_arguments},
      {"robustness.binding_arguments",
       Level::kRobust,
       {26},
       "Bindings that do not fit the instance get errors.",
       binding_arguments},
  };
  return kCases;
}

}  // namespace

Group robustness_group() {
  return {"robustness", "Bad arguments get errors, never crashes.",
          [](const PlanRequest&) { return plan_contract("robustness", cases()); },
          [](const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
            run_contract(cases(), info, target, result);
          }};
}

}  // namespace bp::conformance
