// Between DequantizeLinear and QuantizeLinear: one operator, maybe with an activation that the range of the
// bytes makes anyway. Together they are the operator on integers: QLinearConv, QLinearMatMul, and where the
// standard has none those of com.microsoft. The results differ by the rounding of float32 sums only.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "graph/subgraph.hpp"
#include "optimize/quantization.hpp"
#include "optimize/raise.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {
namespace {

constexpr const char* kMicrosoft = "com.microsoft";

// What stands between the integers: the operator `body`, maybe an activation behind it, the quantizer `last`.
struct Island {
  Quantization output;
  NodeId last = kNoId;
  NodeId activation = kNoId;
  NodeId body = kNoId;
  std::vector<NodeId> dequantizers;  // those that the composite takes in
};

// Does quantizing clip wherever the activation does? Its lower bound must be the least byte, its upper bound,
// if any, the greatest.
bool range_clips(const Graph& graph, const Node& activation, const Quantization& to) {
  const ByteRange range = byte_range(to.type);
  const int64_t zero = zero_of(graph, to);
  if (is_op(activation, "Relu")) return zero == range.low;
  if (!is_op(activation, "Clip")) return false;
  const auto scale = static_cast<double>(fixed_floats(graph, to.scale).front());
  for (size_t i = 1; i < 3; ++i) {
    const ValueId bound = input_at(activation, i);
    if (bound == kNoId) continue;
    const auto number = fixed_scalar(graph, bound);
    if (!number) return false;
    const double quantized = std::nearbyint(*number / scale) + static_cast<double>(zero);
    if (i == 1 ? quantized > static_cast<double>(range.low) : quantized < static_cast<double>(range.high)) {
      return false;
    }
  }
  return true;
}

class Raiser {
 public:
  Raiser(Graph& graph, PassContext& context) : graph_(graph), context_(context) {}

  bool raise_at(NodeId id) {
    const auto output = quantization_of(graph_, id);
    if (!output || !is_op(graph_.node(id), "QuantizeLinear")) return false;
    island_ = {};
    island_.output = *output;
    island_.last = id;
    ValueId made = graph_.node(id).inputs[0];
    const Node* producer = producer_of(graph_, made);
    if (producer == nullptr || !has_single_use(graph_, made)) return false;
    if (is_op(*producer, "Relu") || is_op(*producer, "Clip")) {
      if (!range_clips(graph_, *producer, *output)) return false;
      island_.activation = graph_.value(made).producer;
      made = producer->inputs[0];
      producer = producer_of(graph_, made);
      if (producer == nullptr || !has_single_use(graph_, made)) return false;
    }
    island_.body = graph_.value(made).producer;
    if (!producer->domain.empty()) return false;
    Node composite;
    if (!make(*producer, composite)) return false;
    replace(std::move(composite));
    return true;
  }

  // What takes most of the time and stays in float32 though its data were integers.
  void tell_left(NodeId id) {
    const Node& node = graph_.node(id);
    if (!is_op(node, "Conv") && !is_op(node, "MatMul") && !is_op(node, "Gemm")) return;
    const Node* source = producer_of(graph_, input_at(node, 0));
    const Node* weights = producer_of(graph_, input_at(node, 1));
    if (source != nullptr && weights != nullptr && is_op(*source, "DequantizeLinear") &&
        is_op(*weights, "DequantizeLinear")) {
      context_.note(node.label() + ": left in float32, though it reads integers");
    }
  }

 private:
  const Node& body() const { return graph_.node(island_.body); }

  // The integers behind an input of the body, by one scale; of any type, or of that of the output.
  std::optional<Quantization> dequantized(size_t input, bool same_type) {
    const ValueId value = input_at(body(), input);
    if (value == kNoId || graph_.value(value).producer == kNoId) return std::nullopt;
    const auto found = quantization_of(graph_, graph_.value(value).producer);
    if (!found || !is_op(graph_.node(found->node), "DequantizeLinear")) return std::nullopt;
    if (same_type && found->type != island_.output.type) return std::nullopt;
    island_.dequantizers.push_back(found->node);
    return found;
  }

  // Constant integers, by one scale or one for each slice of `axis`.
  std::optional<Quantization> sliced(size_t input, int64_t axis) {
    const ValueId value = input_at(body(), input);
    if (value == kNoId || graph_.value(value).producer == kNoId) return std::nullopt;
    const auto found = sliced_quantization(graph_, graph_.value(value).producer, axis);
    if (!found || !is_fixed(graph_, found->integers)) return std::nullopt;
    island_.dequantizers.push_back(found->node);
    return found;
  }

  void note(const char* reason) { context_.note(body().label() + ": " + reason); }

  // The bias as the integers that can be added to the sums; kNoId where there is none. False where it is
  // something else.
  bool bias(size_t input, const Quantization& x, const Quantization& w, ValueId* integers) {
    if (input_at(body(), input) == kNoId) return true;
    const auto found = sliced(input, 0);
    if (!found || found->type != ElementType::kInt32) {
      note("left in float32: its bias is not int32");
      return false;
    }
    const auto zeros = found->zero == kNoId ? std::vector<int64_t>{} : *fixed_ints(graph_, found->zero);
    const std::vector<float> scales = fixed_floats(graph_, found->scale);
    const std::vector<float> channels = fixed_floats(graph_, w.scale);
    const float of_x = fixed_floats(graph_, x.scale).front();
    bool fits = std::all_of(zeros.begin(), zeros.end(), [](int64_t zero) { return zero == 0; });
    for (size_t i = 0; fits && i < std::max(scales.size(), channels.size()); ++i) {
      const float expected = of_x * channels[channels.size() == 1 ? 0 : i % channels.size()];
      constexpr float kTolerance = 1e-5f;  // relative; exporters compute the product in float32 or double
      fits = std::abs(scales[scales.size() == 1 ? 0 : i % scales.size()] - expected) <= kTolerance * expected;
    }
    if (!fits) note("left in float32: its bias has another scale than the products");
    *integers = found->integers;
    return fits;
  }

  bool make(const Node& node, Node& composite) {
    composite.name = node.name;
    composite.since_version = 1;
    composite.domain = kMicrosoft;
    composite.attributes = std::vector<Attribute>(node.attributes);
    if (node.op_type == "Conv") return make_convolution(composite);
    if (node.op_type == "MatMul") return make_matmul(composite);
    if (node.op_type == "Gemm") return make_gemm(composite);
    if (node.op_type == "Add" || node.op_type == "Mul") return make_binary(composite);
    if (node.op_type == "Concat") return make_concat(composite);
    if (node.op_type == "MaxPool") return make_max_pool(composite);
    if (node.op_type == "AveragePool" || node.op_type == "GlobalAveragePool") return make_average(composite);
    return node.op_type == "ReduceMean" && make_mean(composite);
  }

  void add(Node& composite, const Quantization& q) {
    composite.inputs.push_back(q.integers);
    add_numbers(composite, q);
  }
  void add_numbers(Node& composite, const Quantization& q) {
    composite.inputs.push_back(q.scale);
    composite.inputs.push_back(zero_constant(graph_, q));
  }
  void add_output_scale(Node& composite) { add_numbers(composite, island_.output); }
  // The zero point must be of the scale's dims; an omitted one is given in full only where it is one number.
  static bool complete(const Graph& graph, const Quantization& w) {
    if (w.type != ElementType::kInt8 && w.type != ElementType::kUint8) return false;
    const Tensor* scale = fixed_tensor(graph, w.scale);
    if (w.zero != kNoId) return fixed_tensor(graph, w.zero)->count() == scale->count();
    return true;
  }

  bool make_convolution(Node& composite) {
    const auto x = dequantized(0, false);
    const auto w = x ? sliced(1, 0) : std::nullopt;
    ValueId b = kNoId;
    if (!w || !complete(graph_, *w) || !bias(2, *x, *w, &b)) return false;
    composite.op_type = "QLinearConv";
    composite.domain.clear();
    composite.since_version = 10;
    add(composite, *x);
    add_weights(composite, *w);
    add_output_scale(composite);
    if (b != kNoId) composite.inputs.push_back(b);
    return true;
  }

  // Zero points of weights lie beside their scales.
  void add_weights(Node& composite, const Quantization& w) {
    ValueId zero = w.zero;
    if (zero == kNoId) {
      const Tensor* scale = fixed_tensor(graph_, w.scale);
      const std::vector<std::byte> zeros(static_cast<size_t>(scale->count()), std::byte{0});
      zero = add_named_constant(graph_, graph_.value(w.integers).name + "_zero_point",
                                Tensor::copy_of(w.type, scale->dims, zeros));
    }
    for (const ValueId input : {w.integers, w.scale, zero}) composite.inputs.push_back(input);
  }

  // By constant integers: for products of two activations float32 is as fast, and needs no sums of both sides.
  bool make_matmul(Node& composite) {
    const auto a = dequantized(0, false);
    if (!a) return false;
    // One scale for each column of a matrix, else one for all.
    const ValueId right = input_at(body(), 1);
    const bool matrix = graph_.value(right).type.has_rank && graph_.value(right).type.dims.size() == 2;
    auto b = matrix ? sliced(1, 1) : std::nullopt;
    if (!b) b = dequantized(1, false);
    if (!b || !is_fixed(graph_, b->integers) || !complete(graph_, *b)) return false;
    composite.op_type = "QLinearMatMul";
    composite.domain.clear();
    composite.since_version = 21;
    composite.attributes.clear();
    add(composite, *a);
    add_weights(composite, *b);
    add_output_scale(composite);
    return true;
  }

  bool make_gemm(Node& composite) {
    const Node& node = body();
    constexpr float kOne = 1;
    if (node.int_or("transA", 0) != 0 || node.float_or("alpha", kOne) != kOne ||
        node.float_or("beta", kOne) != kOne) {
      return false;
    }
    const int64_t columns = node.int_or("transB", 0) != 0 ? 0 : 1;
    const auto a = dequantized(0, false);
    const auto b = a ? sliced(1, columns) : std::nullopt;
    ValueId c = kNoId;
    if (!b || !complete(graph_, *b) || !bias(2, *a, *b, &c)) return false;
    composite.op_type = "QGemm";
    composite.remove_attribute("beta");
    composite.remove_attribute("transA");
    add(composite, *a);
    add_weights(composite, *b);
    composite.inputs.push_back(c);
    add_output_scale(composite);
    return true;
  }

  bool make_binary(Node& composite) {
    const auto a = dequantized(0, true);
    const auto b = a ? dequantized(1, true) : std::nullopt;
    if (!b) return false;
    composite.op_type = "QLinear" + body().op_type;
    add(composite, *a);
    add(composite, *b);
    add_output_scale(composite);
    return true;
  }

  bool make_concat(Node& composite) {
    bool same = island_.activation == kNoId;
    for (size_t i = 0; i < body().inputs.size(); ++i) {
      const auto part = dequantized(i, true);
      if (!part) return false;
      same = same && same_quantization(graph_, *part, island_.output);
    }
    if (same) {
      composite.op_type = "Concat";
      composite.domain.clear();
      composite.since_version = body().since_version;
    } else {
      composite.op_type = "QLinearConcat";
      add_output_scale(composite);
    }
    for (const NodeId part : island_.dequantizers) {
      const auto q = quantization_of(graph_, part);
      same ? composite.inputs.push_back(q->integers) : add(composite, *q);
    }
    return true;
  }

  // The greatest of integers is that of what they stand for.
  bool make_max_pool(Node& composite) {
    const auto x = dequantized(0, true);
    if (!x || !same_quantization(graph_, *x, island_.output) || output_at(body(), 1) != kNoId) return false;
    composite.op_type = "MaxPool";
    composite.domain.clear();
    composite.since_version = body().since_version;
    composite.inputs = {x->integers};
    return true;
  }

  bool make_average(Node& composite) {
    const auto x = dequantized(0, true);
    if (!x) return false;
    const std::vector<int64_t>* dilations = body().ints("dilations");
    if (dilations != nullptr &&
        std::any_of(dilations->begin(), dilations->end(), [](int64_t d) { return d != 1; })) {
      return false;
    }
    composite.op_type = "QLinear" + body().op_type;
    composite.remove_attribute("dilations");
    add(composite, *x);
    add_output_scale(composite);
    return true;
  }

  bool make_mean(Node& composite) {
    const auto x = dequantized(0, true);
    const auto axes = fixed_ints(graph_, input_at(body(), 1));
    if (!x || !axes || axes->empty()) return false;
    composite.op_type = "QLinearReduceMean";
    composite.attributes.clear();
    composite.set_attribute("axes", *axes);
    composite.set_attribute("keepdims", body().int_or("keepdims", 1));
    add(composite, *x);
    add_output_scale(composite);
    return true;
  }

  // A dequantizer that others read too stays; the composite keeps a copy of it.
  void replace(Node composite) {
    std::vector<NodeId> nodes;
    for (const NodeId id : island_.dequantizers) {
      if (std::find(nodes.begin(), nodes.end(), id) == nodes.end()) nodes.push_back(id);
    }
    for (const NodeId id : {island_.body, island_.activation, island_.last}) {
      if (id != kNoId) nodes.push_back(id);
    }
    raise(graph_, {{}, std::move(nodes)}, std::move(composite), context_);
  }

  Graph& graph_;
  PassContext& context_;
  Island island_;
};

}  // namespace

Result<size_t> raise_quantized(Graph& graph, PassContext& context) {
  if (!has_any_op(graph, {"QuantizeLinear"})) return size_t{0};
  Raiser raiser(graph, context);
  size_t changes = 0;
  for (const NodeId id : graph.topological_order()) {
    if (graph.node(id).alive && raiser.raise_at(id)) ++changes;
  }
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (graph.node(id).alive) raiser.tell_left(id);
  }
  return changes;
}

}  // namespace bp::optimize_passes
