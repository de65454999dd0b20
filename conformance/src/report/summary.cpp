#include "report/summary.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

namespace bp::conformance {
namespace {

struct TypeName {
  std::string_view name;
  std::string_view short_name;
};

// The order of the table's columns.
constexpr std::array<TypeName, 26> kTypes = {{
    {"float64", "f64"},
    {"float32", "f32"},
    {"float16", "f16"},
    {"bfloat16", "bf16"},
    {"float8e4m3fn", "f8e4m3"},
    {"float8e4m3fnuz", "f8e4m3uz"},
    {"float8e5m2", "f8e5m2"},
    {"float8e5m2fnuz", "f8e5m2uz"},
    {"float8e8m0", "f8e8m0"},
    {"float4e2m1", "f4e2m1"},
    {"int64", "i64"},
    {"int32", "i32"},
    {"int16", "i16"},
    {"int8", "i8"},
    {"int4", "i4"},
    {"int2", "i2"},
    {"uint64", "u64"},
    {"uint32", "u32"},
    {"uint16", "u16"},
    {"uint8", "u8"},
    {"uint4", "u4"},
    {"uint2", "u2"},
    {"bool", "bool"},
    {"string", "str"},
    {"complex64", "c64"},
    {"complex128", "c128"},
}};

size_t type_position(std::string_view name) {
  const auto found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& type) { return type.name == name; });
  return static_cast<size_t>(found - kTypes.begin());
}

// "Conv float64" and "ai.onnx.ml.Scaler float64": the part before the last dot of the operator is its domain.
std::tuple<std::string, std::string, std::string> split_claim(const std::string& claim) {
  const size_t space = claim.rfind(' ');
  if (space == std::string::npos) return {};
  const std::string name = claim.substr(0, space);
  const size_t dot = name.rfind('.');
  if (dot == std::string::npos) return {"", name, claim.substr(space + 1)};
  return {name.substr(0, dot), name.substr(dot + 1), claim.substr(space + 1)};
}

// The indices that `keep` accepts, sorted by `key`, most first.
template <typename Keep, typename Key>
std::vector<size_t> most_of(const Report& report, size_t most, Keep keep, Key key) {
  std::vector<size_t> indices;
  for (size_t i = 0; i < report.results.size(); ++i) {
    if (keep(report.results[i])) indices.push_back(i);
  }
  std::stable_sort(indices.begin(), indices.end(), [&](size_t left, size_t right) {
    return key(report.results[left]) > key(report.results[right]);
  });
  if (indices.size() > most) indices.resize(most);
  return indices;
}

// How bad an error is; not a number is worse than anything.
double badness(const CaseResult& result) {
  const double value = result.worst->of_tolerance;
  return std::isnan(value) ? HUGE_VAL : value;
}

}  // namespace

uint64_t bad_count(const OutcomeCounts& counts) noexcept {
  uint64_t bad = 0;
  for (size_t i = 0; i < counts.size(); ++i) bad += is_bad(static_cast<Outcome>(i)) ? counts[i] : 0;
  return bad;
}

uint64_t total_count(const OutcomeCounts& counts) noexcept {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

std::vector<GroupSummary> summarize_groups(const Report& report) {
  std::vector<GroupSummary> groups;
  for (size_t i = 0; i < report.planned.size(); ++i) {
    const std::string& name = report.planned[i].group;
    auto group =
        std::find_if(groups.begin(), groups.end(), [&](const GroupSummary& g) { return g.name == name; });
    if (group == groups.end()) group = groups.insert(groups.end(), GroupSummary{name, {}, {}});
    ++group->counts[static_cast<size_t>(report.results[i].outcome)];
    group->duration += report.results[i].duration;
  }
  return groups;
}

std::vector<std::pair<std::string, uint64_t>> summarize_reasons(const Report& report) {
  std::map<std::string, uint64_t> counts;
  for (const CaseResult& result : report.results) {
    for (const auto& [reason, count] : result.reasons) counts[reason] += count;
  }
  std::vector<std::pair<std::string, uint64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

OperatorMatrix operator_matrix(const Report& report) {
  std::map<std::pair<std::string, std::string>, MatrixRow> rows;
  std::set<std::string> types;
  const auto cell = [&](std::string domain, const std::string& op_type,
                        const std::string& type) -> MatrixCell& {
    if (domain == "ai.onnx") domain.clear();
    MatrixRow& row = rows[{domain, op_type}];
    row.domain = domain;
    row.op_type = op_type;
    types.insert(type);
    return row.cells[type];
  };
  for (size_t i = 0; i < report.planned.size(); ++i) {
    const CaseInfo& info = report.planned[i];
    if (info.op_type.empty() || info.element_type.empty()) continue;
    ++cell(info.domain, info.op_type, info.element_type).counts[static_cast<size_t>(report.results[i].outcome)];
  }
  for (const std::string& claim : report.claimed_untested) {
    const auto [domain, op_type, type] = split_claim(claim);
    if (!op_type.empty()) cell(domain, op_type, type).claimed_untested = true;
  }
  OperatorMatrix matrix;
  matrix.element_types.assign(types.begin(), types.end());
  std::stable_sort(matrix.element_types.begin(), matrix.element_types.end(),
                   [](const auto& a, const auto& b) { return type_position(a) < type_position(b); });
  for (auto& [name, row] : rows) matrix.rows.push_back(std::move(row));
  return matrix;
}

std::vector<size_t> worst_cases(const Report& report, size_t most) {
  return most_of(
      report, most, [](const CaseResult& r) { return r.worst && badness(r) > 0; }, badness);
}

std::vector<size_t> slowest_cases(const Report& report, size_t most) {
  return most_of(
      report, most, [](const CaseResult& r) { return r.duration.count() > 0; },
      [](const CaseResult& r) { return r.duration; });
}

std::string_view short_type(std::string_view element_type) noexcept {
  const size_t position = type_position(element_type);
  return position < kTypes.size() ? kTypes[position].short_name : element_type;
}

std::string level_name(Level level) { return "L" + std::to_string(static_cast<int>(level)); }

}  // namespace bp::conformance
