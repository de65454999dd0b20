// Operators on bytes with constant scales against their definitions: dequantized, computed, quantized again.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "byte_products.hpp"
#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

using Codes = std::vector<int32_t>;

Codes random_codes(int64_t count, Type type, uint32_t seed) {
  std::mt19937 random(seed);
  Codes codes(static_cast<size_t>(count));
  for (int32_t& code : codes) code = static_cast<int32_t>(random() % 256) - (type == Type::kInt8 ? 128 : 0);
  return codes;
}

TestTensor bytes(Type type, Dims dims, const Codes& codes) {
  std::vector<uint8_t> stored;
  for (const int32_t code : codes) stored.push_back(static_cast<uint8_t>(code));
  return coded(type, std::move(dims), stored);
}

int32_t quantized(float value, int32_t zero, Type type) {
  const float low = type == Type::kInt8 ? -128 : 0;
  return static_cast<int32_t>(std::clamp(std::nearbyint(value) + static_cast<float>(zero), low, low + 255));
}

// A tensor of bytes with its numbers, in the test and in the graph.
struct Quantized {
  Type type = Type::kUint8;
  Dims dims;
  Codes codes;
  float scale = 1;
  int32_t zero = 0;

  float real(size_t i) const { return static_cast<float>(codes[i] - zero) * scale; }
};

Quantized random_tensor(Type type, Dims dims, float scale, int32_t zero, uint32_t seed) {
  Quantized x{type, dims, {}, scale, zero};
  x.codes = random_codes(element_count(dims), type, seed);
  return x;
}

struct Graph : TestGraph {
  Ref scale(float number) { return constant(tensor<float>({}, {number})); }
  Ref zero(Type type, int32_t number) { return constant(bytes(type, {}, {number})); }
  Ref scales(const std::vector<float>& numbers) {
    return constant(tensor<float>({static_cast<int64_t>(numbers.size())}, numbers));
  }
  Ref microsoft(const std::string& op, std::vector<Ref> inputs, TestAttributes attributes, TestOutput output) {
    return nodes(op, std::move(inputs), std::move(attributes), {output}, "com.microsoft", 1).front();
  }
  // QLinearAdd, QLinearMul.
  Ref binary(const std::string& op, Ref a, const Quantized& of_a, Ref b, const Quantized& of_b,
             const Quantized& y) {
    return microsoft(op,
                     {a, scale(of_a.scale), zero(of_a.type, of_a.zero), b, scale(of_b.scale),
                      zero(of_b.type, of_b.zero), scale(y.scale), zero(y.type, y.zero)},
                     {}, {y.type, y.dims, true});
  }
};

// A convolution over two spatial dims with symmetric pads.
struct Layer {
  int64_t in = 1, out = 1, kernel = 1, pad = 0, stride = 1, groups = 1;
  bool per_channel = true;
  Codes weights;
  Codes bias;
  std::vector<float> scales;

  explicit Layer(int64_t inputs, int64_t outputs, int64_t size = 1, int64_t padding = 0, int64_t step = 1,
                 int64_t group = 1, bool each = true)
      : in(inputs), out(outputs), kernel(size), pad(padding), stride(step), groups(group), per_channel(each) {
    weights = random_codes(out * depth(), Type::kInt8, 11);
    std::mt19937 random(12);
    for (int64_t i = 0; i < out; ++i) bias.push_back(static_cast<int32_t>(random() % 20001) - 10000);
    for (int64_t i = 0; i < (each ? out : 1); ++i)
      scales.push_back(0.003f + 0.0001f * static_cast<float>(i % 9));
  }
  int64_t depth() const { return in / groups * kernel * kernel; }
  int64_t size(int64_t of) const { return (of + 2 * pad - kernel) / stride + 1; }
  Dims dims(const Quantized& x) const { return {x.dims[0], out, size(x.dims[2]), size(x.dims[3])}; }

  int32_t sum(const Quantized& x, int64_t n, int64_t channel, int64_t row, int64_t column) const {
    const int64_t per_group = in / groups;
    int32_t total = bias[static_cast<size_t>(channel)];
    for (int64_t c = 0; c < per_group; ++c) {
      for (int64_t i = 0; i < kernel * kernel; ++i) {
        const int64_t h = row * stride - pad + i / kernel, w = column * stride - pad + i % kernel;
        if (h < 0 || h >= x.dims[2] || w < 0 || w >= x.dims[3]) continue;
        const int64_t source = channel / (out / groups) * per_group + c;
        const int64_t at = ((n * in + source) * x.dims[2] + h) * x.dims[3] + w;
        total += (x.codes[static_cast<size_t>(at)] - x.zero) *
                 weights[static_cast<size_t>((channel * per_group + c) * kernel * kernel + i)];
      }
    }
    return total;
  }

  void compute(const Quantized& x, Quantized& y) const {
    y.dims = dims(x);
    for (int64_t i = 0; i < element_count(y.dims); ++i) {
      const int64_t column = i % y.dims[3], row = i / y.dims[3] % y.dims[2];
      const int64_t channel = i / (y.dims[3] * y.dims[2]) % out;
      const float scale = x.scale * scales[per_channel ? static_cast<size_t>(channel) : 0] / y.scale;
      const int64_t n = i / (y.dims[3] * y.dims[2] * out);
      y.codes.push_back(quantized(static_cast<float>(sum(x, n, channel, row, column)) * scale, y.zero, y.type));
    }
  }

  TestGraph::Ref add(Graph& graph, TestGraph::Ref x, const Quantized& of_x, const Quantized& y) const {
    const auto w = graph.constant(bytes(Type::kInt8, {out, in / groups, kernel, kernel}, weights));
    const auto zeros =
        graph.constant(bytes(Type::kInt8, {static_cast<int64_t>(scales.size())}, Codes(scales.size(), 0)));
    return graph.node(
        "QLinearConv",
        {x, graph.scale(of_x.scale), graph.zero(of_x.type, of_x.zero), w, graph.scales(scales), zeros,
         graph.scale(y.scale), graph.zero(y.type, y.zero), graph.constant(tensor<int32_t>({out}, bias))},
        {{"pads", std::vector<int64_t>(4, pad)},
         {"strides", std::vector<int64_t>(2, stride)},
         {"group", groups}},
        {y.type, dims(of_x), true});
  }
};

const Layer& layers(size_t i) {
  static const std::vector<Layer> kLayers = {Layer(16, 32),
                                             Layer(3, 16, 3, 1, 2),
                                             Layer(16, 16, 3, 1, 1, 16),
                                             Layer(24, 40, 3, 1, 1, 1, false),
                                             Layer(8, 6),
                                             Layer(7, 7, 3, 1, 2, 7, false),
                                             Layer(64, 64, 3, 1),
                                             Layer(32, 16, 1, 0, 2)};
  return kLayers.at(i);
}
constexpr size_t kLayerCount = 8;

TEST(CpuQuantizedConvolution, IsTheDefinition) {
  for (size_t i = 0; i < kLayerCount; ++i) {
    for (const Type type : {Type::kUint8, Type::kInt8}) {
      for (const int32_t zero : {0, 17}) {
        const Layer& layer = layers(i);
        const Quantized x = random_tensor(type, {2, layer.in, 9, 8}, 0.02f, zero, 1);
        Quantized y{type, {}, {}, 0.9f, zero * 3};
        layer.compute(x, y);
        Graph graph;
        graph.set_threads(2);
        const auto out = layer.add(graph, graph.input(bytes(type, x.dims, x.codes)), x, y);
        graph.expect(out, bytes(type, y.dims, y.codes), 0);
        SCOPED_TRACE(testing::Message() << "layer " << i << ' ' << type_name(type) << " zero " << zero);
        graph.run();
      }
    }
  }
}

// Sums that 32 bits do not hold wrap, as the standard has it.
TEST(CpuQuantizedConvolution, WrapsWhereTheBiasIsAtTheEnd) {
  Layer layer(4, 4, 1, 0, 1, 1, false);
  layer.bias.assign(4, INT32_MAX);
  layer.weights.assign(16, 100);
  const Quantized x{Type::kUint8, {1, 4, 2, 2}, Codes(16, 200), 1, 0};
  Graph graph;
  const Quantized y{Type::kUint8, {}, {}, 1e6f, 128};
  const auto out = layer.add(graph, graph.input(bytes(x.type, x.dims, x.codes)), x, y);
  graph.expect(out, bytes(y.type, layer.dims(x), Codes(16, 122)), 0);
  graph.run();
}

// x -> a -> b -> c, then c + a by its own scale.
void check_residual(Type type, int32_t zero, bool fusion, bool first) {
  const Layer one(16, 32), two(32, 32, 3, 1), three(32, 32);
  const Quantized x = random_tensor(type, {1, 16, 6, 5}, 0.02f, 3, 1);
  Quantized a{type, {}, {}, 0.1f, zero}, b{type, {}, {}, 0.8f, zero}, c{type, {}, {}, 0.3f, zero};
  one.compute(x, a);
  two.compute(a, b);
  three.compute(b, c);
  Quantized y{type, c.dims, {}, 0.37f, zero / 2};
  for (size_t i = 0; i < c.codes.size(); ++i) {
    y.codes.push_back(quantized((c.real(i) + a.real(i)) / y.scale, y.zero, type));
  }
  Graph graph;
  graph.set_option("fusion", fusion);
  const auto at_a = one.add(graph, graph.input(bytes(type, x.dims, x.codes)), x, a);
  const auto at_c = three.add(graph, two.add(graph, at_a, a, b), b, c);
  const auto sum =
      first ? graph.binary("QLinearAdd", at_c, c, at_a, a, y) : graph.binary("QLinearAdd", at_a, a, at_c, c, y);
  graph.expect(sum, bytes(type, y.dims, y.codes), 0);
  graph.run();
  const auto& steps = graph.steps();
  const bool fuses = fusion && has_exact_byte_products();
  EXPECT_EQ(std::count(steps.begin(), steps.end(), "QLinearConv+QLinearAdd"), fuses ? 1 : 0);
}

TEST(CpuQuantizedConvolution, AddsWhatIsThereAlready) {
  for (const Type type : {Type::kUint8, Type::kInt8}) {
    for (const int32_t zero : {0, 20}) {
      for (const bool fusion : {false, true}) {
        for (const bool first : {false, true}) {
          SCOPED_TRACE(testing::Message() << type_name(type) << ' ' << zero << ' ' << fusion << ' ' << first);
          check_residual(type, zero, fusion, first);
        }
      }
    }
  }
}

TEST(CpuQuantizedElementwise, BroadcastsAndClips) {
  for (const Type type : {Type::kUint8, Type::kInt8}) {
    for (const Dims& other : {Dims{2, 3, 40}, Dims{40}, Dims{}, Dims{3, 1}}) {
      for (const std::string op : {"QLinearAdd", "QLinearMul"}) {
        const Quantized a = random_tensor(type, {2, 3, 40}, 0.02f, 5, 1);
        const Quantized b = random_tensor(type, other, 0.03f, 90, 2);
        Quantized y{type, a.dims, {}, 0.025f, 30};
        for (size_t i = 0; i < a.codes.size(); ++i) {
          const size_t at = other.size() == 2 ? i / 40 % 3 : other.size() == 1 ? i % 40 : i % b.codes.size();
          const float value = op == "QLinearAdd" ? a.real(i) + b.real(at) : a.real(i) * b.real(at);
          y.codes.push_back(quantized(value / y.scale, y.zero, type));
        }
        Graph graph;
        const auto out = graph.binary(op, graph.input(bytes(type, a.dims, a.codes)), a,
                                      graph.constant(bytes(type, b.dims, b.codes)), b, y);
        graph.expect(out, bytes(type, y.dims, y.codes), 0);
        graph.run();
      }
    }
  }
}

Quantized mean_of(const Quantized& x, float scale, int32_t zero) {
  Quantized y{x.type, {x.dims[0], x.dims[1], 1, 1}, {}, scale, zero};
  const int64_t area = x.dims[2] * x.dims[3];
  for (int64_t plane = 0; plane < x.dims[0] * x.dims[1]; ++plane) {
    double sum = 0;
    for (int64_t i = 0; i < area; ++i)
      sum += static_cast<double>(x.real(static_cast<size_t>(plane * area + i)));
    y.codes.push_back(quantized(static_cast<float>(sum / static_cast<double>(area)) / scale, zero, x.type));
  }
  return y;
}

TEST(CpuQuantizedMean, IsTheSameInEveryLayout) {
  for (const Type type : {Type::kUint8, Type::kInt8}) {
    const Layer layer(16, 80);
    const Quantized x = random_tensor(type, {2, 16, 7, 7}, 0.02f, 3, 1);
    Quantized a{type, {}, {}, 0.3f, 10};
    layer.compute(x, a);
    const Quantized y = mean_of(a, 0.05f, 7);
    for (const bool behind : {false, true}) {
      for (const std::string op : {"QLinearGlobalAveragePool", "QLinearReduceMean"}) {
        Graph graph;
        graph.set_threads(2);
        const auto at = behind ? layer.add(graph, graph.input(bytes(type, x.dims, x.codes)), x, a)
                               : graph.input(bytes(type, a.dims, a.codes));
        const bool mean = op == "QLinearReduceMean";
        const Dims dims = mean ? Dims{2, 80} : y.dims;
        const TestAttributes axes =
            mean ? TestAttributes{{"axes", std::vector<int64_t>{2, -1}}, {"keepdims", 0}} : TestAttributes{};
        const auto out = graph.microsoft(op,
                                         {at, graph.scale(a.scale), graph.zero(type, a.zero),
                                          graph.scale(y.scale), graph.zero(type, y.zero)},
                                         axes, {type, dims, true});
        graph.expect(out, bytes(type, dims, y.codes), 0);
        graph.run();
      }
    }
  }
}

TEST(CpuQuantizedMean, TakesSpatialAxesAlone) {
  Graph graph;
  const auto x = graph.input(bytes(Type::kUint8, {1, 2, 3, 4}, Codes(24, 1)));
  const auto one = graph.scale(1), zero = graph.zero(Type::kUint8, 0);
  graph.output(graph.microsoft("QLinearReduceMean", {x, one, zero, one, zero},
                               {{"axes", std::vector<int64_t>{1}}, {"keepdims", 0}},
                               {Type::kUint8, {1, 3, 4}, true}));
  EXPECT_EQ(graph.reasons(), "expected all axes but the first two");
}

TEST(CpuQuantizedConcat, JoinsByTheScaleOfTheWhole) {
  const Type type = Type::kUint8;
  for (const int64_t axis : {0, 1, -1}) {
    for (const bool behind : {false, true}) {
      const Layer layer(16, 16);
      const Quantized x = random_tensor(type, {2, 16, 3, 5}, 0.02f, 3, 1);
      Quantized a{type, {}, {}, 0.3f, 10};
      layer.compute(x, a);
      const Quantized b = random_tensor(type, a.dims, 0.2f, 100, 4);
      Quantized y{type, a.dims, {}, 0.2f, 100};
      const size_t at = axis < 0 ? 3 : static_cast<size_t>(axis);
      y.dims[at] *= 2;
      const int64_t run = element_count(Dims(a.dims.begin() + static_cast<int64_t>(at), a.dims.end()));
      for (int64_t line = 0; line < element_count(a.dims) / run; ++line) {
        for (const Quantized* part : std::vector<const Quantized*>{&a, &b}) {
          for (int64_t i = 0; i < run; ++i) {
            y.codes.push_back(
                quantized(part->real(static_cast<size_t>(line * run + i)) / y.scale, y.zero, type));
          }
        }
      }
      Graph graph;
      const auto first = behind ? layer.add(graph, graph.input(bytes(type, x.dims, x.codes)), x, a)
                                : graph.input(bytes(type, a.dims, a.codes));
      const auto out =
          graph.microsoft("QLinearConcat",
                          {graph.scale(y.scale), graph.zero(type, y.zero), first, graph.scale(a.scale),
                           graph.zero(type, a.zero), graph.input(bytes(type, b.dims, b.codes)),
                           graph.scale(b.scale), graph.zero(type, b.zero)},
                          {{"axis", axis}}, {type, y.dims, true});
      graph.expect(out, bytes(type, y.dims, y.codes), 0);
      graph.run();
    }
  }
}

void check_gemm(Type type, int64_t rows, bool turned, bool per_column, int32_t b_zero, bool has_bias) {
  const int64_t depth = 70, columns = 33;
  const Quantized a = random_tensor(type, {rows, depth}, 0.02f, 9, 1);
  const Codes b = random_codes(depth * columns, Type::kInt8, 2);
  std::vector<float> scales;
  Codes bias;
  for (int64_t i = 0; i < columns; ++i) {
    if (per_column || i == 0) scales.push_back(0.01f + 0.001f * static_cast<float>(i % 7));
    bias.push_back(static_cast<int32_t>(i) * 1000 - 9000);
  }
  const Quantized y{type, {rows, columns}, {}, 1.1f, 40};
  Codes expected;
  for (int64_t i = 0; i < rows * columns; ++i) {
    const int64_t row = i / columns, column = i % columns;
    int32_t sum = has_bias ? bias[static_cast<size_t>(column)] : 0;
    for (int64_t k = 0; k < depth; ++k) {
      const int64_t at = turned ? column * depth + k : k * columns + column;
      sum += (a.codes[static_cast<size_t>(row * depth + k)] - a.zero) * (b[static_cast<size_t>(at)] - b_zero);
    }
    const float scale = a.scale * scales[per_column ? static_cast<size_t>(column) : 0] / y.scale;
    expected.push_back(quantized(static_cast<float>(sum) * scale, y.zero, type));
  }
  Graph graph;
  graph.set_threads(2);
  const Dims b_dims = turned ? Dims{columns, depth} : Dims{depth, columns};
  const auto of_b = [&](const auto& list) { return list.size() == 1 ? Dims{} : Dims{columns}; };
  const Codes zeros(scales.size(), b_zero);
  const auto out = graph.microsoft(
      "QGemm",
      {graph.input(bytes(type, a.dims, a.codes)), graph.scale(a.scale), graph.zero(type, a.zero),
       graph.constant(bytes(Type::kInt8, b_dims, b)), graph.constant(tensor<float>(of_b(scales), scales)),
       graph.constant(bytes(Type::kInt8, of_b(zeros), zeros)),
       has_bias ? graph.constant(tensor<int32_t>({columns}, bias)) : TestGraph::kOmitted, graph.scale(y.scale),
       graph.zero(type, y.zero)},
      {{"transB", turned ? 1 : 0}}, {type, y.dims, true});
  graph.expect(out, bytes(type, y.dims, expected), 0);
  graph.run();
}

TEST(CpuQuantizedGemm, IsExact) {
  check_gemm(Type::kUint8, 1, true, true, 0, true);
  check_gemm(Type::kUint8, 5, false, false, 0, true);
  check_gemm(Type::kInt8, 3, true, false, 0, false);
  check_gemm(Type::kInt8, 4, true, true, 6, true);
  check_gemm(Type::kUint8, 2, false, true, -3, false);
}

// Behind a convolution, where channels lie last, and row-major.
TEST(CpuQuantizedPool, TakesTheGreatestInEveryLayout) {
  for (const Type type : {Type::kUint8, Type::kInt8}) {
    const Layer layer(16, 24);
    const Quantized x = random_tensor(type, {2, 16, 7, 6}, 0.02f, 3, 1);
    Quantized a{type, {}, {}, 0.3f, 10};
    layer.compute(x, a);
    const Dims dims = {2, 24, 4, 3};
    Codes expected;
    for (int64_t i = 0; i < element_count(dims); ++i) {
      const int64_t plane = i / 12, row = i / 3 % 4 * 2 - 1, column = i % 3 * 2 - 1;
      int32_t most = -129;
      for (int64_t k = 0; k < 9; ++k) {
        const int64_t h = row + k / 3, w = column + k % 3;
        if (h < 0 || h >= 7 || w < 0 || w >= 6) continue;
        most = std::max(most, a.codes[static_cast<size_t>((plane * 7 + h) * 6 + w)]);
      }
      expected.push_back(most);
    }
    for (const bool behind : {false, true}) {
      Graph graph;
      const auto at = behind ? layer.add(graph, graph.input(bytes(type, x.dims, x.codes)), x, a)
                             : graph.input(bytes(type, a.dims, a.codes));
      const auto out = graph.node("MaxPool", {at},
                                  {{"kernel_shape", std::vector<int64_t>{3, 3}},
                                   {"strides", std::vector<int64_t>{2, 2}},
                                   {"pads", std::vector<int64_t>{1, 1, 1, 1}}},
                                  {type, dims, true});
      graph.expect(out, bytes(type, dims, expected), 0);
      graph.run();
    }
  }
}

}  // namespace
}  // namespace bp::cpu::test
