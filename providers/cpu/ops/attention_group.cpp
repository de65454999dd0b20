#include "ops/attention_group.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/attention.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

struct Group {
  uint32_t q = BP_NONE, k = BP_NONE, v = BP_NONE, mask = BP_NONE;
  uint32_t result = BP_NONE;
  double scale = 1;
  std::vector<uint32_t> nodes;  // behind the Transpose
};

// The only node that reads the value, which nobody outside sees; BP_NONE where there are others.
uint32_t only_reader(const Builder& b, uint32_t value) {
  const Value& info = b.graph().values[value];
  if (info.uses.size() != 1 || info.output_uses > 0 || b.is_absorbed(info.uses[0])) return BP_NONE;
  return info.uses[0];
}

bool is(const Node& node, const char* op_type) { return node.domain.empty() && node.op_type == op_type; }

bool is_float_matrix(const Builder& b, uint32_t value) {
  return value != BP_NONE && b.graph().values[value].type == Type::kFloat32 && b.is_ready(value) &&
         b.value_dims(value).size() == 4 && element_count(b.value_dims(value)) > 0;
}

// The number that the node multiplies or divides `value` by.
bool read_factor(const Builder& b, const Node& node, uint32_t value, double& scale) {
  const bool divides = is(node, "Div");
  if (!divides && !is(node, "Mul")) return false;
  const uint32_t other = node.inputs[0] == value ? node.inputs[1] : node.inputs[0];
  if ((divides && node.inputs[0] != value) || other == value) return false;
  const Value& info = b.graph().values[other];
  if (!info.constant || element_count(info.dims) != 1 || info.dims.size() > 4) return false;
  const double number = b.value_contents(other)->floats().front();
  scale = divides ? scale / number : scale * number;
  return true;
}

// What the node adds to scores of `dims`, without repeating these.
bool read_mask(const Builder& b, const Node& node, uint32_t value, const Dims& dims, uint32_t& mask) {
  if (mask != BP_NONE || !is(node, "Add")) return false;
  const uint32_t other = node.inputs[0] == value ? node.inputs[1] : node.inputs[0];
  if (other == value || !b.is_ready(other) || b.graph().values[other].type != Type::kFloat32) return false;
  const Dims& from = b.value_dims(other);
  if (from.size() > dims.size()) return false;
  const size_t first = dims.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 1 && from[i] != dims[first + i]) return false;
  }
  mask = other;
  return true;
}

// From the scores to the product with V.
bool follow(const Builder& b, uint32_t scores, const Dims& dims, Group& group) {
  uint32_t value = scores;
  while (true) {
    const uint32_t reader = only_reader(b, value);
    if (reader == BP_NONE) return false;
    const Node& node = b.graph().nodes[reader];
    group.nodes.push_back(reader);
    if (is(node, "Softmax")) {
      const int64_t axis = node.attributes.int_or("axis", -1);
      if (axis != -1 && axis != 3) return false;
      value = node.outputs[0];
      break;
    }
    const bool scales = group.mask == BP_NONE && read_factor(b, node, value, group.scale);
    if (!scales && !read_mask(b, node, value, dims, group.mask)) return false;
    value = node.outputs[0];
  }
  const uint32_t reader = only_reader(b, value);
  if (reader == BP_NONE) return false;
  const Node& product = b.graph().nodes[reader];
  if (!is(product, "MatMul") || product.inputs[0] != value || product.inputs[1] == value) return false;
  group.nodes.push_back(reader);
  group.v = product.inputs[1];
  group.result = product.outputs[0];
  return is_float_matrix(b, group.v);
}

bool find_group(const Builder& b, Group& group) {
  const Node& turn = b.node();
  group.k = turn.inputs[0];
  if (!is_float_matrix(b, group.k) || turn.attributes.ints_or("perm", {}) != Dims{0, 1, 3, 2}) return false;
  const uint32_t reader = only_reader(b, turn.outputs[0]);
  if (reader == BP_NONE) return false;
  const Node& product = b.graph().nodes[reader];
  group.q = product.inputs[0];
  if (!is(product, "MatMul") || product.inputs[1] != turn.outputs[0] || !is_float_matrix(b, group.q))
    return false;
  group.nodes.push_back(reader);
  const Dims& q = b.value_dims(group.q);
  const Dims& k = b.value_dims(group.k);
  if (q[0] != k[0] || q[1] != k[1] || q[3] != k[3]) return false;
  if (!follow(b, product.outputs[0], {q[0], q[1], q[2], k[2]}, group)) return false;
  const Dims& v = b.value_dims(group.v);
  return v[0] == k[0] && v[1] == k[1] && v[2] == k[2];
}

RowStrides rows_of(const Dims& dims) { return {dims[1] * dims[2] * dims[3], dims[2] * dims[3], dims[3]}; }

AttentionPlan plan_for(const Builder& b, const Group& group) {
  const Dims& q = b.value_dims(group.q);
  const Dims& v = b.value_dims(group.v);
  AttentionPlan plan;
  plan.threads = b.threads();
  plan.batch = q[0], plan.q_heads = plan.kv_heads = q[1];
  plan.queries = q[2], plan.keys = v[2];
  plan.size = q[3], plan.value_size = v[3];
  plan.q = rows_of(q), plan.k = rows_of(b.value_dims(group.k)), plan.v = rows_of(v);
  plan.y = rows_of({q[0], q[1], q[2], v[3]});
  plan.scale = group.scale;
  if (group.mask == BP_NONE) return plan;
  Dims mask = b.value_dims(group.mask);
  mask.insert(mask.begin(), 4 - mask.size(), 1);
  plan.has_mask = true;
  plan.mask_batch = mask[0] == 1 ? 0 : mask[1] * mask[2] * mask[3];
  plan.mask_head = mask[1] == 1 ? 0 : mask[2] * mask[3];
  plan.mask_row = mask[2] == 1 ? 0 : mask[3];
  plan.mask_key = mask[3] == 1 ? 0 : 1;
  plan.mask_width = plan.keys;
  return plan;
}

}  // namespace

bool build_attention_group(Builder& b) {
  Group group;
  if (!b.options().fusion || !find_group(b, group)) return false;
  const AttentionPlan plan = plan_for(b, group);
  const bool has_mask = plan.has_mask;
  Builder::RawStep step;
  step.operands = {b.read(group.q, Layout::kPlain), b.read(group.k, Layout::kPlain),
                   b.read(group.v, Layout::kPlain),
                   has_mask ? b.read(group.mask, Layout::kPlain) : Builder::Ref{}};
  step.operands.push_back(
      b.write(group.result, {plan.batch, plan.q_heads, plan.queries, plan.value_size}, Layout::kPlain));
  step.operands.push_back(b.scratch_ref(plan.scratch_bytes(sizeof(float))));
  step.kernel = make_kernel([plan](const Call& call) {
    run_attention<float>(plan, {call.args[0], call.args[1], call.args[2], call.args[3], nullptr, call.args[4],
                                nullptr, call.args[5]});
  });
  step.name = "Transpose";
  step.nodes = {b.node_index()};
  for (const uint32_t node : group.nodes) {
    step.name += "+" + b.graph().nodes[node].op_type;
    step.nodes.push_back(node);
    b.absorb(node);
  }
  step.implementation = "attention";
  b.raw_step(std::move(step));
  return true;
}

}  // namespace bp::cpu
