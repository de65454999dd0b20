// RNN, GRU and LSTM: x [time, batch, input], W [directions, gates * hidden, input], R [.., hidden], B [.., 2 *
// gates * hidden]; with layout 1 the batch comes first.
#include <algorithm>
#include <cmath>
#include <functional>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

using Row = std::vector<double>;
using Function = std::function<double(double)>;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

Function function_named(const std::string& name, double alpha, double beta) {
  if (name == "Sigmoid") return sigmoid;
  if (name == "Tanh") return [](double x) { return std::tanh(x); };
  if (name == "Relu") return [](double x) { return std::max(x, 0.0); };
  if (name == "LeakyRelu") return [alpha](double x) { return x < 0 ? alpha * x : x; };
  if (name == "HardSigmoid") return [alpha, beta](double x) { return std::clamp(alpha * x + beta, 0.0, 1.0); };
  if (name == "Elu") return [alpha](double x) { return x < 0 ? alpha * std::expm1(x) : x; };
  if (name == "Softsign") return [](double x) { return x / (1 + std::abs(x)); };
  if (name == "Softplus") return [](double x) { return std::log1p(std::exp(x)); };
  throw std::runtime_error("oracle: no activation '" + name + "'");
}

// One direction's weights, and the steps of its gates.
struct Cell {
  const OracleCall& call;
  int64_t direction, gates, hidden, size;
  std::vector<Function> functions;
  double clip;

  double w(int64_t row, int64_t column) const {
    return call.in(1).real((direction * gates * hidden + row) * size + column);
  }
  double r(int64_t row, int64_t column) const {
    return call.in(2).real((direction * gates * hidden + row) * hidden + column);
  }
  double bias(int64_t row, bool recurrent) const {
    if (!call.has(3)) return 0;
    return call.in(3).real((direction * 2 + (recurrent ? 1 : 0)) * gates * hidden + row);
  }
  double clipped(double x) const { return clip > 0 ? std::clamp(x, -clip, clip) : x; }
  // W x + its bias, R h + its bias: rows of one gate.
  double from_input(int64_t row, const Row& x) const {
    double sum = bias(row, false);
    for (int64_t i = 0; i < size; ++i) sum += w(row, i) * x[static_cast<size_t>(i)];
    return sum;
  }
  double from_hidden(int64_t row, const Row& h) const {
    double sum = bias(row, true);
    for (int64_t i = 0; i < hidden; ++i) sum += r(row, i) * h[static_cast<size_t>(i)];
    return sum;
  }
  double apply(size_t function, double x) const { return functions[function](clipped(x)); }
};

using Step = std::function<void(const Cell& cell, const Row& x, Row& h, Row& c)>;

void rnn_step(const Cell& cell, const Row& x, Row& h, Row&) {
  Row next(h.size());
  for (int64_t i = 0; i < cell.hidden; ++i)
    next[static_cast<size_t>(i)] = cell.apply(0, cell.from_input(i, x) + cell.from_hidden(i, h));
  h = next;
}

// Gates z, r, h.
void gru_step(const Cell& cell, const Row& x, Row& h, Row&) {
  const bool after = cell.call.attribute("linear_before_reset", 0) != 0;
  const int64_t n = cell.hidden;
  Row update(h.size()), reset(h.size()), next(h.size());
  for (int64_t i = 0; i < n; ++i) {
    const auto at = static_cast<size_t>(i);
    update[at] = cell.apply(0, cell.from_input(i, x) + cell.from_hidden(i, h));
    reset[at] = cell.apply(0, cell.from_input(n + i, x) + cell.from_hidden(n + i, h));
  }
  Row gated = h;
  for (size_t i = 0; i < h.size(); ++i) gated[i] *= reset[i];
  for (int64_t i = 0; i < n; ++i) {
    const auto at = static_cast<size_t>(i);
    const double recurrent =
        after ? reset[at] * cell.from_hidden(2 * n + i, h) : cell.from_hidden(2 * n + i, gated);
    const double candidate = cell.apply(1, cell.from_input(2 * n + i, x) + recurrent);
    next[at] = (1 - update[at]) * candidate + update[at] * h[at];
  }
  h = next;
}

// Gates i, o, f, c; peepholes in the order i, o, f.
void lstm_step(const Cell& cell, const Row& x, Row& h, Row& c) {
  const int64_t n = cell.hidden;
  const bool coupled = cell.call.attribute("input_forget", 0) != 0;
  const auto peephole = [&](int64_t gate, int64_t i) {
    return cell.call.has(7) ? cell.call.in(7).real((cell.direction * 3 + gate) * n + i) : 0.0;
  };
  Row next_h(h.size()), next_c(h.size());
  for (int64_t i = 0; i < n; ++i) {
    const auto at = static_cast<size_t>(i);
    const auto gate = [&](int64_t number) {
      return cell.from_input(number * n + i, x) + cell.from_hidden(number * n + i, h);
    };
    const double in = cell.apply(0, gate(0) + peephole(0, i) * c[at]);
    const double forget = coupled ? 1 - in : cell.apply(0, gate(2) + peephole(2, i) * c[at]);
    next_c[at] = forget * c[at] + in * cell.apply(1, gate(3));
    const double out = cell.apply(0, gate(1) + peephole(1, i) * next_c[at]);
    next_h[at] = out * cell.apply(2, next_c[at]);
  }
  h = next_h;
  c = next_c;
}

std::vector<Array> recurrent(const OracleCall& call, int64_t gates, const std::vector<std::string>& defaults,
                             const Step& step) {
  const Array& x = call.in(0);
  const bool batch_first = call.attribute("layout", 0) != 0;
  const int64_t time = x.dims[batch_first ? 1 : 0], batch = x.dims[batch_first ? 0 : 1], size = x.dims[2];
  const int64_t hidden = call.attribute("hidden_size", call.in(2).dims[2]), directions = call.in(1).dims[0];
  const bool backwards = call.text_attribute("direction", "forward") == "reverse";
  std::vector<std::string> names = defaults;
  if (const Attribute* given = call.node.find_attribute("activations"))
    names = std::get<std::vector<std::string>>(given->value);
  while (names.size() < defaults.size() * static_cast<size_t>(directions))
    names.push_back(names[names.size() - defaults.size()]);
  const std::vector<double> alphas = call.reals_attribute("activation_alpha"),
                            betas = call.reals_attribute("activation_beta");

  const ConcreteDims all = batch_first ? ConcreteDims{batch, time, directions, hidden}
                                       : ConcreteDims{time, directions, batch, hidden};
  const ConcreteDims last =
      batch_first ? ConcreteDims{batch, directions, hidden} : ConcreteDims{directions, batch, hidden};
  const ElementType type = x.type;
  Array y(type, all), y_h(type, last), y_c(type, last);
  const auto state_at = [&](int64_t direction, int64_t row, int64_t i) {
    return (batch_first ? row * directions + direction : direction * batch + row) * hidden + i;
  };
  for (int64_t direction = 0; direction < directions; ++direction) {
    Cell cell{call, direction, gates, hidden, size, {}, call.real_attribute("clip", 0)};
    for (size_t i = 0; i < defaults.size(); ++i) {
      const size_t at = static_cast<size_t>(direction) * defaults.size() + i;
      const double alpha = at < alphas.size()           ? alphas[at]
                           : names[at] == "HardSigmoid" ? 0.2
                           : names[at] == "Elu"         ? 1
                                                        : 0.01;
      cell.functions.push_back(function_named(names[at], alpha, at < betas.size() ? betas[at] : 0.5));
    }
    const bool reversed = backwards || direction == 1;
    for (int64_t row = 0; row < batch; ++row) {
      Row h(static_cast<size_t>(hidden), 0), c = h;
      for (int64_t i = 0; i < hidden; ++i) {
        if (call.has(5)) h[static_cast<size_t>(i)] = call.in(5).real(state_at(direction, row, i));
        if (call.has(6)) c[static_cast<size_t>(i)] = call.in(6).real(state_at(direction, row, i));
      }
      const int64_t length = call.has(4) ? call.in(4).ints[static_cast<size_t>(row)] : time;
      for (int64_t i = 0; i < length; ++i) {
        const int64_t t = reversed ? length - 1 - i : i;
        Row input;
        for (int64_t j = 0; j < size; ++j)
          input.push_back(x.real(((batch_first ? row * time + t : t * batch + row)) * size + j));
        step(cell, input, h, c);
        for (int64_t j = 0; j < hidden; ++j) {
          const int64_t place = batch_first ? (row * time + t) * directions + direction
                                            : (t * directions + direction) * batch + row;
          y.set(place * hidden + j, h[static_cast<size_t>(j)]);
        }
      }
      for (int64_t i = 0; i < hidden; ++i) {
        y_h.set(state_at(direction, row, i), h[static_cast<size_t>(i)]);
        y_c.set(state_at(direction, row, i), c[static_cast<size_t>(i)]);
      }
    }
  }
  return {y, y_h, y_c};
}

std::vector<Array> rnn(const OracleCall& call) { return recurrent(call, 1, {"Tanh"}, rnn_step); }
std::vector<Array> gru(const OracleCall& call) { return recurrent(call, 3, {"Sigmoid", "Tanh"}, gru_step); }
std::vector<Array> lstm(const OracleCall& call) {
  return recurrent(call, 4, {"Sigmoid", "Tanh", "Tanh"}, lstm_step);
}

constexpr OracleRow kRows[] = {{"", "GRU", gru}, {"", "LSTM", lstm}, {"", "RNN", rnn}};

}  // namespace

std::span<const OracleRow> recurrent_rows() { return kRows; }

}  // namespace bp::conformance
