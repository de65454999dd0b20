// From a manifest to whom the cases speak to.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "groups/group.hpp"

namespace bp::conformance {

// Reads the manifest and picks the library for this machine, as the core's loader would; loads nothing. Throws
// std::runtime_error with a sentence that says what to do. Fills manifest_path, library_path and provider_id.
CaseTarget find_target(const std::string& manifest_path);

nlohmann::json to_json(const CaseTarget& target);
CaseTarget target_from_json(const nlohmann::json& json);

}  // namespace bp::conformance
