// Dense products of float32.
#include <cstring>

#include "kernels/dense_impl.hpp"

namespace bp::cpu {

namespace {

struct Floats : FloatSums {
  static Sum repeat(const char* from) {
    float number;
    std::memcpy(&number, from, sizeof(number));
    return _mm512_set1_ps(number);
  }
  static Sum add(Sum sum, Sum a, Sum b) { return _mm512_fmadd_ps(a, b, sum); }
};

}  // namespace

void run_dense_float32(const DenseBlock& block) { run_block<Floats>(block); }

}  // namespace bp::cpu
