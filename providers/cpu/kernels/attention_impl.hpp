// The kernel of attention.hpp, compiled once per instruction set: everything here is local to the file that
// includes it. Softmax in running form: each block of keys is added to what the blocks before gave, which is
// scaled down when a larger score appears.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "kernels/attention.hpp"

namespace bp::cpu {

namespace {

// Below this many queries a key is not worth laying out anew.
inline constexpr int64_t kFewQueries = 4;

// exp of numbers <= 0 in a form that compilers turn into vector code; below -87.3 it is 0.
inline float exp_negative(float x) {
  const float held = std::max(x, -87.3f);
  const float whole = std::nearbyint(held * 1.44269504f);
  const float rest = (held - whole * 0.693359375f) + whole * 2.12194440e-4f;
  float sum = 1.9875691500e-4f;
  for (const float c :
       {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f})
    sum = sum * rest + c;
  sum = sum * rest * rest + rest + 1.0f;
  const auto power = std::bit_cast<float>((static_cast<int32_t>(whole) + 127) << 23);
  return x < -87.3f ? 0.0f : sum * power;
}
inline double exp_negative(double x) { return std::exp(x); }

// c [rows, columns] += a [rows, inner] b [inner, columns]
template <class C, int64_t kRows, int64_t kColumns>
inline void multiply_tile(const C* a, int64_t lda, const C* b, int64_t ldb, C* c, int64_t ldc, int64_t inner) {
  C sums[kRows][kColumns] = {};
  for (int64_t k = 0; k < inner; ++k) {
    for (int64_t r = 0; r < kRows; ++r) {
      const C factor = a[r * lda + k];
      for (int64_t j = 0; j < kColumns; ++j) sums[r][j] += factor * b[k * ldb + j];
    }
  }
  for (int64_t r = 0; r < kRows; ++r) {
    for (int64_t j = 0; j < kColumns; ++j) c[r * ldc + j] += sums[r][j];
  }
}

template <class C, int64_t kColumns>
inline void multiply_strip(const C* a, int64_t lda, const C* b, int64_t ldb, C* c, int64_t ldc, int64_t rows,
                           int64_t inner) {
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4)
    multiply_tile<C, 4, kColumns>(a + r * lda, lda, b, ldb, c + r * ldc, ldc, inner);
  for (; r < rows; ++r) multiply_tile<C, 1, kColumns>(a + r * lda, lda, b, ldb, c + r * ldc, ldc, inner);
}

template <class C>
void multiply_add(const C* a, int64_t lda, const C* b, int64_t ldb, C* c, int64_t ldc, int64_t rows,
                  int64_t inner, int64_t columns) {
#if defined(__AVX512F__)
  constexpr int64_t kWide = 128 / sizeof(C);
#else
  constexpr int64_t kWide = 64 / sizeof(C);
#endif
  int64_t j = 0;
  for (; j + kWide <= columns; j += kWide)
    multiply_strip<C, kWide>(a, lda, b + j, ldb, c + j, ldc, rows, inner);
  for (; j + 4 <= columns; j += 4) multiply_strip<C, 4>(a, lda, b + j, ldb, c + j, ldc, rows, inner);
  for (; j < columns; ++j) multiply_strip<C, 1>(a, lda, b + j, ldb, c + j, ldc, rows, inner);
}

// What one thread works in.
template <class C>
struct Scratch {
  C *q, *kv, *scores, *sums, *largest, *total;

  Scratch(const AttentionPlan& plan, void* memory, int64_t part) {
    C* at = static_cast<C*>(memory) + part * static_cast<int64_t>(plan.scratch_bytes(sizeof(C)) / sizeof(C) /
                                                                  static_cast<uint64_t>(plan.threads));
    const auto take = [&at](int64_t count) {
      C* const taken = at;
      at += count;
      return taken;
    };
    q = take(kAttentionRows * plan.size);
    kv = take(plan.block_keys() * std::max(plan.size, plan.value_size));
    scores = take(kAttentionRows * plan.block_keys());
    sums = take(kAttentionRows * plan.value_size);
    largest = take(kAttentionRows);
    total = take(kAttentionRows);
  }
};

template <class T>
class Worker {
  using C = Compute<T>;
  static constexpr C kNone = -std::numeric_limits<C>::infinity();

 public:
  Worker(const AttentionPlan& plan, const AttentionOperands& operands, int64_t part)
      : plan_(plan), o_(operands), s_(plan, operands.scratch, part), group_(plan.q_heads / plan.kv_heads) {}

  // Queries [first, first + rows) of the group of heads that share keys `head`; numbered head by head.
  void run(int64_t batch, int64_t head, int64_t first, int64_t rows) {
    batch_ = batch, head_ = head, first_ = first, rows_ = rows;
    start();
    int64_t from = plan_.keys, to = 0;
    for (int64_t r = 0; r < rows; ++r) {
      const auto [low, high] = reach(r);
      if (low < high) from = std::min(from, low), to = std::max(to, high);
    }
    const int64_t block = plan_.block_keys();
    if (plan_.stage >= 0) from = 0, to = plan_.keys;
    for (int64_t key = from / block * block; key < to; key += block)
      add_block(key, std::min(block, plan_.keys - key));
    finish();
  }

 private:
  int64_t query_of(int64_t r) const { return (first_ + r) % plan_.queries; }
  int64_t head_of(int64_t r) const { return head_ * group_ + (first_ + r) / plan_.queries; }
  template <class U>
  static U* row_of(U* base, const RowStrides& strides, int64_t batch, int64_t head, int64_t row) {
    return base + batch * strides.batch + head * strides.head + row * strides.row;
  }

  AttentionPlan::Reach reach(int64_t r) const {
    return plan_.reach(query_of(r), o_.lengths == nullptr ? nullptr : o_.lengths + batch_);
  }

  void start() {
    const auto scale = static_cast<C>(plan_.scale);
    for (int64_t r = 0; r < rows_; ++r) {
      const T* q = row_of(static_cast<const T*>(o_.q), plan_.q, batch_, head_of(r), query_of(r));
      for (int64_t i = 0; i < plan_.size; ++i) s_.q[r * plan_.size + i] = static_cast<C>(q[i]) * scale;
      s_.largest[r] = kNone;
      s_.total[r] = 0;
    }
    std::fill_n(s_.sums, rows_ * plan_.value_size, C(0));
  }

  void score(int64_t key, int64_t count) {
    const int64_t width = plan_.block_keys(), size = plan_.size;
    const T* keys = row_of(static_cast<const T*>(o_.k), plan_.k, batch_, head_, key);
    if (rows_ < kFewQueries) {
      for (int64_t t = 0; t < count; ++t) {
        const T* k = keys + t * plan_.k.row;
        for (int64_t r = 0; r < rows_; ++r) {
          const C* q = s_.q + r * size;
          C sum = 0;
#pragma omp simd reduction(+ : sum)
          for (int64_t i = 0; i < size; ++i) sum += q[i] * static_cast<C>(k[i]);
          s_.scores[r * width + t] = sum;
        }
      }
      return;
    }
    for (int64_t t = 0; t < count; ++t) {
      const T* k = keys + t * plan_.k.row;
      for (int64_t i = 0; i < size; ++i) s_.kv[i * width + t] = static_cast<C>(k[i]);
    }
    for (int64_t r = 0; r < rows_; ++r) std::fill_n(s_.scores + r * width, count, C(0));
    multiply_add(s_.q, size, s_.kv, width, s_.scores, width, rows_, size, count);
  }

  void write_stage(int stage, int64_t r, int64_t key, const C* scores, int64_t count) {
    if (plan_.stage != stage) return;
    T* out = static_cast<T*>(o_.scores) +
             ((batch_ * plan_.q_heads + head_of(r)) * plan_.queries + query_of(r)) * plan_.keys + key;
    for (int64_t t = 0; t < count; ++t) out[t] = static_cast<T>(scores[t]);
  }

  void mask_row(int64_t r, int64_t key, C* scores, int64_t count) {
    const auto [low, high] = reach(r);
    for (int64_t t = 0; t < std::clamp<int64_t>(low - key, 0, count); ++t) scores[t] = kNone;
    for (int64_t t = std::clamp<int64_t>(high - key, 0, count); t < count; ++t) scores[t] = kNone;
    if (!plan_.has_mask) return;
    const int64_t at = batch_ * plan_.mask_batch + head_of(r) * plan_.mask_head + query_of(r) * plan_.mask_row;
    const int64_t end = std::clamp<int64_t>(plan_.mask_width - key, 0, count);
    if (plan_.mask_is_bool) {
      const auto* mask = static_cast<const bool*>(o_.mask) + at;
      for (int64_t t = 0; t < end; ++t)
        if (!mask[(key + t) * plan_.mask_key]) scores[t] = kNone;
    } else {
      const auto* mask = static_cast<const T*>(o_.mask) + at;
      for (int64_t t = 0; t < end; ++t) scores[t] += static_cast<C>(mask[(key + t) * plan_.mask_key]);
    }
  }

  // The scores of one query become what exp gives, relative to the largest so far.
  void soften(int64_t r, C* scores, int64_t count) {
    C largest = s_.largest[r];
    for (int64_t t = 0; t < count; ++t) largest = std::max(largest, scores[t]);
    if (largest == kNone) {
      // Nothing to see so far; what is no number shows itself in the sum.
      for (int64_t t = 0; t < count; ++t) {
        if (scores[t] == kNone) scores[t] = 0;
        s_.total[r] += scores[t];
      }
      return;
    }
    const C shrink = s_.largest[r] == kNone ? C(0) : exp_negative(s_.largest[r] - largest);
    C sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t t = 0; t < count; ++t) {
      scores[t] = exp_negative(scores[t] - largest);
      sum += scores[t];
    }
    s_.total[r] = s_.total[r] * shrink + sum;
    s_.largest[r] = largest;
    if (shrink != C(1)) {
      for (int64_t i = 0; i < plan_.value_size; ++i) s_.sums[r * plan_.value_size + i] *= shrink;
    }
  }

  void add_block(int64_t key, int64_t count) {
    score(key, count);
    const int64_t width = plan_.block_keys(), size = plan_.value_size;
    for (int64_t r = 0; r < rows_; ++r) {
      C* scores = s_.scores + r * width;
      write_stage(0, r, key, scores, count);
      if (plan_.softcap != 0) {
        const auto cap = static_cast<C>(plan_.softcap);
        for (int64_t t = 0; t < count; ++t) scores[t] = cap * std::tanh(scores[t] / cap);
      }
      write_stage(1, r, key, scores, count);
      mask_row(r, key, scores, count);
      write_stage(2, r, key, scores, count);
      soften(r, scores, count);
      if (plan_.stage == 3) {  // one block holds all keys
        const C whole = s_.total[r];
        for (int64_t t = 0; t < count; ++t) scores[t] = whole == 0 ? C(0) : scores[t] / whole;
        if (whole != 0) s_.total[r] = 1;
        write_stage(3, r, key, scores, count);
      }
    }
    const T* values = row_of(static_cast<const T*>(o_.v), plan_.v, batch_, head_, key);
    if (rows_ < kFewQueries) {
      for (int64_t t = 0; t < count; ++t) {
        const T* v = values + t * plan_.v.row;
        for (int64_t r = 0; r < rows_; ++r) {
          const C weight = s_.scores[r * width + t];
          if (weight == C(0)) continue;  // masked: whatever stands there
          C* sums = s_.sums + r * size;
          for (int64_t i = 0; i < size; ++i) sums[i] += weight * static_cast<C>(v[i]);
        }
      }
      return;
    }
    for (int64_t t = 0; t < count; ++t) {
      const T* v = values + t * plan_.v.row;
      for (int64_t i = 0; i < size; ++i) s_.kv[t * size + i] = static_cast<C>(v[i]);
    }
    multiply_add(s_.scores, width, s_.kv, size, s_.sums, size, rows_, count, size);
  }

  void finish() {
    for (int64_t r = 0; r < rows_; ++r) {
      T* y = row_of(static_cast<T*>(o_.y), plan_.y, batch_, head_of(r), query_of(r));
      const C factor = s_.total[r] == C(0) ? C(0) : C(1) / s_.total[r];
      for (int64_t i = 0; i < plan_.value_size; ++i)
        y[i] = static_cast<T>(s_.sums[r * plan_.value_size + i] * factor);
    }
  }

  const AttentionPlan& plan_;
  const AttentionOperands& o_;
  Scratch<C> s_;
  const int64_t group_;
  int64_t batch_ = 0, head_ = 0, first_ = 0, rows_ = 0;
};

// Every so-many-th unit: under a causal mask the later ones take longer.
template <class T>
void run_attention_part(const AttentionPlan& plan, const AttentionOperands& operands, int64_t part) {
  const int64_t rows = plan.q_heads / plan.kv_heads * plan.queries;
  const int64_t blocks = (rows + kAttentionRows - 1) / kAttentionRows;
  Worker<T> worker(plan, operands, part);
  for (int64_t unit = part; unit < plan.batch * plan.kv_heads * blocks; unit += plan.threads) {
    const int64_t first = unit % blocks * kAttentionRows;
    const int64_t head = unit / blocks % plan.kv_heads;
    worker.run(unit / blocks / plan.kv_heads, head, first, std::min(kAttentionRows, rows - first));
  }
}

}  // namespace

}  // namespace bp::cpu
