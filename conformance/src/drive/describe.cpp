#include "drive/describe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "base/mapped_file.hpp"
#include "case/case_json.hpp"
#include "case/json_object.hpp"
#include "drive/child_process.hpp"
#include "drive/target.hpp"
#include "provider/cpu_features.hpp"
#include "provider/digest.hpp"
#include "provider/library.hpp"
#include "provider/manifest.hpp"
#include "provider/provider.hpp"
#include "provider/read_file.hpp"

namespace bp::conformance {
namespace {

using nlohmann::json;

std::string file_digest(const std::string& path) {
  const auto file = MappedFile::open(path);
  if (!file.ok()) throw std::runtime_error(std::string(file.status().message()));
  return sha256_hex((*file)->bytes());
}

Manifest read_manifest(const std::string& path) {
  const Result<std::string> bytes = read_small_file(path, kMaxManifestBytes);
  if (!bytes.ok()) throw std::runtime_error(std::string(bytes.status().message()));
  ManifestError error;
  std::optional<Manifest> manifest = parse_manifest(*bytes, &error);
  if (!manifest) throw std::runtime_error(fmt::format("{}: {}", path, error.text));
  return *manifest;
}

std::shared_ptr<Provider> open_provider(const CaseTarget& target) {
  const Manifest manifest = read_manifest(target.manifest_path);
  bp::Outcome outcome;
  outcome.path = target.manifest_path;
  std::optional<LoadedLibrary> library = load_library(manifest, read_cpu_features(), false, &outcome);
  if (!library) throw std::runtime_error(outcome.text);
  OpenArgs args;
  args.open = library->open;
  args.library = std::move(library->handle);
  args.expected_id = manifest.id;
  args.name = manifest.name;
  args.option_defaults = manifest.options;
  auto provider = Provider::open(HostServices::create({}, 0), std::move(args));
  if (!provider.ok()) throw std::runtime_error(std::string(provider.status().message()));
  return *provider;
}

json describe_device(const CaseTarget& target) {
  const std::shared_ptr<Provider> provider = open_provider(target);
  if (target.device >= provider->devices().size()) {
    throw std::runtime_error(fmt::format("the provider has {} devices", provider->devices().size()));
  }
  const Device& device = *provider->devices()[target.device];
  const DeviceInfo& info = device.info();
  return {{"version", provider->version()},
          {"abi_minor", provider->abi_minor()},
          {"level", provider->canonical_level()},
          {"label", device.label()},
          {"name", info.name},
          {"vendor", info.vendor},
          {"driver", info.driver},
          {"fingerprint", info.fingerprint}};
}

// Whatever the child says or does not say: the description is no case.
void ask_child(const Launcher& launcher, const CaseTarget& target, ProviderFacts& facts) {
  ChildProcess child(launcher.program, {"describe"}, to_line(to_json(target)) + "\n");
  const auto time =
      std::chrono::duration_cast<ChildProcess::Clock::duration>(launcher.start_time * target.time_factor);
  std::string line;
  if (!child.next_line(ChildProcess::Clock::now() + time, &line)) return;
  const json answer = json::parse(line, nullptr, false);
  if (!answer.is_object()) return;
  JsonObject object(answer, "description");
  facts.version = object.text("version");
  facts.abi_minor = static_cast<uint32_t>(object.count("abi_minor"));
  facts.canonical_level = static_cast<int32_t>(object.integer("level"));
  facts.device_label = object.text("label");
  facts.device_name = object.text("name");
  facts.device_vendor = object.text("vendor");
  facts.device_driver = object.text("driver");
  facts.device_fingerprint = object.text("fingerprint");
}

}  // namespace

ProviderFacts describe_provider(const Launcher& launcher, const CaseTarget& target) {
  const Manifest manifest = read_manifest(target.manifest_path);
  ProviderFacts facts;
  facts.id = manifest.id;
  facts.name = manifest.name;
  facts.version = manifest.version;
  facts.manifest_file = std::filesystem::path(target.manifest_path).filename().string();
  facts.library_file = std::filesystem::path(target.library_path).filename().string();
  facts.manifest_sha256 = file_digest(target.manifest_path);
  facts.library_sha256 = file_digest(target.library_path);
  ask_child(launcher, target, facts);
  return facts;
}

int serve_description() {
  const int answers = ::fcntl(3, F_DUPFD_CLOEXEC, 200);
  if (answers < 0) return 2;
  try {
    std::string line;
    std::getline(std::cin, line);
    line = to_line(describe_device(target_from_json(json::parse(line)))) + "\n";
    return ::write(answers, line.data(), line.size()) == static_cast<ssize_t>(line.size()) ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}

}  // namespace bp::conformance
