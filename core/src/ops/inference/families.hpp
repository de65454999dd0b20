// The inference functions of each family; table.cpp says which operator uses which.
#pragma once

#include "ops/inference/inference_call.hpp"

namespace bp::inference {

// elementwise.cpp
Status same_as_first(InferenceCall& call);  // any kind of value
Status broadcast(InferenceCall& call);      // the first operand's element type
Status broadcast_to_bool(InferenceCall& call);
Status where(InferenceCall& call);
Status same_dims_bool(InferenceCall& call);
Status cast(InferenceCall& call);
Status cast_like(InferenceCall& call);
Status bit_cast(InferenceCall& call);
Status quantize_linear(InferenceCall& call);
Status dequantize_linear(InferenceCall& call);

// linear.cpp: products of matrices and sums over named indices
Status matmul(InferenceCall& call);
Status matmul_integer(InferenceCall& call);
Status qlinear_matmul(InferenceCall& call);
Status gemm(InferenceCall& call);
Status einsum(InferenceCall& call);

// indexing.cpp: operators that pick elements or rename axes
Status gather(InferenceCall& call);
Status gather_elements(InferenceCall& call);
Status gather_nd(InferenceCall& call);
Status transpose(InferenceCall& call);
Status squeeze(InferenceCall& call);
Status unsqueeze(InferenceCall& call);
Status top_k(InferenceCall& call);
Status one_hot(InferenceCall& call);
Status shape(InferenceCall& call);
Status size(InferenceCall& call);
Status depth_to_space(InferenceCall& call);
Status space_to_depth(InferenceCall& call);
Status non_zero(InferenceCall& call);
Status non_max_suppression(InferenceCall& call);
Status compress(InferenceCall& call);
Status roi_align(InferenceCall& call);
Status eye_like(InferenceCall& call);

// reductions.cpp
Status reduce(InferenceCall& call);
Status arg_reduce(InferenceCall& call);
Status global_pool(InferenceCall& call);
Status softmax(InferenceCall& call);
Status layer_normalization(InferenceCall& call);
Status batch_normalization(InferenceCall& call);

// attention.cpp; ms_: of com.microsoft
Status attention(InferenceCall& call);
Status linear_attention(InferenceCall& call);
Status causal_convolution(InferenceCall& call);
Status ms_attention(InferenceCall& call);
Status ms_multi_head_attention(InferenceCall& call);
Status ms_group_query_attention(InferenceCall& call);

// microsoft.cpp
Status ms_embed_layer_normalization(InferenceCall& call);
Status ms_skip_layer_normalization(InferenceCall& call);
Status ms_fused_matmul(InferenceCall& call);
Status ms_matmul_nbits(InferenceCall& call);
Status ms_bias_split_gelu(InferenceCall& call);

// microsoft_quantized.cpp
Status ms_qlinear_binary(InferenceCall& call);
Status ms_qlinear_where(InferenceCall& call);
Status ms_qlinear_pool(InferenceCall& call);
Status ms_qlinear_global_pool(InferenceCall& call);
Status ms_qlinear_reduce(InferenceCall& call);
Status ms_qlinear_concat(InferenceCall& call);
Status ms_qlinear_conv(InferenceCall& call);
Status ms_qgemm(InferenceCall& call);
Status ms_dynamic_quantize_matmul(InferenceCall& call);
Status ms_matmul_integer_to_float(InferenceCall& call);

// recurrent.cpp
Status rnn(InferenceCall& call);

// first_forms.cpp: forms of opset 1 to 9
Status cast_by_name(InferenceCall& call);
Status rank_of_first(InferenceCall& call);
Status reshape_by_attribute(InferenceCall& call);
Status dropout_with_like_mask(InferenceCall& call);

// machine_learning.cpp: domain ai.onnx.ml
Status ml_label_encoder(InferenceCall& call);
Status ml_classifier(InferenceCall& call);
Status ml_regressor(InferenceCall& call);
Status ml_same_dims_float(InferenceCall& call);
Status ml_same_as_first(InferenceCall& call);
Status ml_zip_map(InferenceCall& call);
Status ml_cast_map(InferenceCall& call);
Status ml_dict_vectorizer(InferenceCall& call);
Status ml_feature_vectorizer(InferenceCall& call);
Status ml_one_hot_encoder(InferenceCall& call);
Status ml_array_feature_extractor(InferenceCall& call);
Status ml_category_mapper(InferenceCall& call);
Status ml_tree_ensemble(InferenceCall& call);

// windows.cpp: operators that slide a window over the spatial dims
Status conv(InferenceCall& call);
Status conv_transpose(InferenceCall& call);
Status pool(InferenceCall& call);
Status qlinear_conv(InferenceCall& call);
Status conv_integer(InferenceCall& call);
Status max_unpool(InferenceCall& call);
Status col2im(InferenceCall& call);

// movement.cpp: operators that move elements without changing them
Status reshape(InferenceCall& call);
Status flatten(InferenceCall& call);
Status concat(InferenceCall& call);
Status slice(InferenceCall& call);
Status split(InferenceCall& call);
Status expand(InferenceCall& call);
Status tile(InferenceCall& call);
Status pad(InferenceCall& call);
Status center_crop_pad(InferenceCall& call);

// generators.cpp: operators that make tensors of a demanded shape
Status constant_of_shape(InferenceCall& call);
Status range(InferenceCall& call);

// images.cpp
Status resize(InferenceCall& call);
Status grid_sample(InferenceCall& call);
Status affine_grid(InferenceCall& call);
Status image_decoder(InferenceCall& call);

// strings.cpp
Status string_concat(InferenceCall& call);
Status string_split(InferenceCall& call);
Status tokenizer(InferenceCall& call);

// misc.cpp
Status dft(InferenceCall& call);
Status stft(InferenceCall& call);
Status dropout(InferenceCall& call);
Status dynamic_quantize_linear(InferenceCall& call);
Status optional_has_element(InferenceCall& call);
Status optional_get_element(InferenceCall& call);

}  // namespace bp::inference
