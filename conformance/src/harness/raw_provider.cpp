#include "harness/raw_provider.hpp"

#include <fmt/format.h>

namespace bp::conformance {

std::vector<bp_device> list_devices(const bp_provider& provider, RawHost& host, std::string* no_device_reason) {
  const auto list = BP_FUNCTION(provider.device, bp_device_api, list);
  if (list == nullptr) fail("bp_device_api::list, which is mandatory, is NULL");
  const auto ask = [&](uint32_t capacity, bp_device* devices, uint32_t* count, bp_string* reason) {
    const TakenStatus status =
        host.take(guarded("list", [&] { return list(provider.self, capacity, devices, count, reason); }));
    if (!status.ok()) fail(fmt::format("list: expected success, got {}", status.to_string()));
  };
  uint32_t count = 0;
  bp_string reason{};
  ask(0, nullptr, &count, &reason);
  if (no_device_reason != nullptr) *no_device_reason = to_text(reason);
  std::vector<bp_device> devices(count);
  uint32_t again = count;
  if (count > 0) ask(count, devices.data(), &again, nullptr);
  if (again != count) fail(fmt::format("list counted {} devices, then {}", count, again));
  return devices;
}

RawProvider::RawProvider(const CaseTarget& target, RawHost& host)
    : host_(host), library_(target.library_path), device_index_(target.device) {
  const uint32_t code =
      guarded("open", [&] { return library_.open()(host.table(), 0, BP_ABI_MINOR, &provider_); });
  if (code != BP_STATUS_OK) {
    std::string reason;
    for (const auto& [severity, text] : host.log_lines()) {
      if (severity == BP_LOG_ERROR) reason = text;
    }
    fail(fmt::format("open: expected success, got {}, and it logged '{}'", status_code_name(code), reason));
  }
  if (provider_ == nullptr) fail("open: succeeded and left *provider NULL");
  devices_ = list_devices(*provider_, host, nullptr);
}

RawProvider::~RawProvider() {
  try {
    close();
  } catch (const CaseEnd& end) {
    host_.breach(end.what());
  }
}

void RawProvider::close() {
  if (provider_ == nullptr) return;
  bp_provider* provider = std::exchange(provider_, nullptr);
  guarded("close", [&] {
    provider->close(provider);
    return 0;
  });
}

bp_device RawProvider::device() const {
  if (devices_.empty()) not_applicable("the provider lists no device on this machine");
  if (device_index_ >= devices_.size()) {
    fail(fmt::format("there is no device {}: the provider lists {}", device_index_, devices_.size()));
  }
  return devices_[device_index_];
}

bp_device_info RawProvider::info() const {
  bp_device_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_device_info, launch_ns);
  must("info", [&] { return provider_->device->info(device(), &info); });
  return info;
}

}  // namespace bp::conformance
