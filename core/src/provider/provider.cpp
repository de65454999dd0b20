#include "provider/provider.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "provider/abi.hpp"
#include "provider/provider_core.hpp"

namespace bp {
namespace {

constexpr uint32_t kMaxDevices = 4096;

// The two calls of the listing. Zero devices come back as an empty list and a reason.
Result<std::vector<bp_device>> list_devices(const ProviderCore& core, std::string* no_device_reason) {
  uint32_t count = 0;
  bp_string reason{nullptr, 0};
  BP_RETURN_IF_ERROR(core.call("listing devices", {},
                               [&] { return core.device.list(core.table.self, 0, nullptr, &count, &reason); }));
  std::vector<bp_device> handles;
  if (count == 0) {
    *no_device_reason = text_of(reason);
    return handles;
  }
  if (count > kMaxDevices) return core.misbehaves(fmt::format("it lists {} devices", count));
  handles.resize(count, nullptr);
  uint32_t second = 0;
  BP_RETURN_IF_ERROR(core.call("listing devices", {}, [&] {
    return core.device.list(core.table.self, count, handles.data(), &second, nullptr);
  }));
  handles.resize(std::min(count, second));  // a device may have gone between the calls
  for (size_t i = 0; i < handles.size(); ++i) {
    if (handles[i] == nullptr) return core.misbehaves(fmt::format("device {} of its list is NULL", i));
    if (std::find(handles.begin(), handles.begin() + static_cast<std::ptrdiff_t>(i), handles[i]) !=
        handles.begin() + static_cast<std::ptrdiff_t>(i)) {
      return core.misbehaves(fmt::format("device {} is in its list twice", i));
    }
  }
  return handles;
}

// Memory of its own and streams need functions that other devices do not.
Status check_device_functions(const ProviderCore& core, const DeviceInfo& info) {
  const bool own_memory = std::any_of(info.memory_kinds.begin(), info.memory_kinds.end(),
                                      [](const MemoryKindInfo& kind) { return kind.kind != kHostMemory; });
  const bool mapped =
      std::any_of(info.memory_kinds.begin(), info.memory_kinds.end(),
                  [](const MemoryKindInfo& kind) { return kind.host_visible && !kind.host_addressable(); });
  std::string missing;
  if (own_memory) missing = missing_memory_function(core.memory);
  if (missing.empty() && mapped && (core.memory.map == nullptr || core.memory.unmap == nullptr)) {
    missing = "memory.map or memory.unmap";
  }
  if (missing.empty() && !info.synchronous) missing = missing_stream_function(core.stream, core.event);
  if (missing.empty()) return {};
  return core.misbehaves(
      fmt::format("the function {}, mandatory for its device '{}', is NULL", missing, info.name));
}

}  // namespace

Result<std::shared_ptr<Provider>> Provider::open(const std::shared_ptr<HostServices>& services, OpenArgs args,
                                                 OpenFailure* failure) {
  OpenFailure ignored = OpenFailure::kNone;
  OpenFailure& kind = failure != nullptr ? *failure : ignored;
  kind = OpenFailure::kNone;
  BP_ASSIGN_OR_RETURN(std::shared_ptr<ProviderCore> core, ProviderCore::open(services, std::move(args), &kind));

  std::string reason;
  auto handles = list_devices(*core, &reason);
  if (!handles.ok()) {
    kind = OpenFailure::kOpenFailed;
    return handles.status();
  }
  if (handles->empty()) {
    kind = OpenFailure::kNoDevice;
    return Status(ErrorCode::kNotFound, fmt::format("provider '{}' has no device on this machine: {}", core->id,
                                                    reason.empty() ? "it gave no reason" : reason));
  }
  std::shared_ptr<Provider> provider(new Provider(core));
  for (bp_device handle : *handles) {
    auto device = Device::create(core, handle, static_cast<uint32_t>(provider->devices_.size()));
    if (!device.ok()) {
      kind = OpenFailure::kOpenFailed;
      return device.status();
    }
    if (const Status status = check_device_functions(*core, (*device)->info()); !status.ok()) {
      kind = OpenFailure::kMandatoryNull;
      return status;
    }
    provider->devices_.push_back(std::move(*device));
  }
  return provider;
}

const std::string& Provider::id() const noexcept { return core_->id; }
const std::string& Provider::name() const noexcept { return core_->name; }
const std::string& Provider::version() const noexcept { return core_->version; }
uint32_t Provider::abi_minor() const noexcept { return core_->table.abi_minor; }
int32_t Provider::canonical_level() const noexcept {
  return static_cast<int32_t>(core_->table.canonical_level);
}
const std::vector<OptionInfo>& Provider::options() const noexcept { return core_->options; }
bool Provider::may_unload() const noexcept { return (core_->table.flags & BP_PROVIDER_MAY_UNLOAD) != 0; }
bool Provider::can_save() const noexcept { return core_->artifact.save != nullptr; }

}  // namespace bp
