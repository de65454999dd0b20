// softmax(Q K^T) V for one batch of heads, block by block: the matrix of scores is never whole, unless it is
// asked for.
#pragma once

#include <cstdint>

#include "kernel.hpp"
#include "types.hpp"

namespace bp::cpu {

// Where the rows of an operand lie, in elements; the entries of a row are next to each other.
struct RowStrides {
  int64_t batch = 0, head = 0, row = 0;
};

struct AttentionPlan {
  int64_t batch = 0, q_heads = 0, kv_heads = 0;
  int64_t queries = 0, keys = 0;     // rows per head; keys with those of the past
  int64_t size = 0, value_size = 0;  // entries per row of Q and K, of V and Y
  RowStrides q, k, v, y;
  double scale = 1, softcap = 0;
  // Query i stands at i + offset; offset: past, or what is not padding less the queries.
  bool causal = false;
  int64_t past = 0, left = -1, right = -1;  // -1: no bound
  // The mask, in elements; 0 where it repeats. Keys behind its width are masked.
  bool has_mask = false, mask_is_bool = false;
  int64_t mask_batch = 0, mask_head = 0, mask_row = 0, mask_key = 0, mask_width = 0;
  // Which stage of the scores is written out (0 to 3), -1: none.
  int stage = -1;
  int threads = 1;

  int64_t block_keys() const noexcept;
  // The keys [low, high) that a query may see by its position. `length`: of its batch entry, or nullptr.
  struct Reach {
    int64_t low, high;
  };
  Reach reach(int64_t query, const int64_t* length) const noexcept;
  // Whether whole rows of scores are worth keeping (attention_rows.hpp), and how these are cut.
  bool keeps_rows() const noexcept;
  int64_t padded_keys() const noexcept;
  int64_t row_blocks() const noexcept;
  // Memory for all threads; `element`: the size of what is computed with.
  uint64_t scratch_bytes(uint64_t element) const noexcept;
};

struct AttentionOperands {
  const void *q, *k, *v, *mask;
  const int64_t* lengths;  // keys that are no padding, per batch; nullptr: all
  void *y, *scores, *scratch;
};

// Queries that are done together, and where whole rows of scores are kept.
inline constexpr int64_t kAttentionRows = 32;
inline constexpr int64_t kBlockRows = 8;

// What one of the plan's threads does.
using AttentionPart = void (*)(const AttentionPlan& plan, const AttentionOperands& operands, int64_t part);
template <class T>
struct AttentionVariants {
  static const AttentionPart kPlain, kAvx2, kAvx512;
};

template <class T>
void run_attention(const AttentionPlan& plan, const AttentionOperands& operands);

extern template void run_attention<float>(const AttentionPlan&, const AttentionOperands&);
extern template void run_attention<double>(const AttentionPlan&, const AttentionOperands&);
extern template void run_attention<Half>(const AttentionPlan&, const AttentionOperands&);
extern template void run_attention<Bfloat16>(const AttentionPlan&, const AttentionOperands&);

}  // namespace bp::cpu
