#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TestOutput is(Type type) { return {type}; }

TEST(CpuQuantizeLinear, RoundsToEvenAndSaturates) {
  TestGraph graph;
  const float none = std::numeric_limits<float>::quiet_NaN();
  const auto x = graph.input(tensor<float>({2, 4}, {0, 1, 3, 5, 1e30f, -1e30f, none, -3}));
  const auto scale = graph.constant(tensor<float>({}, {2}));
  const auto zero = graph.constant(tensor<uint8_t>({}, {128}));
  graph.expect(graph.node("QuantizeLinear", {x, scale, zero}, {}, is(Type::kUint8)),
               tensor<uint8_t>({2, 4}, {128, 128, 130, 130, 255, 0, 0, 126}), 0);
  graph.expect(graph.node("QuantizeLinear", {x, scale}, {}, is(Type::kUint8)),
               tensor<uint8_t>({2, 4}, {0, 0, 2, 2, 255, 0, 0, 0}), 0);
  graph.expect(
      graph.node("QuantizeLinear", {x, scale, graph.input(tensor<int16_t>({}, {-7}))}, {}, is(Type::kInt16)),
      tensor<int16_t>({2, 4}, {-7, -7, -5, -5, 32767, -32768, -32768, -9}), 0);
  graph.expect(graph.node("QuantizeLinear", {x, scale, graph.constant(coded(Type::kInt4, {}, {0x01}))}, {},
                          is(Type::kInt4)),
               coded(Type::kInt4, {2, 4}, {0x11, 0x33, 0x87, 0xF8}));
  graph.expect(graph.node("QuantizeLinear", {x, scale}, {{"output_dtype", 19}}, is(Type::kFloat8E5M2)),
               coded(Type::kFloat8E5M2, {2, 4}, {0, 0x38, 0x3E, 0x41, 0x7B, 0xFB, 0x7E, 0xBE}));
  graph.run();
}

TEST(CpuQuantizeLinear, LongRowsAndTheirEnds) {
  // Lengths around those of vectors; every third number lies between two integers, one in ten is out of range.
  for (const int64_t count : {1, 15, 16, 17, 63, 64, 65, 333}) {
    std::vector<float> x, y;
    std::vector<uint8_t> codes;
    std::vector<int16_t> wide;
    for (int64_t i = 0; i < count; ++i) {
      const float value = i % 10 == 9 ? -400.0f : static_cast<float>(i % 83) * 0.75f - 20.0f;
      x.push_back(value);
      codes.push_back(static_cast<uint8_t>(std::clamp(std::nearbyint(value / 0.5f) + 37, 0.0f, 255.0f)));
      wide.push_back(static_cast<int16_t>(std::nearbyint(value / 0.5f) - 5));
      y.push_back((static_cast<float>(codes.back()) - 37) * 0.5f);
    }
    TestGraph graph;
    const auto scale = graph.constant(tensor<float>({}, {0.5f}));
    const auto zero = graph.constant(tensor<uint8_t>({}, {37}));
    const auto narrow = graph.node("QuantizeLinear", {graph.input(tensor<float>({count}, x)), scale, zero}, {},
                                   is(Type::kUint8));
    graph.expect(narrow, tensor<uint8_t>({count}, codes), 0);
    graph.expect(
        graph.node("QuantizeLinear",
                   {graph.input(tensor<float>({count}, x)), scale, graph.constant(tensor<int16_t>({}, {-5}))},
                   {}, is(Type::kInt16)),
        tensor<int16_t>({count}, wide), 0);
    graph.expect(graph.node("DequantizeLinear", {narrow, scale, zero}, {}, is(Type::kFloat32)),
                 tensor<float>({count}, y), 0);
    graph.run();
  }
}

TEST(CpuDynamicQuantizeLinear, FindsTheEndsOfTheRangeAnywhere) {
  for (const int64_t count : {1, 2, 63, 65, 200}) {
    for (const int64_t place : {int64_t{0}, count / 2, count - 1}) {
      std::vector<float> x(static_cast<size_t>(count), std::numeric_limits<float>::quiet_NaN());
      std::vector<uint8_t> codes(x.size(), 0);
      x[static_cast<size_t>(place)] = 51;
      codes[static_cast<size_t>(place)] = 255;
      TestGraph graph;
      const auto y = graph.nodes("DynamicQuantizeLinear", {graph.input(tensor<float>({count}, x))}, {},
                                 {is(Type::kUint8), is(Type::kFloat32), is(Type::kUint8)});
      graph.expect(y[0], tensor<uint8_t>({count}, codes), 0);
      graph.expect(y[1], tensor<float>({}, {0.2f}), 0);
      graph.expect(y[2], tensor<uint8_t>({}, {0}), 0);
      graph.run();
    }
  }
}

TEST(CpuQuantizeLinear, TakesScalesPerIndexOfAnyAxis) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
  const auto scale = graph.constant(tensor<float>({2}, {1, 0.5f}));
  const auto zero = graph.constant(tensor<int8_t>({2}, {0, 10}));
  graph.expect(graph.node("QuantizeLinear", {x, scale, zero}, {{"axis", 0}}, is(Type::kInt8)),
               tensor<int8_t>({2, 2, 2}, {1, 2, 3, 4, 20, 22, 24, 26}), 0);
  graph.expect(graph.node("QuantizeLinear", {x, scale, zero}, {}, is(Type::kInt8)),
               tensor<int8_t>({2, 2, 2}, {1, 2, 16, 18, 5, 6, 24, 26}), 0);
  graph.expect(graph.node("QuantizeLinear", {x, scale, zero}, {{"axis", -1}}, is(Type::kInt8)),
               tensor<int8_t>({2, 2, 2}, {1, 14, 3, 18, 5, 22, 7, 26}), 0);
  graph.run();
}

TEST(CpuQuantizeLinear, TakesScalesPerBlock) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto scale = graph.constant(tensor<float>({2, 2}, {1, 0.5f, 0.25f, 2}));
  graph.expect(graph.node("QuantizeLinear", {x, scale}, {{"axis", 1}, {"block_size", 2}}, is(Type::kUint8)),
               tensor<uint8_t>({2, 3}, {1, 2, 6, 16, 20, 3}), 0);
  const auto rows = graph.constant(tensor<float>({1, 3}, {1, 0.5f, 0.25f}));
  graph.expect(graph.node("QuantizeLinear", {x, rows}, {{"axis", 0}, {"block_size", 2}}, is(Type::kUint8)),
               tensor<uint8_t>({2, 3}, {1, 4, 12, 4, 10, 24}), 0);
  graph.run();
}

TEST(CpuQuantizeLinear, DividesInTheStatedPrecision) {
  TestGraph graph;
  // 2049 is no float16: divided there, 2048 / 2 = 1024.
  const auto x = graph.input(tensor<float>({2}, {2049, 11}));
  const auto scale = graph.constant(tensor<Half>({}, {Half(2.0f)}));
  const auto zero = graph.constant(tensor<int16_t>({}, {0}));
  graph.expect(graph.node("QuantizeLinear", {x, scale, zero}, {}, is(Type::kInt16)),
               tensor<int16_t>({2}, {1024, 6}), 0);
  const auto fine = graph.constant(tensor<Half>({}, {Half(0.5f)}));
  graph.expect(graph.node("QuantizeLinear", {x, fine, zero}, {{"precision", 1}}, is(Type::kInt16)),
               tensor<int16_t>({2}, {4098, 22}), 0);
  const auto whole = graph.input(tensor<int32_t>({2}, {7, -9}));
  graph.expect(
      graph.node("QuantizeLinear", {whole, graph.constant(tensor<float>({}, {2})), zero}, {}, is(Type::kInt16)),
      tensor<int16_t>({2}, {4, -4}), 0);
  graph.run();
}

TEST(CpuQuantizeLinear, SaysWhatDoesNotFit) {
  TestGraph types;
  const auto x = types.input(tensor<float>({2}, {1, 2}));
  const auto scale = types.constant(tensor<float>({}, {1}));
  types.output(
      types.node("QuantizeLinear", {x, scale, types.constant(tensor<int8_t>({}, {0}))}, {}, is(Type::kUint8)));
  EXPECT_EQ(types.reasons(), "the zero point must be uint8 as the output is, is int8");

  TestGraph dims;
  const auto y = dims.input(tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto three = dims.constant(tensor<float>({2}, {1, 1}));
  dims.output(dims.node("QuantizeLinear", {y, three}, {}, is(Type::kUint8)), {2, 3});
  EXPECT_EQ(dims.specialize_error(),
            "QuantizeLinear 'n0': the scale must be one element or have dims [3], one for each index of axis 1 "
            "of [2,3]; it has [2]");

  TestGraph blocks;
  const auto z = blocks.input(tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto flat = blocks.constant(tensor<float>({2, 1}, {1, 1}));
  blocks.output(blocks.node("QuantizeLinear", {z, flat}, {{"block_size", 2}}, is(Type::kUint8)), {2, 3});
  EXPECT_EQ(
      blocks.specialize_error(),
      "QuantizeLinear 'n0': the scale must have dims [2,2] for blocks of 2 along axis 1 of [2,3], has [2,1]");

  TestGraph pair;
  const auto w = pair.input(tensor<float>({2}, {1, 2}));
  const auto two = pair.constant(tensor<float>({2}, {1, 1}));
  pair.output(pair.node("QuantizeLinear", {w, two, pair.constant(tensor<uint8_t>({}, {0}))}, {{"axis", 0}},
                        is(Type::kUint8)),
              {2});
  EXPECT_EQ(pair.specialize_error(),
            "QuantizeLinear 'n0': the zero point must have the scale's dims [2], has []");
}

TEST(CpuDequantizeLinear, ScalesEveryType) {
  TestGraph graph;
  const auto scale = graph.constant(tensor<float>({}, {0.5f}));
  const auto bytes = graph.input(tensor<uint8_t>({3}, {0, 128, 255}));
  graph.expect(graph.node("DequantizeLinear", {bytes, scale, graph.constant(tensor<uint8_t>({}, {128}))}, {},
                          is(Type::kFloat32)),
               tensor<float>({3}, {-64, 0, 63.5f}), 0);
  const auto sums = graph.input(tensor<int32_t>({2}, {-100000, 7}));
  graph.expect(graph.node("DequantizeLinear", {sums, scale}, {}, is(Type::kFloat32)),
               tensor<float>({2}, {-50000, 3.5f}), 0);
  const auto four = graph.constant(coded(Type::kInt4, {3}, {0x78, 0x0F}));
  graph.expect(graph.node("DequantizeLinear", {four, scale, graph.constant(coded(Type::kInt4, {}, {0x01}))}, {},
                          is(Type::kFloat32)),
               tensor<float>({3}, {-4.5f, 3, -1}), 0);
  const auto eight = graph.input(coded(Type::kFloat8E4M3FN, {2}, {0x38, 0xFE}));
  graph.expect(graph.node("DequantizeLinear", {eight, graph.constant(tensor<Half>({}, {Half(2.0f)}))}, {},
                          is(Type::kFloat16)),
               tensor<Half>({2}, {Half(2.0f), Half(-896.0f)}), 0);
  const auto power = graph.constant(coded(Type::kFloat8E8M0, {}, {128}));
  graph.expect(graph.node("DequantizeLinear", {eight, power}, {{"output_dtype", 1}}, is(Type::kFloat32)),
               tensor<float>({2}, {2, -896}), 0);
  graph.run();
}

TEST(CpuDequantizeLinear, UndoesQuantizingOfLargeTensors) {
  for (const int64_t axis : {0, 1, 2}) {
    TestGraph graph;
    graph.set_threads(3);
    const Dims dims = {6, 70, 90};
    const int64_t count = dims[static_cast<size_t>(axis)];
    std::vector<float> scales;
    for (int64_t i = 0; i < count; ++i) scales.push_back(0.01f + 0.001f * static_cast<float>(i));
    const TestTensor values = made_up(dims);
    const auto x = graph.input(values);
    const auto scale = graph.constant(tensor<float>({count}, scales));
    const auto zero =
        graph.constant(tensor<int8_t>({count}, std::vector<int8_t>(static_cast<size_t>(count), 3)));
    const auto q = graph.node("QuantizeLinear", {x, scale, zero}, {{"axis", axis}}, is(Type::kInt8));
    const auto y = graph.node("DequantizeLinear", {q, scale, zero}, {{"axis", axis}}, is(Type::kFloat32));
    graph.expect(y, values, 0.55 * (0.01 + 0.001 * static_cast<double>(count)));
    graph.run();
  }
}

TEST(CpuDequantizeLinear, WorksOnEmptyTensors) {
  TestGraph graph;
  const auto x = graph.input(tensor<int8_t>({0, 2}, {}));
  const auto scale = graph.constant(tensor<float>({2}, {1, 2}));
  graph.expect(graph.node("DequantizeLinear", {x, scale}, {}, is(Type::kFloat32)), tensor<float>({0, 2}, {}));
  graph.run();
}

TEST(CpuDequantizeLinear, RefusesAnotherZeroPoint) {
  TestGraph graph;
  const auto x = graph.input(tensor<int8_t>({1}, {1}));
  const auto scale = graph.constant(tensor<float>({}, {1}));
  graph.output(graph.node("DequantizeLinear", {x, scale, graph.constant(tensor<uint8_t>({}, {0}))}, {},
                          is(Type::kFloat32)));
  EXPECT_EQ(graph.reasons(), "the zero point must be int8 as input 0 is, is uint8");
}

TEST(CpuDynamicQuantizeLinear, FindsTheRange) {
  TestGraph graph;
  graph.set_threads(3);
  std::vector<float> values(50'000, 0.25f);
  values[40'000] = -1;
  values[49'999] = 1.55f;
  const auto x = graph.input(tensor<float>({50'000}, values));
  const auto outputs =
      graph.nodes("DynamicQuantizeLinear", {x}, {}, {is(Type::kUint8), is(Type::kFloat32), is(Type::kUint8)});
  std::vector<uint8_t> expected(50'000, 125);
  expected[40'000] = 0;
  expected[49'999] = 255;
  graph.expect(outputs[0], tensor<uint8_t>({50'000}, expected), 0);
  graph.expect(outputs[1], tensor<float>({}, {0.01f}), 1e-6);
  graph.expect(outputs[2], tensor<uint8_t>({}, {100}), 0);
  graph.run();
}

TEST(CpuDynamicQuantizeLinear, TakesZerosOnlyAndNothing) {
  for (const int64_t count : {0, 3}) {
    TestGraph graph;
    const auto x = graph.input(tensor<float>({count}, std::vector<float>(static_cast<size_t>(count), 0)));
    const auto outputs =
        graph.nodes("DynamicQuantizeLinear", {x}, {}, {is(Type::kUint8), is(Type::kFloat32), is(Type::kUint8)});
    graph.expect(outputs[0], tensor<uint8_t>({count}, std::vector<uint8_t>(static_cast<size_t>(count), 0)), 0);
    graph.output(outputs[1]);
    graph.expect(outputs[2], tensor<uint8_t>({}, {0}), 0);
    graph.run();
  }
}

}  // namespace
}  // namespace bp::cpu::test
