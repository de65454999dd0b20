#include "interpreter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <set>

namespace bp::test {
namespace {

size_t count_of(const ConcreteDims& dims) {
  size_t count = 1;
  for (const int64_t dim : dims) count *= static_cast<size_t>(dim);
  return count;
}

// Calls f(index) for every index of `dims`, the last axis fastest.
void for_each_index(const ConcreteDims& dims, const std::function<void(const ConcreteDims&)>& f) {
  ConcreteDims index(dims.size(), 0);
  for (size_t n = count_of(dims); n > 0; --n) {
    f(index);
    for (size_t axis = dims.size(); axis-- > 0;) {
      if (++index[axis] < dims[axis]) break;
      index[axis] = 0;
    }
  }
}

// The element at `index`, broadcast from the right.
double& at(Array& array, const ConcreteDims& index) {
  const size_t lead = index.size() - array.dims.size();
  size_t offset = 0;
  for (size_t axis = 0; axis < array.dims.size(); ++axis) {
    const int64_t place = array.dims[axis] == 1 ? 0 : index[lead + axis];
    offset = offset * static_cast<size_t>(array.dims[axis]) + static_cast<size_t>(place);
  }
  return array.data.at(offset);
}

Array made(ConcreteDims dims) {
  Array array{std::move(dims), {}};
  array.data.resize(count_of(array.dims));
  return array;
}

template <class F>
Array map_one(const Array& in, F f) {
  Array out = in;
  std::transform(in.data.begin(), in.data.end(), out.data.begin(), f);
  return out;
}

Array map_two(Array a, Array b, double (*f)(double, double)) {
  ConcreteDims dims(std::max(a.dims.size(), b.dims.size()), 1);
  for (const Array* in : {&a, &b}) {
    for (size_t i = 0; i < in->dims.size(); ++i) {
      int64_t& dim = dims[dims.size() - in->dims.size() + i];
      dim = std::max(dim, in->dims[i]);
    }
  }
  Array out = made(dims);
  for_each_index(dims, [&](const ConcreteDims& i) { at(out, i) = f(at(a, i), at(b, i)); });
  return out;
}

size_t axis_of(int64_t axis, size_t rank) {
  return static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(rank) : axis);
}

Array transpose(Array in, const std::vector<int64_t>* perm) {
  std::vector<int64_t> order(in.dims.size());
  std::iota(order.rbegin(), order.rend(), 0);
  if (perm != nullptr) order = *perm;
  ConcreteDims dims;
  for (const int64_t axis : order) dims.push_back(in.dims[static_cast<size_t>(axis)]);
  Array out = made(dims);
  for_each_index(dims, [&](const ConcreteDims& i) {
    ConcreteDims source(i.size());
    for (size_t k = 0; k < i.size(); ++k) source[static_cast<size_t>(order[k])] = i[k];
    at(out, i) = at(in, source);
  });
  return out;
}

Array concat(std::vector<Array> in, int64_t axis_attribute) {
  const size_t axis = axis_of(axis_attribute, in[0].dims.size());
  ConcreteDims dims = in[0].dims;
  for (size_t k = 1; k < in.size(); ++k) dims[axis] += in[k].dims[axis];
  Array out = made(dims);
  int64_t start = 0;
  for (Array& part : in) {
    for_each_index(part.dims, [&](const ConcreteDims& i) {
      ConcreteDims place = i;
      place[axis] += start;
      at(out, place) = at(part, i);
    });
    start += part.dims[axis];
  }
  return out;
}

Array reduce(const Node& node, Array in, const Array* axes_input) {
  std::set<size_t> axes;
  for (const double axis : axes_input ? axes_input->data : std::vector<double>{}) {
    axes.insert(axis_of(static_cast<int64_t>(axis), in.dims.size()));
  }
  for (size_t i = 0; axes_input == nullptr && i < in.dims.size(); ++i) axes.insert(i);
  ConcreteDims kept = in.dims;
  double count = 1;
  for (const size_t axis : axes) {
    count *= static_cast<double>(kept[axis]);
    kept[axis] = 1;
  }
  Array out = made(kept);
  const bool is_max = node.op_type == "ReduceMax";
  if (is_max) std::fill(out.data.begin(), out.data.end(), -std::numeric_limits<double>::infinity());
  for_each_index(in.dims, [&](const ConcreteDims& i) {
    double& total = at(out, i);
    total = is_max ? std::max(total, at(in, i)) : total + at(in, i);
  });
  for (double& value : out.data) value = node.op_type == "ReduceMean" ? value / count : value;
  if (node.int_or("keepdims", 1) == 0) {
    out.dims.clear();
    for (size_t i = 0; i < in.dims.size(); ++i) {
      if (!axes.contains(i)) out.dims.push_back(in.dims[i]);
    }
  }
  return out;
}

Array pad(Array in, const Array& pads) {
  const size_t rank = in.dims.size();
  ConcreteDims dims = in.dims;
  for (size_t i = 0; i < rank; ++i) dims[i] += static_cast<int64_t>(pads.data[i] + pads.data[rank + i]);
  Array out = made(dims);
  for_each_index(in.dims, [&](const ConcreteDims& i) {
    ConcreteDims place = i;
    for (size_t k = 0; k < rank; ++k) place[k] += static_cast<int64_t>(pads.data[k]);
    at(out, place) = at(in, i);
  });
  return out;
}

Array reshape(Array in, const Array& shape, bool zero_is_zero) {
  ConcreteDims dims;
  int64_t known = 1;
  for (size_t i = 0; i < shape.data.size(); ++i) {
    const auto dim = static_cast<int64_t>(shape.data[i]);
    dims.push_back(dim == 0 && !zero_is_zero ? in.dims[i] : dim);
    if (dims.back() >= 0) known *= dims.back();
  }
  for (int64_t& dim : dims) {
    if (dim < 0) dim = static_cast<int64_t>(in.data.size()) / known;
  }
  in.dims = dims;
  EXPECT_EQ(count_of(dims), in.data.size());
  return in;
}

Array squeeze(Array in, const Array& axes) {
  std::set<size_t> gone;
  for (const double axis : axes.data) gone.insert(axis_of(static_cast<int64_t>(axis), in.dims.size()));
  ConcreteDims dims;
  for (size_t i = 0; i < in.dims.size(); ++i) {
    if (!gone.contains(i)) dims.push_back(in.dims[i]);
  }
  in.dims = dims;
  return in;
}

Array unsqueeze(Array in, const Array& axes) {
  const size_t rank = in.dims.size() + axes.data.size();
  std::set<size_t> added;
  for (const double axis : axes.data) added.insert(axis_of(static_cast<int64_t>(axis), rank));
  ConcreteDims dims;
  for (size_t i = 0, from = 0; i < rank; ++i) dims.push_back(added.contains(i) ? 1 : in.dims[from++]);
  in.dims = dims;
  return in;
}

// Batch dims broadcast.
Array matmul(Array a, Array b) {
  const size_t rank = std::max(a.dims.size(), b.dims.size());
  ConcreteDims dims(rank, 1);
  for (const Array* in : {&a, &b}) {
    for (size_t i = 0; i + 2 < in->dims.size(); ++i) {
      int64_t& dim = dims[rank - in->dims.size() + i];
      dim = std::max(dim, in->dims[i]);
    }
  }
  const int64_t depth = a.dims.back();
  dims[rank - 2] = a.dims[a.dims.size() - 2];
  dims[rank - 1] = b.dims.back();
  Array out = made(dims);
  for_each_index(out.dims, [&](const ConcreteDims& i) {
    ConcreteDims left = i, right = i;
    for (int64_t k = 0; k < depth; ++k) {
      left[rank - 1] = right[rank - 2] = k;
      at(out, i) += at(a, left) * at(b, right);
    }
  });
  return out;
}

Array gemm(const Node& node, const std::vector<Array>& in) {
  const Array a = node.int_or("transA", 0) ? transpose(in[0], nullptr) : in[0];
  const Array b = node.int_or("transB", 0) ? transpose(in[1], nullptr) : in[1];
  const Array product = matmul(a, b);
  return in.size() < 3 ? product : map_two(product, in[2], [](double x, double y) { return x + y; });
}

// Mean and variance over the axes from `axis` on.
Array layer_normalization(const Node& node, std::vector<Array> in) {
  const size_t first = axis_of(node.int_or("axis", -1), in[0].dims.size());
  size_t length = 1;
  for (size_t i = first; i < in[0].dims.size(); ++i) length *= static_cast<size_t>(in[0].dims[i]);
  Array out = in[0];
  for (size_t start = 0; start < out.data.size(); start += length) {
    double mean = 0;
    double square = 0;
    for (size_t i = 0; i < length; ++i) mean += in[0].data[start + i] / static_cast<double>(length);
    for (size_t i = 0; i < length; ++i) {
      square += std::pow(in[0].data[start + i] - mean, 2) / static_cast<double>(length);
    }
    for (size_t i = 0; i < length; ++i) {
      out.data[start + i] = (in[0].data[start + i] - mean) /
                            std::sqrt(square + static_cast<double>(node.float_or("epsilon", 1e-5f)));
    }
  }
  out = map_two(out, in[1], [](double x, double y) { return x * y; });
  return in.size() < 3 ? out : map_two(out, in[2], [](double x, double y) { return x + y; });
}

// Scale or zero point, [C] put along `axis` of the dims of `in`.
Array along(const Array& in, const Node& node, Array numbers) {
  if (numbers.data.size() == 1) return {{}, numbers.data};
  const size_t axis = axis_of(node.int_or("axis", 1), in.dims.size());
  numbers.dims.insert(numbers.dims.end(), in.dims.size() - axis - 1, 1);
  return numbers;
}

Array dequantized(const Node& node, const std::vector<Array>& in) {
  Array x = in[0];
  if (in.size() > 2) x = map_two(x, along(x, node, in[2]), [](double a, double b) { return a - b; });
  return map_two(x, along(x, node, in[1]), [](double a, double b) { return a * b; });
}

Array quantized(const Array& in, double scale, double zero, double low) {
  Array out = in;
  for (double& x : out.data) x = std::clamp(std::nearbyint(x / scale) + zero, low, low + 255);
  return out;
}

// a, its scale and zero point, b, its scale and zero point, those of the result.
Array quantized_operands(const std::vector<Array>& in, double low, Array (*f)(Array, Array)) {
  const Node plain;
  return quantized(f(dequantized(plain, {in[0], in[1], in[2]}), dequantized(plain, {in[3], in[4], in[5]})),
                   in[6].data[0], in[7].data[0], low);
}

Array softmax(const Node& node, const Array& in) {
  const Array axis{{1}, {static_cast<double>(node.int_or("axis", -1))}};
  Node max_node;
  max_node.op_type = "ReduceMax";
  Node sum_node;
  sum_node.op_type = "ReduceSum";
  const Array shifted = map_two(in, reduce(max_node, in, &axis), [](double x, double y) { return x - y; });
  const Array powers = map_one(shifted, [](double x) { return std::exp(x); });
  return map_two(powers, reduce(sum_node, powers, &axis), [](double x, double y) { return x / y; });
}

// Q, K, V as [batch, heads, rows, size] or [batch, rows, heads * size], and perhaps a mask to add.
Array attention(const Node& node, const std::vector<Array>& in) {
  const std::vector<int64_t> turn = {0, 2, 1, 3};
  const auto split = [&](const Array& x, const char* heads) {
    if (x.dims.size() == 4) return x;
    const int64_t count = node.int_or(heads, 0);
    return transpose({{x.dims[0], x.dims[1], count, x.dims[2] / count}, x.data}, &turn);
  };
  const Array q = split(in[0], "q_num_heads"), k = split(in[1], "kv_num_heads"),
              v = split(in[2], "kv_num_heads");
  const std::vector<int64_t> swap = {0, 1, 3, 2};
  Array scores = matmul(q, transpose(k, &swap));
  const auto scale = static_cast<double>(node.float_or("scale", 1 / std::sqrt(static_cast<float>(q.dims[3]))));
  for (double& x : scores.data) x *= scale;
  if (in.size() > 3) scores = map_two(scores, in[3], [](double x, double y) { return x + y; });
  Array y = matmul(softmax({}, scores), v);
  if (in[0].dims.size() == 4) return y;
  y = transpose(y, &turn);
  return {{y.dims[0], y.dims[1], y.dims[2] * y.dims[3]}, y.data};
}

Array gelu(const Node& node, const Array& in) {
  if (node.string_or("approximate", "none") == "tanh") {
    return map_one(in, [](double x) {
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    });
  }
  return map_one(in, [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); });
}

Array clip(const Node& node, const std::vector<Array>& in) {
  const bool is_clip = node.op_type == "Clip";
  const bool is_swish = node.op_type == "HardSwish";
  const double alpha = is_swish ? 1.0 / 6 : static_cast<double>(node.float_or("alpha", 0.2f));
  const double beta = is_swish ? 0.5 : static_cast<double>(node.float_or("beta", 0.5f));
  Array out = in[0];
  for (double& x : out.data) {
    if (is_clip) {
      x = std::clamp(x, in[1].data[0], in[2].data[0]);
    } else {
      x = (is_swish ? x : 1) * std::clamp(alpha * x + beta, 0.0, 1.0);
    }
  }
  return out;
}

const std::map<std::string, double (*)(double)>& unary() {
  static const std::map<std::string, double (*)(double)> table = {
      {"Identity", [](double x) { return x; }},
      {"Relu", [](double x) { return std::max(x, 0.0); }},
      {"Neg", [](double x) { return -x; }},
      {"Exp", [](double x) { return std::exp(x); }},
      {"Sqrt", [](double x) { return std::sqrt(x); }},
      {"Erf", [](double x) { return std::erf(x); }},
      {"Tanh", [](double x) { return std::tanh(x); }},
      {"Round", [](double x) { return std::nearbyint(x); }},
      {"Reciprocal", [](double x) { return 1 / x; }}};
  return table;
}

const std::map<std::string, double (*)(double, double)>& binary() {
  static const std::map<std::string, double (*)(double, double)> table = {
      {"Add", [](double x, double y) { return x + y; }},
      {"Sub", [](double x, double y) { return x - y; }},
      {"Mul", [](double x, double y) { return x * y; }},
      {"Div", [](double x, double y) { return x / y; }},
      {"Pow", [](double x, double y) { return std::pow(x, y); }}};
  return table;
}

const std::set<std::string>& others() {
  static const std::set<std::string> table = {"Transpose",      "Concat",
                                              "ReduceSum",      "ReduceMean",
                                              "ReduceMax",      "Pad",
                                              "Reshape",        "Squeeze",
                                              "Unsqueeze",      "ConstantOfShape",
                                              "Flatten",        "MatMul",
                                              "Gemm",           "LayerNormalization",
                                              "Softmax",        "Gelu",
                                              "QuantizeLinear", "DequantizeLinear",
                                              "QLinearMatMul",  "QLinearAdd",
                                              "Attention",      "Clip",
                                              "HardSwish",      "HardSigmoid"};
  return table;
}

Array run(const Node& node, const std::vector<Array>& in, ElementType type) {
  const std::string& op = node.op_type;
  const double low = type == ElementType::kInt8 ? -128 : 0;
  if (op == "DequantizeLinear") return dequantized(node, in);
  if (op == "QuantizeLinear") return quantized(in[0], in[1].data[0], in.size() > 2 ? in[2].data[0] : 0, low);
  if (op == "QLinearMatMul") return quantized_operands(in, low, matmul);
  if (op == "QLinearAdd") {
    return quantized_operands(in, low, [](Array a, Array b) {
      return map_two(std::move(a), std::move(b), [](double x, double y) { return x + y; });
    });
  }
  if (const auto f = unary().find(op); f != unary().end()) return map_one(in[0], f->second);
  if (const auto f = binary().find(op); f != binary().end()) return map_two(in[0], in[1], f->second);
  if (op == "Transpose") return transpose(in[0], node.ints("perm"));
  if (op == "Concat") return concat(in, node.int_or("axis", 0));
  if (op.starts_with("Reduce")) return reduce(node, in[0], in.size() > 1 ? &in[1] : nullptr);
  if (op == "Pad") return pad(in[0], in[1]);
  if (op == "Reshape") return reshape(in[0], in[1], node.int_or("allowzero", 0) != 0);
  if (op == "Squeeze") return squeeze(in[0], in[1]);
  if (op == "Unsqueeze") return unsqueeze(in[0], in[1]);
  if (op == "ConstantOfShape") return made(ConcreteDims(in[0].data.begin(), in[0].data.end()));
  if (op == "Clip" || op.starts_with("Hard")) return clip(node, in);
  if (op == "MatMul") return matmul(in[0], in[1]);
  if (op == "Gemm") return gemm(node, in);
  if (op == "LayerNormalization") return layer_normalization(node, in);
  if (op == "Softmax") return softmax(node, in[0]);
  if (op == "Gelu") return gelu(node, in[0]);
  if (op == "Attention") return attention(node, in);
  if (op == "Flatten") {
    const size_t axis = axis_of(node.int_or("axis", 1), in[0].dims.size());
    int64_t rows = 1;
    for (size_t i = 0; i < axis; ++i) rows *= in[0].dims[i];
    return {{rows, static_cast<int64_t>(in[0].data.size()) / rows}, in[0].data};
  }
  ADD_FAILURE() << "the interpreter does not know " << op;
  return in.empty() ? Array{} : in[0];
}

}  // namespace

bool interpreter_knows(const Node& node) {
  return unary().contains(node.op_type) || binary().contains(node.op_type) || others().contains(node.op_type);
}

Array array_of(const Tensor& tensor) {
  Array array{tensor.dims, {}};
  if (tensor.type == ElementType::kFloat32) {
    std::vector<float> floats(static_cast<size_t>(tensor.count()));
    std::memcpy(floats.data(), tensor.bytes.data(), floats.size() * sizeof(float));
    array.data.assign(floats.begin(), floats.end());
  } else {
    const std::vector<int64_t> ints = tensor.to_int64();
    array.data.assign(ints.begin(), ints.end());
  }
  return array;
}

TensorPtr tensor_of(const Array& array, ElementType type) {
  if (type == ElementType::kFloat32) {
    return Tensor::of_float(array.dims, std::vector<float>(array.data.begin(), array.data.end()));
  }
  return Tensor::of_int64(array.dims, std::vector<int64_t>(array.data.begin(), array.data.end()));
}

std::vector<Array> interpret(const Graph& graph, const std::map<std::string, Array>& inputs) {
  std::map<ValueId, Array> values;
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    if (graph.value(id).constant) values[id] = array_of(*graph.value(id).constant);
  }
  for (const ValueId id : graph.inputs()) values[id] = inputs.at(graph.value(id).name);
  for (const NodeId id : graph.topological_order()) {
    std::vector<Array> in;
    for (const ValueId input : graph.node(id).inputs) {
      if (input != kNoId) in.push_back(values.at(input));
    }
    const ValueType& type = graph.value(graph.node(id).outputs[0]).type;
    const Array out = run(graph.node(id), in, type.element);
    // What a pass says about the values that it makes must be true.
    if (type.has_rank) {
      EXPECT_EQ(type.dims.size(), out.dims.size()) << graph.node(id).label();
      for (size_t i = 0; i < std::min(type.dims.size(), out.dims.size()); ++i) {
        if (type.dims[i].known()) {
          EXPECT_EQ(type.dims[i].size, out.dims[i]) << graph.node(id).label();
        }
      }
    }
    values[graph.node(id).outputs[0]] = out;
  }
  std::vector<Array> outputs;
  for (const ValueId id : graph.outputs()) outputs.push_back(values.at(id));
  return outputs;
}

std::map<std::string, Array> random_inputs(const Graph& graph, uint32_t seed) {
  std::mt19937 random(seed);
  std::map<std::string, Array> inputs;
  for (const ValueId id : graph.inputs()) {
    ConcreteDims dims;
    for (const Dim& dim : graph.value(id).type.dims) dims.push_back(dim.known() ? dim.size : 3);
    Array array = made(dims);
    for (double& value : array.data) value = (static_cast<double>(random() % 2000) - 999.5) / 500.0;
    inputs[graph.value(id).name] = array;
  }
  return inputs;
}

double difference(const Array& a, const Array& b) {
  if (a.dims != b.dims) return std::numeric_limits<double>::infinity();
  double worst = 0;
  for (size_t i = 0; i < a.data.size(); ++i) worst = std::max(worst, std::abs(a.data[i] - b.data[i]));
  return worst;
}

Result<std::vector<bool>> InterpreterFolder::can_fold(const Graph& graph) {
  std::vector<bool> result;
  for (NodeId id = 0; id < graph.node_count(); ++id) result.push_back(interpreter_knows(graph.node(id)));
  return result;
}

Result<std::vector<TensorPtr>> InterpreterFolder::fold(const Graph& graph) {
  ++folds;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (graph.node(id).op_type == fails_on) return Status(ErrorCode::kInternal, "failed on " + fails_on);
  }
  EXPECT_TRUE(graph.inputs().empty());
  std::vector<TensorPtr> tensors;
  const std::vector<Array> arrays = interpret(graph, {});
  for (size_t i = 0; i < arrays.size(); ++i) {
    tensors.push_back(tensor_of(arrays[i], graph.value(graph.outputs()[i]).type.element));
  }
  return tensors;
}

}  // namespace bp::test
