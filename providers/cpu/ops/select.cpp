// Where and Clip: one element out for one in, chosen or bounded.
#include <algorithm>
#include <limits>

#include "kernels/broadcast.hpp"
#include "kernels/sized.hpp"
#include "ops/expression.hpp"
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

// Both sides are read before one is chosen, so that this is one vector loop.
template <class U, class Yes, class No>
void choose(const uint8_t* condition, Yes yes, No no, U* out, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const U x = yes(i);
    const U y = no(i);
    out[i] = condition[i] != 0 ? x : y;
  }
}

// f(element) with a function from the position to the element, for each step.
template <class U, class F>
void with_step(const U* x, int64_t step, F&& f) {
  if (step == 0) return f([value = *x](int64_t) { return value; });
  if (step == 1) return f([x](int64_t i) { return x[i]; });
  f([x, step](int64_t i) { return x[i * step]; });
}

void build_where(Builder& b) {
  Dims dims;
  const std::array<Dims, 3> inputs = {b.input_dims(0), b.input_dims(1), b.input_dims(2)};
  if (!broadcast_dims({inputs.begin(), inputs.end()}, dims))
    b.fail("inputs must broadcast to one shape, are " + dims_text(inputs[0]) + " " + dims_text(inputs[1]) +
           " " + dims_text(inputs[2]));
  b.output(0, dims);
  for (const size_t input : {1, 2}) {
    if (inputs[input] == dims) b.in_place(0, input);
  }
  const auto plan = plan_broadcast<3>(dims, inputs);
  const int threads = b.threads();
  with_size(element_size(b.input_type(1)), [&]<class U>(Tag<U>) {
    b.run([plan, threads](const Call& call) {
      const auto* condition = call.in<uint8_t>(0);
      const U* yes = call.in<U>(1);
      const U* no = call.in<U>(2);
      U* out = call.out<U>(3);
      for_broadcast(threads, plan, [&](const auto& offsets, int64_t out_offset, int64_t count) {
        const uint8_t* c = condition + offsets[0];
        const auto [step_c, step_x, step_y] = plan.inner_steps;
        U* to = out + out_offset;
        with_step(yes + offsets[1], step_x, [&, step_y = step_y, step_c = step_c](auto x) {
          with_step(no + offsets[2], step_y, [&](auto y) {
            if (step_c == 1) return choose(c, x, y, to, count);
            for (int64_t i = 0; i < count; ++i) to[i] = c[i * step_c] != 0 ? x(i) : y(i);
          });
        });
      });
    });
  });
}

Term express_where(Expression& e) { return e.select(e.input(0), e.input(1), e.input(2)); }

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
      const C least = low, most = high;
#pragma omp simd
      for (int64_t i = begin; i < end; ++i) {
        C value = static_cast<C>(x[i]);
        value = value < least ? least : value;
        y[i] = static_cast<T>(most < value ? most : value);
      }
    });
  });
}

void build_clip(Builder& b) {
  dispatch<kNumbers>(b.input_type(0), [&]<class T>(Tag<T>) { add_clip_step<T>(b); });
}

Term express_clip(Expression& e) {
  Term x = e.input(0);
  if (e.has_input(1)) x = e.binary(BinaryFunction::kAtLeast, x, e.single(1));
  if (e.has_input(2)) x = e.binary(BinaryFunction::kAtMost, x, e.single(2));
  return x;
}

constexpr Row kRows[] = {
    {"Where", check_where, build_where, 9, LayoutUse::kPlain, "", express_where},
    {"Clip", check_clip, build_clip, 11, LayoutUse::kPlain, "", express_clip},
};

}  // namespace

std::span<const Row> select_rows() { return kRows; }

}  // namespace bp::cpu
