// All operators of this provider. A family is a file with its own table of rows; the families are listed here.
#pragma once

#include <span>
#include <string_view>

#include "ops/op.hpp"

namespace bp::cpu {

// nullptr: unknown here.
const Row* find_row(std::string_view domain, std::string_view op_type);

// One per family file.
// clang-format off
#define BP_CPU_FAMILIES(X) \
  X(attention_rows) \
  X(binary_rows) \
  X(cast_rows) \
  X(causal_convolution_rows) \
  X(channel_normalization_rows) \
  X(compress_rows) \
  X(concat_rows) \
  X(convolution_rows) \
  X(cumulate_rows) \
  X(deform_rows) \
  X(det_rows) \
  X(detection_rows) \
  X(fourier_rows) \
  X(gather_rows) \
  X(generate_rows) \
  X(hardmax_rows) \
  X(image_decoder_rows) \
  X(integer_convolution_rows) \
  X(integer_matmul_rows) \
  X(linear_attention_rows) \
  X(matmul_rows) \
  X(max_roi_pool_rows) \
  X(mel_rows) \
  X(ml_category_rows) \
  X(ml_feature_rows) \
  X(ml_linear_rows) \
  X(ml_svm_rows) \
  X(ml_tree_rows) \
  X(pad_rows) \
  X(pooling_rows) \
  X(quantize_rows) \
  X(quantized_concat_rows) \
  X(quantized_elementwise_rows) \
  X(quantized_gemm_rows) \
  X(quantized_mean_rows) \
  X(random_rows) \
  X(recurrent_rows) \
  X(reduce_rows) \
  X(regex_rows) \
  X(reshape_rows) \
  X(resize_rows) \
  X(rms_normalization_rows) \
  X(rotary_embedding_rows) \
  X(sampling_rows) \
  X(scatter_rows) \
  X(select_rows) \
  X(sequence_rows) \
  X(slice_rows) \
  X(softmax_rows) \
  X(statistics_rows) \
  X(string_normalizer_rows) \
  X(string_rows) \
  X(tfidf_rows) \
  X(tokenizer_rows) \
  X(top_k_rows) \
  X(transpose_rows) \
  X(unary_rows) \
  X(unfold_rows) \
  X(unique_rows)
// clang-format on

#define BP_CPU_DECLARE_FAMILY(rows) std::span<const Row> rows();
BP_CPU_FAMILIES(BP_CPU_DECLARE_FAMILY)
#undef BP_CPU_DECLARE_FAMILY

}  // namespace bp::cpu
