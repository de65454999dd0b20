// Each trial is a program of its own, so that the constants packed for it go with it.
#include "layout_trial.hpp"

#include <algorithm>
#include <memory>
#include <new>

#include "context.hpp"
#include "specialize.hpp"

namespace bp::cpu {

namespace {

constexpr Layout kLayouts[] = {Layout::kBlocked16, Layout::kChannelsLast};
constexpr const char* kNames[] = {"blocks of 16 channels", "channels last"};

// Zeros, aligned as the host aligns.
class Zeros {
 public:
  explicit Zeros(uint64_t bytes) : bytes_(bytes), data_(new (std::align_val_t(64)) std::byte[bytes + 1]{}) {}
  bp_slice slice() const {
    bp_slice result{};
    result.address = reinterpret_cast<uintptr_t>(data_.get());
    result.size = bytes_;
    return result;
  }

 private:
  struct Free {
    void operator()(std::byte* data) const noexcept { ::operator delete[](data, std::align_val_t(64)); }
  };
  uint64_t bytes_;
  std::unique_ptr<std::byte[], Free> data_;
};

struct Trial {
  std::unique_ptr<const Program> program;
  std::unique_ptr<const Instance> instance;
  std::unique_ptr<Context> context;
  std::vector<Zeros> memory;

  void bind(const bp_specialize_args& args) {
    std::vector<bp_tensor_binding> inputs, outputs;
    const auto add = [&](std::vector<bp_tensor_binding>& list, uint64_t bytes) {
      bp_tensor_binding binding{};
      binding.struct_size = BP_STRUCT_SIZE(bp_tensor_binding, actual_dims);
      binding.data = memory.emplace_back(bytes).slice();
      list.push_back(binding);
    };
    for (const bp_tensor_spec& spec : ArrayView<bp_tensor_spec>(args.inputs)) {
      int64_t count = 1;
      for (const int64_t dim : ArrayView<int64_t>(spec.dims)) count *= dim;
      add(inputs, static_cast<uint64_t>(count) * element_size(static_cast<Type>(spec.element_type)));
    }
    for (const bp_output_info& output : instance->outputs) add(outputs, output.size_bytes);
    bp_binding binding{};
    binding.struct_size = BP_STRUCT_SIZE(bp_binding, workspace);
    binding.inputs = abi(inputs);
    binding.outputs = abi(outputs);
    binding.workspace = memory.emplace_back(instance->workspace_bytes).slice();
    context->bind(binding);
  }
};

std::function<void()> start_trial(const Program& program, const bp_specialize_args& args, Layout layout) {
  const auto trial = std::make_shared<Trial>();
  trial->program = std::make_unique<Program>(program.host, Graph(program.graph), program.constants.source(),
                                             program.options, nullptr, program.tuning);
  trial->instance = Specializer(*trial->program, args, layout).make();
  trial->context = std::make_unique<Context>(*trial->instance);
  trial->bind(args);
  return [trial] {
    bp_run_args run{};
    run.struct_size = BP_STRUCT_SIZE(bp_run_args, token);
    const bp_host* host = trial->program->host;
    throw_status(host, trial->context->run(run));
  };
}

// Strings, and outputs whose sizes depend on data, need a host that runs.
bool can_be_tried(const Graph& graph) {
  const auto plain = [&](uint32_t value) {
    return graph.values[value].type != Type::kString && !graph.values[value].data_dependent;
  };
  return std::all_of(graph.inputs.begin(), graph.inputs.end(), plain) &&
         std::all_of(graph.outputs.begin(), graph.outputs.end(), plain);
}

// Two partitions of one key would have to share operators, dims and order.
std::string partition_key(const Graph& graph, const bp_specialize_args& args) {
  uint64_t hash = 0xcbf29ce484222325u;
  const auto mix = [&](std::string_view part) {
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  };
  for (const Node& node : graph.nodes) {
    mix(node.op_type);
    for (const uint32_t input : node.inputs) {
      if (input != BP_NONE) mix(text(input, dims_text(graph.values[input].dims)));
    }
  }
  for (const bp_tensor_spec& spec : ArrayView<bp_tensor_spec>(args.inputs)) {
    for (const int64_t dim : ArrayView<int64_t>(spec.dims)) mix(text(dim, ","));
  }
  return text("layout of ", graph.nodes.size(), " nodes ", hash, " threads ", args.thread_count);
}

// Of the first input that can be images; 1 where there is none.
int64_t image_count(const bp_specialize_args& args) {
  for (const bp_tensor_spec& spec : ArrayView<bp_tensor_spec>(args.inputs)) {
    const ArrayView<int64_t> dims(spec.dims);
    if (dims.size() >= 3) return *dims.begin();
  }
  return 1;
}

}  // namespace

LayoutChoice choose_layout(const Program& program, const bp_specialize_args& args) {
  const Layout rule = program.convolution_layouts.for_images(image_count(args));
  Tuning& tuning = *program.tuning;
  if (tuning.is_idle()) return {rule, {}};
  const Graph& graph = program.graph;
  const auto convolves = [](const Node& node) { return node.op_type == "Conv" && node.domain.empty(); };
  if (std::count_if(graph.nodes.begin(), graph.nodes.end(), convolves) < 2 || !can_be_tried(graph)) {
    return {rule, {}};
  }
  std::vector<Candidate> candidates;
  size_t by_rule = 0;
  for (size_t i = 0; i < std::size(kLayouts); ++i) {
    if (kLayouts[i] == rule) by_rule = i;
    candidates.push_back({kNames[i], [&, layout = kLayouts[i]] { return start_trial(program, args, layout); }});
  }
  const std::string key = partition_key(graph, args);
  auto choice = tuning.known(key, candidates, by_rule);
  if (!choice && tuning.mode() != TuningMode::kFull) return {rule, {}};
  if (!choice) choice = tuning.choose(key, candidates, by_rule);
  return {kLayouts[choice->index], text("layout of convolutions, ", choice->note)};
}

}  // namespace bp::cpu
