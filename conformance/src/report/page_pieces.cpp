// Small pieces that several parts of the page use.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "report/page_parts.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace bp::conformance::page {

std::string_view style_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kPass:
      return "pass";
    case Outcome::kUnsupported:
      return "unsupported";
    case Outcome::kHost:
      return "host";
    case Outcome::kNotApplicable:
      return "na";
    case Outcome::kWaived:
      return "waived";
    default:
      return "bad";
  }
}

std::string chip(Outcome outcome) {
  return fmt::format("<span class=\"chip t-{}\">{}</span>", style_of(outcome), outcome_name(outcome));
}

std::string time_text(std::chrono::microseconds duration) {
  const double us = static_cast<double>(duration.count());
  if (us < 1e3) return fmt::format("{:.0f}\u00A0µs", us);
  if (us < 1e6) return fmt::format("{:.{}f}\u00A0ms", us / 1e3, us < 1e4 ? 1 : 0);
  if (us < 120e6) return fmt::format("{:.{}f}\u00A0s", us / 1e6, us < 1e7 ? 1 : 0);
  const auto seconds = static_cast<uint64_t>(us / 1e6);
  return fmt::format("{}\u00A0min {}\u00A0s", seconds / 60, seconds % 60);
}

std::string date_text(std::string_view utc) {
  constexpr std::string_view kForm = "2025-01-31T12:00:00Z";
  if (utc.size() != kForm.size() || utc[10] != 'T' || utc.back() != 'Z') return escape_markup(utc);
  return fmt::format("{} {} UTC", escape_markup(utc.substr(0, 10)), escape_markup(utc.substr(11, 5)));
}

std::string bar(double part, std::string_view style) {
  return fmt::format("<span class=\"bar\"><i{} style=\"width:{:.1f}%\"></i></span>",
                     style.empty() ? "" : fmt::format(" class=\"c-{}\"", style),
                     std::clamp(part, 0.0, 1.0) * 100);
}

std::string stacked_bar(const OutcomeCounts& counts) {
  const auto total = static_cast<double>(std::max<uint64_t>(1, total_count(counts)));
  std::string parts;
  for (const std::string_view style : {"pass", "bad", "waived", "unsupported", "host", "na"}) {
    uint64_t count = 0;
    std::string words;
    for (size_t i = 0; i < counts.size(); ++i) {
      const auto outcome = static_cast<Outcome>(i);
      if (counts[i] == 0 || style_of(outcome) != style) continue;
      count += counts[i];
      words += fmt::format("{}{} {}", words.empty() ? "" : ", ", grouped(counts[i]), outcome_name(outcome));
    }
    if (count == 0) continue;
    parts += fmt::format("<i class=\"c-{}\" style=\"width:{:.2f}%\" title=\"{}\"></i>", style,
                         static_cast<double>(count) / total * 100, words);
  }
  return fmt::format("<div class=\"stacked\">{}</div>", parts);
}

std::string name(std::string_view text) {
  // Between a small letter and a capital, and after dots and underscores.
  std::string broken;
  size_t begin = 0;
  for (size_t i = 1; i < text.size(); ++i) {
    const auto before = static_cast<unsigned char>(text[i - 1]), after = static_cast<unsigned char>(text[i]);
    if ((std::islower(before) && std::isupper(after)) || before == '.' || before == '_') {
      broken += escape_markup(text.substr(begin, i - begin)) + "<wbr>";
      begin = i;
    }
  }
  return broken + escape_markup(text.substr(begin));
}

}  // namespace bp::conformance::page
