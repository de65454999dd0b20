// Elements that are only moved: of a type all that counts is its size.
#pragma once

#include <cstdint>

#include "types.hpp"

namespace bp::cpu {

// Calls f(Tag<U>) with a type of `bytes` bytes, which is an element_size().
template <class F>
void with_size(uint32_t bytes, F&& f) {
  switch (bytes) {
    case 1:
      return f(Tag<uint8_t>{});
    case 2:
      return f(Tag<uint16_t>{});
    case 4:
      return f(Tag<uint32_t>{});
    case 8:
      return f(Tag<uint64_t>{});
    default:
      return f(Tag<Text>{});
  }
}

}  // namespace bp::cpu
