// Softmax and LogSoftmax along one axis; LayerNormalization over the last axes.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/softmax_lines.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

// [outer, length, inner]: `length` is the axis.
struct AxisView {
  int64_t outer = 1, length = 1, inner = 1;
};

AxisView view_axis(const Dims& dims, int64_t axis) {
  AxisView view;
  for (size_t i = 0; i < dims.size(); ++i) {
    int64_t& part = static_cast<int64_t>(i) < axis
                        ? view.outer
                        : (static_cast<int64_t>(i) == axis ? view.length : view.inner);
    part *= dims[i];
  }
  return view;
}

enum class Form { kSoftmax, kLogSoftmax };

template <Form kForm, class T>
void one_line(const T* x, T* y, int64_t length, int64_t step) {
  using C = Compute<T>;
  C largest = static_cast<C>(x[0]);
  for (int64_t i = 1; i < length; ++i) {
    const C value = static_cast<C>(x[i * step]);
    if (value > largest) largest = value;
  }
  C total = 0;
  if constexpr (kForm == Form::kSoftmax) {
    // A 16-bit output is rounded once: it cannot keep the exponentials, which are computed again.
    constexpr bool kKeeps = std::is_same_v<T, C>;
    for (int64_t i = 0; i < length; ++i) {
      const C value = std::exp(static_cast<C>(x[i * step]) - largest);
      if constexpr (kKeeps) y[i * step] = static_cast<T>(value);
      total += value;
    }
    const C scale = C(1) / total;
    for (int64_t i = 0; i < length; ++i) {
      const C value = kKeeps ? static_cast<C>(y[i * step]) : std::exp(static_cast<C>(x[i * step]) - largest);
      y[i * step] = static_cast<T>(value * scale);
    }
  } else {
    for (int64_t i = 0; i < length; ++i) total += std::exp(static_cast<C>(x[i * step]) - largest);
    const C shift = largest + std::log(total);
    for (int64_t i = 0; i < length; ++i) y[i * step] = static_cast<T>(static_cast<C>(x[i * step]) - shift);
  }
}

// Lines [begin, end) of a view, float32: side by side where they are neighbours.
template <Form kForm>
void float_lines(const AxisView& view, const float* x, float* y, int64_t begin, int64_t end) {
  const SoftmaxLines& lines = softmax_lines();
  constexpr bool kLog = kForm == Form::kLogSoftmax;
  if (view.inner == 1 && view.length <= kSoftmaxShort) {
    const int64_t at = begin * view.length;
    (kLog ? lines.log_softmax_short : lines.softmax_short)(x + at, y + at, view.length, end - begin);
    return;
  }
  for (int64_t line = begin; line < end;) {
    const int64_t column = line % view.inner;
    const int64_t at = line / view.inner * view.length * view.inner + column;
    if (view.inner == 1) {
      (kLog ? lines.log_softmax : lines.softmax)(x + at, y + at, view.length);
      ++line;
      continue;
    }
    const int64_t columns = std::min({kSoftmaxColumns, end - line, view.inner - column});
    (kLog ? lines.log_softmax_columns : lines.softmax_columns)(x + at, y + at, view.length, view.inner,
                                                               columns);
    line += columns;
  }
}

void check_axis(Check& check) {
  check.required(0);
  check.types(0, kFloats);
}

template <Form kForm>
void build_axis(Builder& b) {
  const Dims dims = b.input_dims(0);
  b.output(0, dims);
  const int threads = b.threads();
  if (dims.empty()) {
    // A scalar is its own axis.
    dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
      b.run([](const Call& call) { one_line<kForm>(call.in<T>(0), call.out<T>(1), 1, 1); });
    });
    return;
  }
  const AxisView view = view_axis(dims, b.axis(b.attributes().int_or("axis", -1), b.rank(0)));
  b.in_place(0, 0);
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([view, threads](const Call& call) {
      const T* x = call.in<T>(0);
      T* y = call.out<T>(1);
      const int64_t lines = view.outer * view.inner;
      parallel_for(threads, lines, lines * view.length * 4, [&](int64_t begin, int64_t end) {
        if constexpr (std::is_same_v<T, float>) return float_lines<kForm>(view, x, y, begin, end);
        for (int64_t line = begin; line < end; ++line) {
          const int64_t at = line / view.inner * view.length * view.inner + line % view.inner;
          one_line<kForm>(x + at, y + at, view.length, view.inner);
        }
      });
    });
  });
}

// --- LayerNormalization ---

void check_layer_normalization(Check& check) {
  check.required(0);
  check.required(1);
  for (size_t input = 0; input < 3; ++input) check.types(input, kFloats);
  const int64_t stash = check.node.attributes.int_or("stash_type", 1);
  if (stash != BP_TYPE_FLOAT32)
    check.reject_attribute("stash_type", "expected 1 (float32), found " + std::to_string(stash));
}

// `parameters`: elements of scale and bias, which repeat over the normalized axes when they are fewer.
template <class T>
void normalize_line(const T* x, T* y, const T* scale, const T* bias, int64_t length, int64_t parameters,
                    float epsilon, float* mean_out, float* deviation_out) {
  using C = Compute<T>;
  double sum = 0;
  for (int64_t i = 0; i < length; ++i) sum += static_cast<double>(static_cast<C>(x[i]));
  const double mean = sum / static_cast<double>(length);
  double squares = 0;
  for (int64_t i = 0; i < length; ++i) {
    const double distance = static_cast<double>(static_cast<C>(x[i])) - mean;
    squares += distance * distance;
  }
  const double inverse = 1 / std::sqrt(squares / static_cast<double>(length) + static_cast<double>(epsilon));
  const auto center = static_cast<C>(mean);
  const auto factor = static_cast<C>(inverse);
  for (int64_t i = 0; i < length; ++i) {
    const int64_t at = parameters == length ? i : i % parameters;
    const C offset = bias == nullptr ? C(0) : static_cast<C>(bias[at]);
    y[i] = static_cast<T>((static_cast<C>(x[i]) - center) * factor * static_cast<C>(scale[at]) + offset);
  }
  if (mean_out != nullptr) *mean_out = static_cast<float>(mean);
  if (deviation_out != nullptr) *deviation_out = static_cast<float>(inverse);
}

// The four sums above in float lanes: a line of float32 is read from cache, and wide sums of sixteen lanes err
// by less than one rounding of the result.
void normalize_line(const float* x, float* y, const float* scale, const float* bias, int64_t length,
                    int64_t parameters, float epsilon, float* mean_out, float* deviation_out) {
  if (parameters != length) {
    normalize_line<float>(x, y, scale, bias, length, parameters, epsilon, mean_out, deviation_out);
    return;
  }
  constexpr int64_t kLanes = 16;
  float sums[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= length; i += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += x[i + lane];
  double sum = 0;
  for (const float lane : sums) sum += static_cast<double>(lane);
  for (; i < length; ++i) sum += static_cast<double>(x[i]);
  const auto mean = static_cast<float>(sum / static_cast<double>(length));
  float squares[kLanes] = {};
  for (i = 0; i + kLanes <= length; i += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane) squares[lane] += (x[i + lane] - mean) * (x[i + lane] - mean);
  double total = 0;
  for (const float lane : squares) total += static_cast<double>(lane);
  for (; i < length; ++i) total += static_cast<double>((x[i] - mean) * (x[i] - mean));
  const auto inverse =
      static_cast<float>(1 / std::sqrt(total / static_cast<double>(length) + static_cast<double>(epsilon)));
  if (bias == nullptr) {
    for (i = 0; i < length; ++i) y[i] = (x[i] - mean) * inverse * scale[i];
  } else {
    for (i = 0; i < length; ++i) y[i] = (x[i] - mean) * inverse * scale[i] + bias[i];
  }
  if (mean_out != nullptr) *mean_out = mean;
  if (deviation_out != nullptr) *deviation_out = inverse;
}

void build_layer_normalization(Builder& b) {
  const Dims dims = b.input_dims(0);
  const int64_t axis = b.axis(b.attributes().int_or("axis", -1), b.rank(0));
  const auto front = dims.begin() + axis;
  const int64_t length = element_count(Dims(front, dims.end()));
  const int64_t lines = element_count(Dims(dims.begin(), front));
  const int64_t parameters = element_count(b.input_dims(1));
  if (parameters == 0 || length % std::max<int64_t>(parameters, 1) != 0 ||
      (b.has_input(2) && element_count(b.input_dims(2)) != parameters))
    b.fail("scale and bias must repeat over the normalized dims " + dims_text(Dims(front, dims.end())) +
           ", scale is " + dims_text(b.input_dims(1)));
  b.output(0, dims);
  Dims statistics = dims;
  for (size_t i = static_cast<size_t>(axis); i < statistics.size(); ++i) statistics[i] = 1;
  for (size_t output = 1; output < 3; ++output)
    if (b.has_output(output)) b.output(output, statistics);
  b.in_place(0, 0);
  const float epsilon = b.attributes().float_or("epsilon", 1e-5f);
  const int threads = b.threads();
  const size_t out = b.input_count();
  const bool has_bias = b.has_input(2), has_mean = b.has_output(1), has_deviation = b.has_output(2);
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      const T* x = call.in<T>(0);
      const T* scale = call.in<T>(1);
      const T* bias = has_bias ? call.in<T>(2) : nullptr;
      T* y = call.out<T>(out);
      float* mean = has_mean ? call.out<float>(out + 1) : nullptr;
      float* deviation = has_deviation ? call.out<float>(out + 2) : nullptr;
      parallel_for(threads, lines, lines * length, [&](int64_t begin, int64_t end) {
        for (int64_t line = begin; line < end; ++line)
          normalize_line(x + line * length, y + line * length, scale, bias, length, parameters, epsilon,
                         mean == nullptr ? nullptr : mean + line,
                         deviation == nullptr ? nullptr : deviation + line);
      });
    });
  });
}

constexpr Row kRows[] = {
    {"Softmax", check_axis, build_axis<Form::kSoftmax>, 13},
    {"LogSoftmax", check_axis, build_axis<Form::kLogSoftmax>, 13},
    {"LayerNormalization", check_layer_normalization, build_layer_normalization, 17},
};

}  // namespace

std::span<const Row> softmax_rows() { return kRows; }

}  // namespace bp::cpu
