// Environment: connects the services that providers may call with the phases that do the work.
#include "backplane/environment.hpp"

#include <algorithm>
#include <thread>

#include "base/mapped_file.hpp"
#include "ops/onnx_bridge/to_onnx.hpp"
#include "plan/arena.hpp"
#include "provider/view_graph.hpp"
#include "session/environment_impl.hpp"

namespace bp {
namespace {

Result<uint64_t> plan_for_provider(const HostServices* services, std::span<const MemoryInterval> blocks,
                                   std::span<uint64_t> offsets) {
  std::vector<Interval> intervals;
  intervals.reserve(blocks.size());
  for (const MemoryInterval& block : blocks)
    intervals.push_back({block.first, block.last, block.size, block.alignment});
  const ArenaPlan plan = plan_arena(intervals);
  std::copy(plan.offsets.begin(), plan.offsets.end(), offsets.begin());
  if (services != nullptr && services->log_level() <= LogSeverity::kDebug)
    services->log(LogSeverity::kDebug, "plan",
                  "workspace of a program: " + std::to_string(blocks.size()) + " pieces in " +
                      std::to_string(plan.total) + " bytes, lower bound " +
                      std::to_string(arena_lower_bound(intervals)));
  return plan.total;
}

ProviderOutcome describe(const Outcome& outcome) {
  ProviderOutcome described;
  described.id = outcome.id;
  described.name = outcome.name;
  described.version = outcome.version;
  described.manifest_path = outcome.path;
  described.library_path = outcome.library;
  described.rule = outcome.rule;
  described.state = outcome_state_name(outcome.state);
  if (outcome.reason != OutcomeReason::kNone) described.reason = outcome_reason_name(outcome.reason);
  described.text = outcome.text;
  described.shadowed_by = outcome.shadowed_by;
  described.unknown_fields = outcome.unknown_fields;
  return described;
}

std::string value_text(const OptionValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value)) return std::to_string(*number);
  return std::get<std::string>(value);
}

OptionDescription describe(const OptionInfo& option) {
  OptionDescription described;
  described.name = option.name;
  described.text = option.text;
  described.default_value = value_text(option.default_value);
  switch (option.kind) {
    case OptionKind::kBool:
      described.type = "bool";
      break;
    case OptionKind::kInt:
      described.type = "int";
      described.range = std::to_string(option.int_min) + ".." + std::to_string(option.int_max);
      break;
    case OptionKind::kDouble:
      described.type = "double";
      described.range = std::to_string(option.double_min) + ".." + std::to_string(option.double_max);
      break;
    case OptionKind::kString:
      described.type = "string";
      break;
    case OptionKind::kChoice:
      described.type = "choice";
      for (const std::string& choice : option.choices)
        described.range += (described.range.empty() ? "" : "|") + choice;
      break;
  }
  return described;
}

DeviceDescription describe(const Device& device) {
  const DeviceInfo& info = device.info();
  DeviceDescription described;
  described.provider_id = device.provider_id();
  described.provider_version = device.provider_version();
  described.id = device.label();
  described.kind = device_kind_name(info.kind);
  described.name = info.name;
  described.vendor = info.vendor;
  described.driver = info.driver;
  described.uuid = info.uuid;
  described.memory_bytes = info.memory_bytes;
  described.synchronous = info.synchronous;
  described.properties = info.properties;
  for (const OptionInfo& option : device.options()) described.options.push_back(describe(option));
  return described;
}

}  // namespace

std::string Environment::Impl::looked_for() const {
  std::string text;
  for (const Outcome& outcome : registry->outcomes()) {
    text += "\n  " + (outcome.path.empty() ? outcome.id : outcome.path) + ": ";
    text += outcome_state_name(outcome.state);
    if (!outcome.text.empty()) text += ", " + outcome.text;
  }
  return text.empty() ? "no manifest of a provider was found in any folder that was searched"
                      : "manifests that were found:" + text;
}

Result<Environment> Environment::create(EnvironmentOptions options) {
  HostHooks hooks;
  // Set as soon as there are services, which own the hook.
  const auto services = std::make_shared<const HostServices*>(nullptr);
  hooks.plan_memory = [services](std::span<const MemoryInterval> blocks, std::span<uint64_t> offsets) {
    return plan_for_provider(*services, blocks, offsets);
  };
  hooks.graph_to_onnx = [](const GraphView& view, bool embed_constants, const ByteSink& sink) -> Status {
    BP_ASSIGN_OR_RETURN(const std::string bytes, to_onnx_bytes(*graph_of_view(view, embed_constants)));
    return sink(std::as_bytes(std::span<const char>(bytes)));
  };
  // Packed weights need their pages of the model file no more.
  hooks.constant_released = [](const Tensor& tensor) {
    if (!tensor.file.path.empty()) MappedFile::drop_resident(tensor.bytes);
  };
  auto impl = std::make_shared<Impl>();
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  impl->services = HostServices::create(std::move(hooks), cores - 1);
  *services = impl->services.get();
  if (options.log) {
    impl->services->set_log(
        [log = std::move(options.log)](LogSeverity severity, std::string_view source,
                                       std::string_view message) {
          log(severity,
              source.empty() ? std::string(message) : std::string(source) + ": " + std::string(message));
        },
        options.log_level);
  }
  DiscoveryOptions discovery;
  discovery.plugin_paths = options.plugin_directories;
  discovery.use_default_places = options.search_standard_places;
  discovery.probe_command = impl->probe_command = std::move(options.probe_command);
  BP_ASSIGN_OR_RETURN(impl->registry, Registry::discover(impl->services, discovery));
  return Environment(std::move(impl));
}

Status Environment::register_provider(ProviderOpenFunction open, const std::string& name) {
  if (open == nullptr) return {ErrorCode::kInvalidArgument, "register_provider: the function must not be null"};
  return impl_->registry->register_provider({open, name});
}

std::vector<ProviderOutcome> Environment::outcomes() const {
  std::vector<ProviderOutcome> described;
  for (const Outcome& outcome : impl_->registry->outcomes()) described.push_back(describe(outcome));
  return described;
}

std::vector<DeviceDescription> Environment::devices() const {
  std::vector<DeviceDescription> described;
  for (const auto& device : impl_->registry->devices()) described.push_back(describe(*device));
  return described;
}

ProviderOutcome Environment::validate(const std::string& manifest_path) const {
  return describe(Registry::validate(impl_->services, manifest_path, impl_->probe_command));
}

}  // namespace bp
