// Reading what crossed the ABI: strings, arrays with the writer's stride, structs that grow. For this folder.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "backplane/provider/base.h"

namespace bp {

// Longer texts of a provider are cut: a length that is wrong by chance is large.
inline constexpr uint64_t kMaxTextBytes = 1u << 16;

inline bp_string to_abi(std::string_view text) noexcept { return bp_string{text.data(), text.size()}; }

inline std::string_view text_view(const bp_string& text) noexcept {
  if (text.data == nullptr) return {};
  return {text.data, static_cast<size_t>(std::min(text.size, kMaxTextBytes))};
}
inline std::string text_of(const bp_string& text) { return std::string(text_view(text)); }

template <class T>
bp_array array_of(const T* data, size_t count) noexcept {
  return bp_array{data, count, sizeof(T)};
}

// A copy of a growing struct: fields that its writer did not know are zero.
template <class T>
T copy_struct(const T* source) noexcept {
  T copy{};
  uint32_t size = 0;
  std::memcpy(&size, source, sizeof size);
  std::memcpy(&copy, source, std::min<size_t>(size, sizeof(T)));
  return copy;
}

// False when `array` cannot hold elements of which each has at least `element_bytes` bytes.
inline bool is_array_of(const bp_array& array, uint64_t element_bytes, uint64_t max_count) noexcept {
  return array.count == 0 ||
         (array.data != nullptr && array.stride >= element_bytes && array.count <= max_count);
}

// Element `index` of an array of plain values (numbers, frozen structs).
template <class T>
T element_at(const bp_array& array, uint64_t index) noexcept {
  T element;
  std::memcpy(&element, static_cast<const unsigned char*>(array.data) + index * array.stride, sizeof(T));
  return element;
}

// Element `index` of an array of growing structs. False when its struct_size exceeds the stride or has not even
// `least` bytes (BP_STRUCT_SIZE of the last field that 1.0 knows).
template <class T>
bool read_element(const bp_array& array, uint64_t index, uint32_t least, T* element) noexcept {
  const unsigned char* source = static_cast<const unsigned char*>(array.data) + index * array.stride;
  uint32_t size = 0;
  std::memcpy(&size, source, sizeof size);
  if (size < least || size > array.stride) return false;
  *element = T{};
  std::memcpy(element, source, std::min<size_t>(size, sizeof(T)));
  return true;
}

inline bool is_power_of_two(uint64_t number) noexcept { return number != 0 && (number & (number - 1)) == 0; }

}  // namespace bp
