// What training minimizes.
#include <algorithm>
#include <cmath>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

// Sums weighted losses of each target: scores [N, C, ...], targets [N, ...], `loss(place)` of the chosen class.
template <class Loss>
Array reduce_losses(const OracleCall& call, const Array& scores, const Array& targets, const Array* weights,
                    Loss&& loss) {
  const std::string reduction = call.text_attribute("reduction", "mean");
  const Attribute* ignored = call.node.find_attribute("ignore_index");
  const int64_t classes = scores.dims[1], area = product(std::span(scores.dims).subspan(2));
  Array each(call.out(0), targets.dims);
  double sum = 0, weight_sum = 0;
  for (int64_t i = 0; i < targets.count(); ++i) {
    const int64_t target = targets.ints[static_cast<size_t>(i)];
    const bool skip = ignored != nullptr && target == std::get<int64_t>(ignored->value);
    const double weight = skip ? 0 : weights != nullptr ? weights->real(target) : 1;
    const double value = skip ? 0 : weight * loss((i / area * classes + target) * area + i % area);
    each.set(i, value);
    sum += value;
    weight_sum += weight;
  }
  if (reduction == "none") return each;
  Array y(call.out(0), {});
  y.set(0, reduction == "sum" ? sum : sum / weight_sum);
  return y;
}

std::vector<Array> negative_log_likelihood(const OracleCall& call) {
  const Array& x = call.in(0);
  const Array* weights = call.has(2) ? &call.in(2) : nullptr;
  return {reduce_losses(call, x, call.in(1), weights, [&](int64_t place) { return -x.real(place); })};
}

std::vector<Array> softmax_cross_entropy(const OracleCall& call) {
  const Array& x = call.in(0);
  const Array* weights = call.has(2) ? &call.in(2) : nullptr;
  Array logs(x.type, x.dims);
  const int64_t classes = x.dims[1], area = product(std::span(x.dims).subspan(2));
  for (int64_t line = 0; line < x.dims[0] * area; ++line) {
    const auto at = [&](int64_t c) { return (line / area * classes + c) * area + line % area; };
    double largest = x.real(at(0)), sum = 0;
    for (int64_t c = 0; c < classes; ++c) largest = std::max(largest, x.real(at(c)));
    for (int64_t c = 0; c < classes; ++c) sum += std::exp(x.real(at(c)) - largest);
    for (int64_t c = 0; c < classes; ++c) logs.set(at(c), x.real(at(c)) - largest - std::log(sum));
  }
  Array loss = reduce_losses(call, logs, call.in(1), weights, [&](int64_t place) { return -logs.real(place); });
  return {loss, logs};
}

constexpr OracleRow kRows[] = {
    {"", "NegativeLogLikelihoodLoss", negative_log_likelihood},
    {"", "SoftmaxCrossEntropyLoss", softmax_cross_entropy},
};

}  // namespace

std::span<const OracleRow> loss_rows() { return kRows; }

}  // namespace bp::conformance
