// `backplane providers`: what became of every provider that was found, and the devices of those that load.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "session_flags.hpp"

namespace bp::cli {
namespace {

struct ProvidersFlags {
  EnvironmentFlags environment;
  std::string validate;
  bool in_process = false;
  bool json = false;
  bool options = false;
};

nlohmann::json to_json(const ProviderOutcome& outcome) {
  return {{"id", outcome.id},
          {"name", outcome.name},
          {"version", outcome.version},
          {"manifest", outcome.manifest_path},
          {"library", outcome.library_path},
          {"rule", outcome.rule},
          {"state", outcome.state},
          {"reason", outcome.reason},
          {"text", outcome.text},
          {"shadowed_by", outcome.shadowed_by},
          {"unknown_fields", outcome.unknown_fields}};
}

nlohmann::json to_json(const DeviceDescription& device) {
  auto options = nlohmann::json::array();
  for (const OptionDescription& option : device.options)
    options.push_back({{"name", option.name},
                       {"type", option.type},
                       {"default", option.default_value},
                       {"range", option.range},
                       {"text", option.text}});
  auto properties = nlohmann::json::object();
  for (const auto& [name, value] : device.properties) properties[name] = value;
  return {{"id", device.id},
          {"provider", device.provider_id},
          {"provider_version", device.provider_version},
          {"kind", device.kind},
          {"name", device.name},
          {"vendor", device.vendor},
          {"driver", device.driver},
          {"uuid", device.uuid},
          {"memory_bytes", device.memory_bytes},
          {"synchronous", device.synchronous},
          {"properties", properties},
          {"options", options}};
}

// Paths and vendors' names need not be UTF-8.
std::string to_text(const nlohmann::json& json) {
  return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void print_outcome(const ProviderOutcome& outcome) {
  fmt::print("{:<10} {} {}\n", outcome.state, outcome.id.empty() ? "(no id)" : outcome.id, outcome.version);
  fmt::print("           {} (found by {})\n", outcome.manifest_path, outcome.rule);
  if (!outcome.reason.empty()) fmt::print("           {}: {}\n", outcome.reason, outcome.text);
  if (!outcome.unknown_fields.empty()) {
    fmt::print("           unknown fields, ignored: {}\n", fmt::join(outcome.unknown_fields, ", "));
  }
}

void print_device(const DeviceDescription& device, bool with_options) {
  fmt::print("{:<10} {}, {}, {} {}", device.id, device.kind, device.name, device.provider_id,
             device.provider_version);
  if (device.memory_bytes > 0) fmt::print(", {} MiB", device.memory_bytes >> 20);
  fmt::print("\n");
  for (const auto& [name, value] : device.properties) fmt::print("           {}: {}\n", name, value);
  if (!with_options) return;
  for (const OptionDescription& option : device.options)
    fmt::print("           --option {}.{}={}  {}{}{}: {}\n", device.provider_id, option.name,
               option.default_value, option.type, option.range.empty() ? "" : " ", option.range, option.text);
}

// Whether the manifest passes.
Result<bool> validate(const Environment& environment, const ProvidersFlags& flags) {
  const ProviderOutcome outcome = environment.validate(flags.validate);
  if (flags.json)
    fmt::print("{}\n", to_text(to_json(outcome)));
  else
    print_outcome(outcome);
  return outcome.reason.empty();
}

Result<bool> list(ProvidersFlags& flags) {
  if (!flags.in_process)
    flags.environment.probe_command = {"/proc/self/exe", "providers", "--in-process", "--validate"};
  BP_ASSIGN_OR_RETURN(const Environment environment, flags.environment.create());
  if (!flags.validate.empty()) return validate(environment, flags);
  // Devices first: asking for them loads what can be loaded, and the outcomes then tell.
  const std::vector<DeviceDescription> devices = environment.devices();
  const std::vector<ProviderOutcome> outcomes = environment.outcomes();
  if (flags.json) {
    auto providers = nlohmann::json::array(), listed = nlohmann::json::array();
    for (const ProviderOutcome& outcome : outcomes) providers.push_back(to_json(outcome));
    for (const DeviceDescription& device : devices) listed.push_back(to_json(device));
    fmt::print("{}\n", to_text({{"providers", providers}, {"devices", listed}}));
    return true;
  }
  for (const ProviderOutcome& outcome : outcomes) print_outcome(outcome);
  if (outcomes.empty()) fmt::print("no provider was found; --plugin-dir names a folder of manifests\n");
  if (!devices.empty()) fmt::print("\ndevices\n");
  for (const DeviceDescription& device : devices) print_device(device, flags.options);
  return true;
}

}  // namespace

void add_providers(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ProvidersFlags>();
  CLI::App* command = app.add_subcommand("providers", "List providers, what became of each, and their devices");
  flags->environment.add(*command);
  command->add_option("--validate", flags->validate, "Judge one manifest and its library as the loader would")
      ->type_name("FILE");
  command->add_flag("--in-process", flags->in_process,
                    "Load libraries at once, not first in a process of their own that may crash");
  command->add_flag("--options", flags->options, "Also list the options of each provider");
  command->add_flag("--json", flags->json, "As JSON");
  command->callback([flags, &exit_code] {
    const auto right = list(*flags);
    exit_code = !right.ok() ? report_error(right.status()) : *right ? kExitOk : kExitFailed;
  });
}

}  // namespace bp::cli
