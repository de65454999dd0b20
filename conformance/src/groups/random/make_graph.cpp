#include "groups/random/make_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "groups/operators/build_case.hpp"
#include "ops/op_schema.hpp"
#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

constexpr int64_t kMaxElements = 2048;
constexpr double kMaxMagnitude = 50;
constexpr size_t kMaxRank = 5;

using Ints = std::vector<int64_t>;

class Maker {
 public:
  explicit Maker(uint64_t seed) : draw_(seed) {
    test_.graph = std::make_unique<Graph>();
    graph().name = "random";
    graph().ir_version = 10;
    graph().opsets = {{"", newest_opset("")}};
  }

  TestGraph make() {
    const size_t inputs = 1 + below(3), nodes = 4 + below(14);
    for (size_t i = 0; i < inputs; ++i) add_input();
    for (size_t tries = 0; made_ < nodes && tries < 8 * nodes; ++tries) add_something();
    for (ValueId id = 0; id < graph().value_count(); ++id)
      if (graph().value(id).producer != kNoId && (graph().value(id).consumers.empty() || below(8) == 0))
        graph().add_output(id);
    for (const ValueId id : graph().outputs()) test_.expected.push_back(to_tensor(values_[id]));
    return std::move(test_);
  }

 private:
  Graph& graph() { return *test_.graph; }
  uint64_t below(uint64_t count) { return draw_() % count; }
  int64_t size() { return static_cast<int64_t>(1 + below(7)); }
  const Array& value(ValueId id) const { return values_[id]; }

  void keep(ValueId id, Array array) {
    values_.resize(graph().value_count());
    values_[id] = std::move(array);
  }

  void add_input() {
    ConcreteDims dims;
    for (uint64_t rank = below(5); rank > 0; --rank) dims.push_back(size());
    const TensorPtr tensor = make_tensor(data(dims, -2, 2), ElementType::kFloat32, draw_());
    Dims types;
    for (const int64_t dim : dims) types.push_back(Dim::of(dim));
    const ValueId id = graph().add_input(fmt::format("x{}", graph().inputs().size()),
                                         ValueType::tensor(ElementType::kFloat32, types));
    test_.inputs.push_back(tensor);
    keep(id, to_array(*tensor));
    pool_.push_back(id);
  }

  ValueId constant(const Operand& operand, ElementType type = ElementType::kFloat32) {
    const TensorPtr tensor =
        make_tensor(operand, operand.type == ElementType::kUndefined ? type : operand.type, draw_());
    const ValueId id = graph().add_constant(fmt::format("c{}", constants_++), tensor);
    keep(id, to_array(*tensor));
    return id;
  }

  ValueId pick() { return pool_[below(pool_.size())]; }

  // Adds the node unless its result is too large; computes it with the oracle.
  void add(const char* op_type, const std::vector<ValueId>& inputs, std::vector<Attribute> attributes = {},
           size_t outputs = 1) {
    Node node;
    node.op_type = op_type;
    node.name = fmt::format("{}_{}", op_type, made_);
    node.since_version = since_version("", op_type, newest_opset(""));
    node.origin = {node.name};
    node.inputs = inputs;
    node.attributes = std::move(attributes);
    OracleCall call{node, {}, std::vector<ElementType>(outputs, ElementType::kFloat32)};
    for (const ValueId input : inputs) call.inputs.push_back(&values_[input]);
    std::vector<Array> results = find_oracle("", op_type)(call);
    results.resize(outputs);
    for (const Array& result : results)
      if (result.count() > kMaxElements || result.dims.size() > kMaxRank) return;
    for (size_t i = 0; i < outputs; ++i)
      node.outputs.push_back(graph().add_value(fmt::format("y{}_{}", made_, i)));
    const std::vector<ValueId> made = node.outputs;
    graph().add_node(std::move(node));
    ++made_;
    for (size_t i = 0; i < outputs; ++i) {
      Array rounded = to_array(*to_tensor(results[i]));
      const bool large = std::any_of(rounded.reals.begin(), rounded.reals.end(),
                                     [](double x) { return !(std::abs(x) < kMaxMagnitude); });
      keep(made[i], std::move(rounded));
      if (large) {
        add("Tanh", {made[i]});
      } else {
        pool_.push_back(made[i]);
      }
    }
  }

  void add_something() {
    const ValueId x = pick();
    const ConcreteDims dims = value(x).dims;
    const auto rank = static_cast<int64_t>(dims.size());
    switch (below(16)) {
      case 0:
      case 1: {
        constexpr const char* kUnary[] = {"Relu",      "Tanh",     "Sigmoid", "Abs",         "Neg",
                                          "LeakyRelu", "Softplus", "Erf",     "HardSigmoid", "Elu",
                                          "Softsign",  "Sin",      "Cos",     "Gelu"};
        return add(kUnary[below(std::size(kUnary))], {x});
      }
      case 2:
      case 3:
        return add_pair(x);
      case 4: {
        ConcreteDims other = dims;  // of a constant that broadcasts
        for (int64_t& dim : other)
          if (below(3) == 0) dim = 1;
        if (!other.empty() && below(3) == 0) other.erase(other.begin());
        constexpr const char* kBinary[] = {"Add", "Mul", "Sub", "Max", "Min"};
        return add(kBinary[below(std::size(kBinary))], {x, constant(data(other, -2, 2))});
      }
      case 5:
        if (rank < 1) return;
        return add("MatMul", {x, constant(data({dims.back(), size()}))});
      case 6: {
        Ints order(static_cast<size_t>(rank));
        for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
        for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[below(i)]);
        return add("Transpose", {x}, {{"perm", order}});
      }
      case 7:
        if (below(2) == 0) return add("Reshape", {x, constant(list({-1}))});
        return add("Reshape", {x, constant(list({1, value(x).count()}))});
      case 8:
        if (rank < 1) return;
        return add("Concat", {x, x}, {{"axis", axis(rank)}});
      case 9: {
        if (rank < 1) return;
        const int64_t at = axis(rank);
        const auto last = static_cast<int64_t>(below(static_cast<uint64_t>(dims[static_cast<size_t>(at)])));
        return add("Slice", {x, constant(list({0})), constant(list({last + 1})), constant(list({at}))});
      }
      case 10:
        if (rank < 1) return;
        return add("Softmax", {x}, {{"axis", axis(rank)}});
      case 11: {
        if (rank < 1) return;
        constexpr const char* kReduce[] = {"ReduceMean", "ReduceMax", "ReduceSum", "ReduceMin"};
        return add(kReduce[below(std::size(kReduce))], {x, constant(list({axis(rank)}))},
                   {{"keepdims", static_cast<int64_t>(below(2))}});
      }
      case 12:
        if (rank != 4) return add("Unsqueeze", {x, constant(list({axis(rank + 1)}))});
        return add_window(x, dims);
      case 13:
        if (rank < 1) return;
        return add(
            "Gather",
            {x, constant(typed(ElementType::kInt64, listed({2}, {0, static_cast<double>(dims[0] - 1)})))},
            {{"axis", int64_t{0}}});
      case 14: {
        Ints pads(static_cast<size_t>(2 * rank), 0);
        for (int64_t& pad : pads) pad = static_cast<int64_t>(below(2));
        return add("Pad", {x, constant(list(pads))});
      }
      default: {
        const ValueId mask = constant(typed(ElementType::kBool, data(dims)));
        return add("Where", {mask, x, constant(data({}))});
      }
    }
  }

  int64_t axis(int64_t rank) { return static_cast<int64_t>(below(static_cast<uint64_t>(rank))); }

  // With another value of the same dims.
  void add_pair(ValueId x) {
    std::vector<ValueId> same;
    for (const ValueId id : pool_)
      if (value(id).dims == value(x).dims) same.push_back(id);
    constexpr const char* kBinary[] = {"Add", "Mul", "Sub", "Max", "Min"};
    add(kBinary[below(std::size(kBinary))], {x, same[below(same.size())]});
  }

  void add_window(ValueId x, const ConcreteDims& dims) {
    if (dims[2] < 2 || dims[3] < 2) return;
    if (below(2) == 0) return add("MaxPool", {x}, {{"kernel_shape", Ints{2, 2}}});
    add("Conv", {x, constant(data({size(), dims[1], 2, 2}))}, {{"pads", Ints{1, 0, 0, 1}}});
  }

  std::mt19937_64 draw_;
  TestGraph test_;
  std::vector<Array> values_;
  std::vector<ValueId> pool_;  // float32 values to build on
  size_t made_ = 0, constants_ = 0;
};

}  // namespace

TestGraph make_random_graph(uint64_t seed) { return Maker(seed).make(); }

}  // namespace bp::conformance
