// Where and Clip: one element out for one in, chosen or bounded.
#include <algorithm>
#include <limits>

#include "kernels/broadcast.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

// --- Where ---

void check_where(Check& check) {
  for (size_t input = 0; input < 3; ++input) check.required(input);
  check.types(0, kBool);
  check.types(1, kAny);
  check.types(2, kAny);
}

void build_where(Builder& b) {
  Dims dims;
  const std::array<Dims, 3> inputs = {b.input_dims(0), b.input_dims(1), b.input_dims(2)};
  if (!broadcast_dims({inputs.begin(), inputs.end()}, dims))
    b.fail("inputs must broadcast to one shape, are " + dims_text(inputs[0]) + " " + dims_text(inputs[1]) +
           " " + dims_text(inputs[2]));
  b.output(0, dims);
  const auto plan = plan_broadcast<3>(dims, inputs);
  const int threads = b.threads();
  dispatch<kAny>(b.input_type(1), [&]<class T>(Tag<T>) {
    b.run([plan, threads](const Call& call) {
      const bool* condition = call.in<bool>(0);
      const T* yes = call.in<T>(1);
      const T* no = call.in<T>(2);
      T* out = call.out<T>(3);
      for_broadcast(threads, plan, [&](const auto& offsets, int64_t out_offset, int64_t count) {
        const bool* c = condition + offsets[0];
        const T* x = yes + offsets[1];
        const T* y = no + offsets[2];
        const auto [sc, sx, sy] = plan.inner_steps;
        for (int64_t i = 0; i < count; ++i) out[out_offset + i] = c[i * sc] ? x[i * sx] : y[i * sy];
      });
    });
  });
}

// --- Clip ---

void check_clip(Check& check) {
  check.required(0);
  for (size_t input = 0; input < 3; ++input) check.types(input, kNumbers);
}

template <class T>
void add_clip_step(Builder& b) {
  using C = Compute<T>;
  b.output(0, b.input_dims(0));
  b.in_place(0, 0);
  const int64_t count = element_count(b.input_dims(0));
  const int threads = b.threads();
  const bool has_low = b.has_input(1), has_high = b.has_input(2);
  const size_t out = b.input_count();
  b.run([=](const Call& call) {
    const T* x = call.in<T>(0);
    T* y = call.out<T>(out);
    C low = std::numeric_limits<C>::lowest(), high = std::numeric_limits<C>::max();
    if constexpr (!std::is_integral_v<C>) {
      low = -std::numeric_limits<C>::infinity();
      high = std::numeric_limits<C>::infinity();
    }
    if (has_low) low = static_cast<C>(*call.in<T>(1));
    if (has_high) high = static_cast<C>(*call.in<T>(2));
    parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
      // min(max(x, low), high): NaN stays NaN, and high wins where the bounds cross, as numpy has it.
      for (int64_t i = begin; i < end; ++i) {
        C value = static_cast<C>(x[i]);
        value = value < low ? low : value;
        y[i] = static_cast<T>(high < value ? high : value);
      }
    });
  });
}

void build_clip(Builder& b) {
  dispatch<kNumbers>(b.input_type(0), [&]<class T>(Tag<T>) { add_clip_step<T>(b); });
}

constexpr Row kRows[] = {
    {"Where", check_where, build_where, 9},
    {"Clip", check_clip, build_clip, 11},
};

}  // namespace

std::span<const Row> select_rows() { return kRows; }

}  // namespace bp::cpu
