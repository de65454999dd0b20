#include "provider/discovery.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <unordered_map>
#include <utility>

#include "backplane/provider/base.h"
#include "provider/file_trust.hpp"
#include "provider/read_file.hpp"
#include "provider/search_places.hpp"

namespace bp {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxEntriesPerFolder = 4096;

void reject(Outcome& outcome, OutcomeReason reason, std::string text) {
  outcome.state = OutcomeState::kRejected;
  outcome.reason = reason;
  outcome.text = std::move(text);
}

// Manifests of a folder by file name.
std::vector<std::string> manifests_in(const std::string& folder, std::error_code& error) {
  std::vector<std::string> paths;
  fs::directory_iterator entry(folder, error);
  size_t seen = 0;
  while (!error && entry != fs::directory_iterator() && ++seen <= kMaxEntriesPerFolder) {
    if (entry->path().extension() == ".json") paths.push_back(entry->path().string());
    entry.increment(error);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class Discoverer {
 public:
  explicit Discoverer(SearchPlan plan) : plan_(std::move(plan)) {}

  std::vector<FoundManifest> run() {
    for (const SearchPlace& place : plan_.places) look_at(place);
    return std::move(found_);
  }

 private:
  void look_at(const SearchPlace& place) {
    if (!place.ignored.empty()) {
      FoundManifest& entry = add(place.path, place);
      entry.outcome.state = OutcomeState::kDisabled;
      const bool relative = place.path.front() != '$';
      entry.outcome.reason = relative ? OutcomeReason::kInsecurePath : OutcomeReason::kSecureMode;
      entry.outcome.text = place.ignored;
      return;
    }
    std::error_code error;
    const fs::file_status status = fs::status(place.path, error);
    if (!fs::exists(status)) {
      if (place.must_exist) {
        reject(add(place.path, place).outcome, OutcomeReason::kFileMissing,
               "this file or folder does not exist");
      }
    } else if (fs::is_directory(status)) {
      const auto manifests = manifests_in(place.path, error);
      if (error) {
        reject(add(place.path, place).outcome, OutcomeReason::kUnreadable,
               fmt::format("cannot list this folder: {}", error.message()));
      }
      for (const std::string& path : manifests) read(path, place);
    } else {
      read(place.path, place);
    }
  }

  FoundManifest& add(const std::string& path, const SearchPlace& place) {
    FoundManifest entry;
    entry.outcome.path = path;
    entry.outcome.rule = place.rule;
    entry.system_place = place.system_place;
    return found_.emplace_back(std::move(entry));
  }

  void read(const std::string& path, const SearchPlace& place) {
    // The same file found by two rules, or through a link, is one candidate.
    std::error_code error;
    const std::string real = fs::canonical(path, error).string();
    if (!error && !seen_.insert(real).second) return;

    FoundManifest& entry = add(path, place);
    if (place.system_place && !error) {
      if (const std::string culprit = who_else_can_write(real); !culprit.empty()) {
        return reject(entry.outcome, OutcomeReason::kInsecurePath,
                      fmt::format("in a system folder nobody else may write: {}", culprit));
      }
    }
    const auto bytes = read_small_file(path, kMaxManifestBytes);
    if (!bytes.ok()) {
      const bool missing = bytes.status().code() == ErrorCode::kNotFound;
      return reject(entry.outcome, missing ? OutcomeReason::kFileMissing : OutcomeReason::kUnreadable,
                    bytes.status().message());
    }
    ManifestError wrong;
    entry.manifest = parse_manifest(*bytes, &wrong);
    if (!entry.manifest) return reject(entry.outcome, wrong.reason, wrong.text);
    judge(entry);
  }

  // What can be said without the library.
  void judge(FoundManifest& entry) {
    const Manifest& manifest = *entry.manifest;
    Outcome& outcome = entry.outcome;
    outcome.id = manifest.id;
    outcome.name = manifest.name;
    outcome.version = manifest.version;
    outcome.unknown_fields = manifest.unknown_fields;
    if (switched_off(outcome)) return;
    const auto [winner, is_first] = winners_.emplace(manifest.id, outcome.path);
    if (!is_first) {
      outcome.state = OutcomeState::kShadowed;
      outcome.reason = OutcomeReason::kSameId;
      outcome.shadowed_by = winner->second;
      outcome.text = fmt::format("{} was found first and has the same id", winner->second);
      return;
    }
    if (manifest.abi_major != BP_ABI_MAJOR || manifest.abi_min_minor > BP_ABI_MINOR) {
      return reject(
          outcome, OutcomeReason::kAbiRange,
          fmt::format(
              "it speaks ABI {}.{} to {}.{}, this Backplane 1.0 to 1.{}: {}", manifest.abi_major,
              manifest.abi_min_minor, manifest.abi_major, manifest.abi_max_minor, BP_ABI_MINOR,
              manifest.abi_major < BP_ABI_MAJOR ? "install a newer provider" : "install a newer Backplane"));
    }
    if (manifest.isolation != "in_process") {
      return reject(
          outcome, OutcomeReason::kIsolation,
          fmt::format("it asks for isolation '{}', only 'in_process' is offered", manifest.isolation));
    }
    outcome.state = OutcomeState::kAvailable;
  }

  bool switched_off(Outcome& outcome) const {
    const auto matches = [&](const std::string& glob) {
      return ::fnmatch(glob.c_str(), outcome.id.c_str(), 0) == 0;
    };
    if (!plan_.select.empty() && std::none_of(plan_.select.begin(), plan_.select.end(), matches)) {
      outcome.reason = OutcomeReason::kNotSelected;
      outcome.text = "no pattern of BACKPLANE_PROVIDERS_SELECT fits its id";
    } else if (std::any_of(plan_.disable.begin(), plan_.disable.end(), matches)) {
      outcome.reason = OutcomeReason::kDisabledByUser;
      outcome.text = "a pattern of BACKPLANE_PROVIDERS_DISABLE fits its id";
    } else {
      return false;
    }
    outcome.state = OutcomeState::kDisabled;
    return true;
  }

  SearchPlan plan_;
  std::vector<FoundManifest> found_;
  std::set<std::string> seen_;
  std::unordered_map<std::string, std::string> winners_;  // id: path
};

}  // namespace

std::vector<FoundManifest> discover_manifests(const DiscoveryOptions& options) {
  return Discoverer(plan_search(options)).run();
}

}  // namespace bp
