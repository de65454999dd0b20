// Terms become instructions of the chain that the node may join.
#include "ops/expression.hpp"

#include "ops/op.hpp"
#include "pointwise_chain.hpp"

namespace bp::cpu {

bool Expression::has_input(size_t index) const noexcept {
  return index < node_.inputs.size() && node_.inputs[index] != BP_NONE;
}

Type Expression::input_type(size_t index) const {
  return has_input(index) ? chain_.builder().graph().values[node_.inputs[index]].type : Type::kUndefined;
}

Type Expression::output_type() const { return chain_.builder().graph().values[node_.outputs[0]].type; }

const Dims& Expression::input_dims(size_t index) const { return chain_.dims_of(node_.inputs[index]); }

const HostTensor* Expression::constant(size_t index) const {
  if (!has_input(index) || !chain_.builder().graph().values[node_.inputs[index]].constant) return nullptr;
  return chain_.builder().value_contents(node_.inputs[index]);
}

Term Expression::input(size_t index) {
  if (!has_input(index)) return {};
  dims_.push_back(input_dims(index));
  return chain_.computed(node_.inputs[index]);
}

Term Expression::single(size_t index) {
  if (!has_input(index) || element_count(input_dims(index)) != 1) return {};
  return chain_.computed(node_.inputs[index]);
}

Term Expression::number(double value, Type type) { return chain_.number(value, type); }

std::array<Term, 2> Expression::channels(std::vector<size_t> inputs, int64_t count, ChannelNumbers make) {
  std::vector<uint32_t> values;
  for (const size_t index : inputs) values.push_back(node_.inputs[index]);
  return chain_.channels(node_.outputs[0], std::move(values), count, std::move(make));
}

Term Expression::unary(UnaryFunction function, const UnaryParameters& parameters, Term x) {
  if (!x || (mask(chain_.type(x)) & mask(Type::kFloat32, Type::kFloat64)) == 0) return {};
  PointwiseInstruction instruction;
  instruction.kind = PointwiseInstruction::Kind::kUnary;
  instruction.a = x.slot;
  instruction.unary = function;
  instruction.parameters = parameters;
  instruction.type = chain_.type(x);
  return chain_.emit(instruction, instruction.type);
}

Term Expression::binary(BinaryFunction function, Term a, Term b) {
  if (!a || !b || chain_.type(a) != chain_.type(b)) return {};
  PointwiseInstruction instruction;
  instruction.kind = PointwiseInstruction::Kind::kBinary;
  instruction.a = a.slot;
  instruction.b = b.slot;
  instruction.binary = function;
  instruction.type = chain_.type(a);
  if (pointwise_loops().binary(function, instruction.type, Runs::kBoth) == nullptr) return {};
  return chain_.emit(instruction, is_comparison(function) ? Type::kBool : instruction.type);
}

Term Expression::select(Term condition, Term yes, Term no) {
  if (!condition || !yes || !no || chain_.type(condition) != Type::kBool ||
      chain_.type(yes) != chain_.type(no)) {
    return {};
  }
  PointwiseInstruction instruction;
  instruction.kind = PointwiseInstruction::Kind::kSelect;
  instruction.a = condition.slot;
  instruction.b = yes.slot;
  instruction.c = no.slot;
  instruction.type = chain_.type(yes);
  return chain_.emit(instruction, instruction.type);
}

Term Expression::cast(size_t index, Type to, NarrowMode mode) {
  if (!has_input(index)) return {};
  dims_.push_back(input_dims(index));
  const Term x = chain_.value(node_.inputs[index]);
  return x ? chain_.converted(x, to, mode) : Term{};
}

}  // namespace bp::cpu
