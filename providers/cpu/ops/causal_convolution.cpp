// CausalConvWithState: each channel by its own filter over what came before; the last inputs are kept for the
// next call.
#include <cmath>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

enum Input : size_t { kX, kWeights, kBias, kPast };

void check_causal(Check& check) {
  check.required(kX);
  check.required(kWeights);
  check.types(kX, kFloats);
  check.rank_between(kX, 3, 3);
  if (check.has_input(kX))
    for (const size_t input : {kWeights, kBias, kPast}) check.types(input, mask(check.input(kX).type));
  check.string_attribute("activation", "none", {"none", "silu", "swish"});
}

void build_causal(Builder& b) {
  const Dims x = b.input_dims(kX), weights = b.input_dims(kWeights);
  const int64_t channels = x[1], length = x[2];
  if (weights.size() != 3 || weights[0] != channels || weights[1] != 1 || weights[2] < 1)
    b.fail(text("the weights must be [", channels, ",1,k], are ", dims_text(weights)));
  const int64_t taps = weights[2], kept = taps - 1;
  const Dims state{x[0], channels, kept};
  const bool has_bias = b.has_input(kBias), has_past = b.has_input(kPast), has_present = b.has_output(1);
  if (has_past && b.input_dims(kPast) != state)
    b.fail(text("past_state must be ", dims_text(state), ", is ", dims_text(b.input_dims(kPast))));
  if (has_bias && b.input_dims(kBias) != Dims{channels})
    b.fail(text("the bias must be [", channels, "], is ", dims_text(b.input_dims(kBias))));
  b.output(0, x);
  if (has_present) b.output(1, state);
  const bool swish = b.attributes().string_or("activation", "none") != "none";
  const int64_t lines = x[0] * channels;
  const int threads = b.threads();
  const size_t out = b.input_count();
  dispatch<kFloats>(b.input_type(kX), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      using C = Compute<T>;
      parallel_for(threads, lines, lines * (length * taps + kept), [&](int64_t begin, int64_t end) {
        for (int64_t line = begin; line < end; ++line) {
          const T* in = call.in<T>(kX) + line * length;
          const T* past = has_past ? call.in<T>(kPast) + line * kept : nullptr;
          const T* w = call.in<T>(kWeights) + line % channels * taps;
          // Entry t of what came before and what is new.
          const auto at = [&](int64_t t) {
            if (t >= kept) return in[t - kept];
            return past != nullptr ? past[t] : T(0.0f);
          };
          T* y = call.out<T>(out) + line * length;
          for (int64_t t = 0; t < length; ++t) {
            C sum = has_bias ? static_cast<C>(call.in<T>(kBias)[line % channels]) : C(0);
            for (int64_t j = 0; j < taps; ++j) sum += static_cast<C>(w[j]) * static_cast<C>(at(t + j));
            y[t] = static_cast<T>(swish ? sum / (C(1) + std::exp(-sum)) : sum);
          }
          if (!has_present) continue;
          T* present = call.out<T>(out + 1) + line * kept;
          for (int64_t t = 0; t < kept; ++t) present[t] = at(length + t);
        }
      });
    });
  });
}

constexpr Row kRows[] = {
    {"CausalConvWithState", check_causal, build_causal, 27},
};

}  // namespace

std::span<const Row> causal_convolution_rows() { return kRows; }

}  // namespace bp::cpu
