#include "canonicalize/derivation.hpp"

#include <fmt/format.h>

#include "canonicalize/canonicalize.hpp"
#include "ops/op_schema.hpp"

namespace bp::canonical {
namespace {

TensorPtr number(double value, ElementType element, ConcreteDims dims) {
  if (element == ElementType::kFloat64)
    return Tensor::copy_of(element, std::move(dims), std::as_bytes(std::span(&value, 1)));
  const auto narrow = static_cast<float>(value);
  return Tensor::of_float(std::move(dims), std::span(&narrow, 1));
}

bool has_constant_of_its_own(ElementType element) {
  return element == ElementType::kFloat32 || element == ElementType::kFloat64;
}

}  // namespace

void Derivation::fail(const Node& node, const std::string& why) {
  if (status_.ok())
    status_ =
        Status(ErrorCode::kUnsupported, fmt::format("Gradient '{}': {}: {}", origin_[0], node.label(), why));
}

ValueId Derivation::add(std::string_view op_type, std::vector<ValueId> inputs,
                        std::vector<Attribute> attributes) {
  const ValueId out = graph_.add_value(graph_.unused_value_name(prefix_ + std::string(op_type)));
  write(out, op_type, std::move(inputs), std::move(attributes));
  return out;
}

void Derivation::write(ValueId out, std::string_view op_type, std::vector<ValueId> inputs,
                       std::vector<Attribute> attributes) {
  Node node;
  const std::string& name = graph_.value(out).name;
  node.name = name.starts_with(prefix_) ? name : prefix_ + name;
  node.op_type = op_type;
  node.since_version = since_version("", op_type, kFirstLevel);
  node.inputs = std::move(inputs);
  node.outputs = {out};
  node.attributes = std::move(attributes);
  node.origin = origin_;
  graph_.add_node(std::move(node));
}

ValueId Derivation::ints(const std::vector<int64_t>& values) {
  return graph_.add_constant(graph_.unused_value_name(prefix_ + "ints"),
                             Tensor::of_int64({static_cast<int64_t>(values.size())}, values));
}

ValueId Derivation::scalar(double value, ValueId like) {
  const ElementType element = graph_.value(like).type.element;
  const ValueId constant =
      graph_.add_constant(graph_.unused_value_name(prefix_ + "scalar"), number(value, element, {}));
  return has_constant_of_its_own(element) ? constant : add("CastLike", {constant, like});
}

ValueId Derivation::filled(double value, ValueId like) {
  const ElementType element = graph_.value(like).type.element;
  const ValueId full = add("ConstantOfShape", {add("Shape", {like})}, {{"value", number(value, element, {1})}});
  return has_constant_of_its_own(element) ? full : add("CastLike", {full, like});
}

int64_t Derivation::rank(ValueId value) const {
  const ValueType& type = graph_.value(value).type;
  return type.is_tensor() && type.has_rank ? static_cast<int64_t>(type.dims.size()) : -1;
}

void Derivation::give(ValueId value, ValueId derivative) {
  if (!is_watched(value)) return;
  const auto [found, added] = derivatives_.try_emplace(value, derivative);
  if (!added) found->second = add("Add", {found->second, derivative});
}

void Derivation::give_broadcast(const Node& node, ValueId operand, ValueId result, ValueId derivative) {
  const int64_t rank_in = rank(operand);
  const int64_t rank_out = rank(result);
  if (rank_in < 0 || rank_out < 0)
    return fail(node, "the number of dims of its operands must be known to sum over repeated ones");
  const Dims in = graph_.value(operand).type.dims;
  const Dims out = graph_.value(result).type.dims;
  const auto missing = static_cast<size_t>(rank_out - rank_in);
  std::vector<int64_t> leading;
  std::vector<int64_t> repeated;
  for (size_t axis = 0; axis < out.size(); ++axis) {
    if (axis < missing) {
      leading.push_back(static_cast<int64_t>(axis));
      continue;
    }
    const Dim& from = in[axis - missing];
    const bool same = (from.known() && (from.size != 1 || out[axis] == from)) ||
                      (!from.known() && from.symbol != 0 && from.symbol == out[axis].symbol);
    if (same) continue;
    if (!from.known())
      return fail(node, fmt::format("dim {} of an operand must be known to be repeated or not", axis));
    repeated.push_back(static_cast<int64_t>(axis));
  }
  if (!repeated.empty())
    derivative = add("ReduceSum", {derivative, ints(repeated)}, {{"keepdims", int64_t{1}}});
  if (!leading.empty()) derivative = add("ReduceSum", {derivative, ints(leading)}, {{"keepdims", int64_t{0}}});
  give(operand, derivative);
}

ValueId Derivation::derivative_of(ValueId value) const {
  const auto found = derivatives_.find(value);
  return found == derivatives_.end() ? kNoId : found->second;
}

}  // namespace bp::canonical
