// All operators of this provider. A family is a file with its own table of rows; the families are listed here.
#pragma once

#include <span>
#include <string_view>

#include "ops/op.hpp"

namespace bp::opencl {

// nullptr: unknown here.
const Row* find_row(std::string_view domain, std::string_view op_type);

// One per family file.
// clang-format off
#define BP_OPENCL_FAMILIES(X) \
  X(binary_rows) \
  X(cast_rows) \
  X(channel_normalization_rows) \
  X(concat_rows) \
  X(convolution_rows) \
  X(cumulate_rows) \
  X(gather_rows) \
  X(generate_rows) \
  X(lines_rows) \
  X(matmul_rows) \
  X(movement_rows) \
  X(pad_rows) \
  X(pooling_rows) \
  X(quantize_rows) \
  X(reduce_rows) \
  X(reshape_rows) \
  X(resize_rows) \
  X(scatter_rows) \
  X(slice_rows) \
  X(top_k_rows) \
  X(unary_rows)
// clang-format on

#define BP_OPENCL_DECLARE_FAMILY(rows) std::span<const Row> rows();
BP_OPENCL_FAMILIES(BP_OPENCL_DECLARE_FAMILY)
#undef BP_OPENCL_DECLARE_FAMILY

}  // namespace bp::opencl
