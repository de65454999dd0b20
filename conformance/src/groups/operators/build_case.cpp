#include "groups/operators/build_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>

#include "harness/prepared_graph.hpp"
#include "infer/infer.hpp"
#include "ops/op_schema.hpp"
#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

// The same numbers with every standard library, which std::uniform_real_distribution does not promise.
class Draw {
 public:
  explicit Draw(uint64_t seed) : generator_(seed) {}
  double real(double low, double high) {
    return low + (high - low) * (static_cast<double>(generator_() >> 11) * 0x1.0p-53);
  }
  double whole(double low, double high) { return low + std::floor(real(0, 1) * (high - low + 1)); }
  uint64_t below(uint64_t count) { return generator_() % count; }

 private:
  std::mt19937_64 generator_;
};

struct IntegerRange {
  double low, high;
};

IntegerRange range_of(ElementType type) {
  const bool is_unsigned = type == ElementType::kUint8 || type == ElementType::kUint16 ||
                           type == ElementType::kUint32 || type == ElementType::kUint64 ||
                           type == ElementType::kUint4 || type == ElementType::kUint2;
  if (type == ElementType::kBool) return {0, 1};
  const double span = std::ldexp(1.0, static_cast<int>(element_bits(type)) - (is_unsigned ? 0 : 1));
  return {is_unsigned ? 0 : -span, span - 1};
}

void put(Array& array, int64_t index, double value) {
  if (array.is_real()) {
    array.reals[static_cast<size_t>(index)] = rounded_to(array.type, value);
  } else if (std::isfinite(value)) {
    array.set_wide(index, static_cast<Wide>(value));
  }
}

void draw_elements(Array& array, const Operand& operand, Draw& draw) {
  double low = operand.low, high = operand.high;
  const bool real = array.is_real();
  if (!real) {
    const IntegerRange range = range_of(array.type);
    low = std::max(operand.int_low, range.low);
    high = std::min(operand.int_high, range.high);
  }
  for (int64_t i = 0; i < array.count(); ++i)
    put(array, i, real ? draw.real(low, high) : draw.whole(low, high));
  if (!operand.distinct) return;
  // As far as the type tells numbers apart.
  std::vector<int64_t> order(static_cast<size_t>(array.count()));
  std::iota(order.begin(), order.end(), int64_t{0});
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[draw.below(i)]);
  const double step = (high - low) / static_cast<double>(std::max<size_t>(order.size(), 1));
  for (size_t i = 0; i < order.size(); ++i)
    put(array, static_cast<int64_t>(i),
        real ? low + static_cast<double>(order[i]) * step : low + static_cast<double>(order[i]));
}

}  // namespace

TensorPtr make_tensor(const Operand& operand, ElementType type, uint64_t seed) {
  Draw draw(seed);
  Array array(type, operand.dims);
  if (type == ElementType::kString) {
    for (size_t i = 0; i < array.strings.size(); ++i) {
      if (operand.strings.empty())
        array.strings[i] = std::string(draw.below(4), 'a') + std::to_string(draw.below(9));
      if (!operand.strings.empty()) array.strings[i] = operand.strings[i % operand.strings.size()];
    }
  } else if (!operand.values.empty()) {
    for (int64_t i = 0; i < array.count(); ++i)
      put(array, i, operand.values[static_cast<size_t>(i) % operand.values.size()]);
  } else {
    draw_elements(array, operand, draw);
  }
  return to_tensor(array);
}

TestGraph build_case(const OperatorCase& one, uint64_t seed) {
  TestGraph test;
  test.graph = std::make_unique<Graph>();
  Graph& graph = *test.graph;
  graph.name = one.info.id;
  graph.ir_version = 10;
  graph.opsets = {{"", newest_opset("")}};
  if (!one.info.domain.empty()) graph.opsets.push_back({one.info.domain, newest_opset(one.info.domain)});
  Node node;
  node.name = one.info.op_type;
  node.op_type = one.info.op_type;
  node.domain = one.info.domain;
  node.since_version = since_version(node.domain, node.op_type, newest_opset(node.domain));
  node.attributes = one.attributes;
  node.origin = {node.name};
  for (size_t i = 0; i < one.inputs.size(); ++i) {
    const Operand& operand = one.inputs[i];
    if (operand.absent) {
      node.inputs.push_back(kNoId);
      continue;
    }
    const ElementType type = operand.type == ElementType::kUndefined ? one.type : operand.type;
    const TensorPtr tensor = make_tensor(operand, type, seed + i * 0x9E3779B97F4A7C15u);
    if (operand.constant) {
      node.inputs.push_back(graph.add_constant(fmt::format("constant_{}", i), tensor));
      continue;
    }
    Dims dims;
    for (const int64_t size : tensor->dims) dims.push_back(Dim::of(size));
    node.inputs.push_back(graph.add_input(fmt::format("input_{}", i), ValueType::tensor(type, dims)));
    test.inputs.push_back(tensor);
  }
  while (!node.inputs.empty() && node.inputs.back() == kNoId) node.inputs.pop_back();
  for (size_t i = 0; i < one.outputs; ++i) {
    const ValueId output = graph.add_value(fmt::format("output_{}", i));
    node.outputs.push_back(output);
    graph.add_output(output);
  }
  graph.add_node(std::move(node));
  return test;
}

std::vector<TensorPtr> expected_outputs(const Graph& graph, const std::vector<TensorPtr>& inputs) {
  const std::unique_ptr<Graph> typed = graph.clone();
  if (const Status status = infer_types(*typed); !status.ok()) throw std::runtime_error(status.to_string());
  std::vector<Array> values(graph.value_count());
  for (ValueId id = 0; id < graph.value_count(); ++id)
    if (graph.value(id).constant != nullptr) values[id] = to_array(*graph.value(id).constant);
  for (size_t i = 0; i < inputs.size(); ++i) values[graph.inputs()[i]] = to_array(*inputs[i]);
  for (const NodeId id : graph.topological_order()) {
    const Node& node = graph.node(id);
    const OracleFunction function = find_oracle(node.domain, node.op_type);
    if (function == nullptr) throw std::runtime_error("the oracle does not know " + node.label());
    OracleCall call{node, {}, {}};
    for (const ValueId input : node.inputs) call.inputs.push_back(input == kNoId ? nullptr : &values[input]);
    for (const ValueId output : node.outputs)
      call.outputs.push_back(output == kNoId ? ElementType::kUndefined : typed->value(output).type.element);
    const std::vector<Array> results = function(call);
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kNoId) continue;
      if (i >= results.size())
        throw std::runtime_error(fmt::format("the oracle gives no output {} of {}", i, node.label()));
      // Each step rounds, as a device that runs node by node does.
      values[node.outputs[i]] = to_array(*to_tensor(results[i]));
    }
  }
  std::vector<TensorPtr> expected;
  for (const ValueId id : graph.outputs()) expected.push_back(to_tensor(values[id]));
  return expected;
}

}  // namespace bp::conformance
