// Functions of one number: for any processor, and the choice.
#include "kernels/unary_functions.hpp"

#include <algorithm>

#include "instruction_set.hpp"
#include "kernels/unary_functions_impl.hpp"

namespace bp::cpu {

template <>
const UnaryTable<float> UnaryVariants<float>::kPlain = kUnaryLoops<float>;
template <>
const UnaryTable<double> UnaryVariants<double>::kPlain = kUnaryLoops<double>;

template <class C>
UnaryLoop<C> unary_loop(UnaryFunction function) {
  return best_variant<UnaryVariants<C>>().loops[static_cast<int>(function)];
}
template UnaryLoop<float> unary_loop<float>(UnaryFunction function);
template UnaryLoop<double> unary_loop<double>(UnaryFunction function);

namespace {

template <class T>
void apply_rounded(UnaryLoop<float> loop, const UnaryParameters& parameters, const T* x, T* y, int64_t count) {
  constexpr int64_t kPiece = 512;
  float values[kPiece];
  for (int64_t begin = 0; begin < count; begin += kPiece) {
    const int64_t length = std::min(kPiece, count - begin);
    for (int64_t i = 0; i < length; ++i) values[i] = static_cast<float>(x[begin + i]);
    loop(values, values, length, parameters);
    for (int64_t i = 0; i < length; ++i) y[begin + i] = static_cast<T>(values[i]);
  }
}

}  // namespace

void apply_unary(Type type, UnaryFunction function, const UnaryParameters& parameters, const void* x, void* y,
                 int64_t count) {
  if (type == Type::kFloat64) {
    unary_loop<double>(function)(static_cast<const double*>(x), static_cast<double*>(y), count, parameters);
    return;
  }
  const UnaryLoop<float> loop = unary_loop<float>(function);
  if (type == Type::kFloat32) {
    loop(static_cast<const float*>(x), static_cast<float*>(y), count, parameters);
  } else if (type == Type::kFloat16) {
    apply_rounded(loop, parameters, static_cast<const Half*>(x), static_cast<Half*>(y), count);
  } else {
    apply_rounded(loop, parameters, static_cast<const Bfloat16*>(x), static_cast<Bfloat16*>(y), count);
  }
}

}  // namespace bp::cpu
