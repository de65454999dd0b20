// What report formats and the console count out of a report.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/report.hpp"

namespace bp::conformance {

// How many of `counts` make a run fail, and how many there are.
uint64_t bad_count(const OutcomeCounts& counts) noexcept;
uint64_t total_count(const OutcomeCounts& counts) noexcept;

struct GroupSummary {
  std::string name;
  OutcomeCounts counts{};
  std::chrono::microseconds duration{0};
};
// In the order in which the groups first appear.
std::vector<GroupSummary> summarize_groups(const Report& report);

// How often each reason was given in the cases that the provider rejected, most first.
std::vector<std::pair<std::string, uint64_t>> summarize_reasons(const Report& report);

// A square of the operator table.
struct MatrixCell {
  OutcomeCounts counts{};
  bool claimed_untested = false;
};
struct MatrixRow {
  std::string domain;  // empty: ONNX's own
  std::string op_type;
  std::map<std::string, MatrixCell> cells;  // by element type
};
struct OperatorMatrix {
  std::vector<std::string> element_types;  // those that occur: floating point, integers, the others
  std::vector<MatrixRow> rows;             // ONNX's own domain first, then by name
};
OperatorMatrix operator_matrix(const Report& report);

// Indices of cases. By how much of its tolerance each used, most first; cases that differ nowhere are left out.
std::vector<size_t> worst_cases(const Report& report, size_t most);
std::vector<size_t> slowest_cases(const Report& report, size_t most);

// "float32" as "f32": for narrow columns. A type that is not known keeps its name.
std::string_view short_type(std::string_view element_type) noexcept;

// "L2" for Level::kClaims.
std::string level_name(Level level);

}  // namespace bp::conformance
