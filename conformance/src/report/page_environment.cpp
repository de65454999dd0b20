#include <fmt/format.h>

#include "report/page_parts.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace bp::conformance::page {
namespace {

// Facts that are not known are left out.
std::string fact(std::string_view label, std::string_view value) {
  if (value.empty()) return "";
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", label, name(value));
}
std::string digest(std::string_view label, std::string_view value) {
  if (value.empty()) return "";
  return fmt::format("<dt>{}</dt><dd class=\"mono\">{}</dd>\n", label, escape_markup(value));
}

std::string provider_facts(const ProviderFacts& provider) {
  std::string html = "<div><h3>Provider</h3><dl class=\"facts\">\n";
  html += fact("Id", provider.id) + fact("Version", provider.version);
  html += fact("Device", provider.device_name) + fact("Label", provider.device_label);
  html += fact("Vendor", provider.device_vendor) + fact("Driver", provider.device_driver);
  html += digest("Fingerprint", provider.device_fingerprint);
  if (!provider.device_label.empty()) {  // else it did not open, and nobody knows
    html += fact("ABI", fmt::format("1.{}", provider.abi_minor));
    html += fact("Canonical level", std::to_string(provider.canonical_level));
  }
  html += fact("Library", provider.library_file) + digest("SHA-256", provider.library_sha256);
  html += fact("Manifest", provider.manifest_file) + digest("SHA-256", provider.manifest_sha256);
  return html + "</dl></div>\n";
}

std::string run_facts(const RunFacts& run) {
  std::string html = "<div><h3>Run</h3><dl class=\"facts\">\n";
  html += fact("Runner", run.runner_version) + fact("Started", run.started_utc);
  html += fact("Took", time_text(std::chrono::microseconds(static_cast<int64_t>(run.duration_seconds * 1e6))));
  html += fact("System", run.system) + fact("CPU", run.cpu) + fact("Cores", std::to_string(run.cores));
  html += fact("Level", level_name(run.level));
  for (const std::string& filter : run.filters) html += fact("Filter", filter);
  for (const auto& [option, value] : run.options) html += fact("Option", fmt::format("{}={}", option, value));
  html += fact("Threads", std::to_string(run.thread_count)) + fact("Seed", std::to_string(run.seed));
  html += fact("Time factor", fmt::format("{}", run.time_factor));
  html += digest("Tolerances", run.tolerances_sha256);
  for (const auto& [folder, corpus_digest] : run.corpora) {
    html += fmt::format("<dt>Corpus</dt><dd>{} <span class=\"mono\">{}</span></dd>\n", name(folder),
                        escape_markup(corpus_digest));
  }
  return html + "</dl></div>\n";
}

}  // namespace

std::string environment(const Report& report) {
  return "<div class=\"columns\">\n" + provider_facts(report.provider) + run_facts(report.run) + "</div>\n";
}

}  // namespace bp::conformance::page
