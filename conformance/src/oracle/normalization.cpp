// Scaled by what lies around: by mean and variance, by norms, by sums of exponentials.
#include <algorithm>
#include <cmath>
#include <limits>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

struct Moments {
  double mean, variance;
};

template <class At>
Moments moments(int64_t count, At&& at) {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < count; ++i) sum += at(i);
  const double mean = sum / static_cast<double>(count);
  for (int64_t i = 0; i < count; ++i) squares += (at(i) - mean) * (at(i) - mean);
  return {mean, squares / static_cast<double>(count)};
}

int64_t area_of(const Array& x) { return product(std::span(x.dims).subspan(2)); }
int64_t channel_of(const Array& x, int64_t flat) {
  return x.dims.size() < 2 ? 0 : flat / product(std::span(x.dims).subspan(2)) % x.dims[1];
}

std::vector<Array> batch_normalization(const OracleCall& call) {
  const Array& x = call.in(0);
  const double epsilon = call.real_attribute("epsilon", 1e-5f),
               momentum = call.real_attribute("momentum", 0.9f);
  Array mean = call.in(3), variance = call.in(4), y(call.out(0), x.dims);
  std::vector<Array> results;
  if (call.attribute("training_mode", 0) != 0) {
    Array running_mean = mean, running_variance = variance;
    const int64_t channels = x.dims[1], area = area_of(x), count = x.dims[0] * area;
    for (int64_t channel = 0; channel < channels; ++channel) {
      const Moments found =
          moments(count, [&](int64_t i) { return x.real((i / area * channels + channel) * area + i % area); });
      running_mean.set(channel, mean.real(channel) * momentum + found.mean * (1 - momentum));
      running_variance.set(channel, variance.real(channel) * momentum + found.variance * (1 - momentum));
      mean.set(channel, found.mean);
      variance.set(channel, found.variance);
    }
    results = {running_mean, running_variance};
  }
  for (int64_t i = 0; i < x.count(); ++i) {
    const int64_t channel = channel_of(x, i);
    y.set(i, (x.real(i) - mean.real(channel)) / std::sqrt(variance.real(channel) + epsilon) *
                     call.in(1).real(channel) +
                 call.in(2).real(channel));
  }
  results.insert(results.begin(), y);
  return results;
}

// Groups of channels with statistics of their own; `scale` and `bias` per channel.
Array normalize_groups(const OracleCall& call, int64_t groups, double epsilon) {
  const Array& x = call.in(0);
  Array y(call.out(0), x.dims);
  const int64_t size = x.count() / std::max<int64_t>(x.dims[0] * groups, 1);
  for (int64_t group = 0; group < x.dims[0] * groups; ++group) {
    const Moments found = moments(size, [&](int64_t i) { return x.real(group * size + i); });
    for (int64_t i = group * size; i < (group + 1) * size; ++i) {
      const int64_t channel = channel_of(x, i);
      y.set(i, (x.real(i) - found.mean) / std::sqrt(found.variance + epsilon) * call.in(1).real(channel) +
                   call.in(2).real(channel));
    }
  }
  return y;
}

std::vector<Array> instance_normalization(const OracleCall& call) {
  return {normalize_groups(call, call.in(0).dims[1], call.real_attribute("epsilon", 1e-5f))};
}
std::vector<Array> group_normalization(const OracleCall& call) {
  return {normalize_groups(call, call.attribute("num_groups", 1), call.real_attribute("epsilon", 1e-5f))};
}

// Over the last axes, from `axis` on.
std::vector<Array> layer_normalization(const OracleCall& call) {
  const Array& x = call.in(0);
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", -1), x.rank()));
  const double epsilon = call.real_attribute("epsilon", 1e-5f);
  const int64_t size = product(std::span(x.dims).subspan(axis)), rows = product(std::span(x.dims).first(axis));
  ConcreteDims kept = x.dims;
  std::fill(kept.begin() + static_cast<std::ptrdiff_t>(axis), kept.end(), 1);
  Array y(call.out(0), x.dims), means(call.wants(1) ? call.out(1) : ElementType::kFloat32, kept),
      inverse = means;
  std::vector<Moments> found;
  for (int64_t row = 0; row < rows; ++row) {
    found.push_back(moments(size, [&](int64_t i) { return x.real(row * size + i); }));
    means.set(row, found.back().mean);
    inverse.set(row, 1 / std::sqrt(found.back().variance + epsilon));
  }
  for_each_index(x.dims, [&](const std::vector<int64_t>& at, int64_t i) {
    const Moments& row = found[static_cast<size_t>(i / size)];
    const double normal = (x.real(i) - row.mean) / std::sqrt(row.variance + epsilon);
    const double bias = call.has(2) ? call.in(2).real(broadcast_place(at, call.in(2).dims)) : 0;
    y.set(i, normal * call.in(1).real(broadcast_place(at, call.in(1).dims)) + bias);
  });
  return {y, means, inverse};
}

std::vector<Array> rms_normalization(const OracleCall& call) {
  const Array& x = call.in(0);
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", -1), x.rank()));
  const double epsilon = call.real_attribute("epsilon", 1e-5f);
  const int64_t size = product(std::span(x.dims).subspan(axis));
  Array y(call.out(0), x.dims);
  for_each_index(x.dims, [&](const std::vector<int64_t>& at, int64_t i) {
    double squares = 0;
    for (int64_t j = 0; j < size; ++j) squares += x.real(i / size * size + j) * x.real(i / size * size + j);
    const double normal = x.real(i) / std::sqrt(squares / static_cast<double>(size) + epsilon);
    y.set(i, normal * call.in(1).real(broadcast_place(at, call.in(1).dims)));
  });
  return {y};
}

std::vector<Array> mean_variance_normalization(const OracleCall& call) {
  const Array& x = call.in(0);
  std::vector<int64_t> axes = call.list_attribute("axes");
  if (axes.empty()) axes = {0, 2, 3};
  ConcreteDims kept = x.dims;
  for (const int64_t axis : axes) kept[static_cast<size_t>(axis_in(axis, x.rank()))] = 1;
  std::vector<std::vector<double>> groups(static_cast<size_t>(product(kept)));
  for_each_index(x.dims, [&](const std::vector<int64_t>& at, int64_t i) {
    groups[static_cast<size_t>(broadcast_place(at, kept))].push_back(x.real(i));
  });
  std::vector<Moments> found;
  for (const auto& group : groups)
    found.push_back(
        moments(static_cast<int64_t>(group.size()), [&](int64_t i) { return group[static_cast<size_t>(i)]; }));
  Array y(call.out(0), x.dims);
  for_each_index(x.dims, [&](const std::vector<int64_t>& at, int64_t i) {
    const Moments& group = found[static_cast<size_t>(broadcast_place(at, kept))];
    y.set(i, (x.real(i) - group.mean) / (std::sqrt(group.variance) + 1e-9));
  });
  return {y};
}

// Calls `line(places)` for every line along an axis.
template <class Line>
void for_each_line(const Array& x, size_t axis, Line&& line) {
  const int64_t inner = product(std::span(x.dims).subspan(axis + 1)), size = x.dims[axis];
  const int64_t outer = product(std::span(x.dims).first(axis));
  for (int64_t at = 0; at < outer * inner; ++at) {
    std::vector<int64_t> places;
    for (int64_t i = 0; i < size; ++i) places.push_back((at / inner * size + i) * inner + at % inner);
    line(places);
  }
}

template <class Finish>
std::vector<Array> softmax_by(const OracleCall& call, Finish&& finish) {
  const Array& x = call.in(0);
  Array y(call.out(0), x.dims);
  if (x.dims.empty()) {
    y.set(0, finish(0, 1));
    return {y};
  }
  for_each_line(x, static_cast<size_t>(axis_in(call.attribute("axis", -1), x.rank())), [&](const auto& places) {
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (const int64_t i : places) largest = std::isnan(x.real(i)) ? x.real(i) : std::max(largest, x.real(i));
    for (const int64_t i : places) sum += std::exp(x.real(i) - largest);
    for (const int64_t i : places) y.set(i, finish(x.real(i) - largest, sum));
  });
  return {y};
}

std::vector<Array> softmax(const OracleCall& call) {
  return softmax_by(call, [](double x, double sum) { return std::exp(x) / sum; });
}
std::vector<Array> log_softmax(const OracleCall& call) {
  return softmax_by(call, [](double x, double sum) { return x - std::log(sum); });
}

std::vector<Array> hardmax(const OracleCall& call) {
  const Array& x = call.in(0);
  Array y(call.out(0), x.dims);
  for_each_line(x, static_cast<size_t>(axis_in(call.attribute("axis", -1), x.rank())), [&](const auto& places) {
    if (places.empty()) return;
    int64_t best = places.front();
    for (const int64_t i : places)
      if (x.real(i) > x.real(best)) best = i;
    y.set(best, 1);
  });
  return {y};
}

std::vector<Array> lp_normalization(const OracleCall& call) {
  const Array& x = call.in(0);
  const int64_t p = call.attribute("p", 2);
  Array y(call.out(0), x.dims);
  for_each_line(x, static_cast<size_t>(axis_in(call.attribute("axis", -1), x.rank())), [&](const auto& places) {
    double sum = 0;
    for (const int64_t i : places) sum += p == 1 ? std::abs(x.real(i)) : x.real(i) * x.real(i);
    const double norm = p == 1 ? sum : std::sqrt(sum);
    for (const int64_t i : places) y.set(i, norm == 0 ? 0 : x.real(i) / norm);
  });
  return {y};
}

// Across neighbouring channels.
std::vector<Array> lrn(const OracleCall& call) {
  const Array& x = call.in(0);
  const int64_t size = call.attribute("size", 1), channels = x.dims[1], area = area_of(x);
  const double alpha = call.real_attribute("alpha", 0.0001f), beta = call.real_attribute("beta", 0.75f);
  const double bias = call.real_attribute("bias", 1);
  Array y(call.out(0), x.dims);
  for (int64_t i = 0; i < x.count(); ++i) {
    const int64_t channel = channel_of(x, i);
    double squares = 0;
    const int64_t begin = std::max<int64_t>(channel - (size - 1) / 2, 0),
                  end = std::min(channel + size / 2, channels - 1);
    for (int64_t other = begin; other <= end; ++other) {
      const double value = x.real(i + (other - channel) * area);
      squares += value * value;
    }
    y.set(i, x.real(i) / std::pow(bias + alpha / static_cast<double>(size) * squares, beta));
  }
  return {y};
}

constexpr OracleRow kRows[] = {
    {"", "BatchNormalization", batch_normalization},
    {"", "GroupNormalization", group_normalization},
    {"", "Hardmax", hardmax},
    {"", "InstanceNormalization", instance_normalization},
    {"", "LRN", lrn},
    {"", "LayerNormalization", layer_normalization},
    {"", "LogSoftmax", log_softmax},
    {"", "LpNormalization", lp_normalization},
    {"", "MeanVarianceNormalization", mean_variance_normalization},
    {"", "RMSNormalization", rms_normalization},
    {"", "Softmax", softmax},
};

}  // namespace

std::span<const OracleRow> normalization_rows() { return kRows; }

}  // namespace bp::conformance
