// Lengths that change from run to run in one session give what a session for that length alone gives: nothing
// that was settled for another length stays where it must not.
#include <list>
#include <random>

#include "session_test_helper.hpp"

namespace bp::test {
namespace {

constexpr int64_t kHeads = 2, kSize = 8, kWidth = kHeads * kSize;

class GrowingLengths : public SessionTest {
 protected:
  void SetUp() override {
    if (!has_cpu()) GTEST_SKIP() << "no CPU provider";
  }

  ValueId weights(GraphBuilder& builder, const std::string& name, ConcreteDims dims) {
    std::vector<float> numbers(static_cast<size_t>(element_count(dims)));
    std::uniform_real_distribution<float> distribution(-0.3f, 0.3f);
    for (float& number : numbers) number = distribution(random_);
    return builder.floats(name, std::move(dims), numbers);
  }

  // One layer of a decoder: x [batch, new, width], past [batch, heads, past, size]; -1: any.
  Session decoder(int64_t batch, int64_t fresh, int64_t past_length) {
    random_.seed(1);
    GraphBuilder builder;
    const auto dim = [&](const char* name, int64_t size) {
      return size < 0 ? builder.symbol(name) : Dim::of(size);
    };
    const Dim n = dim("batch", batch), s = dim("new", fresh), p = dim("past", past_length);
    const auto tensor = [](Dims dims) { return ValueType::tensor(ElementType::kFloat32, std::move(dims)); };
    const ValueType any = ValueType::tensor(ElementType::kFloat32);
    const ValueId x = builder.input("x", tensor({n, s, Dim::of(kWidth)}));
    const ValueId past_key = builder.input("past_key", tensor({n, Dim::of(kHeads), p, Dim::of(kSize)}));
    const ValueId past_value = builder.input("past_value", tensor({n, Dim::of(kHeads), p, Dim::of(kSize)}));
    const auto node = [&](const char* op, std::vector<ValueId> inputs, std::vector<Attribute> attributes = {}) {
      return builder.node(op, std::move(inputs), any, std::move(attributes));
    };
    const auto turn = [&](ValueId value, std::vector<int64_t> perm) {
      return node("Transpose", {value}, {{"perm", std::move(perm)}});
    };
    const ValueId split = builder.ints("split", {0, 0, kHeads, kSize});
    const ValueId joined = builder.ints("joined", {0, 0, kWidth});
    const auto heads = [&](const std::string& name) {
      const ValueId product = node("MatMul", {x, weights(builder, name, {kWidth, kWidth})});
      const ValueId sum = node("Add", {product, weights(builder, name + "_bias", {kWidth})});
      return turn(node("Reshape", {sum, split}), {0, 2, 1, 3});
    };
    const ValueId key = node("Concat", {past_key, heads("key")}, {{"axis", int64_t{2}}});
    const ValueId value = node("Concat", {past_value, heads("value")}, {{"axis", int64_t{2}}});
    const ValueId scores = node("MatMul", {heads("query"), turn(key, {0, 1, 3, 2})});
    const ValueId scaled = node("Mul", {scores, builder.floats("factor", {}, {0.35f})});
    const ValueId mixed = node("MatMul", {node("Softmax", {scaled}, {{"axis", int64_t{-1}}}), value});
    const ValueId flat = node("Reshape", {turn(mixed, {0, 2, 1, 3}), joined});
    const ValueId added = node("Add", {x, node("MatMul", {flat, weights(builder, "out", {kWidth, kWidth})})});
    const ValueId hidden =
        node("Relu", {node("MatMul", {added, weights(builder, "up", {kWidth, 3 * kWidth})})});
    const ValueId y =
        node("Add", {added, node("MatMul", {hidden, weights(builder, "down", {3 * kWidth, kWidth})})});
    for (const ValueId output : {y, key, value}) builder.output(output);
    const std::string& kept = models_.emplace_back(to_onnx_bytes(builder.graph()).value());
    const Environment own = environment();
    const Model made = Model::load(std::as_bytes(std::span<const char>(kept))).value();
    SessionOptions options;
    options.threads = 1;
    return Session::create(own, made, options).value();
  }

  std::vector<Value> inputs(int64_t batch, int64_t fresh, int64_t past) {
    random_.seed(7);
    std::uniform_real_distribution<float> distribution(-1, 1);
    const auto make = [&](std::vector<int64_t> dims) {
      std::vector<float> numbers(
          static_cast<size_t>(dims[0] * dims[1] * dims[2] * (dims.size() > 3 ? dims[3] : 1)));
      for (float& number : numbers) number = distribution(random_);
      return floats(std::move(dims), numbers);
    };
    Value x = make({batch, fresh, kWidth});
    Value key = make({batch, kHeads, past, kSize});
    return {std::move(x), std::move(key), make({batch, kHeads, past, kSize})};
  }

  void compare(const Session& changing, int64_t batch, int64_t fresh, int64_t past) {
    const std::vector<Value> values = inputs(batch, fresh, past);
    const auto found = changing.run(std::span<const Value>(values));
    ASSERT_TRUE(found.ok()) << found.status().to_string();
    const Session alone = decoder(batch, fresh, past);
    const auto expected = alone.run(std::span<const Value>(values));
    ASSERT_TRUE(expected.ok()) << expected.status().to_string();
    for (size_t output = 0; output < expected->size(); ++output) {
      ASSERT_EQ((*found)[output].dims(), (*expected)[output].dims());
      const auto a = numbers_of((*found)[output]), b = numbers_of((*expected)[output]);
      for (size_t i = 0; i < a.size(); ++i)
        ASSERT_NEAR(a[i], b[i], 2e-6) << "output " << output << " of " << batch << "x" << fresh << " after "
                                      << past;
    }
  }

  std::mt19937 random_;
  std::list<std::string> models_;  // sessions read them in place
};

TEST_F(GrowingLengths, EveryPastFromNoneTo130) {
  const Session session = decoder(-1, -1, -1);
  for (int64_t past = 0; past <= 130; ++past) compare(session, 1, 1, past);
}

TEST_F(GrowingLengths, EveryLengthFrom1To130WithoutPast) {
  const Session session = decoder(-1, -1, -1);
  for (int64_t fresh = 1; fresh <= 130; ++fresh) compare(session, 1, fresh, 0);
}

// Steps of oneDNN's name its kinds of kernels; making one takes milliseconds.
TEST_F(GrowingLengths, NoLengthMakesAPrimitive) {
  const Session session = decoder(-1, -1, -1);
  for (const int64_t past : {0, 5, 77}) {
    ASSERT_TRUE(session.run(std::span<const Value>(inputs(1, 1 + past % 2, past))).ok());
    const SessionReport report = session.report();
    ASSERT_EQ(report.partitions.size(), 1u);
    bool own_products = false;
    for (const ReportStep& step : report.partitions[0].steps)
      own_products = own_products || step.implementation.starts_with("dense");
    if (!own_products) GTEST_SKIP() << "this processor lacks the instructions of the own products";
    for (const ReportStep& step : report.partitions[0].steps)
      for (const char* kind : {"jit", "brg", "gemm", "ref", "simple", "x8s8"})
        EXPECT_FALSE(step.implementation.starts_with(kind)) << step.name << ": " << step.implementation;
  }
}

TEST_F(GrowingLengths, AllThreeInAnyOrder) {
  const Session session = decoder(-1, -1, -1);
  std::mt19937 order(3);
  for (int round = 0; round < 60; ++round) compare(session, 1 + order() % 3, 1 + order() % 9, order() % 20);
}

}  // namespace
}  // namespace bp::test
