#include <fmt/format.h>

#include "report/formats.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace bp::conformance {
namespace {

constexpr uint32_t kPadding = 8;

// Fonts differ from machine to machine: the text is given the width that its place has (textLength).
uint32_t text_width(std::string_view text) {
  uint32_t half_pixels = 0;
  for (const char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    const bool narrow = c == ' ' || c == 't' || static_cast<unsigned char>(c) >= 0x80;
    half_pixels += continues ? 0 : narrow ? 8 : 13;
  }
  return half_pixels / 2;
}

std::string label(std::string_view text, uint32_t left, uint32_t width) {
  return fmt::format(R"(<text x="{}" y="14" textLength="{}">{}</text>)", left + kPadding, width,
                     escape_markup(text));
}

}  // namespace

std::string write_badge(const Report& report) {
  const OutcomeCounts counts = count_outcomes(report);
  const uint64_t bad = bad_count(counts);
  const std::string what = "conformance";
  const std::string verdict =
      fmt::format("{} \u00B7 {}", level_name(report.run.level),
                  bad != 0 ? fmt::format("{} not passed", bad)
                           : fmt::format("{} passed", counts[static_cast<size_t>(Outcome::kPass)]));
  const uint32_t left = text_width(what), right = text_width(verdict);
  const uint32_t left_box = left + 2 * kPadding, right_box = right + 2 * kPadding;
  const std::string title =
      escape_markup(fmt::format("{} {}: {} {}", report.provider.id, report.provider.version, what, verdict));
  std::string svg = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="20" role="img" aria-label="{1}"><title>{1}</title>)",
      left_box + right_box, title);
  svg += fmt::format(
      R"svg(<clipPath id="r"><rect width="{}" height="20" rx="4"/></clipPath><g clip-path="url(#r)">)svg",
      left_box + right_box);
  svg += fmt::format(R"(<rect width="{}" height="20" fill="#3b4252"/>)", left_box);
  svg += fmt::format(R"(<rect x="{}" width="{}" height="20" fill="{}"/></g>)", left_box, right_box,
                     bad != 0 ? "#b3261e" : "#1a7f37");
  svg += R"(<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">)";
  return svg + label(what, 0, left) + label(verdict, left_box, right) + "</g></svg>\n";
}

}  // namespace bp::conformance
