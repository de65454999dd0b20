// A loaded provider: opened, checked, its devices listed. Opened by the registry (registry.hpp) from a library
// or from a function of this process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backplane/provider/provider.h"
#include "backplane/status.hpp"
#include "provider/device.hpp"
#include "provider/host_services.hpp"
#include "provider/options.hpp"

namespace bp {

// What went wrong while a provider was opened; the loader turns it into an outcome.
enum class OpenFailure : uint32_t {
  kNone,
  kAbiRange,       // no common minor
  kMandatoryNull,  // a mandatory function or field is missing
  kOpenFailed,     // open or the listing of devices returned an error
  kIdMismatch,     // the library's id is not the manifest's
  kNoDevice,       // opened, but there is nothing to run on
};

struct OpenArgs {
  bp_provider_open_fn open = nullptr;
  std::shared_ptr<const void> library;       // kept until the provider is closed
  std::string expected_id;                   // empty: any
  std::string name;                          // from the manifest; empty: the id
  std::vector<NamedOption> option_defaults;  // from the manifest
};

class Provider {
 public:
  // *failure tells the loader what kind of error it was.
  static Result<std::shared_ptr<Provider>> open(const std::shared_ptr<HostServices>& services, OpenArgs args,
                                                OpenFailure* failure = nullptr);
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  const std::string& id() const noexcept;
  const std::string& name() const noexcept;
  const std::string& version() const noexcept;
  uint32_t abi_minor() const noexcept;
  int32_t canonical_level() const noexcept;
  const std::vector<OptionInfo>& options() const noexcept;
  bool may_unload() const noexcept;
  bool can_save() const noexcept;
  // Never empty.
  const std::vector<std::shared_ptr<Device>>& devices() const noexcept { return devices_; }

 private:
  explicit Provider(std::shared_ptr<ProviderCore> core) noexcept : core_(std::move(core)) {}
  std::shared_ptr<ProviderCore> core_;
  std::vector<std::shared_ptr<Device>> devices_;
};

}  // namespace bp
