// One step of one sequence: from gate sums to the new state. Gates lie one after the other, `size` elements
// each, in ONNX's order. `sums` holds the recurrent product and becomes the gates, `x` is the input's part with
// the biases.
#pragma once

#include <cstdint>

namespace bp::cpu {

enum class Activation : uint8_t {
  kRelu,
  kTanh,
  kSigmoid,
  kAffine,           // alpha * x + beta
  kLeakyRelu,        // x, alpha * x below zero
  kThresholdedRelu,  // x, zero up to alpha
  kScaledTanh,       // alpha * tanh(beta * x)
  kHardSigmoid,      // alpha * x + beta in [0, 1]
  kElu,              // x, alpha * (e^x - 1) below zero
  kSoftsign,         // x / (1 + |x|)
  kSoftplus,         // log(1 + e^x)
};

struct CellActivation {
  Activation kind = Activation::kTanh;
  float alpha = 0;
  float beta = 0;
};

struct CellShape {
  int64_t size = 0;
  float clip = 0;  // of what goes into an activation; 0: none
  CellActivation activations[3];
  bool input_forget = false;         // LSTM: the forget gate is 1 - the input gate
  bool linear_before_reset = false;  // GRU: the reset gate scales the third product, not the state
};

template <class T>
struct CellKernels {
  // sums: i, o, f, c. peepholes: i, o, f or nullptr.
  void (*lstm)(const CellShape& cell, T* sums, const T* x, const T* peepholes, T* state, T* h);
  // sums: z, r, h. In two parts: where the reset gate scales the state, `gates` leaves r * h in reset, whose
  // product with the third matrix the caller puts in the third sum before `state`.
  void (*gru_gates)(const CellShape& cell, T* sums, const T* x, const T* h, T* reset);
  void (*gru_state)(const CellShape& cell, T* sums, const T* x, T* h);
  void (*rnn)(const CellShape& cell, const T* sums, const T* x, T* h);
};

// For the processor on which this runs; T is float or double.
template <class T>
const CellKernels<T>& cell_kernels();

// One per instruction set.
template <class T>
struct CellVariants {
  static const CellKernels<T> kPlain;
  static const CellKernels<T> kAvx2;
  static const CellKernels<T> kAvx512;
};

}  // namespace bp::cpu
