#include "drive/waivers.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <set>
#include <stdexcept>

#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace bp::conformance {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  WaiverFile read() {
    toml::table table;
    try {
      table = toml::parse_file(path_);
    } catch (const toml::parse_error& error) {
      wrong(error.source(), error.description());
    }
    expect_keys(table, {"provider", "waiver"});
    WaiverFile file;
    file.provider_id = text(table, "provider");
    const toml::node* list = table.get("waiver");
    if (list == nullptr) return file;
    if (!list->is_array_of_tables()) wrong(list->source(), "'waiver' must be a list of tables: [[waiver]]");
    std::set<std::string> cases;
    for (const toml::node& element : *list->as_array()) {
      file.waivers.push_back(waiver(*element.as_table()));
      if (!cases.insert(file.waivers.back().case_id).second) {
        wrong(element.source(), fmt::format("two waivers for case '{}'", file.waivers.back().case_id));
      }
    }
    return file;
  }

 private:
  [[noreturn]] void wrong(const toml::source_region& place, std::string_view what) const {
    throw std::runtime_error(fmt::format("{}:{}: {}", path_, place.begin.line, what));
  }

  void expect_keys(const toml::table& table, const std::set<std::string_view>& known) const {
    for (const auto& [key, value] : table) {
      if (!known.contains(key.str())) wrong(value.source(), fmt::format("unknown key '{}'", key.str()));
    }
  }

  std::string text(const toml::table& table, std::string_view key) const {
    const toml::node* node = table.get(key);
    const auto value = node == nullptr ? std::nullopt : node->value<std::string>();
    if (!value || value->empty()) {
      wrong(node == nullptr ? table.source() : node->source(),
            fmt::format("'{}' must be a text that is not empty", key));
    }
    return *value;
  }

  Waiver waiver(const toml::table& table) const {
    expect_keys(table, {"case", "reason", "issue", "expires"});
    Waiver made;
    made.case_id = text(table, "case");
    if (made.case_id.find_first_of("*?[") != std::string::npos) {
      wrong(table.source(), fmt::format("'{}': a waiver is for one case, not for a pattern", made.case_id));
    }
    made.reason = text(table, "reason");
    made.issue = text(table, "issue");
    const toml::node* date = table.get("expires");
    const auto value = date == nullptr ? std::nullopt : date->value<toml::date>();
    if (!value) wrong(table.source(), "'expires' must be a date: expires = 2026-12-31");
    made.expires = fmt::format("{:04}-{:02}-{:02}", value->year, value->month, value->day);
    return made;
  }

  std::string path_;
};

bool is_failure(Outcome outcome) {
  return outcome == Outcome::kFail || outcome == Outcome::kCrash || outcome == Outcome::kTimeout ||
         outcome == Outcome::kFlake;
}

}  // namespace

WaiverFile read_waivers(const std::string& path) { return Reader(path).read(); }

std::string today() { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr))); }

void apply_waiver(const Waiver& waiver, std::string_view today, CaseResult& result) {
  if (!is_failure(result.outcome) && result.outcome != Outcome::kPass) return;
  if (today > waiver.expires) {
    if (is_failure(result.outcome)) {
      result.text = fmt::format("the waiver of this case ended on {}; {}", waiver.expires, result.text);
    }
    return;
  }
  if (result.outcome == Outcome::kPass) {
    result.outcome = Outcome::kUnexpectedPass;
    result.text =
        fmt::format("a waiver says that it fails ({}, {}): remove the waiver", waiver.reason, waiver.issue);
    return;
  }
  result.text = fmt::format("{} ({}, until {}). {}: {}", waiver.reason, waiver.issue, waiver.expires,
                            outcome_name(result.outcome), result.text);
  result.outcome = Outcome::kWaived;
}

}  // namespace bp::conformance
