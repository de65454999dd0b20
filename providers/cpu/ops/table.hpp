// All operators of this provider. A family is a file with its own table of rows; table.cpp lists the families.
#pragma once

#include <span>
#include <string_view>

#include "ops/op.hpp"

namespace bp::cpu {

// nullptr: unknown here.
const Row* find_row(std::string_view domain, std::string_view op_type);

// One per family file.
std::span<const Row> binary_rows();
std::span<const Row> cast_rows();
std::span<const Row> channel_normalization_rows();
std::span<const Row> convolution_rows();
std::span<const Row> cumulate_rows();
std::span<const Row> deform_rows();
std::span<const Row> det_rows();
std::span<const Row> fourier_rows();
std::span<const Row> matmul_rows();
std::span<const Row> max_roi_pool_rows();
std::span<const Row> mel_rows();
std::span<const Row> pooling_rows();
std::span<const Row> recurrent_rows();
std::span<const Row> integer_convolution_rows();
std::span<const Row> integer_matmul_rows();
std::span<const Row> matmul_rows();
std::span<const Row> pooling_rows();
std::span<const Row> quantize_rows();
std::span<const Row> reduce_rows();
std::span<const Row> reshape_rows();
std::span<const Row> select_rows();
std::span<const Row> softmax_rows();
std::span<const Row> statistics_rows();
std::span<const Row> top_k_rows();
std::span<const Row> unary_rows();

}  // namespace bp::cpu
