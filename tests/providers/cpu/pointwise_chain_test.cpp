#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

int64_t count_of(const Dims& dims) {
  int64_t count = 1;
  for (const int64_t dim : dims) count *= dim;
  return count;
}

// Equal within `tolerance` (relative; 0: equal bits), or both NaN.
void expect_same(const TestTensor& a, const TestTensor& b, double tolerance = 0) {
  ASSERT_EQ(a.dims, b.dims);
  ASSERT_EQ(a.bytes.size(), b.bytes.size());
  if (a.bytes == b.bytes) return;
  for (size_t i = 0; i < static_cast<size_t>(count_of(a.dims)); ++i) {
    const double x = a.at(i), y = b.at(i);
    const bool close = x == y || std::abs(x - y) <= tolerance * std::abs(x);
    ASSERT_TRUE(close || (std::isnan(x) && std::isnan(y))) << "element " << i << ": " << x << ", fused " << y;
  }
}

// A random graph of pointwise nodes over tensors that broadcast to one shape. The same seed gives the same
// graph.
class RandomChain {
 public:
  RandomChain(uint32_t seed, Type type, Dims dims) : random_(seed), type_(type), dims_(std::move(dims)) {}

  void build(TestGraph& graph, size_t nodes) {
    graph_ = &graph;
    numbers_ = {operand(true), operand(true)};
    for (size_t i = 0; i < nodes || numbers_.size() < 4; ++i) add_node();
    graph.output(numbers_.back(), dims_);
    if (pick(2) == 0) graph.output(numbers_[2 + pick(numbers_.size() - 3)], dims_);
    if (!bools_.empty() && pick(2) == 0) graph.output(bools_.back(), dims_);
  }

 private:
  using Ref = TestGraph::Ref;
  size_t pick(size_t count) { return random_() % count; }
  bool is_integer() const { return type_ == Type::kInt32 || type_ == Type::kInt64; }

  TestTensor made_up_numbers(const Dims& dims) {
    std::vector<float> values(static_cast<size_t>(count_of(dims)));
    for (float& value : values) {
      value = static_cast<float>(static_cast<int>(pick(4001)) - 2000) / 500.0f;
      if (is_integer()) value = std::trunc(value * 5);
      if (!is_integer() && pick(50) == 0) value = pick(2) == 0 ? kNan : (pick(2) == 0 ? kInfinity : -kInfinity);
    }
    const auto as = [&]<class T>(T) { return tensor<T>(dims, std::vector<T>(values.begin(), values.end())); };
    if (type_ == Type::kFloat64) return as(double{});
    if (type_ == Type::kInt32) return as(int32_t{});
    if (type_ == Type::kInt64) return as(int64_t{});
    if (type_ == Type::kFloat16 || type_ == Type::kBfloat16) {
      std::vector<uint16_t> bits;
      for (const float value : values)
        bits.push_back(type_ == Type::kFloat16 ? Half(value).bits : Bfloat16(value).bits);
      TestTensor result = tensor<uint16_t>(dims, bits);
      result.type = type_;
      return result;
    }
    return tensor<float>(dims, values);
  }

  // Dims that broadcast to the chain's: some ones, leading axes left out.
  Dims operand_dims() {
    Dims dims = dims_;
    switch (pick(4)) {
      case 0:
        return pick(2) == 0 ? Dims{} : Dims{1};
      case 1:
        for (int64_t& dim : dims) dim = pick(2) == 0 ? 1 : dim;
        dims.erase(dims.begin(), dims.begin() + static_cast<ptrdiff_t>(pick(dims.size())));
        return dims;
      case 2:
        dims.erase(dims.begin(), dims.begin() + static_cast<ptrdiff_t>(pick(dims.size())));
        return dims;
      default:
        return dims;
    }
  }
  Ref operand(bool full = false) {
    const TestTensor values = made_up_numbers(full ? dims_ : operand_dims());
    return pick(2) == 0 ? graph_->constant(values) : graph_->input(values);
  }
  Ref old() { return numbers_[numbers_.size() - 1 - pick(std::min<size_t>(numbers_.size(), 4))]; }
  Ref number() { return pick(2) == 0 ? old() : operand(); }
  TestOutput like(Type type) { return {type, Dims(dims_.size(), -1), true}; }

  void add_node() {
    static const char* const kBinary[] = {"Add", "Sub", "Mul", "Div", "Max", "Min", "PRelu"};
    static const char* const kUnary[] = {"Relu", "Sigmoid", "Tanh", "HardSwish", "Abs", "Neg", "Exp", "Floor"};
    static const char* const kCompare[] = {"Less", "Greater", "Equal", "LessOrEqual", "GreaterOrEqual"};
    switch (pick(8)) {
      case 0:
        bools_.push_back(graph_->node(kCompare[pick(5)], {old(), number()}, {}, like(Type::kBool)));
        if (pick(2) == 0) bools_.push_back(graph_->node("Not", {bools_.back()}));
        return;
      case 1:
        if (bools_.empty()) return;
        numbers_.push_back(
            graph_->node("Where", {bools_[pick(bools_.size())], number(), old()}, {}, like(type_)));
        return;
      case 2:
        numbers_.push_back(graph_->node("Clip", {old(), low(), TestGraph::kOmitted}));
        return;
      case 3:
        if (bools_.empty()) return;
        numbers_.push_back(graph_->node("Cast", {bools_[pick(bools_.size())]},
                                        {{"to", static_cast<int64_t>(type_)}}, like(type_)));
        return;
      case 4:
        if (is_integer()) return;
        numbers_.push_back(graph_->node(kUnary[pick(8)], {old()}));
        return;
      case 5:
        numbers_.push_back(graph_->node("Max", {old(), number(), number()}, {}, like(type_)));
        return;
      default:
        if (pick(2) == 0) {
          numbers_.push_back(graph_->node(kBinary[pick(7)], {old(), number()}, {}, like(type_)));
        } else {
          numbers_.push_back(graph_->node(kBinary[pick(6)], {operand(), old()}, {}, like(type_)));
        }
    }
  }
  Ref low() { return graph_->constant(made_up_numbers({})); }

  std::mt19937 random_;
  Type type_;
  Dims dims_;
  TestGraph* graph_ = nullptr;
  std::vector<Ref> numbers_;
  std::vector<Ref> bools_;
};

std::vector<TestTensor> run_chain(uint32_t seed, Type type, const Dims& dims, bool fusion, uint32_t threads,
                                  size_t* steps) {
  TestGraph graph;
  graph.set_option("fusion", fusion);
  graph.set_threads(threads);
  RandomChain(seed, type, dims).build(graph, 6 + seed % 12);
  auto results = graph.run();
  *steps = graph.steps().size();
  return results;
}

class RandomChains : public testing::TestWithParam<Type> {};

TEST_P(RandomChains, AreTheSameAsNodeByNode) {
  const Dims shapes[] = {
      {7},         {1},          {5000},        {3, 4},         {6, 50},        {5, 193},
      {2, 1, 700}, {2, 3, 5, 7}, {1, 40, 9, 9}, {3, 16, 2, 33}, {4, 1, 300, 6}, {2, 2, 3, 4, 5}};
  uint32_t seed = 1;
  size_t fewer = 0;
  for (const Dims& dims : shapes) {
    for (int round = 0; round < 12; ++round, ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      size_t steps = 0, fused_steps = 0;
      const auto expected = run_chain(seed, GetParam(), dims, false, 1, &steps);
      const auto fused = run_chain(seed, GetParam(), dims, true, 1 + seed % 2 * 2, &fused_steps);
      ASSERT_EQ(expected.size(), fused.size());
      for (size_t i = 0; i < expected.size(); ++i) expect_same(expected[i], fused[i]);
      if (HasFatalFailure() || HasNonfatalFailure()) return;
      EXPECT_LE(fused_steps, steps);
      fewer += fused_steps < steps;
    }
  }
  EXPECT_GT(fewer, 100u);  // of 144
}

INSTANTIATE_TEST_SUITE_P(CpuPointwiseChain, RandomChains,
                         testing::Values(Type::kFloat32, Type::kFloat64, Type::kFloat16, Type::kBfloat16,
                                         Type::kInt32, Type::kInt64),
                         [](const auto& tested) { return std::string(type_name(tested.param)); });

TEST(CpuPointwiseChain, IsOneStepThatNamesItsParts) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({4}, {-2, -1, 1, 2}));
  const auto scaled = graph.node("Mul", {x, graph.constant(tensor<float>({}, {2}))});
  const auto shifted = graph.node("Add", {scaled, graph.constant(tensor<float>({1}, {1}))});
  graph.expect(graph.node("Relu", {shifted}), tensor<float>({4}, {0, 0, 3, 5}));
  graph.run();
  EXPECT_EQ(graph.steps(), std::vector<std::string>{"Mul+Add+Relu"});
}

TEST(CpuPointwiseChain, TakesInWhatAReaderNeedsBesides) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2}, {3, 4}));
  const auto a = graph.node("Neg", {x});
  const auto b = graph.node("Abs", {graph.input(tensor<float>({2}, {-1, -2}))});
  graph.expect(graph.node("Add", {a, b}), tensor<float>({2}, {-2, -2}));
  graph.run();
  EXPECT_EQ(graph.steps(), std::vector<std::string>{"Neg+Abs+Add"});
}

TEST(CpuPointwiseChain, LeavesOtherDimsAlone) {
  TestGraph graph;
  const auto small = graph.node("Neg", {graph.input(tensor<float>({2}, {1, 2}))});
  const auto sum = graph.node("Add", {small, graph.input(tensor<float>({2, 2}, {1, 2, 3, 4}))});
  graph.expect(graph.node("Relu", {sum}), tensor<float>({2, 2}, {0, 0, 2, 2}));
  graph.run();
  EXPECT_EQ(graph.steps(), (std::vector<std::string>{"Neg", "Add+Relu"}));
}

TEST(CpuPointwiseChain, OfNoElementsHasNoStep) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({0, 3}, {}));
  graph.expect(graph.node("Relu", {graph.node("Neg", {x})}), tensor<float>({0, 3}, {}));
  graph.run();
  EXPECT_TRUE(graph.steps().empty());
}

// Its numbers per channel are made once where they are constant, else before the chain. Alone it multiplies and
// adds in one rounding.
TEST(CpuPointwiseChain, TakesInBatchNormalization) {
  for (const bool constant : {false, true}) {
    for (const Dims& dims : {Dims{2, 3, 4, 5}, Dims{5, 3}, Dims{1, 3, 400}}) {
      SCOPED_TRACE(dims_text(dims));
      TestTensor expected;
      for (const bool fusion : {false, true}) {
        TestGraph graph;
        graph.set_option("fusion", fusion);
        const auto numbers = [&](const std::vector<float>& values) {
          return constant ? graph.constant(tensor<float>({3}, values))
                          : graph.input(tensor<float>({3}, values));
        };
        const std::vector<TestGraph::Ref> inputs = {graph.input(made_up(dims)), numbers({1, 2, -3}),
                                                    numbers({4, 5, 6}), numbers({.1f, .2f, .3f}),
                                                    numbers({1, .5f, .25f})};
        graph.output(graph.node("Relu", {graph.node("BatchNormalization", inputs)}), dims);
        const auto results = graph.run();
        ASSERT_EQ(results.size(), 1u);
        if (!fusion) expected = results[0];
        expect_same(expected, results[0], 2e-6);
        EXPECT_EQ(graph.steps().back(), fusion ? "BatchNormalization+Relu" : "Relu");
        EXPECT_EQ(graph.steps().size(), fusion && constant ? 1u : 2u);
      }
    }
  }
}

// Between convolutions values lie in blocks of channels, which a chain leaves so.
TEST(CpuPointwiseChain, KeepsTheLayoutOfConvolutions) {
  for (const int64_t channels : {32, 24, 20}) {
    SCOPED_TRACE(channels);
    const TestTensor x = made_up({2, channels, 6, 5}, 1);
    const TestTensor w = made_up({channels, channels, 1, 1}, 2);
    TestTensor expected;
    for (const bool fusion : {false, true}) {
      TestGraph graph;
      graph.set_option("fusion", fusion);
      const auto weights = graph.constant(w);
      const auto a = graph.node("Conv", {graph.input(x), weights});
      const auto pooled = graph.node("GlobalAveragePool", {a});
      const auto gate = graph.node("Sigmoid", {graph.node("Conv", {pooled, weights})});
      const auto gated = graph.node("Mul", {a, gate});
      const auto spot = graph.node("Add", {gated, graph.input(made_up({6, 5}, 3))});
      const auto biased = graph.node("Add", {spot, graph.constant(made_up({1, channels, 1, 1}, 4))});
      const auto whole = graph.node("Sub", {biased, graph.constant(made_up({1, channels, 6, 5}, 5))});
      const auto more = graph.node("Clip", {whole, graph.constant(tensor<float>({}, {-0.5f}))});
      const auto last = graph.node("Conv", {more, weights});
      if (fusion) {
        graph.expect(last, expected, 1e-4);
      } else {
        graph.output(last, {2, channels, 6, 5});
      }
      const auto results = graph.run();
      ASSERT_EQ(results.size(), 1u);
      if (!fusion) expected = results[0];
      const auto& steps = graph.steps();
      EXPECT_EQ(std::count(steps.begin(), steps.end(), "Mul+Add+Add+Sub+Clip"), fusion ? 1 : 0);
    }
  }
}

}  // namespace
}  // namespace bp::cpu::test
