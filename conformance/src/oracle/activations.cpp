// Element by element, with attributes: the functions between layers.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

template <class Function>
std::vector<Array> map(const OracleCall& call, Function&& function) {
  const Array& x = call.in(0);
  Array y(call.out(0), x.dims);
  for (int64_t i = 0; i < x.count(); ++i) y.set(i, function(x.real(i)));
  return {y};
}

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }
// log(1 + exp(x)) without overflow.
double softplus_of(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

std::vector<Array> celu(const OracleCall& call) {
  const double alpha = call.real_attribute("alpha", 1);
  return map(call, [&](double x) { return x > 0 ? x : alpha * std::expm1(x / alpha); });
}
std::vector<Array> elu(const OracleCall& call) {
  const double alpha = call.real_attribute("alpha", 1);
  return map(call, [&](double x) { return x < 0 ? alpha * std::expm1(x) : x; });
}
std::vector<Array> gelu(const OracleCall& call) {
  if (call.text_attribute("approximate", "none") == "tanh")
    return map(call, [](double x) {
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    });
  return map(call, [](double x) { return 0.5 * x * std::erfc(-x / std::numbers::sqrt2); });
}
std::vector<Array> hard_sigmoid(const OracleCall& call) {
  const double alpha = call.real_attribute("alpha", 0.2f), beta = call.real_attribute("beta", 0.5);
  return map(call, [&](double x) { return std::isnan(x) ? x : std::clamp(alpha * x + beta, 0.0, 1.0); });
}
std::vector<Array> hard_swish(const OracleCall& call) {
  return map(call, [](double x) { return std::isnan(x) ? x : x * std::clamp(x / 6 + 0.5, 0.0, 1.0); });
}
std::vector<Array> leaky_relu(const OracleCall& call) {
  const double alpha = call.real_attribute("alpha", 0.01f);
  return map(call, [&](double x) { return x < 0 ? alpha * x : x; });
}
std::vector<Array> mish(const OracleCall& call) {
  return map(call, [](double x) { return x * std::tanh(softplus_of(x)); });
}
std::vector<Array> relu(const OracleCall& call) {
  const Array& x = call.in(0);
  if (x.is_real()) return map(call, [](double value) { return value < 0 ? 0 : value; });
  Array y = x;
  for (int64_t i = 0; i < x.count(); ++i) y.set_wide(i, std::max<Wide>(x.wide(i), 0));
  return {y};
}
std::vector<Array> selu(const OracleCall& call) {
  const double alpha = call.real_attribute("alpha", 1.67326319217681884765625f);
  const double gamma = call.real_attribute("gamma", 1.05070102214813232421875f);
  return map(call, [&](double x) { return x > 0 ? gamma * x : gamma * alpha * std::expm1(x); });
}
std::vector<Array> shrink(const OracleCall& call) {
  const double bias = call.real_attribute("bias", 0), lambd = call.real_attribute("lambd", 0.5);
  return map(call, [&](double x) { return x < -lambd ? x + bias : x > lambd ? x - bias : 0; });
}
std::vector<Array> sigmoid(const OracleCall& call) { return map(call, sigmoid_of); }
std::vector<Array> softplus(const OracleCall& call) { return map(call, softplus_of); }
std::vector<Array> softsign(const OracleCall& call) {
  return map(call, [](double x) { return x / (1 + std::abs(x)); });
}
std::vector<Array> swish(const OracleCall& call) {
  const double alpha = call.real_attribute("alpha", 1);
  return map(call, [&](double x) { return x * sigmoid_of(alpha * x); });
}
std::vector<Array> thresholded_relu(const OracleCall& call) {
  const double alpha = call.real_attribute("alpha", 1);
  return map(call, [&](double x) { return x > alpha ? x : 0; });
}

constexpr OracleRow kRows[] = {
    {"", "Celu", celu},
    {"", "Elu", elu},
    {"", "Gelu", gelu},
    {"", "HardSigmoid", hard_sigmoid},
    {"", "HardSwish", hard_swish},
    {"", "LeakyRelu", leaky_relu},
    {"", "Mish", mish},
    {"", "Relu", relu},
    {"", "Selu", selu},
    {"", "Shrink", shrink},
    {"", "Sigmoid", sigmoid},
    {"", "Softplus", softplus},
    {"", "Softsign", softsign},
    {"", "Swish", swish},
    {"", "ThresholdedRelu", thresholded_relu},
};

}  // namespace

std::span<const OracleRow> activation_rows() { return kRows; }

}  // namespace bp::conformance
