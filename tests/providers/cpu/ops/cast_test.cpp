#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TestOutput is(Type type) { return {type}; }

TEST(CpuCast, MovesBetweenNumbers) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 3}, {-1.5f, 0, 2.5f, 300, -0.0f, 1e-3f}));
  graph.expect(graph.node("Cast", {x}, {}, is(Type::kInt32)), tensor<int32_t>({2, 3}, {-1, 0, 2, 300, 0, 0}),
               0);
  graph.expect(graph.node("Cast", {x}, {}, is(Type::kBool)),
               tensor<bool>({2, 3}, {true, false, true, true, false, true}), 0);
  const auto wide = graph.input(tensor<int64_t>({3}, {200, -1, 65537}));
  graph.expect(graph.node("Cast", {wide}, {}, is(Type::kInt8)), tensor<int8_t>({3}, {-56, -1, 1}), 0);
  graph.expect(graph.node("Cast", {wide}, {}, is(Type::kUint16)), tensor<uint16_t>({3}, {200, 65535, 1}), 0);
  graph.run();
}

// Whole vectors and a rest, with what no integer holds; halves there and back, every one of them.
TEST(CpuCast, ConvertsLongTensorsLikeSingleElements) {
  const float infinite = std::numeric_limits<float>::infinity();
  std::vector<float> values;
  for (int i = 0; i < 37; ++i) values.push_back(static_cast<float>(i - 18) * 7.75f);
  values[3] = 3e9f;
  values[16] = infinite;
  values[30] = -infinite;
  values[36] = std::numeric_limits<float>::quiet_NaN();
  const auto check = [&](auto zero) {
    using T = decltype(zero);
    std::vector<T> expected;
    for (const float value : values) {
      const bool fits = value >= -9e18f && value <= 9e18f;
      expected.push_back(static_cast<T>(fits ? static_cast<int64_t>(value) : INT64_MIN));
    }
    TestGraph graph;
    const auto x = graph.input(tensor<float>({37}, values));
    const auto wide = graph.input(tensor<double>({37}, {values.begin(), values.end()}));
    graph.expect(graph.node("Cast", {x}, {}, is(type_of<T>())), tensor<T>({37}, expected), 0);
    graph.expect(graph.node("Cast", {wide}, {}, is(type_of<T>())), tensor<T>({37}, expected), 0);
    graph.run();
  };
  check(int8_t{});
  check(uint8_t{});
  check(int16_t{});
  check(int32_t{});
  check(uint32_t{});
  check(int64_t{});
}

TEST(CpuCast, KeepsEveryHalf) {
  constexpr int64_t kCount = 0x10000 - 5;  // with a rest
  std::vector<uint16_t> bits;
  std::vector<float> values, between;
  for (int64_t i = 0; i < kCount; ++i) {
    bits.push_back(static_cast<uint16_t>(i));
    values.push_back(half_to_float(bits.back()));
    between.push_back(std::bit_cast<float>(static_cast<uint32_t>(i * 65521)));  // to be rounded
  }
  TestTensor halves = tensor<uint16_t>({kCount}, bits);
  halves.type = Type::kFloat16;
  std::vector<Half> rounded(between.begin(), between.end());
  TestGraph graph;
  graph.expect(graph.node("Cast", {graph.input(halves)}, {}, is(Type::kFloat32)),
               tensor<float>({kCount}, values), 0);
  graph.expect(graph.node("Cast", {graph.input(tensor<float>({kCount}, values))}, {}, is(Type::kFloat16)),
               halves, 0);
  graph.expect(graph.node("Cast", {graph.input(tensor<float>({kCount}, between))}, {}, is(Type::kFloat16)),
               tensor<Half>({kCount}, rounded), 0);
  graph.run();
}

// Through float32 the first would be rounded down to a tie and then down again.
TEST(CpuCast, RoundsOnce) {
  TestGraph graph;
  const double tie = 1.0 + 1.0 / 2048;
  const auto x = graph.input(tensor<double>({2}, {tie + 1e-12, tie}));
  TestTensor halves = tensor<uint16_t>({2}, {0x3C01, 0x3C00});
  halves.type = Type::kFloat16;
  graph.expect(graph.node("Cast", {x}, {}, is(Type::kFloat16)), halves, 0);
  const int64_t odd = (int64_t{1} << 60) + (int64_t{1} << 52) + 1;  // just above a tie of bfloat16
  TestTensor above = tensor<uint16_t>({1}, {0x5D81});
  above.type = Type::kBfloat16;
  graph.expect(graph.node("Cast", {graph.input(tensor<int64_t>({1}, {odd}))}, {}, is(Type::kBfloat16)), above,
               0);
  graph.run();
}

TEST(CpuCast, GivesFloat8) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({4}, {0.5f, 1000000, -1e-7f, 0.47f}));
  graph.expect(graph.node("Cast", {x}, {}, is(Type::kFloat8E4M3FN)),
               coded(Type::kFloat8E4M3FN, {4}, {0x30, 0x7E, 0x80, 0x2F}));
  graph.expect(graph.node("Cast", {x}, {{"saturate", 0}}, is(Type::kFloat8E5M2)),
               coded(Type::kFloat8E5M2, {4}, {0x38, 0x7C, 0x80, 0x38}));
  graph.expect(graph.node("CastLike", {x, graph.input(coded(Type::kFloat8E8M0, {}, {0}))},
                          {{"round_mode", "down"}}, is(Type::kFloat8E8M0)),
               coded(Type::kFloat8E8M0, {4}, {126, 146, 103, 125}));
  const auto eights = graph.input(coded(Type::kFloat8E4M3FN, {3}, {0x30, 0x7E, 0xFF}));
  graph.expect(graph.node("Cast", {eights}, {}, is(Type::kFloat16)),
               tensor<Half>({3}, {Half(0.5f), Half(448.0f), Half(std::numeric_limits<float>::quiet_NaN())}));
  graph.expect(graph.node("Cast", {eights}, {}, is(Type::kFloat8E5M2)),
               coded(Type::kFloat8E5M2, {3}, {0x38, 0x5F, 0xFE}));
  graph.run();
}

TEST(CpuCast, PacksElementsBelowAByte) {
  TestGraph graph;
  const auto x = graph.input(tensor<int16_t>({5}, {-8, 7, 9, -1, 3}));  // 9 wraps to -7
  const auto four = graph.node("Cast", {x}, {}, is(Type::kInt4));
  graph.expect(four, coded(Type::kInt4, {5}, {0x78, 0xF9, 0x03}));
  graph.expect(graph.node("Cast", {four}, {}, is(Type::kFloat32)), tensor<float>({5}, {-8, 7, -7, -1, 3}), 0);
  const auto two = graph.input(coded(Type::kUint2, {5}, {0b11100100, 0b10}));
  graph.expect(graph.node("Cast", {two}, {}, is(Type::kInt64)), tensor<int64_t>({5}, {0, 1, 2, 3, 2}), 0);
  const auto constant = graph.constant(coded(Type::kFloat4E2M1, {3}, {0xF1, 0x02}));
  graph.expect(graph.node("Cast", {constant}, {}, is(Type::kFloat32)), tensor<float>({3}, {0.5f, -6, 1}), 0);
  graph.run();
}

TEST(CpuCast, WorksOnLargeAndEmptyTensors) {
  TestGraph graph;
  graph.set_threads(4);
  constexpr int64_t kCount = 100'003;
  std::vector<float> values;
  std::vector<uint8_t> packed((kCount + 1) / 2, 0);
  for (int64_t i = 0; i < kCount; ++i) {
    const int code = static_cast<int>(i % 16);
    values.push_back(static_cast<float>(code));
    packed[static_cast<size_t>(i / 2)] |= static_cast<uint8_t>(code << (i % 2 * 4));
  }
  const auto x = graph.input(tensor<float>({kCount}, values));
  const auto narrow = graph.node("Cast", {x}, {}, is(Type::kUint4));
  graph.expect(narrow, coded(Type::kUint4, {kCount}, packed));
  graph.expect(graph.node("Cast", {narrow}, {}, is(Type::kFloat32)), tensor<float>({kCount}, values), 0);
  const auto none = graph.input(tensor<float>({0, 3}, {}));
  graph.expect(graph.node("Cast", {none}, {}, is(Type::kInt4)), coded(Type::kInt4, {0, 3}, {}));
  graph.run();
}

TEST(CpuCast, WritesNumbersAsText) {
  TestGraph graph;
  const float infinity = std::numeric_limits<float>::infinity();
  const auto x = graph.input(tensor<float>(
      {2, 4}, {0.9767611f, 1, -0.5f, 1e-5f, 3e20f, -infinity, 0, std::numeric_limits<float>::quiet_NaN()}));
  graph.expect(graph.node("Cast", {x}, {}, is(Type::kString)),
               strings({2, 4}, {"0.9767611", "1.0", "-0.5", "1e-05", "3e+20", "-INF", "0.0", "NaN"}));
  const auto half = graph.input(tensor<Half>({2}, {Half(0.1f), Half(1024.0f)}));
  graph.expect(graph.node("Cast", {half}, {}, is(Type::kString)), strings({2}, {"0.1", "1024.0"}));
  const auto whole = graph.input(tensor<int64_t>({2}, {-12, 1234567890123456789}));
  graph.expect(graph.node("Cast", {whole}, {}, is(Type::kString)),
               strings({2}, {"-12", "1234567890123456789"}));
  const auto four = graph.input(coded(Type::kInt4, {2}, {0x7E}));
  graph.expect(graph.node("Cast", {four}, {}, is(Type::kString)), strings({2}, {"-2", "7"}));
  const auto truth = graph.input(tensor<bool>({2}, {true, false}));
  graph.expect(graph.node("Cast", {truth}, {}, is(Type::kString)), strings({2}, {"True", "False"}));
  graph.run();
}

TEST(CpuCast, ReadsNumbersFromText) {
  TestGraph graph;
  const float infinity = std::numeric_limits<float>::infinity();
  const auto x = graph.input(strings({6}, {"3.14", "1e-5", "+INF", "-inf", "1000", " -0.25 "}));
  graph.expect(graph.node("Cast", {x}, {}, is(Type::kFloat32)),
               tensor<float>({6}, {3.14f, 1e-5f, infinity, -infinity, 1000, -0.25f}), 0);
  graph.expect(graph.node("Cast", {x}, {}, is(Type::kFloat8E5M2)),
               coded(Type::kFloat8E5M2, {6}, {0x42, 0x01, 0x7B, 0xFB, 0x64, 0xB4}));
  const auto whole = graph.input(strings({3}, {"100.5", "-7", "9007199254740993"}));
  graph.expect(graph.node("Cast", {whole}, {}, is(Type::kInt64)),
               tensor<int64_t>({3}, {100, -7, 9007199254740993}), 0);
  graph.expect(
      graph.node("Cast", {graph.input(strings({2}, {"NaN", "1e999"}))}, {}, is(Type::kFloat64)),
      tensor<double>({2}, {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}));
  graph.run();
}

TEST(CpuMovement, MovesElementsBelowAByte) {
  TestGraph graph;
  // [2, 3]: 1 2 3 / -4 5 -6
  const auto x = graph.input(coded(Type::kInt4, {2, 3}, {0x21, 0xC3, 0xA5}));
  graph.expect(graph.node("Identity", {x}), coded(Type::kInt4, {2, 3}, {0x21, 0xC3, 0xA5}));
  graph.expect(graph.node("Transpose", {x}), coded(Type::kInt4, {3, 2}, {0xC1, 0x52, 0xA3}));
  graph.expect(graph.node("Reshape", {x, graph.constant(tensor<int64_t>({1}, {6}))}),
               coded(Type::kInt4, {6}, {0x21, 0xC3, 0xA5}));
  const auto first = graph.constant(tensor<int64_t>({1}, {1}));
  const auto end = graph.constant(tensor<int64_t>({1}, {3}));
  graph.expect(graph.node("Slice", {x, first, end, first}), coded(Type::kInt4, {2, 2}, {0x32, 0xA5}));
  graph.expect(graph.node("Concat", {x, x}, {{"axis", 1}}),
               coded(Type::kInt4, {2, 6}, {0x21, 0x13, 0x32, 0x5C, 0xCA, 0xA5}));
  graph.expect(graph.node("Gather", {x, first}), coded(Type::kInt4, {1, 3}, {0x5C, 0x0A}));
  const auto pads = graph.constant(tensor<int64_t>({4}, {0, 1, 0, 0}));
  const auto fill = graph.input(coded(Type::kInt4, {}, {0x07}));
  graph.expect(graph.node("Pad", {x, pads, fill}), coded(Type::kInt4, {2, 4}, {0x17, 0x32, 0xC7, 0xA5}));
  const auto shape = graph.constant(tensor<int64_t>({1}, {3}));
  graph.expect(
      graph.node("ConstantOfShape", {shape}, {{"value", coded(Type::kInt4, {1}, {0x0E})}}, is(Type::kInt4)),
      coded(Type::kInt4, {3}, {0xEE, 0x0E}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
