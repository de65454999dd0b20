// The arithmetic, element by element. Tensors are contiguous; an output may be its first input's memory where
// the form is unary or a reshape.
#pragma once

#include "operators.hpp"

namespace broken::kernels {

void negate(const Call& call);
void absolute(const Call& call);
void exponential(const Call& call);
void add(const Call& call);
void multiply(const Call& call);
void matmul(const Call& call);
void reshape(const Call& call);
void nonzero(const Call& call);
void compress(const Call& call);

}  // namespace broken::kernels
