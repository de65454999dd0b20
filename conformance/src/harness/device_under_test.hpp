// The device that a case speaks to, through the core's wrappers: they check every answer.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backplane/status.hpp"
#include "groups/group.hpp"
#include "provider/device.hpp"

namespace bp::conformance {

class DeviceUnderTest {
 public:
  // Opened once per process and kept for later cases of the same target. Ends the case with Fail where the
  // provider cannot be opened or has no such device.
  static DeviceUnderTest& of(const CaseTarget& target);

  Device& device() const noexcept { return *device_; }
  const OptionSet& options() const noexcept { return options_; }
  uint32_t thread_count() const noexcept { return thread_count_; }

  // Ends the case with Fail where the wrappers found the provider breaking a rule since the last call.
  void check_behaviour();

 private:
  struct Complaints;
  DeviceUnderTest() = default;

  std::shared_ptr<Complaints> complaints_;
  std::shared_ptr<Device> device_;
  OptionSet options_;
  uint32_t thread_count_ = 1;
};

// Ends the case with Fail where the provider gave an error.
inline void expect_ok(const Status& status, const std::string& what) {
  if (!status.ok()) fail(what + ": " + status.to_string());
}
template <class T>
T expect_ok(Result<T> result, const std::string& what) {
  expect_ok(result.status(), what);
  return std::move(*result);
}

}  // namespace bp::conformance
