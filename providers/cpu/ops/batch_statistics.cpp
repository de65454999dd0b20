// BatchNormalization in training: normalized by the mean and variance of this batch, which move the running
// ones.
#include "ops/batch_statistics.hpp"

#include <cmath>

namespace bp::cpu {

namespace {

struct Moments {
  double mean = 0;
  double variance = 0;
};

// x: [batch, channels, length], row-major.
template <class T>
Moments moments_of(const T* x, int64_t channel, int64_t batch, int64_t channels, int64_t length) {
  Moments moments;
  const auto count = static_cast<double>(batch * length);
  const auto each = [&](auto f) {
    for (int64_t n = 0; n < batch; ++n) {
      const T* line = x + (n * channels + channel) * length;
      for (int64_t i = 0; i < length; ++i) f(static_cast<double>(static_cast<Compute<T>>(line[i])));
    }
  };
  each([&](double value) { moments.mean += value; });
  moments.mean /= count;
  each([&](double value) { moments.variance += (value - moments.mean) * (value - moments.mean); });
  moments.variance /= count;
  return moments;
}

}  // namespace

void build_batch_statistics(Builder& b) {
  const Dims dims = b.input_dims(0);
  const int64_t channels = dims.size() > 1 ? dims[1] : 1;
  const int64_t batch = dims.empty() ? 1 : dims[0];
  const int64_t work = element_count(dims);
  if (work == 0) b.fail("a batch without elements has no statistics");
  const int64_t length = work / (batch * channels);
  b.output(0, dims);
  b.output(1, {channels});
  b.output(2, {channels});
  const auto epsilon = static_cast<double>(b.attributes().float_or("epsilon", 1e-5f));
  const auto momentum = static_cast<double>(b.attributes().float_or("momentum", 0.9f));
  const bool has_mean = b.has_output(1);
  const bool has_variance = b.has_output(2);
  const size_t out = b.input_count();
  const int threads = b.threads();
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    dispatch<kFloats>(b.input_type(1), [&]<class S>(Tag<S>) {
      dispatch<kFloats>(b.input_type(3), [&]<class M>(Tag<M>) {
        b.run([=](const Call& call) {
          const auto moved = [&](size_t input, int64_t channel, double now) {
            const auto before = static_cast<double>(call.in<M>(input)[channel]);
            return static_cast<M>(static_cast<Compute<M>>(before * momentum + now * (1 - momentum)));
          };
          parallel_for(threads, channels, work * 3, [&](int64_t begin, int64_t end) {
            for (int64_t c = begin; c < end; ++c) {
              const Moments moments = moments_of(call.in<T>(0), c, batch, channels, length);
              const double scale =
                  static_cast<double>(call.in<S>(1)[c]) / std::sqrt(moments.variance + epsilon);
              const double shift = static_cast<double>(call.in<S>(2)[c]) - moments.mean * scale;
              for (int64_t n = 0; n < batch; ++n) {
                const int64_t at = (n * channels + c) * length;
                const T* x = call.in<T>(0) + at;
                T* y = call.out<T>(out) + at;
                for (int64_t i = 0; i < length; ++i) {
                  const auto value = static_cast<double>(static_cast<Compute<T>>(x[i]));
                  y[i] = static_cast<T>(static_cast<Compute<T>>(value * scale + shift));
                }
              }
              if (has_mean) call.out<M>(out + 1)[c] = moved(3, c, moments.mean);
              if (has_variance) call.out<M>(out + 2)[c] = moved(4, c, moments.variance);
            }
          });
        });
      });
    });
  });
}

}  // namespace bp::cpu
