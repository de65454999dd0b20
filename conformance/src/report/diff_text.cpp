#include <fmt/format.h>

#include "report/diff.hpp"
#include "report/text.hpp"

namespace bp::conformance {
namespace {

std::string first_line(const std::string& text) { return clean_text(text.substr(0, text.find('\n'))); }

std::string line(const OutcomeChange& change) {
  const std::string text = first_line(change.text);
  return fmt::format("{}: {} -> {}{}{}", clean_text(change.id), outcome_name(change.before),
                     outcome_name(change.after), text.empty() ? "" : ": ", text);
}
std::string line(const CaseOutcome& found) {
  return fmt::format("{}: {}", clean_text(found.id), outcome_name(found.outcome));
}
std::string line(const ErrorChange& change) {
  return fmt::format("{}: {} -> {} of the tolerance", clean_text(change.id), short_number(change.before),
                     short_number(change.after));
}
std::string line(const TimeChange& change) {
  const auto ms = [](std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000; };
  return fmt::format("{}: {:.1f} ms -> {:.1f} ms", clean_text(change.id), ms(change.before), ms(change.after));
}
std::string line(const FactChange& change) {
  return fmt::format("{}: '{}' -> '{}'", change.name, clean_text(change.before), clean_text(change.after));
}

template <typename Change>
std::string section(std::string_view title, const std::vector<Change>& changes, size_t most) {
  if (changes.empty()) return "";
  std::string text = fmt::format("{} ({})\n", title, changes.size());
  for (size_t i = 0; i < changes.size() && i < most; ++i) text += "  " + line(changes[i]) + "\n";
  if (changes.size() > most) text += fmt::format("  and {} more\n", changes.size() - most);
  return text;
}

}  // namespace

std::string diff_text(const ReportDiff& diff, size_t most) {
  std::string text = section("Made under other conditions", diff.facts, SIZE_MAX);
  text += section("Worse", diff.worse, SIZE_MAX);
  text += section("Gone", diff.gone, most);
  text += section("New", diff.added, most);
  text += section("Changed", diff.changed, most);
  text += section("Better", diff.better, most);
  text += section("Errors that grew", diff.errors, most);
  text += section("Slower", diff.slower, most);
  return text + fmt::format("{} worse, {} better, {} changed, {} new, {} gone, {} errors grew, {} slower\n",
                            diff.worse.size(), diff.better.size(), diff.changed.size(), diff.added.size(),
                            diff.gone.size(), diff.errors.size(), diff.slower.size());
}

}  // namespace bp::conformance
