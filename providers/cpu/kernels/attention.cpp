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

uint64_t AttentionPlan::scratch_bytes(uint64_t element) const noexcept {
  const int64_t count =
      kAttentionRows * (size + value_size + block_keys() + 2) + block_keys() * std::max(size, value_size);
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
