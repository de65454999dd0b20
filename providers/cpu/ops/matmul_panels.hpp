// Matrix products in the types that oneDNN does not multiply here, and without depth.
#pragma once

#include "ops/op.hpp"

namespace bp::cpu {

inline constexpr TypeMask kMatmulTypes =
    kFloats | mask(Type::kInt32, Type::kInt64, Type::kUint32, Type::kUint64);

// One product: dst[batch, M, N] = a[batch, M, K] * b[batch, K, N], as ranks and strides that oneDNN takes.
struct Product {
  Dims a_dims;  // equal ranks; batch dims broadcast
  Dims b_dims;
  Dims dst_dims;
  Dims a_strides;
  Dims b_strides;
};

// Adds C (Gemm), already broadcast by strides; alpha and beta as in ONNX.
struct Epilogue {
  bool has_c = false;
  int64_t row_stride = 0;
  int64_t column_stride = 0;
  float alpha = 1;
  float beta = 1;
};

// The step of a node whose output 0 is stated and not empty.
void build_panel_matmul(Builder& b, const Product& product, const Epilogue& epilogue);

}  // namespace bp::cpu
