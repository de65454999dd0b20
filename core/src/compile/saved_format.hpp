// The fixed head of a file of saved programs. Numbers are little endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bp {

inline constexpr char kSavedMagic[8] = {'B', 'P', 'S', 'A', 'V', 'E', 'D', '\n'};
inline constexpr uint32_t kSavedVersion = 1;
inline constexpr uint64_t kSavedAlignment = 4096;  // bytes, of weights: they are mapped

struct SavedFileHead {
  char magic[8];
  uint32_t version;
  uint32_t reserved;      // 0
  uint64_t index_size;    // bytes of JSON behind the head
  char index_digest[64];  // SHA-256 of the index, hexadecimal
};
static_assert(sizeof(SavedFileHead) == 88);

// XXH3, 64 bits: tells a damaged weight.
uint64_t weight_hash(std::span<const std::byte> bytes);

}  // namespace bp
