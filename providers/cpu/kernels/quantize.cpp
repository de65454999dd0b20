// Plain loops, ranges of types, and the choice among the loops.
#include "kernels/quantize.hpp"

#include "instruction_set.hpp"
#include "kernels/quantize_impl.hpp"

namespace bp::cpu {

namespace {

const QuantizeKernels& kernels() { return best_variant<QuantizeVariants>(); }

size_t size_index(Type type) { return element_size(type) == 2 ? 1 : 0; }

}  // namespace

const QuantizeKernels QuantizeVariants::kPlain = kQuantizeLoops;

IntegerRange integer_range(Type type) noexcept {
  switch (type) {
    case Type::kInt8:
      return {-128, 127};
    case Type::kUint8:
      return {0, 255};
    case Type::kInt16:
      return {-32768, 32767};
    case Type::kUint16:
      return {0, 65535};
    case Type::kInt4:
      return {-8, 7};
    case Type::kUint4:
      return {0, 15};
    case Type::kInt2:
      return {-2, 1};
    default:
      return {0, 3};
  }
}

void store_quantized(Type type, const float* values, const float* zero, int64_t zero_step, std::byte* codes,
                     int64_t count) {
  kernels().store[size_index(type)](values, zero, zero_step, integer_range(type), codes, count);
}

void quantize(Type type, const float* values, float scale, float zero, std::byte* codes, int64_t count) {
  kernels().divide[size_index(type)](values, scale, zero, integer_range(type), codes, count);
}

void requantize(Type type, const int32_t* sums, const float* scale, int64_t step, float zero, std::byte* codes,
                int64_t count) {
  kernels().requantize[size_index(type)](sums, scale, step, zero, integer_range(type), codes, count);
}

void dequantize(Type type, const std::byte* codes, float scale, float zero, float* values, int64_t count) {
  const size_t is_signed = integer_range(type).low < 0 ? 1 : 0;
  kernels().dequantize[size_index(type)][is_signed](codes, scale, zero, values, count);
}

FloatRange range_with_zero(const float* values, int64_t count) { return kernels().range(values, count); }

}  // namespace bp::cpu
