// Cases and results as JSON: on the wire to the child processes, in the journal, in reports. Numbers that JSON
// does not have are the strings "nan", "inf" and "-inf"; 64-bit seeds are strings, because readers in other
// languages have doubles.
#pragma once

#include <nlohmann/json.hpp>

#include "case/case_info.hpp"
#include "case/case_result.hpp"

namespace bp::conformance {

nlohmann::json to_json(const CaseInfo& info);
nlohmann::json to_json(const CaseResult& result);

// Throw std::invalid_argument that names the field that is missing or wrong. Fields that they do not know are
// errors too: a reader that drops what it does not understand cannot judge a report.
CaseInfo case_info_from_json(const nlohmann::json& json);
CaseResult case_result_from_json(const nlohmann::json& json);

// One line, valid UTF-8 whatever bytes a provider put into its texts.
std::string to_line(const nlohmann::json& json);

}  // namespace bp::conformance
