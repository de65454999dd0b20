// Plain loops, ranges of types, and the choice among the loops.
#include "kernels/quantize.hpp"

#include "instruction_set.hpp"
#include "kernels/quantize_impl.hpp"

namespace bp::cpu {

namespace {

const QuantizeKernels& kernels() { return best_variant<QuantizeVariants>(); }

size_t size_index(Type type) { return element_size(type) == 2 ? 1 : 0; }
size_t sign_index(Type type) { return integer_range(type).low < 0 ? 1 : 0; }

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
  kernels().dequantize[size_index(type)][sign_index(type)](codes, scale, zero, values, count);
}

void combine_quantized(Type type, QuantizedOp op, const QuantizedTerms& terms, const std::byte* a,
                       int64_t a_step, const std::byte* b, int64_t b_step, std::byte* codes, int64_t count) {
  kernels().combine[op == QuantizedOp::kMul ? 1 : 0][sign_index(type)](terms, a, a_step, b, b_step, codes,
                                                                       count);
}

void rescale_quantized(Type type, const QuantizedTerms& terms, const std::byte* a, std::byte* codes,
                       int64_t count) {
  kernels().rescale[sign_index(type)](terms, a, codes, count);
}

void add_codes(Type type, const std::byte* codes, int32_t* sums, int64_t count) {
  kernels().add_codes[sign_index(type)](codes, sums, count);
}

int64_t sum_of_codes(Type type, const std::byte* codes, int64_t count) {
  return kernels().sum[sign_index(type)](codes, count);
}

FloatRange range_with_zero(const float* values, int64_t count) { return kernels().range(values, count); }

}  // namespace bp::cpu
