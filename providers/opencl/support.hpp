// The SDK's help for authors under this provider's names. Errors of the slow calls are exceptions (Error),
// which guard() or entry<> turn into a status before they could cross the boundary.
#pragma once

#include <backplane/provider_cpp/provider.hpp>

#include <string>
#include <utility>

namespace bp::opencl {

using sdk::abi;
using sdk::Error;
using sdk::guard;
using sdk::Host;
using sdk::view;

template <class T>
using ArrayView = sdk::Array<T>;

// The arguments, strings and numbers, as one text.
template <class... Parts>
std::string text(const Parts&... parts) {
  return sdk::message(parts...);
}

// Refuses structs of a caller in which a field of ABI 1.0 is missing.
template <class T>
void expect_struct(const T* given, uint32_t size, const char* name) {
  if (given != nullptr && given->struct_size >= size) return;
  throw Error(BP_STATUS_INVALID_ARGUMENT,
              text(name, ": expected a struct_size of at least ", size, ", found ",
                   given == nullptr ? std::string("NULL") : std::to_string(given->struct_size)));
}

// `last`: the last field of 1.0. Inside of guard().
#define BP_EXPECT_STRUCT(pointer, type, last) \
  ::bp::opencl::expect_struct(pointer, BP_STRUCT_SIZE(type, last), #type)

}  // namespace bp::opencl
