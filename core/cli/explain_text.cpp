#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "explain_report.hpp"

namespace bp::cli {
namespace {

constexpr size_t kWidestName = 48;

// "float32[1,64,56,56], int64[2]"
std::string types_of(const ReportNode& node) {
  std::string types;
  for (const std::string& type : node.output_types) types += (types.empty() ? "" : ", ") + type;
  return types;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Exporters may leave nodes without a name; what they make has one.
std::string name_of(const ReportNode& node) {
  if (!node.name.empty() || node.outputs.empty()) return node.name;
  return "-> " + node.outputs.front();
}

std::string reason_text(const ReportReason& reason) {
  return fmt::format("{}{}{}: {}", reason.code, reason.subject.empty() ? "" : " ", reason.subject, reason.text);
}

class TextReport {
 public:
  explicit TextReport(const SessionReport& report) : report_(report) {}

  std::string build() {
    line("devices: {}; {} thread(s)", joined(report_.devices), report_.threads);
    add_nodes();
    add_counts();
    add_partitions();
    add_memory();
    for (const std::string& note : report_.notes) line("note: {}", note);
    return std::move(text_);
  }

 private:
  template <class... Arguments>
  void line(fmt::format_string<Arguments...> form, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text_), form, std::forward<Arguments>(arguments)...);
    text_ += '\n';
  }

  void add_nodes() {
    size_t name_width = 4, type_width = 8, place_width = 7;
    for (const ReportNode& node : report_.nodes) {
      name_width = std::max(name_width, std::min(kWidestName, name_of(node).size() + 2 * node.depth));
      type_width = std::max(type_width, node.op_type.size());
      place_width = std::max(place_width, node.placement.size());
    }
    line("\n{:<{}}  {:<{}}  {:<{}}  output", "node", name_width, "operator", type_width, "runs on",
         place_width);
    std::string body;
    for (const ReportNode& node : report_.nodes) {
      if (node.body_of != body && !node.body_of.empty()) line("{:>{}}{}:", "", 2 * node.depth, node.body_of);
      body = node.body_of;
      const std::string name = std::string(size_t{2} * node.depth, ' ') + name_of(node);
      line("{:<{}}  {:<{}}  {:<{}}  {}", name, name_width, node.op_type, type_width, node.placement,
           place_width, types_of(node));
      add_reasons(node);
    }
  }

  void add_reasons(const ReportNode& node) {
    if (!node.origin.empty() && node.origin != std::vector{node.name}) line("    was {}", joined(node.origin));
    for (const ReportVerdict& verdict : node.verdicts) {
      if (verdict.supported) continue;
      if (verdict.reasons.empty()) line("    not {}", verdict.device);
      for (const ReportReason& reason : verdict.reasons)
        line("    not {}: {}", verdict.device, reason_text(reason));
    }
    if (!node.note.empty()) line("    {}", node.note);
  }

  void add_counts() {
    std::vector<std::pair<std::string, size_t>> counts;
    for (const ReportNode& node : report_.nodes) {
      const auto found = std::find_if(counts.begin(), counts.end(),
                                      [&](const auto& entry) { return entry.first == node.placement; });
      if (found == counts.end())
        counts.emplace_back(node.placement, 1);
      else
        ++found->second;
    }
    std::string places;
    for (const auto& [place, count] : counts)
      places += fmt::format("{}{} on {}", places.empty() ? "" : ", ", count, place);
    line("\n{} node(s): {}; {} partition(s), {} segment(s), {} step(s)", report_.nodes.size(),
         places.empty() ? "none" : places, report_.partitions.size(), report_.segments, report_.step_count);
  }

  void add_partitions() {
    for (size_t index = 0; index < report_.partitions.size(); ++index) {
      const ReportPartition& partition = report_.partitions[index];
      line("\npartition {} on {}: {} node(s), {} step(s), workspace {} bytes, compiled in {:.2f} ms{}{}", index,
           partition.device, partition.nodes.size(), partition.steps.size(), partition.workspace_bytes,
           static_cast<double>(partition.compile_ns) / 1e6, partition.note.empty() ? "" : "; ", partition.note);
      size_t width = 4;
      for (const ReportStep& step : partition.steps)
        width = std::max(width, std::min(kWidestName, step.name.size()));
      for (const ReportStep& step : partition.steps)
        line("  {:<{}}  {}{}{}{}{}", step.name, width, step.implementation, step.nodes.size() > 1 ? "  = " : "",
             step.nodes.size() > 1 ? joined(step.nodes) : "", step.note.empty() ? "" : "  ", step.note);
    }
  }

  void add_memory() {
    if (!report_.copies.empty()) line("\ncopies of every run");
    for (const ReportCopy& copy : report_.copies)
      line("  {}: {} -> {}, {} bytes", copy.value, copy.from, copy.to, copy.size_bytes);
    if (!report_.arenas.empty()) line("\nmemory");
    for (const ReportArena& arena : report_.arenas)
      line("  {}: arena {} bytes, lower bound {} ({:.3f})", arena.memory, arena.size_bytes,
           arena.lower_bound_bytes,
           arena.lower_bound_bytes == 0
               ? 1.0
               : static_cast<double>(arena.size_bytes) / static_cast<double>(arena.lower_bound_bytes));
    if (report_.step_count == 0)
      line("\nsteps and memory are known once shapes are: give --shape, --dim, --input or --random");
  }

  const SessionReport& report_;
  std::string text_;
};

}  // namespace

std::string explain_text(const SessionReport& report) { return TextReport(report).build(); }

}  // namespace bp::cli
