#include "kernels/attention.hpp"

#include <algorithm>

#include "instruction_set.hpp"
#include "kernels/attention_impl.hpp"
#include "parallel.hpp"

namespace bp::cpu {

int64_t AttentionPlan::block_keys() const noexcept {
  constexpr int64_t kBlockKeys = 64;
  return stage >= 0 ? std::max<int64_t>(keys, 1) : std::min(kBlockKeys, std::max<int64_t>(keys, 1));
}

AttentionPlan::Reach AttentionPlan::reach(int64_t query, const int64_t* length) const noexcept {
  const int64_t place = query + (length == nullptr ? past : *length - queries);
  Reach keys_seen{0, length == nullptr ? keys : std::clamp<int64_t>(*length, 0, keys)};
  if (has_mask) keys_seen.high = std::min(keys_seen.high, mask_width);
  if (causal) keys_seen.high = std::min(keys_seen.high, place + 1);
  if (right >= 0) keys_seen.high = std::min(keys_seen.high, place + right + 1);
  if (left >= 0) keys_seen.low = std::max(keys_seen.low, place - left);
  keys_seen.high = std::max(keys_seen.high, keys_seen.low);
  return keys_seen;
}

bool AttentionPlan::keeps_rows() const noexcept {
  constexpr int64_t kLeastQueries = 4;                 // fewer are not worth turning the keys
  constexpr int64_t kMostElements = int64_t{1} << 18;  // of a head's keys, and scores: the second-level cache
  return stage < 0 && softcap == 0 && queries >= kLeastQueries && size > 0 && keys > 0 &&
         padded_keys() * std::max(size, 2 * kBlockRows) <= kMostElements;
}

int64_t AttentionPlan::padded_keys() const noexcept { return (keys + 31) / 32 * 32; }

int64_t AttentionPlan::row_blocks() const noexcept { return (queries + kBlockRows - 1) / kBlockRows; }

uint64_t AttentionPlan::scratch_bytes(uint64_t element) const noexcept {
  const int64_t rows_kept = keeps_rows() ? padded_keys() * (size + 2 * kBlockRows) + kBlockRows * size : 0;
  const int64_t blocks =
      kAttentionRows * (size + value_size + block_keys() + 2) + block_keys() * std::max(size, value_size);
  const int64_t count = std::max(rows_kept, blocks);
  const auto whole = static_cast<uint64_t>((count + 15) / 16 * 16);
  return whole * element * static_cast<uint64_t>(threads);
}

template <>
const AttentionPart AttentionVariants<float>::kPlain = run_attention_part<float>;
template <>
const AttentionPart AttentionVariants<double>::kPlain = run_attention_part<double>;
template <>
const AttentionPart AttentionVariants<Half>::kPlain = run_attention_part<Half>;
template <>
const AttentionPart AttentionVariants<Bfloat16>::kPlain = run_attention_part<Bfloat16>;

template <class T>
void run_attention(const AttentionPlan& plan, const AttentionOperands& operands) {
  const AttentionPart run_part = best_variant<AttentionVariants<T>>();
  const int64_t work = plan.batch * plan.q_heads * plan.queries * plan.keys * (plan.size + plan.value_size);
  parallel_for(plan.threads, plan.threads, work / 8, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) run_part(plan, operands, part);
  });
}

template void run_attention<float>(const AttentionPlan&, const AttentionOperands&);
template void run_attention<double>(const AttentionPlan&, const AttentionOperands&);
template void run_attention<Half>(const AttentionPlan&, const AttentionOperands&);
template void run_attention<Bfloat16>(const AttentionPlan&, const AttentionOperands&);

}  // namespace bp::cpu
