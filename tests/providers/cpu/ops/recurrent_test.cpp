// LSTM, GRU and RNN against plain loops in double, one sequence, step and element at a time.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "providers/cpu/cast_helper.hpp"
#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

using Function = std::function<double(double)>;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double tangent(double x) { return std::tanh(x); }

struct Case {
  std::string op = "LSTM";
  int64_t length = 5, batch = 3, input = 7, size = 11;
  std::string direction = "forward";
  bool batch_first = false;
  bool bias = true, start = true, peepholes = false;
  std::vector<int32_t> lengths = {};
  bool linear_before_reset = false, input_forget = false;
  double clip = 0;
  std::vector<std::string> activations = {};
  std::vector<float> alpha = {}, beta = {};
  std::vector<Function> functions = {};  // what `activations` mean, for all directions
  bool constant = true;
  uint32_t threads = 1;

  size_t directions() const { return direction == "bidirectional" ? 2 : 1; }
  int64_t gates() const { return op == "LSTM" ? 4 : op == "GRU" ? 3 : 1; }
};

struct Data {
  TestTensor x, w, r, b, h0, c0, p;
  std::vector<double> y, yh, yc;
};

size_t at(std::initializer_list<int64_t> index, std::initializer_list<int64_t> dims) {
  size_t offset = 0;
  auto dim = dims.begin();
  for (const int64_t i : index) offset = offset * static_cast<size_t>(*dim++) + static_cast<size_t>(i);
  return offset;
}

class Reference {
 public:
  explicit Reference(const Case& c)
      : c_(c), d_(static_cast<int64_t>(c.directions())), g_(c.gates()), n_(c.size) {
    const Dims state = c.batch_first ? Dims{c.batch, d_, n_} : Dims{d_, c.batch, n_};
    data_.x = made_up(c.batch_first ? Dims{c.batch, c.length, c.input} : Dims{c.length, c.batch, c.input}, 1);
    data_.w = made_up({d_, g_ * n_, c.input}, 2);
    data_.r = made_up({d_, g_ * n_, n_}, 3);
    data_.b = made_up({d_, 2 * g_ * n_}, 4);
    data_.h0 = made_up(state, 5);
    data_.c0 = made_up(state, 6);
    data_.p = made_up({d_, 3 * n_}, 7);
    data_.y.assign(static_cast<size_t>(c.length * c.batch * d_ * n_), 0);
    data_.yh.assign(static_cast<size_t>(c.batch * d_ * n_), 0);
    data_.yc = data_.yh;
    functions_ = c.functions;
    if (functions_.empty()) {
      for (int64_t d = 0; d < d_; ++d) {
        if (c.op != "RNN") functions_.emplace_back(sigmoid);
        functions_.emplace_back(tangent);
        if (c.op == "LSTM") functions_.emplace_back(tangent);
      }
    }
    for (int64_t d = 0; d < d_; ++d) {
      for (int64_t b = 0; b < c.batch; ++b) sequence(d, b);
    }
  }

  const Data& data() const { return data_; }

 private:
  size_t state_at(int64_t d, int64_t b, int64_t i) const {
    return c_.batch_first ? at({b, d, i}, {c_.batch, d_, n_}) : at({d, b, i}, {d_, c_.batch, n_});
  }

  // W x + Wb, and R h + Rb, of one row of one gate.
  double of_input(int64_t d, int64_t gate, int64_t i, int64_t t, int64_t b) const {
    double sum = c_.bias ? data_.b.at(at({d, gate * n_ + i}, {d_, 2 * g_ * n_})) : 0;
    for (int64_t k = 0; k < c_.input; ++k) {
      const size_t x = c_.batch_first ? at({b, t, k}, {c_.batch, c_.length, c_.input})
                                      : at({t, b, k}, {c_.length, c_.batch, c_.input});
      sum += data_.x.at(x) * data_.w.at(at({d, gate * n_ + i, k}, {d_, g_ * n_, c_.input}));
    }
    return sum;
  }
  double of_state(int64_t d, int64_t gate, int64_t i, const std::vector<double>& h) const {
    double sum = c_.bias ? data_.b.at(at({d, (g_ + gate) * n_ + i}, {d_, 2 * g_ * n_})) : 0;
    for (int64_t k = 0; k < n_; ++k) {
      sum += h[static_cast<size_t>(k)] * data_.r.at(at({d, gate * n_ + i, k}, {d_, g_ * n_, n_}));
    }
    return sum;
  }
  double activated(size_t which, int64_t d, double x) const {
    if (c_.clip > 0) x = std::clamp(x, -c_.clip, c_.clip);
    return functions_[static_cast<size_t>(d) * functions_.size() / static_cast<size_t>(d_) + which](x);
  }
  double peephole(int64_t d, int64_t which, int64_t i, double c) const {
    return c_.peepholes ? data_.p.at(at({d, which * n_ + i}, {d_, 3 * n_})) * c : 0;
  }

  void step(int64_t d, int64_t t, int64_t b, std::vector<double>& h, std::vector<double>& c) const {
    const std::vector<double> before = h;
    std::vector<double> reset(before.size());
    const auto gate = [&](int64_t which, int64_t i) {
      return of_input(d, which, i, t, b) + of_state(d, which, i, before);
    };
    if (c_.op == "GRU") {
      for (int64_t i = 0; i < n_; ++i) {
        reset[static_cast<size_t>(i)] = activated(0, d, gate(1, i)) * before[static_cast<size_t>(i)];
      }
    }
    for (int64_t i = 0; i < n_; ++i) {
      const auto s = static_cast<size_t>(i);
      if (c_.op == "RNN") {
        h[s] = activated(0, d, gate(0, i));
      } else if (c_.op == "GRU") {
        const double z = activated(0, d, gate(0, i));
        const double part = c_.linear_before_reset ? activated(0, d, gate(1, i)) * of_state(d, 2, i, before)
                                                   : of_state(d, 2, i, reset);
        h[s] = (1 - z) * activated(1, d, of_input(d, 2, i, t, b) + part) + z * before[s];
      } else {
        const double in = activated(0, d, gate(0, i) + peephole(d, 0, i, c[s]));
        const double forget = c_.input_forget ? 1 - in : activated(0, d, gate(2, i) + peephole(d, 2, i, c[s]));
        c[s] = forget * c[s] + in * activated(1, d, gate(3, i));
        h[s] = activated(0, d, gate(1, i) + peephole(d, 1, i, c[s])) * activated(2, d, c[s]);
      }
    }
  }

  void sequence(int64_t d, int64_t b) {
    std::vector<double> h(static_cast<size_t>(n_)), c(h);
    for (int64_t i = 0; i < n_ && c_.start; ++i) {
      h[static_cast<size_t>(i)] = data_.h0.at(state_at(d, b, i));
      c[static_cast<size_t>(i)] = data_.c0.at(state_at(d, b, i));
    }
    const int64_t length = c_.lengths.empty() ? c_.length : c_.lengths[static_cast<size_t>(b)];
    const bool reverse = c_.direction == "reverse" || d == 1;
    for (int64_t s = 0; s < length; ++s) {
      const int64_t t = reverse ? length - 1 - s : s;
      step(d, t, b, h, c);
      for (int64_t i = 0; i < n_; ++i) {
        const size_t y = c_.batch_first ? at({b, t, d, i}, {c_.batch, c_.length, d_, n_})
                                        : at({t, d, b, i}, {c_.length, d_, c_.batch, n_});
        data_.y[y] = h[static_cast<size_t>(i)];
      }
    }
    for (int64_t i = 0; i < n_; ++i) {
      data_.yh[state_at(d, b, i)] = h[static_cast<size_t>(i)];
      data_.yc[state_at(d, b, i)] = c[static_cast<size_t>(i)];
    }
  }

  const Case& c_;
  int64_t d_, g_, n_;
  Data data_;
  std::vector<Function> functions_;
};

TestAttributes attributes_of(const Case& c) {
  TestAttributes attributes{{"hidden_size", c.size}, {"direction", c.direction}};
  if (c.batch_first) attributes["layout"] = 1;
  if (c.linear_before_reset) attributes["linear_before_reset"] = 1;
  if (c.input_forget) attributes["input_forget"] = 1;
  if (c.clip > 0) attributes["clip"] = c.clip;
  if (!c.activations.empty()) attributes["activations"] = c.activations;
  if (!c.alpha.empty()) attributes["activation_alpha"] = c.alpha;
  if (!c.beta.empty()) attributes["activation_beta"] = c.beta;
  return attributes;
}

template <class T>
void compare(const Case& c, double tolerance) {
  const Data data = Reference(c).data();
  const auto d = static_cast<int64_t>(c.directions());
  TestGraph graph;
  graph.set_threads(c.threads);
  const auto weight = [&](const TestTensor& t) {
    return c.constant ? graph.constant(cast<T>(t)) : graph.input(cast<T>(t));
  };
  std::vector<TestGraph::Ref> inputs{graph.input(cast<T>(data.x)), weight(data.w), weight(data.r)};
  inputs.resize(c.op == "LSTM" ? 8 : 6, TestGraph::kOmitted);
  if (c.bias) inputs[3] = weight(data.b);
  if (!c.lengths.empty()) inputs[4] = graph.input(tensor<int32_t>({c.batch}, c.lengths));
  if (c.start) inputs[5] = graph.input(cast<T>(data.h0));
  if (c.start && c.op == "LSTM") inputs[6] = graph.input(cast<T>(data.c0));
  if (c.peepholes) inputs[7] = weight(data.p);
  const TestOutput all{type_of<T>(), {-1, -1, -1, -1}};
  const TestOutput state{type_of<T>(), {-1, -1, -1}};
  std::vector<TestOutput> outputs{all, state};
  if (c.op == "LSTM") outputs.push_back(state);
  const auto y = graph.nodes(c.op, inputs, attributes_of(c), outputs);
  const Dims states = c.batch_first ? Dims{c.batch, d, c.size} : Dims{d, c.batch, c.size};
  graph.expect(
      y[0],
      cast<T>(c.batch_first ? Dims{c.batch, c.length, d, c.size} : Dims{c.length, d, c.batch, c.size}, data.y),
      tolerance);
  graph.expect(y[1], cast<T>(states, data.yh), tolerance);
  if (c.op == "LSTM") graph.expect(y[2], cast<T>(states, data.yc), tolerance);
  graph.run();
}

TEST(CpuRecurrent, DirectionsLayoutsAndLengths) {
  for (const char* op : {"LSTM", "GRU", "RNN"}) {
    for (const char* direction : {"forward", "reverse", "bidirectional"}) {
      for (const bool batch_first : {false, true}) {
        for (const std::vector<int32_t>& lengths : {std::vector<int32_t>{}, {2, 5, 0}}) {
          SCOPED_TRACE(testing::Message() << op << " " << direction << batch_first << lengths.size());
          compare<float>({.op = op, .direction = direction, .batch_first = batch_first, .lengths = lengths},
                         1e-5);
        }
      }
    }
  }
}

TEST(CpuRecurrent, WithoutBiasAndStart) {
  for (const char* op : {"LSTM", "GRU", "RNN"}) {
    compare<float>({.op = op, .bias = false, .start = false}, 1e-5);
    compare<float>({.op = op, .direction = "bidirectional", .start = false, .constant = false}, 1e-5);
  }
  compare<float>({.op = "GRU", .bias = false, .start = false, .linear_before_reset = true}, 1e-5);
  compare<float>({.op = "GRU", .start = false, .linear_before_reset = true}, 1e-5);
}

TEST(CpuRecurrent, OtherTypes) {
  for (const char* op : {"LSTM", "GRU", "RNN"}) {
    SCOPED_TRACE(op);
    for (const bool constant : {false, true}) {
      const Case c{.op = op, .direction = "bidirectional", .constant = constant};
      compare<double>(c, 1e-6);  // made-up numbers go through float
      compare<Half>(c, 1e-2);
      compare<Bfloat16>(c, 5e-2);
    }
  }
}

TEST(CpuRecurrent, PeepholesClipAndCoupledGates) {
  compare<float>({.peepholes = true}, 1e-5);
  compare<float>({.direction = "bidirectional", .peepholes = true, .input_forget = true, .clip = 0.3}, 1e-5);
  compare<float>({.op = "GRU", .linear_before_reset = true, .clip = 0.25, .constant = false}, 1e-5);
  compare<float>({.op = "RNN", .clip = 0.25}, 1e-5);
}

TEST(CpuRecurrent, ThreadsShareDirectionsRowsAndProducts) {
  for (const char* op : {"LSTM", "GRU"}) {
    for (const char* direction : {"forward", "bidirectional"}) {
      for (const int64_t batch : {1, 9}) {
        SCOPED_TRACE(testing::Message() << op << " " << direction << batch);
        compare<float>({.op = op,
                        .length = 3,
                        .batch = batch,
                        .input = 70,
                        .size = 130,
                        .direction = direction,
                        .threads = 4},
                       1e-4);
      }
    }
  }
  // One wide sequence: threads share the product of each step.
  compare<float>({.length = 2, .batch = 1, .input = 33, .size = 300, .threads = 4}, 1e-4);
}

TEST(CpuRecurrent, EveryActivation) {
  const auto rnn = [](const char* name, std::vector<float> alpha, std::vector<float> beta, Function function) {
    SCOPED_TRACE(name);
    compare<float>({.op = "RNN",
                    .activations = {name},
                    .alpha = std::move(alpha),
                    .beta = std::move(beta),
                    .functions = {function}},
                   2e-5);
  };
  rnn("Relu", {}, {}, [](double x) { return std::max(x, 0.0); });
  rnn("Sigmoid", {}, {}, sigmoid);
  rnn("Affine", {0.3f}, {0.1f}, [](double x) { return 0.3 * x + 0.1; });
  rnn("LeakyRelu", {}, {}, [](double x) { return x < 0 ? 0.01 * x : x; });
  rnn("LeakyRelu", {0.2f}, {}, [](double x) { return x < 0 ? 0.2 * x : x; });
  rnn("ThresholdedRelu", {0.1f}, {}, [](double x) { return x > 0.1 ? x : 0; });
  rnn("ScaledTanh", {0.7f}, {0.4f}, [](double x) { return 0.7 * std::tanh(0.4 * x); });
  rnn("HardSigmoid", {}, {}, [](double x) { return std::clamp(0.2 * x + 0.5, 0.0, 1.0); });
  rnn("HardSigmoid", {0.3f}, {0.4f}, [](double x) { return std::clamp(0.3 * x + 0.4, 0.0, 1.0); });
  rnn("Elu", {0.5f}, {}, [](double x) { return x < 0 ? 0.5 * std::expm1(x) : x; });
  rnn("Softsign", {}, {}, [](double x) { return x / (1 + std::abs(x)); });
  rnn("Softplus", {}, {}, [](double x) { return std::log1p(std::exp(x)); });
}

TEST(CpuRecurrent, ScalesGoToTheActivationsThatHaveThem) {
  compare<float>({.op = "GRU",
                  .direction = "bidirectional",
                  .activations = {"HardSigmoid", "Tanh", "Sigmoid", "affine"},
                  .alpha = {0.3f, 0.4f},
                  .beta = {0.6f, 0.1f},
                  .functions = {[](double x) { return std::clamp(0.3 * x + 0.6, 0.0, 1.0); }, tangent, sigmoid,
                                [](double x) { return 0.4 * x + 0.1; }}},
                 1e-5);
}

// Values far outside and near zero.
TEST(CpuRecurrent, FunctionsAreExactEverywhere) {
  std::vector<float> x;
  for (int step = -240; step <= 60; ++step) {
    const auto value = static_cast<float>(std::pow(10, step * 0.05));
    x.push_back(value);
    x.push_back(-value);
  }
  const auto n = static_cast<int64_t>(x.size());
  for (const bool smooth : {false, true}) {
    TestGraph graph;
    std::vector<float> y;
    for (const float value : x) y.push_back(static_cast<float>(smooth ? sigmoid(value) : std::tanh(value)));
    const auto one = graph.constant(tensor<float>({1, 1, 1}, {1}));
    const auto none = graph.constant(tensor<float>({1, 1, 1}, {0}));
    const TestAttributes attributes{{"hidden_size", 1},
                                    {"activations", std::vector<std::string>{smooth ? "Sigmoid" : "Tanh"}}};
    const auto out = graph.nodes("RNN", {graph.input(tensor<float>({1, n, 1}, x)), one, none}, attributes,
                                 {TestOutput{Type::kFloat32, {-1, -1, -1, -1}}});
    graph.output(out[0], {1, 1, n, 1});
    const TestTensor found = graph.run()[0];
    for (size_t i = 0; i < y.size(); ++i) {
      EXPECT_NEAR(found.at(i), y[i], 3e-7 * std::abs(y[i]) + 1e-37) << x[i];
    }
  }
}

TEST(CpuRecurrent, EmptySequencesAndBatches) {
  compare<float>({.length = 0}, 1e-6);
  compare<float>({.op = "GRU", .length = 0, .batch_first = true}, 1e-6);
  compare<float>({.batch = 0}, 1e-6);
}

TEST(CpuRecurrent, SaysWhatIsWrong) {
  const auto make = [](TestGraph& graph, const Dims& w, const Dims& r, TestAttributes attributes) {
    graph.output(
        graph.nodes("LSTM", {graph.input(made_up({2, 1, 3})), graph.input(made_up(w)), graph.input(made_up(r))},
                    std::move(attributes), {TestOutput{Type::kFloat32, {-1, -1, -1, -1}}})[0]);
  };
  TestGraph narrow;
  make(narrow, {1, 8, 4}, {1, 8, 2}, {});
  EXPECT_NE(narrow.specialize_error().find("input 1 must have dims [1,8,3], has [1,8,4]"), std::string::npos);
  TestGraph other;
  make(other, {1, 8, 3}, {1, 8, 2}, {{"hidden_size", 3}});
  EXPECT_NE(other.specialize_error().find("hidden_size is 3"), std::string::npos);
  TestGraph unknown;
  make(unknown, {1, 8, 3}, {1, 8, 2}, {{"activations", std::vector<std::string>{"Sine", "Tanh"}}});
  EXPECT_NE(unknown.reasons().find("activation 'Sine' is unknown"), std::string::npos);
  EXPECT_NE(unknown.reasons().find("3 activations are expected, 2 are given"), std::string::npos);
}

}  // namespace
}  // namespace bp::cpu::test
