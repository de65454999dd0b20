// RotaryEmbedding: pairs of entries of each head turn by an angle that belongs to their place.
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

enum Input : size_t { kX, kCos, kSin, kPositions };

void check_rotary(Check& check) {
  check.required(kX);
  check.required(kCos);
  check.required(kSin);
  check.types(kX, kFloats);
  check.rank_between(kX, 3, 4);
  if (check.has_input(kX))
    for (const size_t input : {kCos, kSin}) check.types(input, mask(check.input(kX).type));
  check.types(kPositions, mask(Type::kInt64));
  if (check.has_input(kX) && check.input(kX).dims.size() == 3 &&
      check.node.attributes.int_or("num_heads", 0) < 1)
    check.reject_attribute("num_heads", "needed where the input has 3 dims, and missing");
}

struct Plan {
  int64_t batch, heads, rows, size;         // of x
  int64_t batch_step, head_step, row_step;  // in elements
  int64_t half;                             // pairs that turn
  bool interleaved;
  int64_t cache_rows;  // rows of the caches; without positions they are [batch, rows, half]
};

template <class T>
void turn(const Plan& plan, const T* x, T* y, const T* cosine, const T* sine) {
  using C = Compute<T>;
  const int64_t step = plan.interleaved ? 2 : 1, other = plan.interleaved ? 1 : plan.half;
  for (int64_t i = 0; i < plan.half; ++i) {
    const C a = static_cast<C>(x[i * step]), b = static_cast<C>(x[i * step + other]);
    const C c = static_cast<C>(cosine[i]), s = static_cast<C>(sine[i]);
    y[i * step] = static_cast<T>(a * c - b * s);
    y[i * step + other] = static_cast<T>(a * s + b * c);
  }
  for (int64_t i = 2 * plan.half; i < plan.size; ++i) y[i] = x[i];
}

void build_rotary(Builder& b) {
  const Dims x = b.input_dims(kX);
  Plan plan{};
  plan.interleaved = b.attributes().int_or("interleaved", 0) != 0;
  if (x.size() == 4) {
    plan = {x[0], x[1], x[2], x[3], x[1] * x[2] * x[3], x[2] * x[3], x[3], 0, plan.interleaved, 0};
  } else {
    const int64_t heads = b.attributes().int_or("num_heads", 0);
    if (heads < 1 || x[2] % heads != 0)
      b.fail(text("attribute 'num_heads' must divide dim 2 of input 0, ", x[2], "; is ", heads));
    plan = {x[0], heads, x[1], x[2] / heads, x[1] * x[2], x[2] / heads, x[2], 0, plan.interleaved, 0};
  }
  const int64_t turning = b.attributes().int_or("rotary_embedding_dim", 0);
  plan.half = (turning > 0 ? turning : plan.size) / 2;
  const bool has_positions = b.has_input(kPositions);
  const Dims& cache = b.input_dims(kCos);
  const Dims expected =
      has_positions ? Dims{cache.empty() ? 0 : cache[0], plan.half} : Dims{plan.batch, plan.rows, plan.half};
  if (2 * plan.half > plan.size || cache != expected || b.input_dims(kSin) != expected)
    b.fail(text("the cosines and sines must be ", dims_text(expected), ", are ", dims_text(cache), " and ",
                dims_text(b.input_dims(kSin))));
  if (has_positions && b.input_dims(kPositions) != Dims{plan.batch, plan.rows})
    b.fail(
        text("input 3 must be [", plan.batch, ",", plan.rows, "], is ", dims_text(b.input_dims(kPositions))));
  plan.cache_rows = cache[0];
  b.output(0, x);
  const int threads = b.threads();
  const size_t out = b.input_count();
  dispatch<kFloats>(b.input_type(kX), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) -> RunError {
      const int64_t* positions = has_positions ? call.in<int64_t>(kPositions) : nullptr;
      for (int64_t i = 0; has_positions && i < plan.batch * plan.rows; ++i) {
        if (positions[i] < 0 || positions[i] >= plan.cache_rows)
          return "a position lies outside of the cosines";
      }
      const int64_t lines = plan.batch * plan.rows;
      parallel_for(threads, lines, lines * plan.heads * plan.size, [&](int64_t begin, int64_t end) {
        for (int64_t line = begin; line < end; ++line) {
          const int64_t at = (positions != nullptr ? positions[line] : line) * plan.half;
          for (int64_t head = 0; head < plan.heads; ++head) {
            const int64_t place =
                line / plan.rows * plan.batch_step + head * plan.head_step + line % plan.rows * plan.row_step;
            turn(plan, call.in<T>(kX) + place, call.out<T>(out) + place, call.in<T>(kCos) + at,
                 call.in<T>(kSin) + at);
          }
        }
      });
      return nullptr;
    });
  });
}

constexpr Row kRows[] = {
    {"RotaryEmbedding", check_rotary, build_rotary, 23},
};

}  // namespace

std::span<const Row> rotary_embedding_rows() { return kRows; }

}  // namespace bp::cpu
