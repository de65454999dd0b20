#include "harness/run_piece.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "canonicalize/canonicalize.hpp"
#include "harness/guarded_block.hpp"
#include "infer/resolve.hpp"

namespace bp::conformance {
namespace {

constexpr uint8_t kUnwritten = 0xA7;  // what outputs and workspace hold before a run

GraphViewOptions view_options(const Graph& graph, const Device& device) {
  const HostValues facts = classify_host_values(graph);
  GraphViewOptions options;
  options.canonical_level = std::min(kCanonicalLevel, device.canonical_level());
  options.host_values = facts.is_host;
  options.host_values.resize(graph.value_count(), false);
  options.data_dependent.assign(graph.value_count(), false);
  for (const ValueId id : facts.key_inputs) options.host_values[id] = true;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (!graph.node(id).alive || !facts.data_dependent[id]) continue;
    for (const ValueId output : graph.node(id).outputs)
      if (output != kNoId) options.data_dependent[output] = true;
  }
  return options;
}

// What nodes read and do not make, in the order of use; what leaves the graph.
std::vector<ValueId> partition_inputs(const Graph& graph, const std::vector<NodeId>& nodes) {
  std::vector<ValueId> inputs;
  for (const NodeId node : nodes)
    for (const ValueId id : graph.node(node).inputs) {
      if (id == kNoId || graph.value(id).producer != kNoId) continue;
      if (graph.value(id).constant != nullptr && !graph.value(id).is_input) continue;
      if (std::find(inputs.begin(), inputs.end(), id) == inputs.end()) inputs.push_back(id);
    }
  return inputs;
}

std::vector<ValueId> partition_outputs(const Graph& graph) {
  std::vector<ValueId> outputs;
  for (const ValueId id : graph.outputs())
    if (graph.value(id).producer != kNoId && std::find(outputs.begin(), outputs.end(), id) == outputs.end())
      outputs.push_back(id);
  return outputs;
}

// Memory for the outputs whose size the provider knows only during the run.
class OutputToken : public RunToken {
 public:
  struct Made {
    bool present = false;
    ConcreteDims dims;
    std::vector<GuardedBlock> blocks;  // the data, and the bytes of strings
  };

  OutputToken(Device& device, const Stream* stream, std::span<const OutputInfo> outputs)
      : device_(device), stream_(stream), outputs_(outputs), made_(outputs.size()) {}

  void trace_span(const TraceSpan&) override {}

  Result<AllocatedOutput> allocate_output(uint32_t output, std::span<const int64_t> dims, uint64_t size_bytes,
                                          uint64_t string_size_bytes) override {
    if (output >= made_.size() || outputs_[output].mode != OutputMode::kAllocated) {
      complaint_ = fmt::format("allocate_output was called for output {}, which was not announced so", output);
      return Status(ErrorCode::kInvalidArgument, complaint_);
    }
    Made& made = made_[output];
    if (made.present) complaint_ = fmt::format("allocate_output was called twice for output {}", output);
    made.present = true;
    made.dims.assign(dims.begin(), dims.end());
    made.blocks.clear();
    made.blocks.emplace_back(device_, stream_, outputs_[output].memory_kind, size_bytes);
    made.blocks.emplace_back(device_, stream_, kHostMemory, string_size_bytes);
    return AllocatedOutput{made.blocks[0].slice(), made.blocks[1].slice()};
  }

  std::vector<Made>& made() { return made_; }
  const std::string& complaint() const { return complaint_; }

 private:
  Device& device_;
  const Stream* stream_;
  std::span<const OutputInfo> outputs_;
  std::vector<Made> made_;
  std::string complaint_;
};

// One bound run: the memory of everything, in binding order.
class BoundRun {
 public:
  BoundRun(Device& device, const Stream* stream, const Instance& instance)
      : device_(device), stream_(stream), info_(instance.info()), token_(device, stream, info_.outputs) {}

  void add_input(const Tensor& tensor, uint32_t kind, std::string name) {
    Input input{std::move(name), &tensor, {}};
    input.blocks.emplace_back(device_, stream_, kind, tensor.bytes.size());
    input.blocks[0].write(tensor.bytes);
    input_bindings_.push_back(tensor_binding(input.blocks[0].slice(), tensor.dims));
    if (tensor.type == ElementType::kString) {
      input.blocks.emplace_back(device_, stream_, kHostMemory, tensor.string_bytes.size());
      input.blocks[1].write(std::as_bytes(tensor.string_bytes));
      input_bindings_.back().string_bytes = input.blocks[1].slice();
    }
    inputs_.push_back(std::move(input));
  }

  // `dims` live until the run is over.
  void add_output(ElementType type, const ConcreteDims& dims, std::string name) {
    const size_t index = outputs_.size();
    const OutputInfo& how = info_.outputs[index];
    Output output{std::move(name), type, dims, {}};
    output_bindings_.push_back(tensor_binding(Slice{}, dims));
    if (how.mode != OutputMode::kAllocated) {
      output.blocks.emplace_back(device_, stream_, how.memory_kind, how_many_bytes(how, type, dims));
      output.blocks[0].fill(kUnwritten);
      output_bindings_.back().data = output.blocks[0].slice();
    }
    if (how.mode == OutputMode::kBounded) {
      output.blocks.emplace_back(device_, stream_, how.dims_memory_kind,
                                 sizeof(int64_t) * std::max<size_t>(dims.size(), 1), alignof(int64_t));
      output.blocks[1].fill(kUnwritten);
      output_bindings_.back().actual_dims = output.blocks[1].slice();
    }
    outputs_.push_back(std::move(output));
  }

  void run(Context& context) {
    Slice workspace{};
    if (info_.workspace_bytes > 0) {
      workspace_.emplace_back(device_, stream_, info_.workspace_kind, info_.workspace_bytes,
                              info_.workspace_alignment);
      workspace_[0].fill(kUnwritten);
      workspace = workspace_[0].slice();
    }
    expect_ok(context.bind(input_bindings_, output_bindings_, workspace), "bind");
    RunArgs args;
    args.stream = stream_ == nullptr ? nullptr : stream_->handle();
    args.token = &token_;
    const Status status = context.run(args);
    if (!token_.complaint().empty()) fail(token_.complaint());
    expect_ok(status, "run");
    if (stream_ != nullptr) {
      const Event event = expect_ok(const_cast<Stream*>(stream_)->record(), "recording the run's event");
      expect_ok(event.wait(), "the run");
    }
    check_guards();
  }

  TensorPtr result(size_t index) {
    Output& output = outputs_[index];
    const OutputInfo& how = info_.outputs[index];
    if (how.mode == OutputMode::kAllocated) {
      OutputToken::Made& made = token_.made()[index];
      if (!made.present)
        fail(fmt::format("output '{}' was announced as allocated, and no memory was asked for", output.name));
      return tensor_of(output, made.dims, made.blocks[0].read(), made.blocks[1].read());
    }
    ConcreteDims dims = output.dims;
    std::vector<std::byte> bytes = output.blocks[0].read();
    if (how.mode == OutputMode::kBounded) {
      const std::vector<std::byte> actual = output.blocks[1].read();
      if (!dims.empty()) std::memcpy(dims.data(), actual.data(), sizeof(int64_t) * dims.size());
      const bool sizes = std::all_of(dims.begin(), dims.end(), [](int64_t dim) { return dim >= 0; });
      const int64_t count = sizes ? element_count(dims) : -1;
      const uint64_t needed = count < 0 ? UINT64_MAX : storage_bytes(output.type, static_cast<uint64_t>(count));
      if (needed > bytes.size())
        fail(fmt::format("output '{}' has dims [{}], which do not fit into the {} bytes of its bound",
                         output.name, fmt::join(dims, ","), bytes.size()));
      bytes.resize(needed);
    }
    return tensor_of(output, dims, bytes, {});
  }

 private:
  struct Input {
    std::string name;
    const Tensor* tensor;
    std::vector<GuardedBlock> blocks;
  };
  struct Output {
    std::string name;
    ElementType type;
    ConcreteDims dims;
    std::vector<GuardedBlock> blocks;
  };

  // What an output really takes: an instance that serves a range may be bound to other dims than it was made
  // for.
  static uint64_t how_many_bytes(const OutputInfo& how, ElementType type, const ConcreteDims& dims) {
    if (how.mode == OutputMode::kBounded) return how.size_bytes;
    const int64_t count = element_count(dims);
    return count < 0 ? how.size_bytes : storage_bytes(type, static_cast<uint64_t>(count));
  }

  void check_guards() {
    const auto check = [](GuardedBlock& block, const std::string& what) {
      if (const std::string damage = block.damage(); !damage.empty())
        fail(fmt::format("memory outside of {} was written, {}", what, damage));
    };
    for (Input& input : inputs_) {
      for (GuardedBlock& block : input.blocks) check(block, "input '" + input.name + "'");
      const std::vector<std::byte> now = input.blocks[0].read();
      if (!std::equal(now.begin(), now.end(), input.tensor->bytes.begin(), input.tensor->bytes.end()))
        fail(fmt::format("input '{}' was written to", input.name));
    }
    for (Output& output : outputs_)
      for (GuardedBlock& block : output.blocks) check(block, "output '" + output.name + "'");
    for (GuardedBlock& block : workspace_) check(block, "the workspace");
    for (OutputToken::Made& made : token_.made())
      for (GuardedBlock& block : made.blocks) check(block, "an allocated output");
  }

  static TensorPtr tensor_of(const Output& output, const ConcreteDims& dims, std::span<const std::byte> bytes,
                             std::span<const std::byte> text) {
    if (output.type != ElementType::kString) return Tensor::copy_of(output.type, dims, bytes);
    const auto count = static_cast<size_t>(element_count(dims));
    if (bytes.size() < (count + 1) * sizeof(uint64_t))
      fail(fmt::format("output '{}': {} bytes of offsets for {} strings", output.name, bytes.size(), count));
    std::vector<uint64_t> offsets(count + 1);
    std::memcpy(offsets.data(), bytes.data(), offsets.size() * sizeof(uint64_t));
    std::vector<std::string> strings;
    for (size_t i = 0; i < count; ++i) {
      if (offsets[i] > offsets[i + 1] || offsets[i + 1] > text.size())
        fail(fmt::format("output '{}': the offsets of string {} are {} and {}, there are {} bytes", output.name,
                         i, offsets[i], offsets[i + 1], text.size()));
      strings.emplace_back(reinterpret_cast<const char*>(text.data()) + offsets[i],
                           offsets[i + 1] - offsets[i]);
    }
    return Tensor::of_strings(dims, strings);
  }

  Device& device_;
  const Stream* stream_;
  const InstanceInfo& info_;
  OutputToken token_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  std::vector<GuardedBlock> workspace_;
  std::vector<TensorBinding> input_bindings_, output_bindings_;
};

// Host memory where every node that reads the input says so, and for strings.
uint32_t kind_of_input(const Graph& graph, const PieceVerdict& verdict, ValueId id, const Device& device) {
  if (graph.value(id).type.element == ElementType::kString) return kHostMemory;
  bool on_host = true;
  for (NodeId node = 0; node < graph.node_count(); ++node) {
    if (!graph.node(node).alive) continue;
    const auto& inputs = graph.node(node).inputs;
    const auto& wants = verdict.verdicts[node].input_wants;
    for (size_t i = 0; i < inputs.size(); ++i)
      if (inputs[i] == id && (i >= wants.size() || wants[i] == InputWant::kDevice)) on_host = false;
  }
  return on_host ? kHostMemory : device.info().preferred_memory().kind;
}

}  // namespace

PieceVerdict ask(const Graph& graph, DeviceUnderTest& target) {
  const Device& device = target.device();
  const GraphViewOptions options = view_options(graph, device);
  const auto view = expect_ok(GraphView::of_graph(graph, options), "the view");
  std::vector<Verdict> answers = expect_ok(device.query(*view, target.options()), "query");
  target.check_behaviour();
  PieceVerdict verdict;
  verdict.verdicts.resize(graph.node_count());
  for (size_t position = 0; position < answers.size(); ++position) {
    const NodeId id = view->nodes()[position];
    if (!answers[position].supported) {
      verdict.rejected.push_back(id);
      for (const Reason& reason : answers[position].reasons) {
        ++verdict.reasons[reason_code_name(reason.code)];
        if (verdict.text.empty()) verdict.text = graph.node(id).label() + ": " + reason.text;
      }
    }
    verdict.verdicts[id] = std::move(answers[position]);
  }
  verdict.supported = verdict.rejected.empty();
  if (!verdict.supported) return verdict;
  const std::vector<NodeId> order = graph.topological_order();
  const std::vector<ValueId> inputs = partition_inputs(graph, order), outputs = partition_outputs(graph);
  const auto cut = expect_ok(GraphView::of_cut(graph, order, inputs, outputs, options), "the partition's view");
  const PartitionAnswer answer = expect_ok(device.query_partition(*cut, target.options()), "query_partition");
  verdict.whole = answer.kind == PartitionAnswerKind::kAccept;
  if (!verdict.whole && order.size() == 1)
    fail(fmt::format("{} was accepted by query and not by query_partition: {}", graph.node(order[0]).label(),
                     answer.text));
  target.check_behaviour();
  return verdict;
}

Piece::Piece(const Graph& graph, PieceVerdict verdict, DeviceUnderTest& target)
    : graph_(graph), verdict_(std::move(verdict)), target_(target) {
  const std::vector<NodeId> order = graph.topological_order();
  inputs_ = partition_inputs(graph, order);
  outputs_ = partition_outputs(graph);
  const auto view =
      expect_ok(GraphView::of_cut(graph, order, inputs_, outputs_, view_options(graph, target.device())),
                "the partition's view");
  CompileOptions options;
  options.options = &target.options();
  options.thread_count = target.thread_count();
  program_ = expect_ok(target.device().compile(*view, options), "claimed, and not compiled");
}

SharedDims Piece::settle(std::span<const TensorPtr> inputs, std::vector<TensorPtr>& contents) const {
  const auto resolver = expect_ok(ShapeResolver::create(graph_), "shapes");
  std::vector<ConcreteDims> dims;
  std::vector<TensorPtr> values;
  const auto& keys = resolver.host_values().key_inputs;
  for (size_t i = 0; i < inputs.size(); ++i) {
    dims.push_back(inputs[i]->dims);
    const bool key = std::find(keys.begin(), keys.end(), graph_.inputs()[i]) != keys.end();
    values.push_back(key ? inputs[i] : nullptr);
  }
  ResolvedShapes shapes = expect_ok(resolver.resolve(dims, values), "shapes");
  contents = std::move(shapes.host_values);
  contents.resize(graph_.value_count());
  for (size_t i = 0; i < inputs.size(); ++i)
    if (values[i] != nullptr) contents[graph_.inputs()[i]] = inputs[i];
  for (const ValueId id : outputs_) {
    if (shapes.known[id]) continue;
    ConcreteDims open;
    for (const Dim& dim : graph_.value(id).type.dims) open.push_back(dim.size);
    shapes.dims.set(id, std::move(open));
  }
  return std::move(shapes.dims);
}

std::vector<TensorPtr> Piece::run(std::span<const TensorPtr> inputs) {
  std::vector<TensorPtr> contents;
  const SharedDims dims = settle(inputs, contents);
  std::vector<TensorSpec> input_specs, output_specs;
  for (const ValueId id : inputs_)
    input_specs.push_back({graph_.value(id).type.element, dims[id], contents[id].get()});
  for (const ValueId id : outputs_) output_specs.push_back({graph_.value(id).type.element, dims[id], nullptr});
  SpecializeArgs args;
  args.inputs = input_specs;
  args.outputs = output_specs;
  args.thread_count = target_.thread_count();
  auto made = program_->specialize(args);
  if (made.status().code() == ErrorCode::kUnsupported)
    throw CaseEnd(Outcome::kUnsupported, "specialize: " + made.status().message());
  instance_ = expect_ok(std::move(made), "claimed, and not specialized");
  return execute(inputs);
}

std::vector<TensorPtr> Piece::run_in_range(std::span<const TensorPtr> inputs) { return execute(inputs); }

std::vector<TensorPtr> Piece::execute(std::span<const TensorPtr> inputs) {
  std::vector<TensorPtr> contents;
  const SharedDims dims = settle(inputs, contents);
  Device& device = target_.device();
  Stream stream;
  if (!device.info().synchronous) stream = expect_ok(device.create_stream(), "create_stream");
  const auto context = expect_ok(instance_->create_context(), "create_context");
  BoundRun bound(device, stream ? &stream : nullptr, *instance_);
  const auto tensor_of = [&](ValueId id) {
    const auto at = std::find(graph_.inputs().begin(), graph_.inputs().end(), id);
    return inputs[static_cast<size_t>(at - graph_.inputs().begin())];
  };
  for (const ValueId id : inputs_)
    bound.add_input(*tensor_of(id), kind_of_input(graph_, verdict_, id, device), graph_.value(id).name);
  for (const ValueId id : outputs_)
    bound.add_output(graph_.value(id).type.element, dims[id], graph_.value(id).name);
  bound.run(*context);
  target_.check_behaviour();
  std::vector<TensorPtr> results;
  for (const ValueId id : graph_.outputs()) {
    const GraphValue& value = graph_.value(id);
    const auto made = std::find(outputs_.begin(), outputs_.end(), id);
    if (made != outputs_.end()) {
      results.push_back(bound.result(static_cast<size_t>(made - outputs_.begin())));
    } else {
      results.push_back(value.is_input ? tensor_of(id) : value.constant);
    }
  }
  return results;
}

}  // namespace bp::conformance
