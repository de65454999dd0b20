// A provider opened through its entry point alone, its tables as it wrote them.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "groups/group.hpp"
#include "harness/raw_host.hpp"
#include "harness/raw_library.hpp"

namespace bp::conformance {

// Calls into a provider; what is thrown through the boundary is a Fail that names the call.
template <class Function>
auto guarded(std::string_view what, Function&& function) {
  const auto threw = [&](std::string_view words) {
    fail(std::string(what) + ": an exception crossed the boundary: " + std::string(words));
  };
  try {
    return function();
  } catch (const CaseEnd&) {  // of a callback of ours
    throw;
  } catch (const std::exception& error) {
    threw(error.what());
  } catch (...) {
    threw("of unknown type");
  }
  std::terminate();  // threw() does not return
}

class RawProvider {
 public:
  // Opens and lists the devices. Throws CaseEnd(Fail) when either does not work.
  RawProvider(const CaseTarget& target, RawHost& host);
  // Closes.
  ~RawProvider();
  RawProvider(const RawProvider&) = delete;
  RawProvider& operator=(const RawProvider&) = delete;

  bp_provider* operator->() const { return provider_; }
  bp_provider* get() const { return provider_; }
  RawHost& host() const { return host_; }
  RawLibrary& library() { return library_; }
  const std::vector<bp_device>& devices() const { return devices_; }
  // The one under test. Throws CaseEnd(Fail) when the provider has none of that number.
  bp_device device() const;
  bp_device_info info() const;

  // Calls a function of the provider that returns a status, and takes it over.
  template <class Function>
  TakenStatus call(std::string_view what, Function&& function) const {
    return host_.take(guarded(what, std::forward<Function>(function)));
  }
  // As call; throws CaseEnd(Fail) unless it succeeds.
  template <class Function>
  void must(std::string_view what, Function&& function) const {
    const TakenStatus status = call(what, std::forward<Function>(function));
    if (!status.ok()) fail(std::string(what) + ": expected success, got " + status.to_string());
  }
  void close();
  // Leaves the object open: it is somebody else's.
  void forget() { provider_ = nullptr; }

 private:
  RawHost& host_;
  RawLibrary library_;
  uint32_t device_index_;
  bp_provider* provider_ = nullptr;
  std::vector<bp_device> devices_;
};

// The provider's function in a table; NULL where the table is not there or too short.
#define BP_FUNCTION(table, type, function) \
  ((table) != nullptr && BP_HAS_FIELD(table, type, function) ? (table)->function : nullptr)

// The devices as `list` gives them, by the two-call pattern.
std::vector<bp_device> list_devices(const bp_provider& provider, RawHost& host, std::string* no_device_reason);

}  // namespace bp::conformance
