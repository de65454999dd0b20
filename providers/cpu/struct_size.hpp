// Refuses structs of a caller in which a field of ABI 1.0 is missing: reading it would be reading behind the
// caller's object.
#pragma once

#include <string>

#include "support.hpp"

namespace bp::cpu {

template <class T>
void expect_struct(const T* given, uint32_t size, const char* name) {
  if (given != nullptr && given->struct_size >= size) return;
  throw Error(BP_STATUS_INVALID_ARGUMENT,
              text(name, ": expected a struct_size of at least ", size, ", found ",
                   given == nullptr ? std::string("NULL") : std::to_string(given->struct_size)));
}

// `last`: the last field of 1.0. Inside of guard().
#define BP_EXPECT_STRUCT(pointer, type, last) \
  ::bp::cpu::expect_struct(pointer, BP_STRUCT_SIZE(type, last), #type)

}  // namespace bp::cpu
