// Environment: which providers there are. It discovers manifests, loads the libraries that are asked for and
// reports what became of every candidate. Sessions keep what they use alive; the environment itself may go
// first.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backplane/export.hpp"
#include "backplane/log.hpp"
#include "backplane/status.hpp"

struct bp_host;
struct bp_provider;

namespace bp {

// bp_provider_open_v1 of a provider that is linked into the program (backplane/provider/provider.h).
using ProviderOpenFunction = uint32_t (*)(const bp_host* host, uint32_t host_min_minor, uint32_t host_max_minor,
                                          bp_provider** provider);

// Called from any thread; must not throw.
using LogCallback = std::function<void(LogSeverity, std::string_view message)>;

struct EnvironmentOptions {
  // Manifests or folders of manifests that are searched first, in order.
  std::vector<std::string> plugin_directories;
  // Also search the standard places (environment variables, beside the core library, XDG, /etc).
  bool search_standard_places = true;
  // A program and its arguments that loads the provider of the manifest given as its last argument, in a
  // process of its own, and says something on standard output: {"/usr/bin/backplane", "providers",
  // "--in-process",
  // "--validate"}. Run once before a library is loaded here; a provider that crashes, hangs or ends that
  // process becomes an outcome, CRASHED_IN_PROBE. Empty (default): libraries are loaded at once.
  std::vector<std::string> probe_command;
  LogCallback log;
  LogSeverity log_level = LogSeverity::kWarning;
};

// What became of one candidate.
struct ProviderOutcome {
  std::string id;  // from the manifest; empty when it could not be read
  std::string name;
  std::string version;
  std::string manifest_path;
  std::string library_path;  // empty before it was chosen
  std::string rule;          // which rule of the search found it: "plugin-dir", "BACKPLANE_PROVIDER_PATH", ...
  std::string state;         // "loaded", "available", "shadowed", "disabled", "rejected"
  std::string reason;        // code: "LIBRARY_MISSING", "ABI_RANGE", ...; empty when all is well
  std::string text;          // a sentence that says what to do; empty when all is well
  std::string shadowed_by;   // manifest with the same id that was found first
  std::vector<std::string> unknown_fields;  // of the manifest, ignored: "/library/color"
};

struct OptionDescription {
  std::string name;
  std::string type;  // "bool", "int", "double", "string", "choice"
  std::string default_value;
  std::string range;  // "1..64", "auto|on|off", empty
  std::string text;
};

struct DeviceDescription {
  std::string provider_id;
  std::string provider_version;
  std::string id;    // how to ask for it: "CPU:0", "CUDA:1"
  std::string kind;  // "cpu", "gpu", "npu", "fpga", "other"
  std::string name;
  std::string vendor;
  std::string driver;
  std::string uuid;
  uint64_t memory_bytes = 0;  // 0: unknown
  bool synchronous = false;
  std::vector<std::pair<std::string, std::string>> properties;
  std::vector<OptionDescription> options;  // of its provider
};

class BP_API Environment {
 public:
  static Result<Environment> create(EnvironmentOptions options = {});

  // Opens a provider of this process at once; it comes before all that are found. `name` is for selection and
  // messages; empty: the provider's id. Sessions made before do not see it.
  Status register_provider(ProviderOpenFunction open, const std::string& name = {});

  // Every candidate in search order, with what became of it. Loads nothing more.
  std::vector<ProviderOutcome> outcomes() const;
  // Every device of every provider that loads, in search order; loads them all.
  std::vector<DeviceDescription> devices() const;
  // Judges one manifest and its library as the loader would.
  ProviderOutcome validate(const std::string& manifest_path) const;

  class Impl;
  const std::shared_ptr<Impl>& impl() const noexcept { return impl_; }

 private:
  explicit Environment(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace bp
