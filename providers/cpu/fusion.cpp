// Chains of post-ops.
#include "fusion.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "options.hpp"

namespace bp::cpu {

namespace {

using dnnl::algorithm;
using Kind = FusedOp::Kind;

// A constant with one number.
std::optional<float> scalar(const Builder& b, uint32_t value) {
  if (value == BP_NONE || !b.graph().values[value].constant) return std::nullopt;
  const HostTensor* contents = b.value_contents(value);
  if (contents == nullptr || contents->count() != 1) return std::nullopt;
  return static_cast<float>(contents->floats().front());
}

FusedOp eltwise(algorithm how, float alpha = 0, float beta = 0) {
  FusedOp op;
  op.algorithm = how;
  op.alpha = alpha;
  op.beta = beta;
  return op;
}

// Activations of one input: the ops that they are; empty: none.
std::vector<FusedOp> activation(const Builder& b, const Node& node) {
  const Attributes& a = node.attributes;
  const std::string& op = node.op_type;
  if (!node.domain.empty()) return {};
  if (op == "Relu") return {eltwise(algorithm::eltwise_relu)};
  if (op == "LeakyRelu") return {eltwise(algorithm::eltwise_relu, a.float_or("alpha", 0.01f))};
  if (op == "Sigmoid") return {eltwise(algorithm::eltwise_logistic)};
  if (op == "Tanh") return {eltwise(algorithm::eltwise_tanh)};
  if (op == "Elu") return {eltwise(algorithm::eltwise_elu, a.float_or("alpha", 1.0f))};
  if (op == "HardSigmoid") {
    return {eltwise(algorithm::eltwise_linear, a.float_or("alpha", 0.2f), a.float_or("beta", 0.5f)),
            eltwise(algorithm::eltwise_clip, 0, 1)};
  }
  if (op == "HardSwish") {
    FusedOp hardswish;
    hardswish.kind = Kind::kHardswish;
    return {hardswish};
  }
  if (op == "Gelu") {
    const bool tanh = a.string_or("approximate", "none") == "tanh";
    return {eltwise(tanh ? algorithm::eltwise_gelu_tanh : algorithm::eltwise_gelu_erf)};
  }
  if (op == "Clip") {
    float low = -INFINITY;
    float high = INFINITY;
    for (size_t i = 1; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == BP_NONE) continue;
      const auto bound = scalar(b, node.inputs[i]);
      if (!bound) return {};
      (i == 1 ? low : high) = *bound;
    }
    return {eltwise(algorithm::eltwise_clip, low, high)};
  }
  return {};
}

// Dims of `other` padded with ones in front to the rank of `dims`; false when they do not broadcast into
// `dims`.
bool broadcast_dims(const Dims& other, const Dims& dims, Dims* result) {
  if (other.size() > dims.size()) return false;
  result->assign(dims.size() - other.size(), 1);
  result->insert(result->end(), other.begin(), other.end());
  for (size_t i = 0; i < dims.size(); ++i) {
    if ((*result)[i] != dims[i] && (*result)[i] != 1) return false;
  }
  return true;
}

std::optional<FusedOp> binary(const Builder& b, const Node& node, uint32_t value, const Dims& dims) {
  if (!node.domain.empty() || node.inputs.size() != 2) return std::nullopt;
  const bool first = node.inputs[0] == value;
  const uint32_t other = node.inputs[first ? 1 : 0];
  if (other == value || other == BP_NONE || !b.is_ready(other)) return std::nullopt;
  if (b.graph().values[other].type != Type::kFloat32) return std::nullopt;
  const std::string& op = node.op_type;
  Dims wide;
  if (!broadcast_dims(b.value_dims(other), dims, &wide)) return std::nullopt;
  if (const auto number = scalar(b, other)) {
    if (op == "Add") return eltwise(algorithm::eltwise_linear, 1, *number);
    if (op == "Mul") return eltwise(algorithm::eltwise_linear, *number, 0);
    if (op == "Sub") {
      return first ? eltwise(algorithm::eltwise_linear, 1, -*number)
                   : eltwise(algorithm::eltwise_linear, -1, *number);
    }
    if (op == "Div" && first && *number != 0) return eltwise(algorithm::eltwise_linear, 1 / *number, 0);
  }
  FusedOp result;
  result.kind = Kind::kBinary;
  result.value = other;
  if (op == "Add") {
    result.algorithm = algorithm::binary_add;
  } else if (op == "Mul") {
    result.algorithm = algorithm::binary_mul;
  } else if (op == "Sub" && first) {
    result.algorithm = algorithm::binary_sub;
  } else if (op == "Div" && first) {
    result.algorithm = algorithm::binary_div;
  } else if (op == "Max") {
    result.algorithm = algorithm::binary_max;
  } else if (op == "Min") {
    result.algorithm = algorithm::binary_min;
  } else {
    return std::nullopt;
  }
  return result;
}

bool reads_only(const Node& node, uint32_t a, uint32_t b) {
  return node.inputs.size() == 2 &&
         ((node.inputs[0] == a && node.inputs[1] == b) || (node.inputs[0] == b && node.inputs[1] == a));
}

// x * f(x) with f = sigmoid or hard sigmoid: the value's two readers are f and the product.
struct Gate {
  FusedOp op;
  uint32_t inner;
  uint32_t product;
};
std::optional<Gate> gate(const Builder& b, uint32_t value) {
  const Graph& graph = b.graph();
  const std::vector<uint32_t>& uses = graph.values[value].uses;
  for (size_t i = 0; i < 2; ++i) {
    const Node& inner = graph.nodes[uses[i]];
    const Node& product = graph.nodes[uses[1 - i]];
    if (product.op_type != "Mul" || inner.outputs.empty() || inner.inputs.size() != 1) continue;
    const uint32_t middle = inner.outputs[0];
    if (graph.values[middle].uses.size() != 1 || graph.values[middle].output_uses > 0) continue;
    if (!reads_only(product, value, middle)) continue;
    if (inner.op_type == "Sigmoid") {
      return Gate{eltwise(algorithm::eltwise_swish, 1), uses[i], uses[1 - i]};
    }
    const bool sixth = std::abs(inner.attributes.float_or("alpha", 0.2f) - 1.0f / 6.0f) < 1e-6f;
    if (inner.op_type == "HardSigmoid" && sixth && inner.attributes.float_or("beta", 0.5f) == 0.5f) {
      FusedOp hardswish;
      hardswish.kind = Kind::kHardswish;
      return Gate{hardswish, uses[i], uses[1 - i]};
    }
  }
  return std::nullopt;
}

// The second operand of a binary post-op as the primitive must see it.
dnnl::memory::desc operand_desc(const Dims& own, const Dims& dims, const Dims& seen, Layout layout) {
  if (own == dims) return layout_desc(seen, Type::kFloat32, layout);
  Dims wide;
  if (dims == seen && broadcast_dims(own, dims, &wide)) return plain_desc(wide, Type::kFloat32);
  if (!own.empty() && element_count(own) == own.back() && own.back() == seen.back()) {
    Dims row(seen.size(), 1);
    row.back() = own.back();
    return plain_desc(row, Type::kFloat32);
  }
  throw Error(BP_STATUS_UNSUPPORTED, "the operand does not broadcast as the primitive sees its output");
}

// oneDNN 2.6 runs the second of two elementwise functions of one kind with the first one's numbers.
bool repeats(const FusedChain& chain, const std::vector<FusedOp>& ops) {
  return std::any_of(ops.begin(), ops.end(), [&](const FusedOp& op) {
    return std::any_of(chain.ops.begin(), chain.ops.end(), [&](const FusedOp& before) {
      return op.kind != Kind::kBinary && before.kind == op.kind && before.algorithm == op.algorithm;
    });
  });
}

}  // namespace

void FusedChain::cut_last_node() {
  const uint32_t node = ops.back().node;
  while (!ops.empty() && ops.back().node == node) ops.pop_back();
  std::erase_if(nodes, [&](const auto& entry) { return entry.first >= ops.size(); });
}

std::string FusedChain::name(const Graph& graph) const {
  std::string result;
  for (const auto& [op, node] : nodes) result += "+" + graph.nodes[node].op_type;
  return result;
}

FusedChain find_chain(Builder& b, uint32_t value, const Dims& dims) {
  FusedChain chain;
  chain.start = value;
  if (!b.options().fusion) return chain;
  const Graph& graph = b.graph();
  // oneDNN takes 32 post-ops; a chain this long does not occur by chance.
  while (chain.ops.size() < 16) {
    const Value& current = graph.values[chain.result()];
    if (current.type != Type::kFloat32 || current.output_uses > 0) break;
    if (current.uses.size() == 2 && current.uses[0] != current.uses[1]) {
      auto found = gate(b, chain.result());
      if (!found || repeats(chain, {found->op})) break;
      found->op.node = found->product;
      found->op.result = graph.nodes[found->product].outputs[0];
      chain.nodes.emplace_back(chain.ops.size(), found->inner);
      chain.nodes.emplace_back(chain.ops.size(), found->product);
      chain.ops.push_back(found->op);
      continue;
    }
    if (current.uses.size() != 1) break;
    const uint32_t index = current.uses[0];
    const Node& node = graph.nodes[index];
    if (node.outputs.size() != 1 || node.outputs[0] == BP_NONE) break;
    std::vector<FusedOp> ops;
    if (node.inputs[0] == chain.result()) ops = activation(b, node);
    if (ops.empty()) {
      if (const auto op = binary(b, node, chain.result(), dims)) ops.push_back(*op);
    }
    if (ops.empty() || repeats(chain, ops)) break;
    // All ops of one node stay together: the value between them has no name, so a cut there keeps none.
    for (FusedOp& op : ops) {
      op.node = index;
      op.result = node.outputs[0];
      chain.ops.push_back(op);
    }
    chain.nodes.emplace_back(chain.ops.size() - 1, index);
  }
  return chain;
}

void append_chain(Builder& b, const FusedChain& chain, const Dims& dims, const Dims& seen, Layout layout,
                  ChainOperands& result) {
  for (const FusedOp& op : chain.ops) {
    if (op.kind == Kind::kHardswish) {
      append_hardswish(result.post_ops);
      continue;
    }
    if (op.kind == Kind::kEltwise) {
      append_eltwise(result.post_ops, op.algorithm, op.alpha, op.beta);
      continue;
    }
    const bool full = b.value_dims(op.value) == dims;
    // An addition that may write over its operand costs no second read of memory; oneDNN takes one.
    if (op.algorithm == dnnl::algorithm::binary_add && full && result.sum_value == BP_NONE &&
        b.may_overwrite(op.value, layout, op.node)) {
      result.post_ops.append_sum(1.0f);
      result.sum_value = op.value;
      continue;
    }
    const auto desc = operand_desc(b.value_dims(op.value), dims, seen, layout);
    const int id = DNNL_ARG_ATTR_MULTIPLE_POST_OP(result.post_ops.len()) | DNNL_ARG_SRC_1;
    result.post_ops.append_binary(op.algorithm, desc);
    result.extras.push_back({id, desc, op.value, full ? layout : Layout::kPlain});
  }
}

Builder::Ref finish_chain(Builder& b, const FusedChain& chain, const ChainOperands& operands, Dims dims,
                          Layout layout) {
  Builder::Ref ref;
  if (operands.sum_value != BP_NONE) {
    ref = b.write_over(chain.result(), std::move(dims), layout, b.read(operands.sum_value, layout));
  } else {
    ref = b.write(chain.result(), std::move(dims), layout);
  }
  for (const auto& [op, node] : chain.nodes) b.absorb(node);
  return ref;
}

}  // namespace bp::cpu
