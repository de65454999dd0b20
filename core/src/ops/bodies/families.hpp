// Bodies that are in files of their own. Inside ops only.
#pragma once

#include "ops/bodies/body_builder.hpp"

namespace bp::bodies {

// quantized.cpp
bool quantize_linear(BodyBuilder& b);
bool dequantize_linear(BodyBuilder& b);
bool qlinear_matmul(BodyBuilder& b);
bool qlinear_conv(BodyBuilder& b);

// einsum.cpp, fourier.cpp
bool einsum(BodyBuilder& b);
bool stft(BodyBuilder& b);

// attention.cpp
bool attention(BodyBuilder& b);
bool rotary_embedding(BodyBuilder& b);
ValueId extent(BodyBuilder& b, ValueId x, int64_t axis);        // dim `axis` of x, as [1]
ValueId counting(BodyBuilder& b, ValueId length);               // 0, 1, ... below `length` [1]
ValueId split_heads(BodyBuilder& b, ValueId x, int64_t heads);  // [B, S, N*D] as [B, N, S, D]
ValueId join_heads(BodyBuilder& b, ValueId x);                  // and back

// microsoft.cpp, microsoft_attention.cpp: domain com.microsoft
bool ms_attention(BodyBuilder& b);
bool ms_bias_add(BodyBuilder& b);
bool ms_bias_gelu(BodyBuilder& b);
bool ms_bias_split_gelu(BodyBuilder& b);
bool ms_embed_layer_normalization(BodyBuilder& b);
bool ms_fast_gelu(BodyBuilder& b);
bool ms_fused_conv(BodyBuilder& b);
bool ms_fused_gemm(BodyBuilder& b);
bool ms_fused_matmul(BodyBuilder& b);
bool ms_fused_matmul_activation(BodyBuilder& b);
bool ms_gemm_fast_gelu(BodyBuilder& b);
bool ms_group_norm(BodyBuilder& b);
bool ms_group_query_attention(BodyBuilder& b);
bool ms_matmul_nbits(BodyBuilder& b);
bool ms_multi_head_attention(BodyBuilder& b);
bool ms_rotary_embedding(BodyBuilder& b);
bool ms_skip_layer_normalization(BodyBuilder& b);
bool ms_skip_simplified_layer_normalization(BodyBuilder& b);

// rearranging.cpp
bool cast_like(BodyBuilder& b);
bool tensor_scatter(BodyBuilder& b);
bool dropout(BodyBuilder& b);
bool depth_to_space(BodyBuilder& b);
bool space_to_depth(BodyBuilder& b);
bool trilu(BodyBuilder& b);
bool one_hot(BodyBuilder& b);
bool instance_normalization(BodyBuilder& b);

// microsoft_quantized.cpp
bool ms_dynamic_quantize_matmul(BodyBuilder& b);
bool ms_matmul_integer_to_float(BodyBuilder& b);
bool ms_qgemm(BodyBuilder& b);
bool ms_qlinear_add(BodyBuilder& b);
bool ms_qlinear_average_pool(BodyBuilder& b);
bool ms_qlinear_concat(BodyBuilder& b);
bool ms_qlinear_conv(BodyBuilder& b);
bool ms_qlinear_global_average_pool(BodyBuilder& b);
bool ms_qlinear_leaky_relu(BodyBuilder& b);
bool ms_qlinear_mul(BodyBuilder& b);
bool ms_qlinear_reduce_mean(BodyBuilder& b);
bool ms_qlinear_sigmoid(BodyBuilder& b);
bool ms_qlinear_softmax(BodyBuilder& b);
bool ms_qlinear_where(BodyBuilder& b);

}  // namespace bp::bodies
