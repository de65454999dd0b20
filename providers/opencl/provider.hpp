// The provider object: its table, and its devices, which are looked for when they are first asked for.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "device.hpp"
#include "notifier.hpp"

namespace bp::opencl {

class Provider {
 public:
  explicit Provider(const bp_host* host);
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  [[nodiscard]] Host host() const noexcept { return host_; }
  const std::vector<std::unique_ptr<Device>>& devices();
  // Why there is none; empty when there are some.
  const std::string& no_device_reason();

  bp_provider table{};

 private:
  void find_devices();

  Host host_;
  Notifier notifier_;
  std::once_flag found_;
  std::vector<std::unique_ptr<Device>> devices_;
  std::string reason_;
};

}  // namespace bp::opencl
