#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/mapped_file.hpp"
#include "commands.hpp"
#include "drive/target.hpp"
#include "provider/digest.hpp"
#include "report/json_report.hpp"
#include "report/report_files.hpp"
#include "report/text.hpp"
#include "report/verify.hpp"

namespace bp::conformance {
namespace {

struct VerifyFlags {
  std::string report;
  std::string manifest;
  size_t most = 50;
};

void compare_file(std::string_view member, const std::string& path, const std::string& reported,
                  Findings& findings) {
  const auto file = MappedFile::open(path);
  if (!file.ok()) throw std::runtime_error(std::string(file.status().message()));
  const std::string digest = sha256_hex(file.value()->bytes());
  if (digest != reported) {
    findings.push_back({fmt::format("provider.{}", member),
                        fmt::format("the report is about {}, '{}' has {}", reported, path, digest)});
  }
}

int verify(const VerifyFlags& flags) {
  const std::string text = read_report_text(flags.report);
  Findings findings = verify_report(text);
  if (!flags.manifest.empty() && findings.empty()) {
    const ProviderFacts provider = read_report_json(text).report.provider;
    const CaseTarget target = find_target(flags.manifest);
    compare_file("manifest_sha256", target.manifest_path, provider.manifest_sha256, findings);
    compare_file("library_sha256", target.library_path, provider.library_sha256, findings);
  }
  for (size_t i = 0; i < findings.size() && i < flags.most; ++i) {
    const Finding& finding = findings[i];
    fmt::print("{}{}{}\n", clean_text(finding.place), finding.place.empty() ? "the file " : ": ",
               clean_text(finding.text));
  }
  if (findings.size() > flags.most) fmt::print("and {} more\n", findings.size() - flags.most);
  if (!findings.empty()) {
    fmt::print("{}: refused, {} finding(s)\n", flags.report, findings.size());
    return kExitFailed;
  }
  const ReadReport read = read_report_json(text);
  fmt::print("{}: whole: {} cases, digest {}\n", flags.report, read.claims.planned,
             read.claims.digests.at("report"));
  return kExitOk;
}

}  // namespace

void add_verify(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<VerifyFlags>();
  CLI::App* command = app.add_subcommand("verify", "Says whether a report is whole and agrees with itself");
  command->add_option("report", flags->report, "report.json, or the folder that it is in")->required();
  command->add_option("--provider", flags->manifest,
                      "A manifest: is the report about this manifest and the library that it names?");
  command->add_option("--most", flags->most, "How many findings are shown")->capture_default_str();
  command->callback([flags, &exit_code] { exit_code = verify(*flags); });
}

}  // namespace bp::conformance
