#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

const std::vector<TestOutput> kOutputs{{Type::kFloat32, {-1, -1, -1}}, {Type::kInt64, {-1, -1, -1}}};

// Every line sorted as a whole.
TEST(CpuTopK, EveryAxisAndOrder) {
  const Dims dims{4, 37, 5};
  TestTensor x = made_up(dims);
  // Few different values, so that many are equal.
  std::vector<float> values;
  for (size_t i = 0; i < 4 * 37 * 5; ++i) values.push_back(static_cast<float>(std::round(x.at(i) * 6)));
  x = tensor<float>(dims, values);
  for (int64_t axis = 0; axis < 3; ++axis) {
    for (const bool largest : {true, false}) {
      for (const bool sorted : {true, false}) {
        const int64_t n = dims[static_cast<size_t>(axis)];
        for (const int64_t k : {int64_t{0}, int64_t{1}, n / 2, n}) {
          int64_t inner = 1;
          for (size_t i = static_cast<size_t>(axis) + 1; i < 3; ++i) inner *= dims[i];
          const int64_t outer = 4 * 37 * 5 / n / inner;
          Dims to = dims;
          to[static_cast<size_t>(axis)] = k;
          const auto count = static_cast<size_t>(outer * k * inner);
          std::vector<float> best(count);
          std::vector<int64_t> places(count);
          for (int64_t line = 0; line < outer * inner; ++line) {
            const int64_t base = line / inner * n * inner + line % inner;
            std::vector<int64_t> order(static_cast<size_t>(n));
            std::iota(order.begin(), order.end(), 0);
            std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
              const float va = values[static_cast<size_t>(base + a * inner)];
              const float vb = values[static_cast<size_t>(base + b * inner)];
              return largest ? va > vb : va < vb;
            });
            for (int64_t i = 0; i < k; ++i) {
              const auto at = static_cast<size_t>(line / inner * k * inner + line % inner + i * inner);
              places[at] = order[static_cast<size_t>(i)];
              best[at] = values[static_cast<size_t>(base + places[at] * inner)];
            }
          }
          SCOPED_TRACE(testing::Message() << "axis " << axis << " k " << k << largest << sorted);
          TestGraph graph;
          const auto y =
              graph.nodes("TopK", {graph.input(x), graph.known(tensor<int64_t>({1}, {k}))},
                          {{"axis", axis}, {"largest", int{largest}}, {"sorted", int{sorted}}}, kOutputs);
          if (sorted) {
            graph.expect(y[0], tensor<float>(to, best));
            graph.expect(y[1], tensor<int64_t>(to, places));
            graph.run();
            continue;
          }
          graph.output(y[1], to);
          const TestTensor found = graph.run()[0];
          for (int64_t line = 0; line < outer * inner; ++line) {
            std::vector<int64_t> wanted, got;
            for (int64_t i = 0; i < k; ++i) {
              const auto at = static_cast<size_t>(line / inner * k * inner + line % inner + i * inner);
              wanted.push_back(places[at]);
              got.push_back(static_cast<int64_t>(found.at(at)));
            }
            std::sort(wanted.begin(), wanted.end());
            std::sort(got.begin(), got.end());
            EXPECT_EQ(wanted, got);
          }
        }
      }
    }
  }
}

TEST(CpuTopK, OtherTypesNansAndOmittedOutputs) {
  TestGraph graph;
  const auto two = graph.known(tensor<int64_t>({1}, {2}));
  const auto bytes = graph.nodes("TopK", {graph.input(tensor<uint8_t>({3}, {200, 3, 250})), two}, {},
                                 {{Type::kUint8, {-1}}, {Type::kInt64, {-1}}});
  graph.expect(bytes[0], tensor<uint8_t>({2}, {250, 200}));
  graph.expect(bytes[1], tensor<int64_t>({2}, {2, 0}));
  const auto wide = graph.nodes("TopK", {graph.input(tensor<int64_t>({3}, {INT64_MAX - 1, 5, INT64_MAX})), two},
                                {}, {{Type::kInt64, {-1}}});
  graph.expect(wide[0], tensor<int64_t>({2}, {INT64_MAX, INT64_MAX - 1}));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto odd =
      graph.nodes("TopK", {graph.input(tensor<Half>({4}, {Half(1.f), Half(nan), Half(2.f), Half(nan)})), two},
                  {}, {{Type::kFloat16, {-1}}, {Type::kInt64, {-1}}});
  graph.expect(odd[1], tensor<int64_t>({2}, {1, 3}));
  const auto low = graph.nodes("TopK", {graph.input(tensor<double>({4}, {nan, 3, nan, -4})), two},
                               {{"largest", 0}}, {{Type::kFloat64, {-1}}, {Type::kInt64, {-1}}});
  graph.expect(low[0], tensor<double>({2}, {-4, 3}));
  graph.run();
}

TEST(CpuTopK, RefusesMoreThanThereAre) {
  TestGraph graph;
  const auto y =
      graph.nodes("TopK", {graph.input(tensor<float>({2}, {1, 2})), graph.known(tensor<int64_t>({1}, {3}))}, {},
                  {{Type::kFloat32, {-1}}, {Type::kInt64, {-1}}});
  graph.output(y[0]);
  EXPECT_NE(graph.specialize_error().find("K is 3, but axis 0 has 2 elements"), std::string::npos);
}

}  // namespace
}  // namespace bp::cpu::test
