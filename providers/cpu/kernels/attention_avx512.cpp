// Attention for processors with avx512.
#include "kernels/attention_impl.hpp"
#include "kernels/attention_rows.hpp"

namespace bp::cpu {

namespace {

void run_float_part(const AttentionPlan& plan, const AttentionOperands& operands, int64_t part) {
  plan.keeps_rows() ? run_rows_part(plan, operands, part) : run_attention_part<float>(plan, operands, part);
}

}  // namespace

template <>
const AttentionPart AttentionVariants<float>::kAvx512 = run_float_part;
template <>
const AttentionPart AttentionVariants<double>::kAvx512 = run_attention_part<double>;
template <>
const AttentionPart AttentionVariants<Half>::kAvx512 = run_attention_part<Half>;
template <>
const AttentionPart AttentionVariants<Bfloat16>::kAvx512 = run_attention_part<Bfloat16>;

}  // namespace bp::cpu
