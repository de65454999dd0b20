// Scan of opset 8 walks the second axis of its inputs, the first one being a batch whose entries may end early:
//   (sequence_lens, N states [B, ...], M inputs [B, S, ...]) -> (N states [B, ...], K outputs [B, S, ...])
// It becomes a Scan over the batch whose body holds the Scan over one sequence. Where sequences end early,
// inputs are cut to their length and outputs filled up with zeros; the operator leaves open what stands there.
#include <limits>
#include <memory>
#include <utility>

#include "canonicalize/canonicalize.hpp"
#include "canonicalize/upgrade.hpp"
#include "ops/op_schema.hpp"

namespace bp::canonical {
namespace {

// The body of the Scan over the batch.
class BatchBody {
 public:
  BatchBody(const Graph& outer, const Node& node)
      : outer_(outer), node_(node), graph_(std::make_unique<Graph>(outer.shared_symbols())) {}

  std::unique_ptr<Graph> build(size_t states, size_t scans, ValueId lengths) {
    const std::shared_ptr<Graph>& inside = node_.regions[0];
    Node scan;
    scan.name = node_.name + "/sequence";
    scan.op_type = "Scan";
    scan.since_version = since_version("", "Scan", kCanonicalLevel);
    scan.origin = node_.origin;
    scan.region = RegionKind::kScan;
    scan.regions = {inside};
    scan.capture_count = node_.capture_count;
    scan.set_attribute("num_scan_inputs", static_cast<int64_t>(scans));
    if (const auto* directions = node_.ints("directions"))
      scan.set_attribute("scan_input_directions", *directions);

    for (size_t i = 0; i < states; ++i)
      scan.inputs.push_back(graph_->add_input("", inside->value(inside->inputs()[i]).type));
    for (size_t i = 0; i < scans; ++i) scan.inputs.push_back(graph_->add_input("", ValueType{}));
    const ValueId longest = scan.inputs[states];
    ValueId length = kNoId;
    if (lengths != kNoId) {
      length =
          add("Unsqueeze", {graph_->add_input("", ValueType::tensor(ElementType::kInt64, {})), constant({0})});
      for (size_t i = states; i < states + scans; ++i)
        scan.inputs[i] = add("Slice", {scan.inputs[i], constant({0}), length, constant({0})});
    }
    for (size_t i = node_.inputs.size() - node_.capture_count; i < node_.inputs.size(); ++i)
      scan.inputs.push_back(graph_->add_input("", outer_.value(node_.inputs[i]).type));
    for (size_t i = 0; i < node_.outputs.size(); ++i) scan.outputs.push_back(graph_->add_value(""));
    const std::vector<ValueId> outputs = scan.outputs;
    graph_->add_node(std::move(scan));
    for (size_t i = 0; i < outputs.size(); ++i) {
      const bool whole = i < states || lengths == kNoId;
      graph_->add_output(whole ? outputs[i] : filled_up(outputs[i], longest, length));
    }
    return std::move(graph_);
  }

 private:
  ValueId constant(const std::vector<int64_t>& values) {
    return graph_->add_constant("", Tensor::of_int64({static_cast<int64_t>(values.size())}, values));
  }

  ValueId add(std::string_view op_type, std::vector<ValueId> inputs) {
    Node node;
    node.op_type = op_type;
    node.since_version = since_version("", op_type, kCanonicalLevel);
    node.origin = node_.origin;
    node.inputs = std::move(inputs);
    const ValueId output = graph_->add_value(node_.name + "/" + node.op_type);
    node.name = graph_->value(output).name;
    node.outputs = {output};
    graph_->add_node(std::move(node));
    return output;
  }

  // `value` [length, ...] with zeros up to as many entries as `longest` has.
  ValueId filled_up(ValueId value, ValueId longest, ValueId length) {
    const auto dims = [&](ValueId of, int64_t begin, int64_t end) {
      return add("Slice", {add("Shape", {of}), constant({begin}), constant({end})});
    };
    const ValueId missing = add("Sub", {dims(longest, 0, 1), length});
    const ValueId rest = dims(value, 1, std::numeric_limits<int64_t>::max());
    const ValueId shape = add("Concat", {missing, rest});
    graph_->node(graph_->value(shape).producer).set_attribute("axis", int64_t{0});
    const float zero = 0;
    const ValueId zeros =
        add("Expand",
            {add("CastLike", {graph_->add_constant("", Tensor::of_float({}, {&zero, 1})), value}), shape});
    const ValueId full = add("Concat", {value, zeros});
    graph_->node(graph_->value(full).producer).set_attribute("axis", int64_t{0});
    return full;
  }

  const Graph& outer_;
  const Node& node_;
  std::unique_ptr<Graph> graph_;
};

}  // namespace

Status scan_over_batch(Upgrade& upgrade) {
  const Node& node = upgrade.node();
  const size_t own = node.inputs.size() - node.capture_count;
  const int64_t scans = node.int_or("num_scan_inputs", 0);
  if (own < 2 || scans < 1 || static_cast<size_t>(scans) > own - 1)
    return {ErrorCode::kInvalidModel, node.label() + ": num_scan_inputs must be in [1, " +
                                          std::to_string(own == 0 ? 0 : own - 1) + "], is " +
                                          std::to_string(scans)};
  const size_t states = own - 1 - static_cast<size_t>(scans);
  const ValueId lengths = node.inputs[0];
  std::vector<ValueId> inputs(node.inputs.begin() + 1, node.inputs.begin() + static_cast<std::ptrdiff_t>(own));
  if (lengths != kNoId) inputs.push_back(lengths);
  const auto scanned = static_cast<int64_t>(inputs.size());
  inputs.insert(inputs.end(), node.inputs.begin() + static_cast<std::ptrdiff_t>(own), node.inputs.end());
  std::shared_ptr<Graph> body =
      BatchBody(upgrade.graph(), node).build(states, static_cast<size_t>(scans), lengths);

  upgrade.graph().resize_node_inputs(upgrade.id(), inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) upgrade.graph().set_node_input(upgrade.id(), i, inputs[i]);
  upgrade.node().regions = {std::move(body)};
  upgrade.drop_attribute("directions");
  upgrade.node().set_attribute("num_scan_inputs", scanned);
  return {};
}

}  // namespace bp::canonical
