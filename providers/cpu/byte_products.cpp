// Which processors, which weights.
#include "byte_products.hpp"

#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>

namespace bp::cpu {

bool has_exact_byte_products() {
  using dnnl::cpu_isa;
  switch (dnnl::get_effective_cpu_isa()) {
    case cpu_isa::avx2_vnni:
    case cpu_isa::avx512_core_vnni:
    case cpu_isa::avx512_core_bf16:
    case cpu_isa::avx512_core_amx:
      return true;
    default:
      return false;
  }
}

bool adds_beyond_32_bits(const std::vector<int64_t>& bias, int64_t depth) {
  constexpr int64_t kGreatestProduct = 255 * 128;
  int64_t most = 0;
  for (const int64_t value : bias) most = std::max(most, value < 0 ? -value : value);
  // Twice: for the sum, and for what the zero point takes from it.
  return most + 2 * depth * kGreatestProduct > INT32_MAX;
}

bool is_symmetric(const Builder& b, size_t w, size_t w_zero) {
  if (!b.is_constant(w) || (b.has_input(w_zero) && !b.is_constant(w_zero))) return false;
  const int64_t expected = b.input_type(w) == Type::kInt8 ? 0 : 128;
  if (!b.has_input(w_zero)) return expected == 0;
  const std::vector<int64_t> zeros = b.needed_value(w_zero).ints();
  return std::all_of(zeros.begin(), zeros.end(), [&](int64_t zero) { return zero == expected; });
}

std::vector<int8_t> symmetric_bytes(const HostTensor& weights) {
  std::vector<int8_t> bytes(static_cast<size_t>(weights.count()));
  const auto* source = static_cast<const uint8_t*>(weights.data);
  const uint8_t shift = weights.type == Type::kInt8 ? 0 : 128;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<int8_t>(source[i] - shift);
  return bytes;
}

}  // namespace bp::cpu
