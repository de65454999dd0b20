// Attention as exporters write it out: softmax(scale * Q K^T + mask) V, with the heads split off and joined
// again by Reshape and Transpose around it where these are seen; then the composite reads and writes [batch,
// rows, heads * size] and nothing is moved.
#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "optimize/raise.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

const ValueType& type_of(const Graph& graph, ValueId value) { return graph.value(value).type; }

bool is_rank(const Graph& graph, ValueId value, size_t rank) {
  return type_of(graph, value).has_rank && type_of(graph, value).dims.size() == rank;
}

// A Transpose of four axes into 0, a, b, c.
bool turns(const Graph& graph, const Node* node, int64_t a, int64_t b, int64_t c) {
  const auto perm = transpose_perm(graph, node);
  return perm && perm->size() == 4 && (*perm)[0] == 0 && (*perm)[1] == a && (*perm)[2] == b && (*perm)[3] == c;
}

// Reshape between [batch, rows, heads * size] and [batch, rows, heads, size] with a shape that is settled.
bool splits(const Graph& graph, const Node& reshape, ValueId joined, ValueId split) {
  if (!is_op(reshape, "Reshape") || !is_fixed(graph, reshape.inputs[1])) return false;
  if (!is_rank(graph, joined, 3) || !is_rank(graph, split, 4)) return false;
  const Dims& from = type_of(graph, joined).dims;
  const Dims& to = type_of(graph, split).dims;
  return same_dim(from[0], to[0]) && same_dim(from[1], to[1]) && to[2].known() && to[3].known();
}

// What is found, from the result backwards; nodes in that order.
class Finder {
 public:
  explicit Finder(const Graph& graph) : graph_(graph) {}

  ValueId q = kNoId, k_turned = kNoId, v = kNoId, mask = kNoId;
  double scale = 1;
  std::vector<NodeId> nodes;

  bool find(NodeId root) {
    nodes = {root};
    v = graph_.node(root).inputs[1];
    const Node* softmax = take(graph_.node(root).inputs[0], "Softmax");
    if (softmax == nullptr) return false;
    const int64_t axis = softmax->int_or("axis", -1);
    if (axis != -1 && axis != 3) return false;
    const ValueId scores = softmax->inputs[0];
    const Node* sum = take(scores, "Add");
    if (sum == nullptr) return find_product(scores);
    const std::vector<ValueId> sides = sum->inputs;
    const size_t before = nodes.size();
    for (size_t side = 0; side < 2; ++side) {
      mask = sides[1 - side];
      if (find_product(sides[side])) return true;
      nodes.resize(before);
      scale = 1;
    }
    return false;
  }

  // The node of that operator whose output is `value` and read by nothing else; it becomes one of `nodes`.
  const Node* take(ValueId value, std::string_view op_type) {
    const Node* node = producer_of(graph_, value);
    if (node == nullptr || !is_op(*node, op_type) || !has_single_use(graph_, value)) return nullptr;
    nodes.push_back(graph_.value(value).producer);
    return node;
  }

 private:
  // Scores: Q and K may be scaled before the product, or their product.
  bool find_product(ValueId scores) {
    const Node* product = take(unscaled(scores), "MatMul");
    if (product == nullptr) return false;
    const std::vector<ValueId> factors = product->inputs;
    k_turned = unscaled(factors[1]);
    q = unscaled(factors[0]);
    return true;
  }

  ValueId unscaled(ValueId value) {
    const Node* node = producer_of(graph_, value);
    if (node == nullptr || !has_single_use(graph_, value)) return value;
    const bool divides = is_op(*node, "Div");
    if (!divides && !is_op(*node, "Mul")) return value;
    for (size_t side = divides ? 1 : 0; side < 2; ++side) {
      const auto number = fixed_scalar(graph_, node->inputs[side]);
      if (!number || *number == 0) continue;
      scale = divides ? scale / *number : scale * *number;
      nodes.push_back(graph_.value(value).producer);
      return node->inputs[1 - side];
    }
    return value;
  }

  const Graph& graph_;
};

// [batch, rows, heads * size] whose heads Reshape and a Transpose into 0, 2, b, c split off; kNoId where they
// do not.
ValueId find_split(const Graph& graph, Finder& found, ValueId turned, int64_t b, int64_t c) {
  const Node* transpose = found.take(turned, "Transpose");
  if (transpose == nullptr || !turns(graph, transpose, 2, b, c)) return kNoId;
  const ValueId middle = transpose->inputs[0];
  const Node* reshape = found.take(middle, "Reshape");
  return reshape != nullptr && splits(graph, *reshape, reshape->inputs[0], middle) ? reshape->inputs[0] : kNoId;
}

// Reshape(Transpose(y)) that joins the heads of y again: {Reshape, Transpose}, or nothing.
std::vector<NodeId> find_join(const Graph& graph, ValueId y) {
  if (!has_single_use(graph, y)) return {};
  const NodeId transpose = graph.value(y).consumers.front();
  const ValueId middle = graph.node(transpose).outputs[0];
  if (!turns(graph, &graph.node(transpose), 2, 1, 3) || !has_single_use(graph, middle)) return {};
  const NodeId reshape = graph.value(middle).consumers.front();
  if (!splits(graph, graph.node(reshape), graph.node(reshape).outputs[0], middle)) return {};
  return {reshape, transpose};
}

// The product does not repeat anything: batch and heads are equal, as are the sizes and the numbers of keys.
bool fits(const Graph& graph, ValueId q, ValueId k_turned, ValueId v) {
  for (const ValueId value : {q, k_turned, v}) {
    if (!is_rank(graph, value, 4)) return false;
    const ElementType element = type_of(graph, value).element;
    if (element != ElementType::kFloat32 && element != ElementType::kFloat16) return false;
  }
  const Dims& a = type_of(graph, q).dims;
  const Dims& b = type_of(graph, k_turned).dims;
  const Dims& c = type_of(graph, v).dims;
  return same_dim(a[0], b[0]) && same_dim(a[0], c[0]) && same_dim(a[1], b[1]) && same_dim(a[1], c[1]) &&
         same_dim(a[3], b[2]) && same_dim(b[3], c[2]);
}

// The mask adds to scores of [batch, heads, queries, keys] without repeating these. A last dim that is not
// known is the keys' number, or the product with V would not exist.
bool mask_fits(const Graph& graph, ValueId mask, ValueId q) {
  const ValueType& type = type_of(graph, mask);
  if (!type.has_rank || type.dims.empty() || type.dims.size() > 4) return false;
  if (type.element != type_of(graph, q).element || type.dims.back().size == 1) return false;
  const Dims& whole = type_of(graph, q).dims;
  for (size_t i = 0; i + 1 < type.dims.size(); ++i) {
    const size_t axis = 4 - type.dims.size() + i;
    if (type.dims[i].size != 1 && !same_dim(type.dims[i], whole[axis])) return false;
  }
  return true;
}

bool raise_at(Graph& graph, NodeId id, PassContext& context) {
  Finder found(graph);
  if (!found.find(id) || !fits(graph, found.q, found.k_turned, found.v)) return false;
  if (found.mask != kNoId && !mask_fits(graph, found.mask, found.q)) return false;

  Node node;
  node.op_type = "Attention";
  node.since_version = 23;
  Finder split = found;
  for (const ValueId value : {found.q, found.k_turned, found.v}) {
    const bool is_key = value == found.k_turned;
    node.inputs.push_back(find_split(graph, split, value, is_key ? 3 : 1, is_key ? 1 : 3));
  }
  const std::vector<NodeId> join = find_join(graph, graph.node(id).outputs[0]);
  Match match;
  if (!join.empty() && std::find(node.inputs.begin(), node.inputs.end(), kNoId) == node.inputs.end()) {
    const int64_t heads = type_of(graph, found.q).dims[1].size;
    node.set_attribute("q_num_heads", heads);
    node.set_attribute("kv_num_heads", heads);
    match.nodes = join;
    match.nodes.insert(match.nodes.end(), split.nodes.begin(), split.nodes.end());
  } else {
    const Node* transpose = found.take(found.k_turned, "Transpose");
    if (transpose == nullptr || transpose_perm(graph, transpose) != std::vector<int64_t>{0, 1, 3, 2})
      return false;
    node.inputs = {found.q, transpose->inputs[0], found.v};
    match.nodes = std::move(found.nodes);
  }
  std::reverse(match.nodes.begin(), match.nodes.end());
  if (found.mask != kNoId) node.inputs.push_back(found.mask);
  node.set_attribute("scale", static_cast<float>(found.scale));
  raise(graph, match, std::move(node), context);
  return true;
}

}  // namespace

Result<size_t> raise_attention(Graph& graph, PassContext& context) {
  if (!has_any_op(graph, {"Softmax"})) return size_t{0};
  size_t changes = 0;
  const auto count = static_cast<NodeId>(graph.node_count());
  for (NodeId id = 0; id < count; ++id) {
    const bool product = graph.node(id).alive && is_op(graph.node(id), "MatMul");
    if (product && raise_at(graph, id, context)) ++changes;
  }
  return changes;
}

}  // namespace bp::optimize_passes
