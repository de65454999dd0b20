// Operators that draw random numbers. With a seed every run gives the same numbers, without one every run gives
// others; neither depends on the number of threads. The numbers are not those of another runtime.
#include "ops/table.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "kernels/normal_draws.hpp"
#include "kernels/philox.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

uint64_t mixed(uint64_t value) {  // splitmix64's finalizer
  value += 0x9E3779B97F4A7C15u;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

uint64_t hash(std::string_view name) {  // FNV-1a
  uint64_t value = 0xCBF29CE484222325u;
  for (const char c : name) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return value;
}

// Where a node's numbers come from: one stream for all runs, or the next stream for each.
class Source {
 public:
  Source(const Builder& b, bool seeded, uint64_t seed) {
    if (seeded) {
      key_ = mixed(seed);
    } else if (b.options().deterministic) {
      key_ = mixed(hash(b.node().name));
    } else {
      std::random_device entropy;
      key_ = uint64_t{entropy()} << 32 | entropy();
      runs_ = std::make_shared<std::atomic<uint64_t>>(0);
    }
  }
  Philox next() const noexcept { return {key_, runs_ == nullptr ? 0 : runs_->fetch_add(1)}; }

 private:
  uint64_t key_ = 0;
  std::shared_ptr<std::atomic<uint64_t>> runs_;
};

// Dropout's seed is an integer, that of all others a float.
Source source_of(const Builder& b) {
  const bool seeded = b.attributes().has("seed");
  return {b, seeded, std::bit_cast<uint32_t>(b.attributes().float_or("seed", 0.0f))};
}

// --- RandomNormal, RandomUniform and the forms with the dims of a tensor ---

void check_random(Check& check) { check.output_types(0, kFloats); }

void check_random_like(Check& check) {
  check.required(0);
  check.output_types(0, kFloats);
}

struct Normal {
  explicit Normal(Builder& b)
      : mean(b.attributes().float_or("mean", 0.0f)), scale(b.attributes().float_or("scale", 1.0f)) {}
  template <class C, class F>
  static void for_each(int threads, int64_t count, const Philox& philox, F f) {
    for_each_normal_draw<C>(threads, count, philox, f);
  }
  template <class C>
  C value(C draw) const {
    return static_cast<C>(mean) + static_cast<C>(scale) * draw;
  }
  float mean, scale;
};

struct Uniform {
  explicit Uniform(Builder& b)
      : low(b.attributes().float_or("low", 0.0f)), high(b.attributes().float_or("high", 1.0f)) {
    if (!(low <= high)) b.fail(text("attribute 'low' must not be above 'high', is ", low, " above ", high));
  }
  template <class C, class F>
  static void for_each(int threads, int64_t count, const Philox& philox, F f) {
    for_each_draw<C>(threads, count, philox, uniform_draws<C>, f);
  }
  // `high` itself only where nothing else lies between.
  template <class C>
  C value(C draw) const {
    const C at = static_cast<C>(low) + (static_cast<C>(high) - static_cast<C>(low)) * draw;
    return at < static_cast<C>(high) ? at : std::nextafter(static_cast<C>(high), static_cast<C>(low));
  }
  float low, high;
};

template <class Distribution>
void fill_randomly(Builder& b, Dims dims) {
  const int64_t count = element_count(dims);
  b.output(0, std::move(dims));
  const Distribution distribution(b);
  const Source source = source_of(b);
  const size_t out = b.input_count();
  const int threads = b.threads();
  dispatch<kFloats>(b.output_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      using C = Compute<T>;
      T* y = call.out<T>(out);
      Distribution::template for_each<C>(threads, count, source.next(), [&](int64_t i, C draw) {
        y[i] = static_cast<T>(distribution.value(draw));
      });
    });
  });
}

template <class Distribution>
void build_random(Builder& b) {
  if (!b.attributes().has("shape")) b.fail("attribute 'shape' is required");
  fill_randomly<Distribution>(b, b.attributes().ints_or("shape", {}));
}

template <class Distribution>
void build_random_like(Builder& b) {
  fill_randomly<Distribution>(b, b.input_dims(0));
}

// --- Bernoulli: 1 with the probability that the input says ---

void check_bernoulli(Check& check) {
  check.required(0);
  check.types(0, kFloats);
  check.output_types(0, kFixedSize);
}

void build_bernoulli(Builder& b) {
  const int64_t count = element_count(b.input_dims(0));
  b.output(0, b.input_dims(0));
  const Source source = source_of(b);
  const int threads = b.threads();
  dispatch<kFloats>(b.input_type(0), [&]<class P>(Tag<P>) {
    dispatch<kFixedSize>(b.output_type(0), [&]<class T>(Tag<T>) {
      b.run([=](const Call& call) {
        using C = Compute<P>;
        const P* p = call.in<P>(0);
        T* y = call.out<T>(1);
        for_each_draw<C>(threads, count, source.next(), uniform_draws<C>,
                         [&](int64_t i, C draw) { y[i] = static_cast<T>(draw < static_cast<C>(p[i])); });
      });
    });
  });
}

// --- Multinomial: indices drawn by unnormalized log probabilities ---

void check_multinomial(Check& check) {
  check.required(0);
  check.types(0, kFloats);
  check.rank_between(0, 2, 2);
  check.output_types(0, kIndices);
}

// The running sums of exp(x - max x); false where they are not finite numbers above 0.
template <class T>
bool cumulate(const T* x, int64_t classes, double* sums) {
  double most = -std::numeric_limits<double>::infinity();
  for (int64_t c = 0; c < classes; ++c) most = std::max(most, static_cast<double>(x[c]));
  double sum = 0;
  for (int64_t c = 0; c < classes; ++c) sums[c] = sum += std::exp(static_cast<double>(x[c]) - most);
  return sum > 0 && std::isfinite(sum);
}

// How many of `count` rising sums are not above `value`; no branch depends on them, so that none is guessed
// wrong.
int64_t sums_up_to(const double* sums, int64_t count, double value) {
  const double* at = sums;
  while (count > 1) {
    const int64_t half = count / 2;
    at += static_cast<int64_t>(at[half - 1] <= value) * half;
    count -= half;
  }
  if (count == 1) at += static_cast<int64_t>(*at <= value);
  return at - sums;
}

void build_multinomial(Builder& b) {
  const Dims& dims = b.input_dims(0);
  const int64_t rows = dims[0];
  const int64_t classes = dims[1];
  const int64_t samples = b.attributes().int_or("sample_size", 1);
  if (samples < 0) b.fail(text("attribute 'sample_size' must not be negative, is ", samples));
  if (classes == 0 && rows * samples > 0) b.fail("input 0 has no classes to draw from");
  b.output(0, {rows, samples});
  const Source source = source_of(b);
  const size_t scratch = b.scratch(static_cast<uint64_t>(rows * classes) * sizeof(double));
  const int threads = b.threads();
  dispatch<kFloats>(b.input_type(0), [&]<class P>(Tag<P>) {
    dispatch<kIndices>(b.output_type(0), [&]<class T>(Tag<T>) {
      b.run([=](const Call& call) -> RunError {
        auto* sums = call.out<double>(scratch);
        for (int64_t row = 0; row < rows; ++row) {
          if (!cumulate(call.in<P>(0) + row * classes, classes, sums + row * classes))
            return "a row of log probabilities gives no class a finite probability";
        }
        T* y = call.out<T>(1);
        for_each_draw<double>(threads, rows * samples, source.next(), uniform_draws<double>,
                              [&](int64_t i, double draw) {
                                const double* of_row = sums + i / samples * classes;
                                const int64_t last = classes - 1;
                                y[i] = static_cast<T>(sums_up_to(of_row, last, draw * of_row[last]));
                              });
        return nullptr;
      });
    });
  });
}

// --- Dropout ---

void check_dropout(Check& check) {
  check.required(0);
  check.types(0, kFloats);
  check.types(1, kFloats);
  check.types(2, kBool);
}

// Where no run trains: the data, and a mask of true.
void build_plain_dropout(Builder& b) {
  b.alias(0, 0, b.input_dims(0));
  if (!b.has_output(1)) return;
  b.output(1, b.input_dims(0));
  const size_t mask = b.input_count() + 1;
  const auto count = static_cast<size_t>(element_count(b.input_dims(0)));
  b.run([mask, count](const Call& call) { std::fill_n(call.out<bool>(mask), count, true); });
}

double ratio_at(const void* data, Type type) {
  double ratio = 0.5;
  if (data != nullptr)
    dispatch<kFloats>(type,
                      [&]<class R>(Tag<R>) { ratio = static_cast<double>(*static_cast<const R*>(data)); });
  return ratio;
}

void build_dropout(Builder& b) {
  const HostTensor* training = b.value(2);
  if (!b.has_input(2) || (training != nullptr && training->ints() == std::vector<int64_t>{0}))
    return build_plain_dropout(b);
  for (const size_t i : {1, 2}) {
    if (b.has_input(i) && element_count(b.input_dims(i)) != 1)
      b.fail(text("input ", i, " must be one element, has dims ", dims_text(b.input_dims(i))));
  }
  const Dims dims = b.input_dims(0);
  const int64_t count = element_count(dims);
  b.output(0, dims);
  b.output(1, dims);
  const bool seeded = b.attributes().has("seed");
  const Source source(b, seeded, static_cast<uint64_t>(b.attributes().int_or("seed", 0)));
  const Type ratio_type = b.has_input(1) ? b.input_type(1) : Type::kFloat32;
  const size_t out = b.input_count();
  const bool has_mask = b.has_output(1);
  const int threads = b.threads();
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) -> RunError {
      const double ratio = *call.in<bool>(2) ? ratio_at(call.args[1], ratio_type) : 0.0;
      if (!(ratio >= 0 && ratio < 1)) return "the ratio (input 1) is outside [0, 1)";
      using C = Compute<T>;
      const T* x = call.in<T>(0);
      T* y = call.out<T>(out);
      bool* mask = has_mask ? call.out<bool>(out + 1) : nullptr;
      const C scale = static_cast<C>(1.0 / (1.0 - ratio));
      const C limit = static_cast<C>(ratio);
      for_each_draw<C>(threads, count, source.next(), uniform_draws<C>, [&](int64_t i, C draw) {
        const bool keep = draw >= limit;
        y[i] = keep ? static_cast<T>(static_cast<C>(x[i]) * scale) : T(0);
        if (mask != nullptr) mask[i] = keep;
      });
      return nullptr;
    });
  });
}

constexpr Row kRows[] = {
    {"RandomNormal", check_random, build_random<Normal>},
    {"RandomUniform", check_random, build_random<Uniform>},
    {"RandomNormalLike", check_random_like, build_random_like<Normal>},
    {"RandomUniformLike", check_random_like, build_random_like<Uniform>},
    {"Bernoulli", check_bernoulli, build_bernoulli, 15},
    {"Multinomial", check_multinomial, build_multinomial, 7},
    {"Dropout", check_dropout, build_dropout, 12},
};

}  // namespace

std::span<const Row> random_rows() { return kRows; }

}  // namespace bp::cpu
