// The C library's C.UTF-8 locale holds Unicode's simple case mappings.
#include "ops/letters.hpp"

#include <clocale>
#include <cstdint>
#include <cwctype>

#include <locale.h>

namespace bp::cpu {

namespace {

locale_t letters() {
  static const locale_t table = newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
  return table;
}

bool continues(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u; }

uint32_t code_point(std::string_view bytes) noexcept {
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() == 1) return first;
  uint32_t value = first & (0xFFu >> (bytes.size() + 1));
  for (const char byte : bytes.substr(1)) value = value << 6 | (static_cast<unsigned char>(byte) & 0x3Fu);
  return value;
}

void append(uint32_t value, std::string& out) {
  const auto put = [&](uint32_t bits) { out.push_back(static_cast<char>(static_cast<unsigned char>(bits))); };
  if (value < 0x80) return put(value);
  if (value < 0x800) {
    put(0xC0 | value >> 6);
  } else {
    if (value < 0x10000) {
      put(0xE0 | value >> 12);
    } else {
      put(0xF0 | value >> 18);
      put(0x80 | (value >> 12 & 0x3F));
    }
    put(0x80 | (value >> 6 & 0x3F));
  }
  put(0x80 | (value & 0x3F));
}

}  // namespace

bool has_letters() { return letters() != locale_t{}; }

size_t code_point_bytes(std::string_view characters) noexcept {
  if (characters.empty()) return 0;
  const auto first = static_cast<unsigned char>(characters[0]);
  const size_t size = first < 0x80                    ? 1
                      : first >= 0xF0 && first < 0xF5 ? 4
                      : first >= 0xE0                 ? 3
                      : first >= 0xC2                 ? 2
                                                      : 0;
  if (size == 0 || first >= 0xF5 || size > characters.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if (!continues(characters[i])) return 0;
  }
  return size;
}

bool change_case(std::string_view characters, Case to, std::string& out) {
  if (to == Case::kNone) {
    out.append(characters);
    return true;
  }
  while (!characters.empty()) {
    const size_t size = code_point_bytes(characters);
    if (size == 0) return false;
    const auto letter = static_cast<wint_t>(code_point(characters.substr(0, size)));
    const wint_t changed = to == Case::kLower ? towlower_l(letter, letters()) : towupper_l(letter, letters());
    append(static_cast<uint32_t>(changed), out);
    characters.remove_prefix(size);
  }
  return true;
}

}  // namespace bp::cpu
