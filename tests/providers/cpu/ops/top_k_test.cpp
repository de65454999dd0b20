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

// Many of long rows, with equal elements, NaN and zeros of both signs; k counts from few to all.
template <class T>
void expect_rows(const std::vector<T>& x, int64_t rows, bool largest) {
  const auto n = static_cast<int64_t>(x.size()) / rows;
  for (const int64_t k : {n / 9, n / 2, n}) {
    std::vector<T> best;
    std::vector<int64_t> places;
    for (int64_t row = 0; row < rows; ++row) {
      std::vector<int64_t> order(static_cast<size_t>(n));
      std::iota(order.begin(), order.end(), 0);
      const auto rank = [&](int64_t i) {  // NaN above all numbers
        const auto value = static_cast<double>(x[static_cast<size_t>(row * n + i)]);
        return value != value ? std::numeric_limits<double>::infinity() : value;
      };
      std::stable_sort(order.begin(), order.end(),
                       [&](int64_t a, int64_t b) { return largest ? rank(a) > rank(b) : rank(a) < rank(b); });
      for (int64_t i = 0; i < k; ++i) {
        places.push_back(order[static_cast<size_t>(i)]);
        best.push_back(x[static_cast<size_t>(row * n + places.back())]);
      }
    }
    TestGraph graph;
    graph.set_threads(3);
    const auto y =
        graph.nodes("TopK", {graph.input(tensor<T>({rows, n}, x)), graph.constant(tensor<int64_t>({1}, {k}))},
                    {{"largest", int{largest}}}, {{type_of<T>(), {-1, -1}}, {Type::kInt64, {-1, -1}}});
    graph.output(y[0], {rows, k});
    graph.expect(y[1], tensor<int64_t>({rows, k}, places), 0);
    const TestTensor found = graph.run()[0];
    EXPECT_EQ(found.bytes, tensor<T>({rows, k}, best).bytes);
  }
}

TEST(CpuTopK, ManyOfLongRows) {
  std::vector<float> x;
  std::vector<Half> halfs;
  std::vector<int8_t> small;
  std::vector<uint32_t> big;
  std::vector<int64_t> wide;
  const TestTensor numbers = made_up({5 * 300});
  for (size_t i = 0; i < 5 * 300; ++i) {
    const auto value = static_cast<float>(std::round(numbers.at(i) * 200));
    x.push_back(i % 97 == 5 ? std::nanf("") : value == 0 && i % 2 == 0 ? -0.0f : value * 1e20f);
    halfs.emplace_back(value);
    small.push_back(static_cast<int8_t>(value / 2));
    big.push_back(static_cast<uint32_t>(static_cast<int64_t>(value * 1e7f)));
    wide.push_back(static_cast<int64_t>(value) << 40);
  }
  for (const bool largest : {true, false}) {
    expect_rows(x, 5, largest);
    expect_rows(halfs, 5, largest);
    expect_rows(small, 5, largest);
    expect_rows(big, 5, largest);
    expect_rows(wide, 5, largest);
    expect_rows(std::vector<float>(700, 1.5f), 1, largest);
  }
}

}  // namespace
}  // namespace bp::cpu::test
