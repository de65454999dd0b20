// A report's files in a folder.
#pragma once

#include <filesystem>
#include <string>

#include "report/report.hpp"

namespace bp::conformance {

// Writes report.json, junit.xml, cases.csv, report.html and badge.svg into the folder, which is made when it is
// not there. Each file appears whole or not at all. Throws std::runtime_error with the path and the system's
// reason.
void write_report_files(const Report& report, const std::filesystem::path& folder);

// The text of a report: the file itself, or report.json in the folder. Throws std::runtime_error.
std::string read_report_text(const std::filesystem::path& file_or_folder);

}  // namespace bp::conformance
