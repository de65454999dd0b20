#include <fmt/format.h>

#include <stdexcept>

#include "report/formats.hpp"
#include "report/page_parts.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace bp::conformance {
namespace {

constexpr std::string_view kTemplate =
#include "report_page.inc"
    ;

struct Section {
  std::string_view anchor, title;
  std::string (*make)(const Report&);
};

// In the page's order. What makes nothing is left out.
constexpr Section kSections[] = {
    {"failures", "Failures", page::failures},
    {"outcomes", "Outcomes", page::outcomes},
    {"groups", "Groups", page::groups},
    {"operators", "Operators and types", page::matrix},
    {"reasons", "Why nodes were rejected", page::reasons},
    {"errors", "Largest errors", page::worst_errors},
    {"slowest", "Slowest cases", page::slowest},
    {"waivers", "Waivers", page::waivers},
    {"untested", "Claimed, but not tested", page::untested},
    {"environment", "Environment and digests", page::environment},
    {"cases", "All cases", page::all_cases},
};

std::string fill(std::string_view text, const std::map<std::string_view, std::string>& slots) {
  std::string result;
  while (true) {
    const size_t begin = text.find("{{");
    if (begin == std::string_view::npos) return result.append(text);
    const size_t end = text.find("}}", begin);
    if (end == std::string_view::npos) throw std::logic_error("data/report.html: a slot is not closed");
    const auto slot = slots.find(text.substr(begin + 2, end - begin - 2));
    if (slot == slots.end()) {
      throw std::logic_error(
          fmt::format("data/report.html: unknown slot '{}'", text.substr(begin, end - begin)));
    }
    result.append(text.substr(0, begin)).append(slot->second);
    text.remove_prefix(end + 2);
  }
}

}  // namespace

std::string write_page(const Report& report) {
  std::string nav, sections;
  for (const Section& section : kSections) {
    const std::string inside = section.make(report);
    if (inside.empty()) continue;
    nav += fmt::format("<a href=\"#{}\">{}</a>\n", section.anchor, section.title);
    sections +=
        fmt::format("<section>\n<h2 id=\"{}\">{}</h2>\n{}</section>\n", section.anchor, section.title, inside);
  }
  const std::string title = escape_markup(fmt::format("{} {}: conformance {}", report.provider.name,
                                                      report.provider.version, level_name(report.run.level)));
  return fill(kTemplate, {{"title", title},
                          {"head", page::head(report)},
                          {"nav", nav},
                          {"sections", sections},
                          {"footer", page::footer(report)}});
}

}  // namespace bp::conformance
