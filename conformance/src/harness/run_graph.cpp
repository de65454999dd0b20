#include "harness/run_graph.hpp"

#include <algorithm>
#include <stdexcept>

#include "graph/subgraph.hpp"
#include "harness/prepared_graph.hpp"
#include "infer/resolve.hpp"
#include "infer/shape_eval.hpp"

namespace bp::conformance {
namespace {

constexpr int kMaxExpansions = 8;  // composites in composites

class Runner {
 public:
  Runner(const Graph& graph, DeviceUnderTest& target) : target_(target) {
    const HostValues facts = classify_host_values(graph);
    for (const NodeId id : graph.topological_order())
      all_shape_arithmetic_ = all_shape_arithmetic_ && facts.on_host[id];
  }

  // True when the device ran all of it.
  bool run(const Graph& graph, std::span<const TensorPtr> inputs, std::vector<TensorPtr>& outputs, int depth) {
    if (run_as_one(graph, inputs, outputs)) return true;
    return run_node_by_node(graph, inputs, outputs, depth);
  }

  GraphRun result;

 private:
  // Without a count when the device does not take it so.
  bool run_as_one(const Graph& graph, std::span<const TensorPtr> inputs, std::vector<TensorPtr>& outputs) {
    auto resolver = ShapeResolver::create(graph);
    if (!resolver.ok()) throw std::runtime_error(resolver.status().to_string());
    const HostValues& facts = resolver->host_values();
    std::vector<NodeId> nodes;
    for (const NodeId id : graph.topological_order())
      if (!facts.on_host[id]) nodes.push_back(id);
    if (nodes.empty()) nodes = graph.topological_order();
    if (nodes.empty()) return false;
    // Dims that depend on data end a segment; only the last node may have such.
    for (size_t i = 0; i + 1 < nodes.size(); ++i)
      if (facts.data_dependent[nodes[i]] || facts.segment[nodes[i]] != 0) return false;
    if (facts.segment[nodes.back()] != 0) return false;

    std::vector<ConcreteDims> dims;
    for (const TensorPtr& input : inputs) dims.push_back(input->dims);
    auto shapes = resolver->resolve(dims, std::vector<TensorPtr>(inputs.begin(), inputs.end()));
    if (!shapes.ok()) throw std::runtime_error(shapes.status().to_string());
    CutGraph cut = cut_graph(graph, nodes);
    std::vector<TensorPtr> piece_inputs;
    for (const ValueId id : cut.inputs) {
      TensorPtr tensor = value_of(graph, inputs, id);
      if (tensor == nullptr) tensor = shapes->host_values[id];
      if (tensor == nullptr) return false;
      piece_inputs.push_back(std::move(tensor));
    }
    infer_again(*cut.graph, piece_inputs);
    std::vector<TensorPtr> made;
    if (!run_piece(*cut.graph, piece_inputs, made, nodes.size() > 1)) return false;
    result.whole = true;
    outputs.clear();
    for (const ValueId id : graph.outputs()) {
      const auto at = std::find(cut.outputs.begin(), cut.outputs.end(), id);
      if (at != cut.outputs.end()) {
        outputs.push_back(made[static_cast<size_t>(at - cut.outputs.begin())]);
      } else {
        TensorPtr tensor = value_of(graph, inputs, id);
        outputs.push_back(tensor != nullptr ? tensor : shapes->host_values[id]);
      }
    }
    return std::none_of(outputs.begin(), outputs.end(),
                        [](const TensorPtr& tensor) { return tensor == nullptr; });
  }

  // Expands what is rejected until all is taken or nothing is left to expand.
  bool run_piece(Graph& graph, std::span<const TensorPtr> inputs, std::vector<TensorPtr>& outputs,
                 bool expanding) {
    for (int round = 0;; ++round) {
      PieceVerdict verdict = ask(graph, target_);
      if (verdict.whole) {
        const auto nodes = graph.topological_order().size();
        outputs = Piece(graph, std::move(verdict), target_).run(inputs);
        result.nodes += nodes;
        result.nodes_by_provider += nodes;
        return true;
      }
      if (verdict.supported || !expanding || round >= kMaxExpansions) return keep(verdict);
      bool expanded = false;
      for (const NodeId id : verdict.rejected) {
        const auto parts = parts_of(graph, id);
        if (parts == nullptr) return keep(verdict);
        expand(graph, id, *parts);
        expanded = true;
      }
      if (!expanded) return keep(verdict);
      infer_again(graph, inputs);
      const HostValues facts = classify_host_values(graph);
      for (const NodeId id : graph.topological_order())
        if (facts.on_host[id] || facts.data_dependent[id] || graph.node(id).runs_in_core()) return false;
    }
  }

  bool keep(const PieceVerdict& verdict) {
    last_reasons_ = verdict.reasons;
    if (!verdict.text.empty()) last_why_ = verdict.text;
    return false;
  }

  bool run_node_by_node(const Graph& graph, std::span<const TensorPtr> inputs, std::vector<TensorPtr>& outputs,
                        int depth) {
    std::vector<TensorPtr> values(graph.value_count());
    for (ValueId id = 0; id < graph.value_count(); ++id) values[id] = value_of(graph, inputs, id);
    for (const NodeId id : graph.topological_order())
      if (!run_node(graph, id, values, depth)) return false;
    outputs.clear();
    for (const ValueId id : graph.outputs()) outputs.push_back(values[id]);
    return true;
  }

  bool run_node(const Graph& graph, NodeId id, std::vector<TensorPtr>& values, int depth) {
    const Node& node = graph.node(id);
    if (node.runs_in_core()) throw CaseEnd(Outcome::kHost, node.label() + " is the core's to run");
    CutGraph cut = cut_graph(graph, std::vector<NodeId>{id});
    std::vector<TensorPtr> inputs, made;
    for (const ValueId value : cut.inputs) inputs.push_back(values[value]);
    // All outputs are wanted, also those that nobody reads.
    infer_again(*cut.graph, inputs);
    last_why_.clear();
    last_reasons_.clear();
    bool done = run_piece(*cut.graph, inputs, made, false);
    if (!done) {
      const std::string why = last_why_;
      const ReasonCounts reasons = last_reasons_;
      const auto parts = depth < kMaxExpansions ? parts_of(*cut.graph, 0) : nullptr;
      done = parts != nullptr && run_parts(*cut.graph, parts, inputs, made, depth);
      if (!done && compute_on_host(*cut.graph, inputs, made)) done = true;
      if (!done) {
        ++result.nodes;
        for (const auto& [name, count] : reasons) result.reasons[name] += count;
        if (result.why.empty()) result.why = why;
        return false;
      }
    }
    for (size_t i = 0; i < cut.outputs.size(); ++i) values[cut.outputs[i]] = made[i];
    return true;
  }

  // `graph` is the composite alone.
  bool run_parts(const Graph& graph, const std::shared_ptr<const Graph>& parts,
                 std::span<const TensorPtr> inputs, std::vector<TensorPtr>& outputs, int depth) {
    std::unique_ptr<Graph> expanded = graph.clone();
    expand(*expanded, 0, *parts);
    infer_again(*expanded, inputs);
    return run(*expanded, inputs, outputs, depth + 1);
  }

  // Shape arithmetic, as the core does it.
  bool compute_on_host(const Graph& graph, std::span<const TensorPtr> inputs, std::vector<TensorPtr>& outputs) {
    const HostValues facts = classify_host_values(graph);
    const NodeId id = graph.topological_order().front();
    if (!facts.on_host[id] || all_shape_arithmetic_) return false;  // then it is the provider's
    const Node& node = graph.node(id);
    std::vector<EvalInput> operands(node.inputs.size());
    std::vector<TensorPtr> tensors(node.inputs.size());
    for (size_t i = 0; i < operands.size(); ++i) {
      if (node.inputs[i] == kNoId) continue;
      tensors[i] = value_of(graph, inputs, node.inputs[i]);
      operands[i] = {tensors[i].get(), &tensors[i]->dims};
    }
    auto made = evaluate(node, operands);
    if (!made.ok()) return false;
    outputs.clear();
    for (const ValueId output : graph.outputs()) {
      const auto at = std::find(node.outputs.begin(), node.outputs.end(), output);
      outputs.push_back((*made)[static_cast<size_t>(at - node.outputs.begin())]);
    }
    return true;
  }

  // A graph input or a constant; nullptr for what nodes make.
  static TensorPtr value_of(const Graph& graph, std::span<const TensorPtr> inputs, ValueId id) {
    const auto& declared = graph.inputs();
    const auto at = std::find(declared.begin(), declared.end(), id);
    if (at != declared.end()) return inputs[static_cast<size_t>(at - declared.begin())];
    return graph.value(id).constant;
  }

  DeviceUnderTest& target_;
  bool all_shape_arithmetic_ = true;
  ReasonCounts last_reasons_;
  std::string last_why_;
};

}  // namespace

GraphRun run_graph(const Graph& graph, std::span<const TensorPtr> inputs, DeviceUnderTest& target) {
  Runner runner(graph, target);
  std::vector<TensorPtr> outputs;
  runner.result.supported = runner.run(graph, inputs, outputs, 0);
  if (runner.result.supported) runner.result.outputs = std::move(outputs);
  return std::move(runner.result);
}

}  // namespace bp::conformance
