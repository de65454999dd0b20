#include "drive/target.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "case/json_object.hpp"
#include "provider/cpu_features.hpp"
#include "provider/library.hpp"
#include "provider/manifest.hpp"
#include "provider/read_file.hpp"

namespace bp::conformance {

namespace fs = std::filesystem;
using nlohmann::json;

CaseTarget find_target(const std::string& manifest_path) {
  std::error_code error;
  const fs::path file = fs::canonical(manifest_path, error);
  if (error) throw std::runtime_error(fmt::format("{}: {}", manifest_path, error.message()));
  if (!fs::is_regular_file(file)) {
    throw std::runtime_error(fmt::format("{}: expected a provider's manifest, a JSON file", manifest_path));
  }
  const Result<std::string> bytes = read_small_file(file.string(), kMaxManifestBytes);
  if (!bytes.ok()) throw std::runtime_error(fmt::format("{}: {}", manifest_path, bytes.status().message()));
  ManifestError problem;
  const std::optional<Manifest> manifest = parse_manifest(*bytes, &problem);
  if (!manifest) {
    throw std::runtime_error(
        fmt::format("{}: {}: {}", manifest_path, outcome_reason_name(problem.reason), problem.text));
  }
  const ManifestLibrary* library = choose_library(*manifest, read_cpu_features());
  if (library == nullptr) {
    throw std::runtime_error(
        fmt::format("{}: none of its libraries is for this CPU's features", manifest_path));
  }
  CaseTarget target;
  target.manifest_path = file.string();
  target.provider_id = manifest->id;
  const fs::path real = fs::canonical(file.parent_path() / library->path, error);
  if (error) {
    throw std::runtime_error(fmt::format("{}: its library {}: {}", manifest_path,
                                         (file.parent_path() / library->path).string(), error.message()));
  }
  target.library_path = real.string();
  return target;
}

json to_json(const CaseTarget& target) {
  json options = json::array();
  for (const auto& [name, value] : target.options) options.push_back({name, value});
  return {{"manifest_path", target.manifest_path},
          {"library_path", target.library_path},
          {"provider_id", target.provider_id},
          {"device", target.device},
          {"options", options},
          {"thread_count", target.thread_count},
          {"seed", std::to_string(target.seed)},
          {"time_factor", target.time_factor},
          {"bundle_folder", target.bundle_folder}};
}

CaseTarget target_from_json(const json& from) {
  JsonObject object(from, "target");
  CaseTarget target;
  target.manifest_path = object.text("manifest_path");
  target.library_path = object.text("library_path");
  target.provider_id = object.text("provider_id");
  target.device = static_cast<uint32_t>(object.count("device"));
  for (const json& option : object.list("options")) {
    if (!option.is_array() || option.size() != 2 || !option[0].is_string() || !option[1].is_string()) {
      throw std::invalid_argument("target: an option must be a name and a value");
    }
    target.options.emplace_back(option[0].get<std::string>(), option[1].get<std::string>());
  }
  target.thread_count = static_cast<uint32_t>(object.count("thread_count"));
  target.seed = object.count_text("seed");
  target.time_factor = object.number("time_factor");
  target.bundle_folder = object.text("bundle_folder");
  object.end();
  return target;
}

}  // namespace bp::conformance
