// Attention in float32 with whole rows of scores, for AVX-512: the keys of a head are turned once, then blocks
// of kBlockRows queries are scored, softened in their second reading, and multiplied by the values where these
// lie. For moderate numbers of keys; attention_impl.hpp does the rest.
#pragma once

#include <immintrin.h>

#include <algorithm>
#include <limits>

#include "kernels/attention.hpp"

namespace bp::cpu {

namespace {

constexpr int64_t kLanes = 16;
constexpr float kNoScore = -std::numeric_limits<float>::infinity();

// exp of numbers that are not positive; 0 below -87.3, NaN stays.
inline __m512 exp_down(__m512 x) {
  const __mmask16 counts = _mm512_cmp_ps_mask(x, _mm512_set1_ps(-87.3f), _CMP_NLT_UQ);
  const __m512 whole = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), 0);
  __m512 rest = _mm512_fnmadd_ps(whole, _mm512_set1_ps(0.693359375f), x);
  rest = _mm512_fmadd_ps(whole, _mm512_set1_ps(2.12194440e-4f), rest);
  __m512 sum = _mm512_set1_ps(1.9875691500e-4f);
  for (const float c :
       {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f, 1.0f, 1.0f})
    sum = _mm512_fmadd_ps(sum, rest, _mm512_set1_ps(c));
  return _mm512_maskz_scalef_ps(counts, sum, whole);
}

inline __mmask16 first_lanes(int64_t count) {
  return static_cast<__mmask16>((1u << std::clamp<int64_t>(count, 0, kLanes)) - 1);
}

// 16 rows of 16 numbers as columns; rows and columns that are not there are zeros.
inline void turn_block(const float* from, int64_t stride, int64_t rows, int64_t columns, float* to,
                       int64_t to_stride) {
  __m512 a[16], b[16];
  const __mmask16 mask = first_lanes(columns);
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i)
    a[i] = i < rows ? _mm512_maskz_loadu_ps(mask, from + i * stride) : _mm512_setzero_ps();
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    b[i] = _mm512_unpacklo_ps(a[i], a[i + 1]);
    b[i + 1] = _mm512_unpackhi_ps(a[i], a[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    for (int j = 0; j < 2; ++j) {
      const __m512d low = _mm512_castps_pd(b[i + j]), high = _mm512_castps_pd(b[i + 2 + j]);
      a[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
      a[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
    }
  }
  // a[4 * g + c]: column c of every four lanes, rows 4 * g to 4 * g + 3
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {
    const __m512 x = _mm512_shuffle_f32x4(a[c], a[4 + c], 0x88),
                 y = _mm512_shuffle_f32x4(a[8 + c], a[12 + c], 0x88);
    const __m512 z = _mm512_shuffle_f32x4(a[c], a[4 + c], 0xdd),
                 w = _mm512_shuffle_f32x4(a[8 + c], a[12 + c], 0xdd);
    b[c] = _mm512_shuffle_f32x4(x, y, 0x88);
    b[8 + c] = _mm512_shuffle_f32x4(x, y, 0xdd);
    b[4 + c] = _mm512_shuffle_f32x4(z, w, 0x88);
    b[12 + c] = _mm512_shuffle_f32x4(z, w, 0xdd);
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i)
    if (i < columns) _mm512_storeu_ps(to + i * to_stride, b[i]);
}

class RowWorker {
 public:
  RowWorker(const AttentionPlan& plan, const AttentionOperands& operands, int64_t part)
      : plan_(plan), o_(operands), width_(plan.padded_keys()), group_(plan.q_heads / plan.kv_heads) {
    const auto own = static_cast<int64_t>(plan.scratch_bytes(sizeof(float)) / sizeof(float)) / plan.threads;
    keys_ = static_cast<float*>(operands.scratch) + part * own;
    scores_ = keys_ + plan.size * width_;
    added_ = scores_ + kBlockRows * width_;
    queries_ = added_ + kBlockRows * width_;
  }

  // Blocks [first, last) of kBlockRows queries of all heads that share keys.
  void run(int64_t batch, int64_t head, int64_t first, int64_t last) {
    batch_ = batch;
    turn_keys(head);
    const int64_t per_head = plan_.row_blocks();
    for (int64_t block = first; block < last; ++block) {
      head_ = head * group_ + block / per_head;
      // The last block reaches back where rows are missing; what it does again comes out the same.
      const int64_t row =
          std::min(block % per_head * kBlockRows, std::max<int64_t>(plan_.queries - kBlockRows, 0));
      const bool other_head = block % per_head == 0 && plan_.mask_head != 0;
      if (block == first || other_head || lines_differ()) add_lines(row);
      run_block(row);
    }
  }

 private:
  static const float* at(const void* base, const RowStrides& strides, int64_t batch, int64_t head,
                         int64_t row) {
    return static_cast<const float*>(base) + batch * strides.batch + head * strides.head + row * strides.row;
  }

  void turn_keys(int64_t head) {
    const float* keys = at(o_.k, plan_.k, batch_, head, 0);
    for (int64_t key = 0; key < width_; key += kLanes) {
      for (int64_t i = 0; i < plan_.size; i += kLanes) {
        turn_block(keys + key * plan_.k.row + i, plan_.k.row, plan_.keys - key,
                   std::min(kLanes, plan_.size - i), keys_ + i * width_ + key, width_);
      }
    }
  }

  bool lines_differ() const {
    return (plan_.has_mask && plan_.mask_row != 0) || plan_.causal || plan_.left >= 0 || plan_.right >= 0;
  }

  // What is added to the scores of a block's queries: the mask, and -infinity where a key is out of reach. One
  // line for all queries where they see the same.
  void add_lines(int64_t row) {
    line_stride_ = lines_differ() ? width_ : 0;
    end_ = 0;
    for (int64_t r = 0; r < (line_stride_ == 0 ? 1 : kBlockRows); ++r) {
      float* line = added_ + r * width_;
      const int64_t query = std::min(row + r, plan_.queries - 1);
      const auto [low, high] = plan_.reach(query, o_.lengths == nullptr ? nullptr : o_.lengths + batch_);
      end_ = std::max(end_, high);
      std::fill_n(line, width_, kNoScore);
      if (low < high) add_mask(query, low, high, line);
    }
  }

  void add_mask(int64_t query, int64_t low, int64_t high, float* line) const {
    if (!plan_.has_mask) return static_cast<void>(std::fill(line + low, line + high, 0.0f));
    const int64_t from = batch_ * plan_.mask_batch + head_ * plan_.mask_head + query * plan_.mask_row;
    const int64_t step = plan_.mask_key;
    if (plan_.mask_is_bool) {
      const bool* mask = static_cast<const bool*>(o_.mask) + from;
      for (int64_t key = low; key < high; ++key) line[key] = mask[key * step] ? 0.0f : kNoScore;
    } else {
      const float* mask = static_cast<const float*>(o_.mask) + from;
      for (int64_t key = low; key < high; ++key) line[key] = mask[key * step];
    }
  }

  void run_block(int64_t row) {
    const float* q = at(o_.q, plan_.q, batch_, head_, row);
    int64_t stride = plan_.q.row;
    if (plan_.queries < kBlockRows) {
      for (int64_t r = 0; r < kBlockRows; ++r)
        std::copy_n(q + std::min(r, plan_.queries - 1) * stride, plan_.size, queries_ + r * plan_.size);
      q = queries_;
      stride = plan_.size;
    }
    for (__m512& largest : largest_) largest = _mm512_set1_ps(kNoScore);
    for (int64_t key = 0; key < width_; key += 2 * kLanes) score(q, stride, key);
    for (int r = 0; r < kBlockRows; ++r) soften(r);
    const int64_t rows = std::min<int64_t>(kBlockRows, plan_.queries - row);
    const float* values = at(o_.v, plan_.v, batch_, head_ / group_, 0);
    float* y = const_cast<float*>(at(o_.y, plan_.y, batch_, head_, row));
    for (int64_t i = 0; i < plan_.value_size; i += 2 * kLanes)
      weigh(values + i, plan_.value_size - i, y + i, rows);
  }

  void score(const float* q, int64_t stride, int64_t key) {
    __m512 sums[kBlockRows][2];
#pragma GCC unroll 8
    for (int r = 0; r < kBlockRows; ++r) sums[r][0] = sums[r][1] = _mm512_setzero_ps();
    const float* keys = keys_ + key;
    const float* const end = q + plan_.size;
    for (; q != end; ++q, keys += width_) {
      const __m512 first = _mm512_loadu_ps(keys), second = _mm512_loadu_ps(keys + kLanes);
#pragma GCC unroll 8
      for (int r = 0; r < kBlockRows; ++r) {
        const __m512 one = _mm512_set1_ps(q[r * stride]);
        sums[r][0] = _mm512_fmadd_ps(one, first, sums[r][0]);
        sums[r][1] = _mm512_fmadd_ps(one, second, sums[r][1]);
      }
    }
    const __m512 scale = _mm512_set1_ps(static_cast<float>(plan_.scale)), none = _mm512_set1_ps(kNoScore);
#pragma GCC unroll 8
    for (int r = 0; r < kBlockRows; ++r) {
#pragma GCC unroll 2
      for (int half = 0; half < 2; ++half) {
        const int64_t place = r * width_ + key + half * kLanes;
        const __m512 added = _mm512_loadu_ps(added_ + r * line_stride_ + key + half * kLanes);
        // Whatever stands behind a key that does not count.
        const __mmask16 counts = _mm512_cmp_ps_mask(added, none, _CMP_NEQ_UQ);
        const __m512 x = _mm512_mask_mov_ps(none, counts, _mm512_fmadd_ps(sums[r][half], scale, added));
        largest_[r] = _mm512_max_ps(x, largest_[r]);  // NaN does not become the largest
        _mm512_storeu_ps(scores_ + place, x);
      }
    }
  }

  void soften(int r) {
    const float found = _mm512_reduce_max_ps(largest_[r]);
    const __m512 largest = _mm512_set1_ps(found == kNoScore ? 0.0f : found);
    float* scores = scores_ + r * width_;
    __m512 sums[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
    for (int64_t key = 0; key < width_; key += 2 * kLanes) {
      for (int half = 0; half < 2; ++half) {
        const __m512 x = exp_down(_mm512_sub_ps(_mm512_loadu_ps(scores + key + half * kLanes), largest));
        _mm512_storeu_ps(scores + key + half * kLanes, x);
        sums[half] = _mm512_add_ps(sums[half], x);
      }
    }
    total_[r] = _mm512_reduce_add_ps(_mm512_add_ps(sums[0], sums[1]));
  }

  // Two vectors of the block's results.
  void weigh(const float* values, int64_t left, float* y, int64_t rows) const {
    __m512 sums[kBlockRows][2];
#pragma GCC unroll 8
    for (int r = 0; r < kBlockRows; ++r) sums[r][0] = sums[r][1] = _mm512_setzero_ps();
    const __mmask16 low = first_lanes(left), high = first_lanes(left - kLanes);
    const float* weights = scores_;
    const float* const end = weights + end_;
    const int64_t stride = plan_.v.row;
    for (; weights != end; ++weights, values += stride) {
      const __m512 first = _mm512_maskz_loadu_ps(low, values);
      const __m512 second = _mm512_maskz_loadu_ps(high, values + kLanes);
#pragma GCC unroll 8
      for (int r = 0; r < kBlockRows; ++r) {
        const __m512 one = _mm512_set1_ps(weights[r * width_]);
        sums[r][0] = _mm512_fmadd_ps(one, first, sums[r][0]);
        sums[r][1] = _mm512_fmadd_ps(one, second, sums[r][1]);
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < kBlockRows; ++r) {
      if (r >= rows) break;
      const __m512 factor = _mm512_set1_ps(total_[r] == 0 ? 0.0f : 1 / total_[r]);
      _mm512_mask_storeu_ps(y + r * plan_.y.row, low, _mm512_mul_ps(sums[r][0], factor));
      _mm512_mask_storeu_ps(y + r * plan_.y.row + kLanes, high, _mm512_mul_ps(sums[r][1], factor));
    }
  }

  const AttentionPlan& plan_;
  const AttentionOperands& o_;
  const int64_t width_, group_;
  float *keys_, *scores_, *added_, *queries_;
  int64_t batch_ = 0, head_ = 0;
  int64_t line_stride_ = 0, end_ = 0;  // between the lines of a block; the keys that one of its queries sees
  __m512 largest_[kBlockRows];
  float total_[kBlockRows];
};

// Heads are shared among the threads; each head's blocks too, where there are fewer heads than threads.
void run_rows_part(const AttentionPlan& plan, const AttentionOperands& operands, int64_t part) {
  RowWorker worker(plan, operands, part);
  const int64_t heads = plan.batch * plan.kv_heads;
  const int64_t splits = heads >= plan.threads ? 1 : plan.threads;
  const int64_t blocks = plan.q_heads / plan.kv_heads * plan.row_blocks();
  const int64_t units = heads * splits;
  for (int64_t unit = units * part / plan.threads; unit < units * (part + 1) / plan.threads; ++unit) {
    const int64_t split = unit % splits, head = unit / splits;
    const int64_t first = blocks * split / splits, last = blocks * (split + 1) / splits;
    if (first < last) worker.run(head / plan.kv_heads, head % plan.kv_heads, first, last);
  }
}

}  // namespace

}  // namespace bp::cpu
