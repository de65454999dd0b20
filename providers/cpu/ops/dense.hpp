// Products with constant weights on kernels/dense: with bias, activation and residual in one step.
#pragma once

#include "fusion.hpp"
#include "kernels/dense.hpp"
#include "ops/integer_matrices.hpp"
#include "ops/matmul_panels.hpp"

namespace bp::cpu {

// What kernels/dense can do behind a product, and the nodes that it stands for.
struct DenseChain {
  FusedChain chain;
  uint32_t bias = BP_NONE;
  DenseFunction function = DenseFunction::kNone;
  uint32_t residual = BP_NONE;
  bool is_cut = false;  // something follows that other kernels could take along
};

// The chain behind `value`, which has `dims`, cut where kernels/dense cannot follow. `bias`: what is added
// already.
DenseChain find_dense_chain(Builder& b, uint32_t value, const Dims& dims, uint32_t bias);

// Operands of a step of a dense product; indices in Call::args, 0: none (that is the left side).
struct DenseOperands {
  size_t packed = 0, bias = 0, residual = 0, dst = 0;
};
DenseOperands add_dense_chain(Builder& b, const DenseChain& chain, const Dims& dims, Builder::RawStep& step);

// Adds the step where the weights are constant and the processor has the instructions; false otherwise.
bool build_dense(Builder& b, const Product& product, const Dims& dims, const Epilogue& epilogue);
// The same for MatMulInteger whose sums become floats: a Cast and a Mul by scales behind it go with it.
bool build_dense_bytes(Builder& b, const MatrixInputs& at, const Matrices& shape);

}  // namespace bp::cpu
