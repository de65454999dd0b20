// The derivative of each operator that Gradient goes through. x, y: input and output; dy: the derivative of the
// result by y.
#include <algorithm>
#include <iterator>

#include "canonicalize/derivation.hpp"

namespace bp::canonical {
namespace {

using D = Derivation;

ValueId x_of(const Node& node) { return node.inputs[0]; }
ValueId y_of(const Node& node) { return node.outputs[0]; }
ValueId product(D& d, ValueId a, ValueId b) { return d.add("Mul", {a, b}); }

// --- two operands, broadcast ---

void give_operand(D& d, const Node& node, size_t i, ValueId derivative) {
  d.give_broadcast(node, node.inputs[i], y_of(node), derivative);
}

bool wants(const D& d, const Node& node, size_t i) {
  return i < node.inputs.size() && node.inputs[i] != kNoId && d.is_watched(node.inputs[i]);
}

void add_rule(D& d, const Node& node, ValueId dy) {
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (wants(d, node, i)) give_operand(d, node, i, dy);
  }
}

void sub_rule(D& d, const Node& node, ValueId dy) {
  if (wants(d, node, 0)) give_operand(d, node, 0, dy);
  if (wants(d, node, 1)) give_operand(d, node, 1, d.add("Neg", {dy}));
}

void mul_rule(D& d, const Node& node, ValueId dy) {
  if (wants(d, node, 0)) give_operand(d, node, 0, product(d, dy, node.inputs[1]));
  if (wants(d, node, 1)) give_operand(d, node, 1, product(d, dy, node.inputs[0]));
}

// (a / b)' by b = -y / b
void div_rule(D& d, const Node& node, ValueId dy) {
  const ValueId part = d.add("Div", {dy, node.inputs[1]});
  if (wants(d, node, 0)) give_operand(d, node, 0, part);
  if (wants(d, node, 1)) give_operand(d, node, 1, d.add("Neg", {product(d, part, y_of(node))}));
}

// a^b: b a^(b - 1) and y ln a
void pow_rule(D& d, const Node& node, ValueId dy) {
  const ValueId a = node.inputs[0];
  const ValueId b = node.inputs[1];
  if (wants(d, node, 0)) {
    const ValueId power = d.add("Pow", {a, d.add("Sub", {b, d.scalar(1, b)})});
    const ValueId factor =
        d.graph().value(b).type.element == d.graph().value(a).type.element ? b : d.add("CastLike", {b, a});
    give_operand(d, node, 0, product(d, dy, product(d, factor, power)));
  }
  if (wants(d, node, 1)) give_operand(d, node, 1, product(d, dy, product(d, y_of(node), d.add("Log", {a}))));
}

void where_rule(D& d, const Node& node, ValueId dy) {
  const ValueId zero = d.scalar(0, y_of(node));
  if (wants(d, node, 1)) give_operand(d, node, 1, d.add("Where", {node.inputs[0], dy, zero}));
  if (wants(d, node, 2)) give_operand(d, node, 2, d.add("Where", {node.inputs[0], zero, dy}));
}

// --- matrix products ---

// The last two axes exchanged.
ValueId turned(D& d, ValueId matrix, int64_t rank) {
  std::vector<int64_t> perm(static_cast<size_t>(rank));
  for (size_t i = 0; i < perm.size(); ++i) perm[i] = static_cast<int64_t>(i);
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return d.add("Transpose", {matrix}, {{"perm", perm}});
}

// The derivative has the batch dims of the result; those that the operand lacks are summed.
void give_matrix(D& d, const Node& node, ValueId operand, int64_t batch_rank, ValueId derivative) {
  const int64_t missing = batch_rank + 2 - d.rank(operand);
  const Dims& in = d.graph().value(operand).type.dims;
  const Dims& out = d.graph().value(y_of(node)).type.dims;
  for (int64_t axis = missing; axis < batch_rank; ++axis) {
    if (!(in[static_cast<size_t>(axis - missing)] == out[static_cast<size_t>(axis)]))
      return d.fail(node, "a batch dim that is repeated has no derivative rule");
  }
  std::vector<int64_t> leading;
  for (int64_t axis = 0; axis < missing; ++axis) leading.push_back(axis);
  if (!leading.empty())
    derivative = d.add("ReduceSum", {derivative, d.ints(leading)}, {{"keepdims", int64_t{0}}});
  d.give(operand, derivative);
}

void matmul_rule(D& d, const Node& node, ValueId dy) {
  const int64_t rank_a = d.rank(node.inputs[0]);
  const int64_t rank_b = d.rank(node.inputs[1]);
  if (rank_a < 2 || rank_b < 2) return d.fail(node, "both operands must have 2 dims or more, known beforehand");
  const int64_t batch_rank = std::max(rank_a, rank_b) - 2;
  if (wants(d, node, 0)) {
    give_matrix(d, node, node.inputs[0], batch_rank, d.add("MatMul", {dy, turned(d, node.inputs[1], rank_b)}));
  }
  if (wants(d, node, 1)) {
    give_matrix(d, node, node.inputs[1], batch_rank, d.add("MatMul", {turned(d, node.inputs[0], rank_a), dy}));
  }
}

// y = alpha op(a) op(b) + beta c
void gemm_rule(D& d, const Node& node, ValueId dy) {
  const int64_t turn_a = node.int_or("transA", 0);
  const int64_t turn_b = node.int_or("transB", 0);
  const auto scaled = [&](const char* name) {
    const float factor = node.float_or(name, 1.0F);
    return factor == 1.0F ? dy : product(d, dy, d.scalar(factor, y_of(node)));
  };
  const auto gemm = [&](ValueId a, ValueId b, int64_t flip_a, int64_t flip_b) {
    return d.add("Gemm", {a, b}, {{"transA", flip_a}, {"transB", flip_b}});
  };
  const ValueId a = node.inputs[0];
  const ValueId b = node.inputs[1];
  if (wants(d, node, 0))
    d.give(a, turn_a != 0 ? gemm(b, scaled("alpha"), turn_b, 1) : gemm(scaled("alpha"), b, 0, 1 - turn_b));
  if (wants(d, node, 1))
    d.give(b, turn_b != 0 ? gemm(scaled("alpha"), a, 1, turn_a) : gemm(a, scaled("alpha"), 1 - turn_a, 0));
  if (wants(d, node, 2)) give_operand(d, node, 2, scaled("beta"));
}

// --- one operand ---

void identity_rule(D& d, const Node& node, ValueId dy) { d.give(x_of(node), dy); }
void neg_rule(D& d, const Node& node, ValueId dy) { d.give(x_of(node), d.add("Neg", {dy})); }
void no_rule(D&, const Node&, ValueId) {}  // piecewise constant

void give_product(D& d, const Node& node, ValueId dy, ValueId factor) {
  d.give(x_of(node), product(d, dy, factor));
}

void abs_rule(D& d, const Node& node, ValueId dy) { give_product(d, node, dy, d.add("Sign", {x_of(node)})); }
void exp_rule(D& d, const Node& node, ValueId dy) { give_product(d, node, dy, y_of(node)); }
void log_rule(D& d, const Node& node, ValueId dy) { d.give(x_of(node), d.add("Div", {dy, x_of(node)})); }
void sin_rule(D& d, const Node& node, ValueId dy) { give_product(d, node, dy, d.add("Cos", {x_of(node)})); }
void cos_rule(D& d, const Node& node, ValueId dy) {
  give_product(d, node, dy, d.add("Neg", {d.add("Sin", {x_of(node)})}));
}
void sqrt_rule(D& d, const Node& node, ValueId dy) {
  d.give(x_of(node), d.add("Div", {product(d, dy, d.scalar(0.5, x_of(node))), y_of(node)}));
}
// -y^2
void reciprocal_rule(D& d, const Node& node, ValueId dy) {
  give_product(d, node, dy, d.add("Neg", {product(d, y_of(node), y_of(node))}));
}
// 1 - y^2
void tanh_rule(D& d, const Node& node, ValueId dy) {
  give_product(d, node, dy, d.add("Sub", {d.scalar(1, x_of(node)), product(d, y_of(node), y_of(node))}));
}
// y (1 - y)
void sigmoid_rule(D& d, const Node& node, ValueId dy) {
  give_product(d, node, dy, product(d, y_of(node), d.add("Sub", {d.scalar(1, x_of(node)), y_of(node)})));
}
void softplus_rule(D& d, const Node& node, ValueId dy) {
  give_product(d, node, dy, d.add("Sigmoid", {x_of(node)}));
}
// 2 / sqrt(pi) exp(-x^2)
void erf_rule(D& d, const Node& node, ValueId dy) {
  const ValueId bell = d.add("Exp", {d.add("Neg", {product(d, x_of(node), x_of(node))})});
  give_product(d, node, dy, product(d, bell, d.scalar(1.1283791670955126, x_of(node))));
}
void relu_rule(D& d, const Node& node, ValueId dy) {
  const ValueId zero = d.scalar(0, x_of(node));
  d.give(x_of(node), d.add("Where", {d.add("Greater", {x_of(node), zero}), dy, zero}));
}
void leaky_relu_rule(D& d, const Node& node, ValueId dy) {
  const ValueId x = x_of(node);
  const ValueId below = product(d, dy, d.scalar(node.float_or("alpha", 0.01F), x));
  d.give(x, d.add("Where", {d.add("Less", {x, d.scalar(0, x)}), below, dy}));
}

// y (dy - sum(dy y)) over the axis
void softmax_rule(D& d, const Node& node, ValueId dy) {
  const ValueId axes = d.ints({node.int_or("axis", -1)});
  const ValueId sum = d.add("ReduceSum", {product(d, dy, y_of(node)), axes});
  give_product(d, node, y_of(node), d.add("Sub", {dy, sum}));
}
// dy - exp(y) sum(dy)
void log_softmax_rule(D& d, const Node& node, ValueId dy) {
  const ValueId sum = d.add("ReduceSum", {dy, d.ints({node.int_or("axis", -1)})});
  d.give(x_of(node), d.add("Sub", {dy, product(d, d.add("Exp", {y_of(node)}), sum)}));
}

// --- other dims ---

ValueId shape_of(D& d, ValueId value) { return d.add("Shape", {value}); }

void reshape_rule(D& d, const Node& node, ValueId dy) {
  d.give(x_of(node), d.add("Reshape", {dy, shape_of(d, x_of(node))}, {{"allowzero", int64_t{1}}}));
}

void transpose_rule(D& d, const Node& node, ValueId dy) {
  const std::vector<int64_t>* perm = node.ints("perm");
  if (perm == nullptr) return d.give(x_of(node), d.add("Transpose", {dy}));
  std::vector<int64_t> back(perm->size());
  for (size_t i = 0; i < perm->size(); ++i) back[static_cast<size_t>((*perm)[i])] = static_cast<int64_t>(i);
  d.give(x_of(node), d.add("Transpose", {dy}, {{"perm", back}}));
}

void expand_rule(D& d, const Node& node, ValueId dy) { give_operand(d, node, 0, dy); }

// dy with the reduced dims back as 1.
ValueId unreduced(D& d, const Node& node, ValueId dy) {
  if (node.int_or("keepdims", 1) != 0) return dy;
  if (node.inputs.size() > 1 && node.inputs[1] != kNoId) return d.add("Unsqueeze", {dy, node.inputs[1]});
  const int64_t rank = d.rank(x_of(node));
  if (rank < 0) {
    d.fail(node, "the number of dims of its input must be known");
    return dy;
  }
  return d.add("Reshape", {dy, d.ints(std::vector<int64_t>(static_cast<size_t>(rank), 1))});
}

bool reduces_nothing(const Node& node) {
  return node.int_or("noop_with_empty_axes", 0) != 0 && (node.inputs.size() < 2 || node.inputs[1] == kNoId);
}

void reduce_sum_rule(D& d, const Node& node, ValueId dy) {
  if (reduces_nothing(node)) return d.give(x_of(node), dy);
  d.give(x_of(node), d.add("Expand", {unreduced(d, node, dy), shape_of(d, x_of(node))}));
}

// Each element counts for its share: elements of y / elements of x.
void reduce_mean_rule(D& d, const Node& node, ValueId dy) {
  if (reduces_nothing(node)) return d.give(x_of(node), dy);
  const ValueId x = x_of(node);
  const ValueId all = d.add("CastLike", {d.add("Size", {x}), x});
  const ValueId some = d.add("CastLike", {d.add("Size", {y_of(node)}), x});
  const ValueId spread = d.add("Expand", {unreduced(d, node, dy), shape_of(d, x)});
  d.give(x, product(d, spread, d.add("Div", {some, all})));
}

struct Entry {
  std::string_view op_type;
  DerivativeRule rule;
};

// Sorted by operator.
constexpr Entry kRules[] = {
    {"Abs", abs_rule},
    {"Add", add_rule},
    {"Ceil", no_rule},
    {"ConstantOfShape", no_rule},
    {"Cos", cos_rule},
    {"Div", div_rule},
    {"Equal", no_rule},
    {"Erf", erf_rule},
    {"Exp", exp_rule},
    {"Expand", expand_rule},
    {"Flatten", reshape_rule},
    {"Floor", no_rule},
    {"Gemm", gemm_rule},
    {"Greater", no_rule},
    {"Identity", identity_rule},
    {"LeakyRelu", leaky_relu_rule},
    {"Less", no_rule},
    {"Log", log_rule},
    {"LogSoftmax", log_softmax_rule},
    {"MatMul", matmul_rule},
    {"Mul", mul_rule},
    {"Neg", neg_rule},
    {"Pow", pow_rule},
    {"Reciprocal", reciprocal_rule},
    {"ReduceMean", reduce_mean_rule},
    {"ReduceSum", reduce_sum_rule},
    {"Relu", relu_rule},
    {"Reshape", reshape_rule},
    {"Round", no_rule},
    {"Shape", no_rule},
    {"Sigmoid", sigmoid_rule},
    {"Sign", no_rule},
    {"Sin", sin_rule},
    {"Size", no_rule},
    {"Softmax", softmax_rule},
    {"Softplus", softplus_rule},
    {"Sqrt", sqrt_rule},
    {"Squeeze", reshape_rule},
    {"Sub", sub_rule},
    {"Sum", add_rule},
    {"Tanh", tanh_rule},
    {"Transpose", transpose_rule},
    {"Unsqueeze", reshape_rule},
    {"Where", where_rule},
};

}  // namespace

DerivativeRule find_derivative_rule(std::string_view op_type) noexcept {
  const auto less = [&](const Entry& entry) { return entry.op_type < op_type; };
  const auto entry = std::partition_point(std::begin(kRules), std::end(kRules), less);
  return entry != std::end(kRules) && entry->op_type == op_type ? entry->rule : nullptr;
}

}  // namespace bp::canonical
