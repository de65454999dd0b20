#include "provider/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "base/nearest_name.hpp"
#include "provider/cpu_features.hpp"
#include "provider/library.hpp"
#include "provider/probe.hpp"

namespace bp {

struct Registry::Candidate {
  std::optional<Manifest> manifest;  // none: registered by pointer, or not usable
  Outcome outcome;
  bool system_place = false;
  std::shared_ptr<Provider> provider;

  bool usable() const { return provider != nullptr || outcome.state == OutcomeState::kAvailable; }
};

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

struct Selector {
  std::string name;               // lower case
  std::optional<uint64_t> index;  // ":1"
};

Selector parse_selector(std::string_view text) {
  Selector selector;
  const size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    uint64_t index = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error == std::errc() && end == digits.data() + digits.size() && !digits.empty()) {
      selector.index = index;
      text = text.substr(0, colon);
    }
  }
  selector.name = lower(text);
  return selector;
}

bool is_named(const Outcome& outcome, const std::string& name) {
  const std::string id = lower(outcome.id);
  const size_t dot = id.rfind('.');
  return id == name || lower(outcome.name) == name || (dot != std::string::npos && id.substr(dot + 1) == name);
}

bool is_device_kind(const std::string& name) {
  for (DeviceKind kind :
       {DeviceKind::kCpu, DeviceKind::kGpu, DeviceKind::kNpu, DeviceKind::kFpga, DeviceKind::kOther}) {
    if (name == device_kind_name(kind)) return true;
  }
  return false;
}

bool may_have_kind(const std::optional<Manifest>& manifest, const std::string& kind) {
  return !manifest || manifest->device_kinds.empty() ||
         std::any_of(manifest->device_kinds.begin(), manifest->device_kinds.end(),
                     [&](const std::string& hint) { return lower(hint) == kind; });
}

OutcomeReason reason_of(OpenFailure failure) {
  switch (failure) {
    case OpenFailure::kAbiRange:
      return OutcomeReason::kAbiRange;
    case OpenFailure::kMandatoryNull:
      return OutcomeReason::kMandatoryNull;
    case OpenFailure::kIdMismatch:
      return OutcomeReason::kIdMismatch;
    case OpenFailure::kNoDevice:
      return OutcomeReason::kNoDevice;
    case OpenFailure::kOpenFailed:
    case OpenFailure::kNone:
      break;
  }
  return OutcomeReason::kOpenFailed;
}

void set_loaded(Outcome& outcome, const Provider& provider) {
  outcome.id = provider.id();
  outcome.name = provider.name();
  outcome.version = provider.version();
  outcome.state = OutcomeState::kLoaded;
  outcome.reason = OutcomeReason::kNone;
  outcome.text.clear();
}

}  // namespace

Registry::Registry(std::shared_ptr<HostServices> services) : services_(std::move(services)) {}
Registry::~Registry() = default;

Result<std::unique_ptr<Registry>> Registry::discover(std::shared_ptr<HostServices> services,
                                                     const DiscoveryOptions& options) {
  std::unique_ptr<Registry> registry(new Registry(std::move(services)));
  registry->probe_command_ = options.probe_command;
  for (FoundManifest& found : discover_manifests(options)) {
    auto candidate = std::make_unique<Candidate>();
    candidate->manifest = std::move(found.manifest);
    candidate->outcome = std::move(found.outcome);
    candidate->system_place = found.system_place;
    registry->candidates_.push_back(std::move(candidate));
  }
  return registry;
}

Outcome Registry::validate(std::shared_ptr<HostServices> services, const std::string& manifest_path,
                           std::vector<std::string> probe_command) {
  DiscoveryOptions options;
  options.plugin_paths = {manifest_path};
  options.use_default_places = false;
  options.probe_command = std::move(probe_command);
  options.get_environment = [](const char*) { return std::nullopt; };  // globs do not make a manifest wrong
  auto registry = discover(std::move(services), options);
  Outcome outcome;
  if (!registry.ok() || (*registry)->candidates_.empty()) {
    outcome.path = manifest_path;
    outcome.reason = OutcomeReason::kFileMissing;
    outcome.text = "there is no manifest";
    return outcome;
  }
  Candidate& candidate = *(*registry)->candidates_.front();
  (*registry)->load(candidate);
  return candidate.outcome;
}

Status Registry::register_provider(const InProcessProvider& provider) {
  const std::lock_guard lock(mutex_);
  OpenArgs args;
  args.open = provider.open;
  args.name = provider.name;
  BP_ASSIGN_OR_RETURN(std::shared_ptr<Provider> opened, Provider::open(services_, std::move(args)));
  const auto same_id = [&](const auto& candidate) { return candidate->outcome.id == opened->id(); };
  const auto loaded = std::find_if(candidates_.begin(), candidates_.end(), [&](const auto& candidate) {
    return same_id(candidate) && candidate->provider != nullptr;
  });
  if (loaded != candidates_.end()) {
    return Status(ErrorCode::kInvalidArgument, fmt::format("provider '{}' is loaded already", opened->id()));
  }
  for (const auto& candidate : candidates_) {
    if (!same_id(candidate) || candidate->outcome.state != OutcomeState::kAvailable) continue;
    candidate->outcome.state = OutcomeState::kShadowed;
    candidate->outcome.reason = OutcomeReason::kSameId;
    candidate->outcome.text = "a provider with the same id was registered by the program";
  }
  auto candidate = std::make_unique<Candidate>();
  candidate->outcome.rule = "registered";
  set_loaded(candidate->outcome, *opened);
  candidate->provider = std::move(opened);
  candidates_.insert(candidates_.begin() + static_cast<std::ptrdiff_t>(registered_++), std::move(candidate));
  return {};
}

bool Registry::survives_probe(Candidate& candidate) const {
  if (probe_command_.empty()) return true;
  Outcome& outcome = candidate.outcome;
  const std::string trouble = probe_provider(probe_command_, outcome.path);
  if (trouble.empty()) return true;
  outcome.state = OutcomeState::kRejected;
  outcome.reason = OutcomeReason::kCrashedInProbe;
  outcome.text = trouble + "; report it to the vendor";
  return false;
}

// With mutex_ held.
void Registry::load(Candidate& candidate) {
  if (candidate.provider != nullptr || candidate.outcome.state != OutcomeState::kAvailable) return;
  Outcome& outcome = candidate.outcome;
  const Manifest& manifest = *candidate.manifest;
  const bool has_variants = !manifest.variants.empty() || !manifest.library.cpu_features.empty();
  const auto features = has_variants ? read_cpu_features() : std::set<std::string>();
  std::optional<LoadedLibrary> library;
  if (survives_probe(candidate)) library = load_library(manifest, features, candidate.system_place, &outcome);
  if (library) {
    OpenArgs args;
    args.open = library->open;
    args.library = std::move(library->handle);
    args.expected_id = manifest.id;
    args.name = manifest.name;
    args.option_defaults = manifest.options;
    OpenFailure failure = OpenFailure::kNone;
    auto provider = Provider::open(services_, std::move(args), &failure);
    if (provider.ok()) {
      candidate.provider = std::move(*provider);
      const std::string manifest_version = outcome.version;
      set_loaded(outcome, *candidate.provider);
      if (outcome.version != manifest_version) {
        services_->log(
            LogSeverity::kWarning, outcome.id,
            fmt::format("its manifest says version {}, the library {}", manifest_version, outcome.version));
      }
      return;
    }
    outcome.state = OutcomeState::kRejected;
    outcome.reason = reason_of(failure);
    outcome.text = provider.status().message();
  }
  services_->log(
      LogSeverity::kInfo, outcome.id,
      fmt::format("{} is not used: {}: {}", outcome.path, outcome_reason_name(outcome.reason), outcome.text));
}

std::vector<Outcome> Registry::outcomes() const {
  const std::lock_guard lock(mutex_);
  std::vector<Outcome> outcomes;
  for (const auto& candidate : candidates_) outcomes.push_back(candidate->outcome);
  return outcomes;
}

std::vector<Registry::Candidate*> Registry::declared_order() {
  std::vector<Candidate*> order;
  for (const auto& candidate : candidates_) order.push_back(candidate.get());
  const auto priority = [](const Candidate* candidate) {
    return candidate->manifest ? candidate->manifest->priority : int64_t{0};
  };
  std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(registered_), order.end(),
                   [&](const Candidate* a, const Candidate* b) { return priority(a) > priority(b); });
  return order;
}

std::vector<std::shared_ptr<Provider>> Registry::providers() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Provider>> providers;
  for (Candidate* candidate : declared_order()) {
    load(*candidate);
    if (candidate->provider != nullptr) providers.push_back(candidate->provider);
  }
  return providers;
}

std::vector<std::shared_ptr<Device>> Registry::devices() {
  std::vector<std::shared_ptr<Device>> devices;
  for (const auto& provider : providers()) {
    devices.insert(devices.end(), provider->devices().begin(), provider->devices().end());
  }
  return devices;
}

Result<std::vector<std::shared_ptr<Device>>> Registry::find_devices(std::string_view selector) {
  const std::lock_guard lock(mutex_);
  const Selector wanted = parse_selector(selector);
  std::vector<Candidate*> meant;
  const std::vector<Candidate*> order = declared_order();
  for (Candidate* candidate : order) {
    if (is_named(candidate->outcome, wanted.name)) meant.push_back(candidate);
  }
  const bool by_kind = meant.empty() && is_device_kind(wanted.name);
  if (by_kind) {
    for (Candidate* candidate : order) {
      if (candidate->usable() && may_have_kind(candidate->manifest, wanted.name)) meant.push_back(candidate);
    }
  }

  std::vector<std::shared_ptr<Device>> devices;
  for (Candidate* candidate : meant) {
    load(*candidate);
    if (candidate->provider == nullptr) continue;
    for (const auto& device : candidate->provider->devices()) {
      if (!by_kind || wanted.name == device_kind_name(device->info().kind)) devices.push_back(device);
    }
  }
  if (devices.empty()) return cannot_use(selector, meant);
  if (!wanted.index) return devices;
  if (*wanted.index >= devices.size()) {
    return Status(ErrorCode::kNotFound, fmt::format("there is no device '{}': '{}' has {}, numbered from 0",
                                                    selector, wanted.name, devices.size()));
  }
  return std::vector<std::shared_ptr<Device>>{devices[*wanted.index]};
}

Result<std::shared_ptr<Device>> Registry::find_device(std::string_view selector) {
  auto devices = find_devices(selector);
  if (!devices.ok()) return devices.status();
  return devices->front();
}

// With mutex_ held.
Status Registry::cannot_use(std::string_view selector, const std::vector<Candidate*>& meant) const {
  std::vector<std::string> parts;
  bool tried = false;
  for (const Candidate* candidate : meant) {
    const Outcome& outcome = candidate->outcome;
    if (outcome.state == OutcomeState::kShadowed) continue;
    tried = true;
    parts.push_back(outcome.state == OutcomeState::kLoaded
                        ? fmt::format("{} has no such device", outcome.id)
                        : fmt::format("{} is {}: {}: {}", outcome.path, outcome_state_name(outcome.state),
                                      outcome_reason_name(outcome.reason), outcome.text));
  }
  if (tried) {
    return Status(ErrorCode::kNotFound,
                  fmt::format("'{}' was asked for and cannot be used: {}", selector, fmt::join(parts, "; ")));
  }
  std::vector<std::string> names;
  std::vector<std::string> unreadable;
  for (const auto& candidate : candidates_) {
    const Outcome& outcome = candidate->outcome;
    if (candidate->usable()) {
      names.push_back(outcome.id);
      names.push_back(outcome.name);
    } else if (outcome.id.empty() && outcome.state == OutcomeState::kRejected) {
      unreadable.push_back(
          fmt::format("{} ({}: {})", outcome.path, outcome_reason_name(outcome.reason), outcome.text));
    }
  }
  const Selector wanted = parse_selector(selector);
  std::string text = fmt::format("no provider or device is called '{}'", selector);
  if (const std::string_view nearest = nearest_name(wanted.name, names); !nearest.empty()) {
    text += fmt::format("; did you mean '{}'?", nearest);
  } else if (names.empty()) {
    text += "; there is no provider at all";
  } else {
    text += fmt::format("; there are {}", fmt::join(names, ", "));
  }
  if (!unreadable.empty())
    text += fmt::format("; these manifests could not be used: {}", fmt::join(unreadable, ", "));
  return Status(ErrorCode::kNotFound, text);
}

}  // namespace bp
