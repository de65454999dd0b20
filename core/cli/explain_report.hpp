// A session's report in the three forms that `explain` prints.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "backplane/report.hpp"

namespace bp::cli {

// The placement table with the reasons of every device that refused a node, then partitions with their steps,
// copies, memory and notes.
std::string explain_text(const SessionReport& report);
// Every field of the report.
nlohmann::json explain_json(const SessionReport& report);
// The graph for Graphviz: a box for each node, filled by where it runs.
std::string explain_dot(const SessionReport& report);

}  // namespace bp::cli
