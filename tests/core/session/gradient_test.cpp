// Gradient against differences of the function itself, through the CPU provider, in float64.
#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <optional>

#include "session_test_helper.hpp"

namespace bp::test {
namespace {

constexpr const char* kDomain = "ai.onnx.preview.training";

class GradientTest : public SessionTest {
 public:
  using Expression = std::function<ValueId(GradientTest&, ValueId x, ValueId w)>;

  void SetUp() override {
    if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  }

  ValueId add(const std::string& op, std::vector<ValueId> inputs, std::vector<Attribute> attributes = {}) {
    return builder->node(op, std::move(inputs), ValueType{}, std::move(attributes));
  }
  ValueId ints(const std::vector<int64_t>& values) {
    return builder->ints("ints" + std::to_string(builder->graph().value_count()), values);
  }

  ValueId gradient(const std::vector<std::string>& xs, const std::string& y, std::vector<ValueId> inputs,
                   const std::vector<std::string>& zs, const std::string& name = "gradient") {
    Graph& graph = builder->graph();
    Node node;
    node.name = name;
    node.domain = kDomain;
    node.op_type = "Gradient";
    node.since_version = 1;
    node.inputs = std::move(inputs);
    node.attributes = {{"xs", xs}, {"y", y}};
    if (!zs.empty()) node.attributes.push_back({"zs", zs});
    for (const std::string& x : xs)
      node.outputs.push_back(graph.add_value(std::string(name).append("_").append(x)));
    const ValueId first = node.outputs[0];
    for (size_t i = 1; i < node.outputs.size(); ++i) graph.add_output(node.outputs[i]);
    graph.add_node(std::move(node));
    return first;
  }

  void start() {
    builder.emplace();
    builder->graph().opsets = {{"", 21}, {kDomain, 1}};
  }

  Result<Session> session() { return Session::create(environment(), made.emplace(model(*builder))); }

  // sum(sin(expression(x, w))) and its derivatives by x and w; outputs: value, by w, by x in some order.
  void check(const std::string& what, std::vector<int64_t> x_dims, std::vector<int64_t> w_dims,
             const Expression& f, double low = 0.3) {
    start();
    const ValueId x = builder->input("x", x_dims, ElementType::kFloat64);
    const ValueId w = builder->input("w", w_dims, ElementType::kFloat64);
    const ValueId value = add("ReduceSum", {add("Sin", {f(*this, x, w)})}, {{"keepdims", int64_t{0}}});
    builder->output(value);
    const std::string y = builder->graph().value(value).name;
    builder->output(gradient({"x", "w"}, y, {x, w}, {}));
    const auto ready = session();
    ASSERT_TRUE(ready.ok()) << what << ": " << ready.status().to_string();
    std::vector<std::vector<double>> at = {numbers(x_dims, low), numbers(w_dims, low + 0.05)};
    const auto run = [&] {
      const std::vector<NamedValue> inputs{
          {"x", Value::copy_of<double>(x_dims, std::span<const double>(at[0])).value()},
          {"w", Value::copy_of<double>(w_dims, std::span<const double>(at[1])).value()}};
      const std::vector<std::string> names{y, "gradient_x", "gradient_w"};
      return ready->run(std::span<const NamedValue>(inputs), names).value();
    };
    const std::vector<Value> base = run();
    for (size_t operand = 0; operand < 2; ++operand) {
      const auto derivatives = base[1 + operand].as<double>().value();
      ASSERT_EQ(derivatives.size(), at[operand].size()) << what;
      for (size_t i = 0; i < derivatives.size(); ++i) {
        constexpr double kStep = 1e-6;
        const double middle = at[operand][i];
        at[operand][i] = middle + kStep;
        const double above = run()[0].as<double>().value()[0];
        at[operand][i] = middle - kStep;
        const double below = run()[0].as<double>().value()[0];
        at[operand][i] = middle;
        EXPECT_NEAR(derivatives[i], (above - below) / (2 * kStep), 1e-6)
            << what << ", operand " << operand << ", " << i;
      }
    }
  }

  static std::vector<double> numbers(const std::vector<int64_t>& dims, double low) {
    std::vector<double> values(static_cast<size_t>(element_count(dims)));
    for (size_t i = 0; i < values.size(); ++i) values[i] = low + 0.17 * static_cast<double>((i * 7) % 5);
    return values;
  }

  std::optional<GraphBuilder> builder;
  std::optional<Model> made;
};

TEST_F(GradientTest, OfOperatorsWithTwoOperands) {
  for (const char* op : {"Add", "Sub", "Mul", "Div", "Pow", "Sum"}) {
    const auto f = [op](GradientTest& t, ValueId x, ValueId w) { return t.add(op, {x, w}); };
    check(op, {2, 3}, {2, 3}, f);
    check(std::string(op) + " broadcast", {2, 3}, {3}, f);
    check(std::string(op) + " both broadcast", {2, 1}, {1, 1, 3}, f);
  }
  check("Where", {2, 3}, {3}, [](GradientTest& t, ValueId x, ValueId w) {
    return t.add("Where", {t.add("Less", {x, w}), x, w});
  });
}

TEST_F(GradientTest, OfOperatorsWithOneOperand) {
  for (const char* op : {"Abs", "Cos", "Erf", "Exp", "Identity", "LeakyRelu", "Log", "LogSoftmax", "Neg",
                         "Reciprocal", "Relu", "Sigmoid", "Sin", "Softmax", "Softplus", "Sqrt", "Tanh"}) {
    check(op, {2, 3}, {2, 3}, [op](GradientTest& t, ValueId x, ValueId w) {
      return t.add("Mul", {t.add(op, {x}), w});
    });
  }
  for (const char* op : {"Abs", "LeakyRelu", "Relu"}) {
    check(op, {2, 3}, {2, 3}, [op](GradientTest& t, ValueId x, ValueId w) {
      return t.add("Mul", {t.add(op, {t.add("Neg", {x})}), w});
    });
  }
}

TEST_F(GradientTest, OfMatrixProducts) {
  const auto product = [](GradientTest& t, ValueId x, ValueId w) { return t.add("MatMul", {x, w}); };
  check("MatMul", {2, 3}, {3, 4}, product);
  check("MatMul of a batch", {2, 2, 3}, {3, 2}, product);
  for (const int64_t turn_a : {0, 1}) {
    for (const int64_t turn_b : {0, 1}) {
      const std::vector<int64_t> a = turn_a != 0 ? std::vector<int64_t>{3, 2} : std::vector<int64_t>{2, 3};
      const std::vector<int64_t> b = turn_b != 0 ? std::vector<int64_t>{4, 3} : std::vector<int64_t>{3, 4};
      check("Gemm", a, b, [&](GradientTest& t, ValueId x, ValueId w) {
        return t.add("Gemm", {x, w}, {{"transA", turn_a}, {"transB", turn_b}, {"alpha", 0.5F}});
      });
    }
  }
  check("Gemm's bias", {2, 3}, {2}, [](GradientTest& t, ValueId x, ValueId w) {
    return t.add("Gemm", {x, t.add("Transpose", {x}), w}, {{"beta", 2.0F}});
  });
}

TEST_F(GradientTest, OfOtherDims) {
  const auto times_w = [](GradientTest& t, ValueId x, ValueId w) { return t.add("Mul", {x, w}); };
  check("Reshape", {2, 3}, {3, 2}, [&](GradientTest& t, ValueId x, ValueId w) {
    return times_w(t, t.add("Reshape", {x, t.ints({3, 2})}), w);
  });
  check("Transpose", {2, 3}, {3, 2}, [&](GradientTest& t, ValueId x, ValueId w) {
    return times_w(t, t.add("Transpose", {x}, {{"perm", std::vector<int64_t>{1, 0}}}), w);
  });
  check("Unsqueeze", {2, 3}, {2, 1, 3}, [&](GradientTest& t, ValueId x, ValueId w) {
    return times_w(t, t.add("Unsqueeze", {x, t.ints({1})}), w);
  });
  check("Expand", {2, 1}, {2, 3}, [&](GradientTest& t, ValueId x, ValueId w) {
    return times_w(t, t.add("Expand", {x, t.ints({2, 3})}), w);
  });
  for (const char* op : {"ReduceSum", "ReduceMean"}) {
    for (const int64_t keep : {0, 1}) {
      check(op, {2, 3}, {2, 1}, [&](GradientTest& t, ValueId x, ValueId w) {
        return times_w(t, t.add(op, {x, t.ints({-1})}, {{"keepdims", keep}}), w);
      });
      check(op, {2, 3}, {1, 1}, [&](GradientTest& t, ValueId x, ValueId w) {
        return times_w(t, t.add(op, {x}, {{"keepdims", keep}}), w);
      });
    }
  }
}

// x^3: 3 x^2, then 6 x.
TEST_F(GradientTest, OfAGradient) {
  start();
  const ValueId x = builder->input("x", std::vector<int64_t>{}, ElementType::kFloat64);
  const ValueId cube = add("Mul", {add("Mul", {x, x}), x});
  const ValueId first = gradient({"x"}, builder->graph().value(cube).name, {x}, {}, "first");
  builder->output(gradient({"x"}, builder->graph().value(first).name, {x}, {}, "second"));
  const auto ready = session();
  ASSERT_TRUE(ready.ok()) << ready.status().to_string();
  const double two = 2;
  const Value at = Value::copy_of<double>({}, std::span(&two, 1)).value();
  EXPECT_DOUBLE_EQ(ready->run(std::span(&at, 1)).value()[0].as<double>().value()[0], 12);
}

// The expression in a and b, evaluated at other values.
TEST_F(GradientTest, AtOtherValues) {
  start();
  const ValueId a = builder->input("a", std::vector<int64_t>{}, ElementType::kFloat64);
  const ValueId b = builder->input("b", std::vector<int64_t>{}, ElementType::kFloat64);
  const ValueId y = add("Mul", {add("Mul", {a, a}), b});
  builder->output(gradient({"a"}, builder->graph().value(y).name, {b, a}, {"b"}));
  const auto ready = session();
  ASSERT_TRUE(ready.ok()) << ready.status().to_string();
  const double values[] = {5, 3};
  const std::vector<Value> at{Value::copy_of<double>({}, std::span(&values[0], 1)).value(),
                              Value::copy_of<double>({}, std::span(&values[1], 1)).value()};
  EXPECT_DOUBLE_EQ(ready->run(at).value()[0].as<double>().value()[0], 2 * 3 * 5);
}

TEST_F(GradientTest, NamesOperatorsWithoutARule) {
  start();
  const ValueId x = builder->input("x", {2, 3});
  const ValueId y = add("CumSum", {x, ints({0})});
  builder->output(gradient({"x"}, builder->graph().value(y).name, {x}, {}));
  EXPECT_THAT(
      session().status().to_string(),
      testing::HasSubstr("UNSUPPORTED: Gradient 'gradient': CumSum 'CumSum0': the operator has no derivative"));
}

TEST_F(GradientTest, NamesValuesThatAreMissing) {
  start();
  const ValueId x = builder->input("x", {2});
  const ValueId z = builder->input("z", {2});
  const ValueId y = add("Mul", {x, z});
  builder->output(gradient({"x"}, builder->graph().value(y).name, {x}, {}));
  EXPECT_THAT(session().status().message(),
              testing::HasSubstr("depends on 'z', which neither 'xs' nor 'zs' names"));
  start();
  const ValueId other = builder->input("x", {2});
  builder->output(gradient({"x"}, "nowhere", {other}, {}));
  EXPECT_THAT(session().status().message(), testing::HasSubstr("'y' names 'nowhere', which is no value"));
}

}  // namespace
}  // namespace bp::test
