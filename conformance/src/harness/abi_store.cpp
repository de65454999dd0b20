#include "harness/abi_store.hpp"

#include <algorithm>

namespace bp::conformance {

uint64_t AbiStore::fingerprint() const {
  uint64_t sum = 0xcbf29ce484222325u;
  for (const std::vector<std::byte>& block : blocks_) {
    for (const std::byte byte : block) sum = (sum ^ static_cast<uint64_t>(byte)) * 0x100000001b3u;
  }
  return sum;
}

void AbiStore::scribble() {
  for (std::vector<std::byte>& block : blocks_) std::fill(block.begin(), block.end(), std::byte{0xDD});
}

std::span<std::byte> AbiStore::take(uint64_t size) {
  return blocks_.emplace_back(size, static_cast<std::byte>(layout_.filler));
}

bp_array AbiStore::lay(const void* elements, uint64_t count, uint64_t element_bytes, uint32_t struct_size) {
  const uint64_t stride = element_bytes + layout_.stride_extra;
  if (count == 0) return {nullptr, 0, stride};
  const std::span<std::byte> bytes = take(count * stride);
  for (uint64_t i = 0; i < count; ++i) {
    std::byte* element = bytes.data() + i * stride;
    const std::byte* source = static_cast<const std::byte*>(elements) + i * element_bytes;
    if (struct_size == 0) {
      std::memcpy(element, source, element_bytes);
    } else {
      // Tail padding belongs to the fields of later minors.
      const uint32_t size = struct_size + layout_.size_extra;
      std::memcpy(element, source, struct_size);
      std::memcpy(element, &size, sizeof size);
    }
  }
  return {bytes.data(), count, stride};
}

}  // namespace bp::conformance
