// A row's columns list element types; "any" stands for an operator that leaves no choice.
#include "coverage_text.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <span>

namespace bp {
namespace {

constexpr size_t kAnswers = 5;

std::string shown_domain(const std::string& domain) { return domain.empty() ? "ai.onnx" : domain; }

void append(std::string& list, const std::string& word) { list += (list.empty() ? "" : " ") + word; }

// All entries of one form.
std::string row(std::span<const CoverageEntry> form) {
  std::array<std::string, kAnswers> types;
  std::map<std::string, std::string> refused;  // by code
  for (const CoverageEntry& entry : form) {
    const std::string type = entry.element_type.empty() ? "any" : entry.element_type;
    append(entry.answer == CoverageAnswer::kRefused ? refused[entry.code]
                                                    : types[static_cast<size_t>(entry.answer)],
           type);
  }
  std::string refusals;
  for (const auto& [code, list] : refused)
    refusals += fmt::format("{}{}: {}", refusals.empty() ? "" : "; ", code, list);
  const auto of = [&](CoverageAnswer answer) -> const std::string& {
    return types[static_cast<size_t>(answer)];
  };
  const std::string& none = of(CoverageAnswer::kNoSample);
  if (!none.empty()) refusals += fmt::format("{}not asked: {}", refusals.empty() ? "" : "; ", none);
  return fmt::format("| {} | {} | {} | {} | {} | {} |\n", form[0].op_type, form[0].since_version,
                     of(CoverageAnswer::kDevice), of(CoverageAnswer::kLowered), of(CoverageAnswer::kCore),
                     refusals);
}

bool runs(const CoverageEntry& entry) {
  return entry.answer == CoverageAnswer::kDevice || entry.answer == CoverageAnswer::kLowered ||
         entry.answer == CoverageAnswer::kCore;
}

}  // namespace

std::string coverage_head() {
  return "# Which operators run\n\n"
         "Made by `backplane_coverage` (tests/integration/coverage), not by hand. For every form of every "
         "standard\n"
         "operator (named by the opset that began it) and every element type of its leading operand, a small "
         "node was\n"
         "made into a session. The columns hold the types for which the device takes the node, for which the "
         "core\n"
         "writes it out by operators that the device takes, for which the core runs it itself, and for which "
         "it is\n"
         "refused, with the code of the first reason. An older form is brought to the canonical one first, as "
         "in any\n"
         "model. `any`: the operator leaves no choice of type.\n";
}

std::string coverage_section(const std::string& device, const std::vector<CoverageEntry>& entries) {
  struct Count {
    size_t operators = 0;
    size_t running = 0;
  };
  std::map<std::string, Count> counts;
  std::string table;
  std::string domain = "?";
  for (size_t begin = 0; begin < entries.size();) {
    size_t end = begin;
    bool any_runs = false;
    size_t form_begin = begin;
    if (entries[begin].domain != domain) {
      domain = entries[begin].domain;
      table += fmt::format(
          "\n### {}\n\n| operator | form | device | written out | core | refused "
          "|\n|---|---|---|---|---|---|\n",
          shown_domain(domain));
    }
    // One operator: its forms follow each other.
    for (; end < entries.size() && entries[end].op_type == entries[begin].op_type &&
           entries[end].domain == domain;
         ++end) {
      any_runs = any_runs || runs(entries[end]);
      const bool last = end + 1 == entries.size() ||
                        entries[end + 1].since_version != entries[end].since_version ||
                        entries[end + 1].op_type != entries[end].op_type;
      if (!last) continue;
      table += row(std::span(entries).subspan(form_begin, end + 1 - form_begin));
      form_begin = end + 1;
    }
    ++counts[domain].operators;
    counts[domain].running += any_runs ? 1 : 0;
    begin = end;
  }
  std::string text = fmt::format("\n## {}\n\n", device);
  for (const auto& [name, count] : counts)
    text += fmt::format("- {}: {} of {} operators run in some form and type\n", shown_domain(name),
                        count.running, count.operators);
  return text + table;
}

}  // namespace bp
