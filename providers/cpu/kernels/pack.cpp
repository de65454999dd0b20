// Packing and unpacking: shifts within bytes; every thread has whole bytes of the packed side.
#include "kernels/pack.hpp"

#include <algorithm>

#include "parallel.hpp"

namespace bp::cpu {

namespace {

bool is_signed(Type type) { return type == Type::kInt4 || type == Type::kInt2; }

template <int kBits, bool kSigned>
void unpack(const uint8_t* packed, int64_t begin, int64_t end, uint8_t* target) {
  constexpr int kPerByte = 8 / kBits;
  constexpr uint32_t kMask = (1u << kBits) - 1;
  constexpr uint32_t kSign = kSigned ? 1u << (kBits - 1) : 0;
  for (int64_t i = begin; i < end; ++i) {
    const uint32_t code = (packed[i / kPerByte] >> (i % kPerByte * kBits)) & kMask;
    target[i] = static_cast<uint8_t>((code ^ kSign) - kSign);
  }
}

template <int kBits>
void pack(const uint8_t* elements, int64_t first, int64_t last, int64_t count, uint8_t* packed) {
  constexpr int64_t kPerByte = 8 / kBits;
  constexpr uint32_t kMask = (1u << kBits) - 1;
  const int64_t whole = std::min(last, count / kPerByte);
  for (int64_t byte = first; byte < last; ++byte) {
    const int64_t at = byte * kPerByte;
    const int64_t here = byte < whole ? kPerByte : count - at;
    uint32_t bits = 0;
    for (int64_t i = 0; i < here; ++i) bits |= (elements[at + i] & kMask) << (i * kBits);
    packed[byte] = static_cast<uint8_t>(bits);
  }
}

}  // namespace

void unpack_elements(Type type, const std::byte* packed, int64_t begin, int64_t end, std::byte* target) {
  const auto* from = reinterpret_cast<const uint8_t*>(packed);
  auto* to = reinterpret_cast<uint8_t*>(target);
  if (element_bits(type) == 4) {
    is_signed(type) ? unpack<4, true>(from, begin, end, to) : unpack<4, false>(from, begin, end, to);
  } else {
    is_signed(type) ? unpack<2, true>(from, begin, end, to) : unpack<2, false>(from, begin, end, to);
  }
}

void pack_elements(Type type, const std::byte* elements, int64_t first_byte, int64_t last_byte, int64_t count,
                   std::byte* packed) {
  const auto* from = reinterpret_cast<const uint8_t*>(elements);
  auto* to = reinterpret_cast<uint8_t*>(packed);
  element_bits(type) == 4 ? pack<4>(from, first_byte, last_byte, count, to)
                          : pack<2>(from, first_byte, last_byte, count, to);
}

std::unique_ptr<Kernel> unpack_kernel(Type type, int64_t count, int threads) {
  return make_kernel([type, count, threads](const Call& call) {
    parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
      unpack_elements(type, call.in<std::byte>(0), begin, end, call.out<std::byte>(1));
    });
  });
}

std::unique_ptr<Kernel> pack_kernel(Type type, int64_t count, int threads) {
  const auto bytes = static_cast<int64_t>(crossing_bytes(type, count));
  return make_kernel([type, count, bytes, threads](const Call& call) {
    parallel_for(threads, bytes, count, [&](int64_t begin, int64_t end) {
      pack_elements(type, call.in<std::byte>(0), begin, end, count, call.out<std::byte>(1));
    });
  });
}

}  // namespace bp::cpu
