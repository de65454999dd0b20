// The SDK's help for authors under this provider's names. Errors of compile and specialize are exceptions
// (Error); guard() turns each into a status before it could cross the boundary. The run path throws nothing
// (kernel.hpp).
#pragma once

#include <backplane/provider_cpp/provider.hpp>

#include <string>
#include <utility>

namespace bp::cpu {

using sdk::abi;
using sdk::Error;
using sdk::view;

template <class T>
using ArrayView = sdk::Array<T>;

// The arguments, strings and numbers, as one text.
template <class... Parts>
std::string text(const Parts&... parts) {
  return sdk::message(parts...);
}

inline void throw_status(const bp_host* host, bp_status status) { sdk::Host(host).check(status); }

template <class Body>
bp_status guard(const bp_host* host, Body&& body) noexcept {
  return sdk::guard(sdk::Host(host), std::forward<Body>(body));
}

}  // namespace bp::cpu
