#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "report/report_fields.hpp"
#include "report/summary.hpp"

namespace bp::conformance {
namespace {

using Json = nlohmann::json;

// A value as a message shows it.
std::string shown(const Json& value) {
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() <= 60 ? text : fmt::format("{}...", text.substr(0, 57));
}

// Where the reader is, and what it found there.
struct Place {
  Findings& findings;
  std::string path;

  Place member(const std::string& name) const { return {findings, path.empty() ? name : path + "." + name}; }
  Place element(size_t index) const { return {findings, fmt::format("{}[{}]", path, index)}; }
  void expected(std::string_view what, const Json& found) const {
    findings.push_back({path, fmt::format("expected {}, found {}", what, shown(found))});
  }
};

void read_value(const Json& value, std::string& result, const Place& place) {
  if (value.is_string()) {
    result = value.get<std::string>();
  } else {
    place.expected("a string", value);
  }
}

template <std::integral T>
void read_value(const Json& value, T& result, const Place& place) {
  constexpr bool kSigned = std::is_signed_v<T>;
  using Wide = std::conditional_t<kSigned, int64_t, uint64_t>;
  if (kSigned ? value.is_number_integer() : value.is_number_unsigned()) {
    const Wide wide = value.get<Wide>();
    if (std::in_range<T>(wide)) {
      result = static_cast<T>(wide);
      return;
    }
  }
  place.expected(
      fmt::format("an integer from {} to {}", std::numeric_limits<T>::min(), std::numeric_limits<T>::max()),
      value);
}

void read_value(const Json& value, double& result, const Place& place) {
  if (value.is_number()) {
    result = value.get<double>();
  } else if (value == "nan") {
    result = std::nan("");
  } else if (value == "inf" || value == "-inf") {
    result = value == "inf" ? HUGE_VAL : -HUGE_VAL;
  } else {
    place.expected("a number, \"nan\", \"inf\" or \"-inf\"", value);
  }
}

void read_value(const Json& value, Level& result, const Place& place) {
  for (const Level level : {Level::kContract, Level::kCore, Level::kClaims, Level::kRobust}) {
    if (value == level_name(level)) {
      result = level;
      return;
    }
  }
  place.expected("a level, \"L0\" to \"L3\"", value);
}

void read_value(const Json& value, Outcome& result, const Place& place) {
  const auto outcome = value.is_string() ? outcome_of(value.get<std::string>()) : std::nullopt;
  if (outcome) {
    result = *outcome;
  } else {
    place.expected("an outcome", value);
  }
}

template <typename Rep, typename Period>
void read_value(const Json& value, std::chrono::duration<Rep, Period>& result, const Place& place) {
  Rep count = result.count();
  read_value(value, count, place);
  result = std::chrono::duration<Rep, Period>(count);
}

template <typename T>
void read_value(const Json& value, std::vector<T>& result, const Place& place) {
  if (!value.is_array()) return place.expected("an array", value);
  result.resize(value.size());
  for (size_t i = 0; i < value.size(); ++i) read_value(value[i], result[i], place.element(i));
}

template <typename T>
void read_value(const Json& value, std::map<std::string, T>& result, const Place& place) {
  if (!value.is_object()) return place.expected("an object", value);
  for (const auto& [name, member] : value.items()) read_value(member, result[name], place.member(name));
}

void read_value(const Json& value, std::pair<std::string, std::string>& result, const Place& place);
void read_value(const Json& value, std::optional<WorstError>& result, const Place& place);

// Visits an object's members; whatever was not visited is unknown.
class Reader {
 public:
  Reader(const Json& object, Place place) : object_(object), place_(std::move(place)) {
    if (!object.is_object()) place_.expected("an object", object);
  }

  template <typename T>
  void required(const char* name, T& value) {
    if (!read(name, value) && object_.is_object()) {
      place_.findings.push_back({place_.member(name).path, "is missing"});
    }
  }
  template <typename T>
  void optional(const char* name, T& value) {
    read(name, value);
  }
  void digits(const char* name, uint64_t& value) {
    const Json& member = raw(name);
    if (member.is_null()) return;
    const std::string text = member.is_string() ? member.get<std::string>() : "";
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || stop != end || error != std::errc()) {
      place_of(name).expected("a 64-bit number as a string", member);
    }
  }
  // The member itself, or null.
  const Json& raw(const char* name) {
    static const Json kNull;
    visited_.insert(name);
    const auto found = object_.is_object() ? object_.find(name) : object_.end();
    if (object_.is_object() && found != object_.end()) return *found;
    if (object_.is_object()) place_.findings.push_back({place_.member(name).path, "is missing"});
    return kNull;
  }
  Place place_of(const char* name) const { return place_.member(name); }

  void finish() const {
    if (!object_.is_object()) return;
    for (const auto& [name, value] : object_.items()) {
      if (!visited_.contains(name)) {
        place_.findings.push_back({place_.member(name).path, "is not a member of this format"});
      }
    }
  }

 private:
  template <typename T>
  bool read(const char* name, T& value) {
    visited_.insert(name);
    if (!object_.is_object()) return false;
    const auto found = object_.find(name);
    if (found == object_.end()) return false;
    read_value(*found, value, place_.member(name));
    return true;
  }

  const Json& object_;
  Place place_;
  std::set<std::string> visited_;
};

void read_value(const Json& value, std::pair<std::string, std::string>& result, const Place& place) {
  Reader reader(value, place);
  reader.required("name", result.first);
  reader.required("value", result.second);
  reader.finish();
}

void read_value(const Json& value, std::optional<WorstError>& result, const Place& place) {
  Reader reader(value, place);
  visit_worst(reader, result.emplace());
  reader.finish();
}

void read_counts(const Json& value, OutcomeCounts& counts, const Place& place) {
  if (value.is_null()) return;
  Reader reader(value, place);
  for (size_t i = 0; i < counts.size(); ++i) {
    reader.required(std::string(outcome_name(static_cast<Outcome>(i))).c_str(), counts[i]);
  }
  reader.finish();
}

void read_case(const Json& value, const Place& place, ReadReport& read) {
  // The id, where there is one, says more than the number.
  Place named = place;
  if (value.is_object() && value.contains("id") && value["id"].is_string()) {
    named.path += " '" + value["id"].get<std::string>() + "'";
  }
  Reader reader(value, named);
  CaseFields<CaseInfo, CaseResult> fields{read.report.planned.emplace_back(),
                                          read.report.results.emplace_back()};
  visit_case(reader, fields);
  fields.result.id = fields.info.id;
  reader.required("digest", read.claims.case_digests.emplace_back());
  reader.finish();
}

// Calls `each` with every element of a member that must be an array, and its place.
template <typename Each>
void read_elements(Reader& document, const char* name, Each each) {
  const Json& array = document.raw(name);
  if (array.is_null()) return;
  const Place place = document.place_of(name);
  if (!array.is_array()) return place.expected("an array", array);
  for (size_t i = 0; i < array.size(); ++i) each(array[i], place.element(i));
}

void read_document(const Json& json, ReadReport& read) {
  Reader document(json, Place{read.findings, ""});
  const Json& format = document.raw("format");
  if (!format.is_null() && format != kReportFormat) {
    document.place_of("format").expected(fmt::format("\"{}\"", kReportFormat), format);
    return;  // of another format nothing else is known
  }
  const auto section = [&](const char* name, auto visit) {
    const Json& value = document.raw(name);
    if (value.is_null()) return;
    Reader reader(value, document.place_of(name));
    visit(reader);
    reader.finish();
  };
  section("provider", [&](Reader& reader) { visit_provider(reader, read.report.provider); });
  section("run", [&](Reader& reader) { visit_run(reader, read.report.run); });
  section("totals", [&](Reader& reader) {
    reader.required("planned", read.claims.planned);
    read_counts(reader.raw("outcomes"), read.claims.outcomes, reader.place_of("outcomes"));
  });
  read_elements(document, "groups", [&](const Json& value, const Place& place) {
    Reader reader(value, place);
    ReportClaims::Group& group = read.claims.groups.emplace_back();
    reader.required("name", group.name);
    reader.required("planned", group.planned);
    read_counts(reader.raw("outcomes"), group.outcomes, reader.place_of("outcomes"));
    reader.finish();
  });
  read_elements(document, "waivers", [&](const Json& value, const Place& place) {
    Reader reader(value, place);
    visit_waiver(reader, read.report.waivers.emplace_back());
    reader.finish();
  });
  document.required("claimed_untested", read.report.claimed_untested);
  read_elements(document, "cases",
                [&](const Json& value, const Place& place) { read_case(value, place, read); });
  section("digests", [&](Reader& reader) {
    for (const char* name :
         {"provider", "run", "totals", "groups", "waivers", "claimed_untested", "cases", "report"}) {
      reader.required(name, read.claims.digests[name]);
    }
  });
  document.finish();
}

}  // namespace

ReadReport read_report_json(std::string_view text) {
  ReadReport read;
  try {
    read_document(Json::parse(text), read);
  } catch (const Json::parse_error& error) {
    read.findings.push_back({"", fmt::format("is not JSON: {}", error.what())});
  }
  return read;
}

}  // namespace bp::conformance
