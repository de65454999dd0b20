#include "drive/bundle.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "case/case_json.hpp"
#include "case/json_object.hpp"
#include "drive/target.hpp"

namespace bp::conformance {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kFormat = "backplane.conformance.replay/1";

void write_replay(const std::string& folder, const Bundle& bundle) {
  fs::create_directories(folder);
  CaseTarget target = bundle.target;
  target.bundle_folder.clear();
  std::ofstream file(fs::path(folder) / "replay.json");
  file << json{{"format", kFormat}, {"case", to_json(bundle.info)}, {"target", to_json(target)}}.dump(
              2, ' ', false, json::error_handler_t::replace)
       << "\n";
  if (!file.flush()) throw std::runtime_error(fmt::format("{}: cannot write replay.json", folder));
}

Bundle read_replay(const std::string& path) {
  const fs::path file = fs::is_directory(path) ? fs::path(path) / "replay.json" : fs::path(path);
  std::ifstream stream(file);
  if (!stream)
    throw std::runtime_error(fmt::format("{} cannot be read: expected a replay bundle", file.string()));
  const json whole = json::parse(std::string(std::istreambuf_iterator<char>(stream), {}), nullptr, false);
  try {
    JsonObject object(whole, "replay");
    if (const std::string format = object.text("format"); format != kFormat) {
      throw std::invalid_argument(fmt::format("replay: the format is '{}', expected '{}'", format, kFormat));
    }
    Bundle bundle{case_info_from_json(object.object("case")), target_from_json(object.object("target"))};
    object.end();
    std::error_code error;
    if (!bundle.info.folder.empty() && !fs::is_directory(bundle.info.folder, error)) {
      bundle.info.folder = fs::absolute(file).parent_path().string();
    }
    return bundle;
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(fmt::format("{}: {}", file.string(), error.what()));
  }
}

}  // namespace bp::conformance
