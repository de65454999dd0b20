// Attention for processors with avx512.
#include "kernels/attention_impl.hpp"

namespace bp::cpu {

template <>
const AttentionPart AttentionVariants<float>::kAvx512 = run_attention_part<float>;
template <>
const AttentionPart AttentionVariants<double>::kAvx512 = run_attention_part<double>;
template <>
const AttentionPart AttentionVariants<Half>::kAvx512 = run_attention_part<Half>;
template <>
const AttentionPart AttentionVariants<Bfloat16>::kAvx512 = run_attention_part<Bfloat16>;

}  // namespace bp::cpu
