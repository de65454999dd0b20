// The first look at a struct of the host.
#pragma once

#include "provider.hpp"

namespace broken {

// Throws unless `pointer` is there and its writer knew all fields of 1.0, of which `least` is the size.
template <class T>
void check_struct(const T* pointer, uint32_t least, std::string_view name) {
  if (has(Fault::trusts_its_arguments)) return;
  if (pointer == nullptr) throw Error(BP_STATUS_INVALID_ARGUMENT, message(name, " is NULL"));
  if (pointer->struct_size < least && !has(Fault::trusts_a_small_struct)) {
    throw Error(BP_STATUS_INVALID_ARGUMENT,
                message(name, " must have ", least, " bytes, has ", pointer->struct_size));
  }
}
#define BROKEN_CHECK(pointer, type, last) check_struct(pointer, BP_STRUCT_SIZE(type, last), #type)

// Throws where a pointer for a result, or a handle, is missing.
inline void check_pointer(const void* pointer, std::string_view name) {
  if (pointer == nullptr && !has(Fault::trusts_its_arguments)) {
    throw Error(BP_STATUS_INVALID_ARGUMENT, message(name, " is NULL"));
  }
}

}  // namespace broken
