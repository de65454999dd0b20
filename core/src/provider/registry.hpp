// The providers of an Environment: found through manifests, loaded when first selected, each candidate with its
// outcome. The search order is in discovery.hpp, the checks before dlopen in library.hpp.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "backplane/provider/provider.h"
#include "backplane/status.hpp"
#include "provider/discovery.hpp"
#include "provider/host_services.hpp"
#include "provider/outcome.hpp"
#include "provider/provider.hpp"

namespace bp {

// A provider that lives in this process, found by no manifest.
struct InProcessProvider {
  bp_provider_open_fn open = nullptr;
  std::string name;  // for selection and messages; empty: the last word of the provider's id
};

// All functions may be called from any thread. They hold a lock while a library is loaded: a log callback that
// is called then must not call back into the registry.
class Registry {
 public:
  // Reads manifests and loads nothing.
  static Result<std::unique_ptr<Registry>> discover(std::shared_ptr<HostServices> services,
                                                    const DiscoveryOptions& options);
  // Judges one manifest and its library as the loader would: loads it and lets it go.
  static Outcome validate(std::shared_ptr<HostServices> services, const std::string& manifest_path,
                          std::vector<std::string> probe_command = {});
  ~Registry();

  // Opens it at once; it comes before all others, in the order of registering. A manifest with the same id that
  // was not loaded yet becomes shadowed; INVALID_ARGUMENT when one was, or when it is registered already.
  Status register_provider(const InProcessProvider& provider);

  // Every candidate, in the order in which it was met; registered ones first.
  std::vector<Outcome> outcomes() const;

  // Loads what can be loaded and is not disabled, in declared order: registered ones first, then by the hints'
  // priority (higher first), then in the order of discovery. Providers that fail are told by outcomes() only.
  std::vector<std::shared_ptr<Provider>> providers();
  // All their devices, in the same order.
  std::vector<std::shared_ptr<Device>> devices();

  // "com.acme.npu", its last word ("npu"), the name ("Acme NPU") or else a kind of device ("gpu"), any case,
  // with
  // ":1" for the second of the devices that fit; without it all of them, in declared order. Loads only what the
  // selector can mean. NOT_FOUND and other errors tell what was looked for and why each candidate that was
  // meant cannot be used.
  Result<std::vector<std::shared_ptr<Device>>> find_devices(std::string_view selector);
  // The first of them.
  Result<std::shared_ptr<Device>> find_device(std::string_view selector);

 private:
  struct Candidate;
  explicit Registry(std::shared_ptr<HostServices> services);
  void load(Candidate& candidate);
  bool survives_probe(Candidate& candidate) const;
  std::vector<Candidate*> declared_order();
  Status cannot_use(std::string_view selector, const std::vector<Candidate*>& meant) const;

  std::shared_ptr<HostServices> services_;
  std::vector<std::string> probe_command_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Candidate>> candidates_;
  size_t registered_ = 0;  // the first so many are in-process
};

}  // namespace bp
