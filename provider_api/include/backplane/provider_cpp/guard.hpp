// No exception crosses the ABI: guard turns any of them into a status.
#ifndef BACKPLANE_PROVIDER_CPP_GUARD_HPP
#define BACKPLANE_PROVIDER_CPP_GUARD_HPP

#include <exception>
#include <new>
#include <type_traits>

#include "host.hpp"

namespace bp::sdk {

// Runs `body`, which returns nothing or a bp_status. Error keeps its code, std::bad_alloc becomes
// OUT_OF_HOST_MEMORY, everything else INTERNAL.
template <class Body>
[[nodiscard]] bp_status guard(Host host, Body&& body) noexcept {
  try {
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      return nullptr;
    } else {
      return body();
    }
  } catch (const Error& error) {
    return host.make_status(error.code(), error.what(), error.provider_code());
  } catch (const std::bad_alloc&) {
    return host.make_status(BP_STATUS_OUT_OF_HOST_MEMORY, "out of host memory");
  } catch (const std::exception& error) {
    return host.make_status(BP_STATUS_INTERNAL, error.what());
  } catch (...) {
    return host.make_status(BP_STATUS_INTERNAL, "an exception of unknown type");
  }
}

// The same for bp_provider_open_v1, which returns a code and logs the reason.
template <class Body>
[[nodiscard]] uint32_t guard_open(Host host, Body&& body) noexcept {
  const bp_status status = guard(host, body);
  if (status == nullptr) return BP_STATUS_OK;
  const bp_host* table = host.get();
  const uint32_t code = table->status_code(table, status);
  table->log(table, BP_LOG_ERROR, table->status_message(table, status));
  table->status_release(table, status);
  return code;
}

}  // namespace bp::sdk

#endif
