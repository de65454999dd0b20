// A list of saved programs for people and for other programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "backplane/saved_programs.hpp"

namespace bp::cli {

// By the file's first bytes; false too when it cannot be read.
bool holds_saved_programs(const std::string& path);
// One line per program and one for the sum.
std::string saved_programs_text(std::span<const SavedProgramSummary> programs);
nlohmann::json saved_programs_json(std::span<const SavedProgramSummary> programs);

}  // namespace bp::cli
