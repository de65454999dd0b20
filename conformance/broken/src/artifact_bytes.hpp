// The code section of a saved program: numbers and texts, little endian, with a checksum at the end.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "provider.hpp"

namespace broken {

// FNV-1a.
inline uint64_t checksum(const char* data, size_t size) {
  uint64_t sum = 0xcbf29ce484222325;
  for (size_t i = 0; i < size; ++i) sum = (sum ^ static_cast<unsigned char>(data[i])) * 0x100000001b3;
  return sum;
}

class ByteWriter {
 public:
  void number(uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(std::string_view value) {
    number(value.size());
    bytes_.append(value);
  }
  template <class T>
  void numbers(const std::vector<T>& values) {
    number(values.size());
    for (const T value : values) number(static_cast<uint64_t>(value));
  }
  // The bytes with their checksum.
  std::string finish() {
    number(checksum(bytes_.data(), bytes_.size()));
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

// Throws INCOMPATIBLE where the bytes end or do not make sense.
class ByteReader {
 public:
  ByteReader(const void* data, uint64_t size)
      : bytes_(static_cast<const char*>(data), static_cast<size_t>(size)) {
    if (bytes_.size() < sizeof(uint64_t)) fail("it is too short");
    uint64_t sum = 0;
    std::memcpy(&sum, bytes_.data() + bytes_.size() - sizeof sum, sizeof sum);
    bytes_.remove_suffix(sizeof sum);
    if (sum != checksum(bytes_.data(), bytes_.size())) fail("its checksum is wrong");
  }

  uint64_t number(uint64_t limit = UINT64_MAX) {
    uint64_t value = 0;
    const std::string_view part = take(sizeof value);
    std::memcpy(&value, part.data(), sizeof value);
    if (value > limit) fail("a number is too large");
    return value;
  }
  uint32_t number32(uint64_t limit = UINT32_MAX) { return static_cast<uint32_t>(number(limit)); }
  std::string_view text() { return take(number(bytes_.size())); }
  template <class T>
  std::vector<T> numbers(uint64_t limit) {
    std::vector<T> values(number(bytes_.size() / sizeof(uint64_t)));
    for (T& value : values) value = static_cast<T>(number(limit));
    return values;
  }
  // How many things follow, each of at least eight bytes.
  uint64_t count() { return number(bytes_.size() / sizeof(uint64_t)); }

  [[noreturn]] static void fail(std::string_view why) {
    throw Error(BP_STATUS_INCOMPATIBLE, message("the saved program is damaged: ", why));
  }

 private:
  std::string_view take(uint64_t size) {
    if (size > bytes_.size()) fail("it ends too early");
    const std::string_view part = bytes_.substr(0, static_cast<size_t>(size));
    bytes_.remove_prefix(static_cast<size_t>(size));
    return part;
  }

  std::string_view bytes_;
};

}  // namespace broken
