#include "sample_report_helper.hpp"

#include <array>
#include <cmath>
#include <random>

namespace bp::test {
namespace {

using namespace conformance;

constexpr std::array kTypes = {"float64", "float32", "float16",   "bfloat16", "int64",  "int32",
                               "int16",   "int8",    "uint64",    "uint32",   "uint16", "uint8",
                               "int4",    "bool",    "complex64", "string"};
constexpr std::array kStems = {"Add",
                               "Conv",
                               "Gemm",
                               "MatMul",
                               "Relu",
                               "Softmax",
                               "LayerNormalization",
                               "Gather",
                               "DynamicQuantizeLinear",
                               "Resize",
                               "NegativeLogLikelihoodLoss",
                               "LSTM",
                               "TopK",
                               "ScatterElements",
                               "Einsum",
                               "NonMaxSuppression",
                               "BatchNormalization"};
constexpr std::array kForms = {"plain", "broadcast", "zero_size"};

void add(Report& report, CaseInfo info, CaseResult result) {
  result.id = info.id;
  report.planned.push_back(std::move(info));
  report.results.push_back(std::move(result));
}

CaseInfo operator_case(const std::string& op_type, const std::string& domain, const std::string& type,
                       const std::string& form) {
  CaseInfo info;
  info.id = "ops." + (domain.empty() ? "" : domain + ".") + op_type + "." + type + "." + form;
  info.group = "ops";
  info.level = form == "plain" ? Level::kCore : Level::kClaims;
  info.summary = op_type + " of " + type + " gives what the reference gives (" + form + ").";
  info.requirements = {43, 67};
  info.domain = domain;
  info.op_type = op_type;
  info.element_type = type;
  return info;
}

WorstError error_of(double of_tolerance) {
  WorstError worst;
  worst.max_abs = of_tolerance * 1.3e-6;
  worst.max_rel = of_tolerance * 2.1e-6;
  worst.max_ulp = of_tolerance * 4;
  worst.of_tolerance = of_tolerance;
  worst.output = "Y";
  worst.index = 4711;
  worst.expected = "0.61803401";
  worst.actual = "0.61803407";
  return worst;
}

// An outcome for about one case in 400 each.
CaseResult failing_result(uint32_t kind) {
  constexpr std::array kBad = {Outcome::kFail,           Outcome::kCrash, Outcome::kTimeout,
                               Outcome::kUnexpectedPass, Outcome::kFlake, Outcome::kMissing,
                               Outcome::kHarnessError,   Outcome::kWaived};
  constexpr std::array kTexts = {
      "Output 'Y' differs from the reference at [3, 17]: expected 0.61803401, found 0.62426453.",
      "The process ended with signal 11 (SIGSEGV) in compile.\nLast log of the provider:\n  acme: fusing "
      "Conv_12 "
      "with Relu_13 into jit_avx512_core_bf16_1x1_convolution_fwd_t<dnnl::impl::data_type::f32>",
      "No answer within 10 000 ms; the process group was killed in run.",
      "Passed, and a waiver says that it fails.",
      "Failed at the first attempt and passed at the second with the same seed: output 'Y', 3 of 4096 "
      "elements.",
      "The run ended before this case began.",
      "The reference has no operator of this form.",
      "Output 'Y': expected NaN at [0], found 0."};
  CaseResult result;
  result.outcome = kBad[kind % kBad.size()];
  result.text = kTexts[kind % kTexts.size()];
  if (kind % kBad.size() == 0) result.worst = error_of(3.7);
  if (result.outcome == Outcome::kFlake) result.attempts = 2;
  return result;
}

void add_operator_cases(Report& report, size_t operators, bool with_failures, std::mt19937& random) {
  const auto chance = [&](uint32_t percent) { return random() % 100 < percent; };
  for (size_t i = 0; i < operators; ++i) {
    const std::string op_type =
        kStems[i % kStems.size()] + (i < kStems.size() ? "" : std::to_string(i / kStems.size()));
    const std::string domain = i % 12 == 11 ? "com.microsoft" : i % 15 == 14 ? "ai.onnx.ml" : "";
    for (size_t t = 0; t < kTypes.size(); ++t) {
      if (t > 3 && chance(45)) continue;
      if (chance(4)) {
        report.claimed_untested.push_back((domain.empty() ? "" : domain + ".") + op_type + " " + kTypes[t]);
        continue;
      }
      const bool unsupported = t > 5 && chance(40);
      for (const char* form : kForms) {
        if (t > 1 && chance(40)) continue;
        CaseResult result;
        result.outcome = Outcome::kPass;
        result.nodes = 1 + i % 3;
        result.nodes_by_provider = result.nodes;
        result.duration =
            std::chrono::microseconds(static_cast<int64_t>(std::exp(6 + (random() % 500) / 100.0)));
        result.seed = (uint64_t{random()} << 32) | random();
        if (unsupported || chance(4)) {
          result.outcome = Outcome::kUnsupported;
          result.nodes_by_provider = 0;
          result.reasons[t % 3 == 0 ? "TYPE" : t % 3 == 1 ? "DYNAMIC_SHAPE" : "ATTRIBUTE"] = result.nodes;
          result.text = "input 0 has the type " + std::string(kTypes[t]) + ", the device has float32";
        } else if (t < 4) {
          result.worst = error_of(static_cast<double>(random() % 1000) / 1100.0);
        }
        if (with_failures && random() % 200 == 0) {
          const auto [nodes, seed, duration] = std::tuple(result.nodes, result.seed, result.duration);
          result = failing_result(random());
          result.nodes = nodes;
          result.seed = seed;
          result.duration = duration;
          if (result.outcome == Outcome::kUnexpectedPass) result.nodes_by_provider = nodes;
        }
        const CaseInfo info = operator_case(op_type, domain, kTypes[t], form);
        if (result.outcome == Outcome::kWaived || result.outcome == Outcome::kUnexpectedPass) {
          report.waivers.push_back(
              {info.id, "The kernel flushes denormals.", "https://example.com/issues/17", "2031-12-31"});
        }
        add(report, info, std::move(result));
      }
    }
  }
}

void add_contract_cases(Report& report) {
  for (const char* group : {"abi", "lifecycle", "memory", "streams", "threads", "errors", "partition"}) {
    for (int i = 0; i < 9; ++i) {
      CaseInfo info;
      info.group = group;
      info.id = info.group + ".rule_" + std::to_string(i);
      info.summary = "The provider keeps its promise.";
      info.requirements = {i + 1};
      CaseResult result;
      result.outcome = i == 7 ? Outcome::kNotApplicable : i == 8 ? Outcome::kHost : Outcome::kPass;
      if (i == 7) result.text = "The device lists no event handle types.";
      result.duration = std::chrono::microseconds(2600 + 40 * i);
      add(report, std::move(info), std::move(result));
    }
  }
}

}  // namespace

Report sample_report(size_t operators, bool with_failures) {
  std::mt19937 random(7);
  Report report;
  report.provider = {.id = "com.example.acme_npu",
                     .name = "Acme NPU",
                     .version = "2.3.1",
                     .manifest_file = "acme_npu.json",
                     .library_file = "libacme_npu.so",
                     .manifest_sha256 = std::string(64, 'a'),
                     .library_sha256 = std::string(64, 'b'),
                     .abi_minor = 1,
                     .canonical_level = 22,
                     .device_label = "ACME:0",
                     .device_name = "Acme NPU 9000 (64 tiles)",
                     .device_vendor = "Acme Corporation",
                     .device_driver = "17.4.0",
                     .device_fingerprint = "acme-9000-rev2-avx512_core-17.4"};
  report.run.runner_version = "0.1.0";
  report.run.started_utc = "2030-05-17T09:30:00Z";
  report.run.duration_seconds = 741.25;
  report.run.system = "Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64";
  report.run.cpu = "Example CPU at 2.70 GHz";
  report.run.cores = 2;
  report.run.level = Level::kClaims;
  report.run.options = {{"precision", "high"}, {"tiles", "64"}};
  report.run.seed = 0x9E3779B97F4A7C15;
  report.run.thread_count = 2;
  report.run.corpora = {{"onnx-1.17", std::string(64, 'c')}};
  report.run.tolerances_sha256 = std::string(64, 'd');
  add_contract_cases(report);
  add_operator_cases(report, operators, with_failures, random);
  return report;
}

std::string hostile_text() {
  return "=1+1 <x-evil onload=\"alert(1)\"> </pre></main>'&amp;]]> {{title}} \x01\x1b[31m \xff\xfe "
         "\xE2\x80\xAE" +
         std::string(600, 'W');
}

Report hostile_report() {
  Report report = sample_report(6);
  const std::string evil = hostile_text();
  ProviderFacts& provider = report.provider;
  for (std::string* text :
       {&provider.id, &provider.name, &provider.version, &provider.manifest_file, &provider.library_file,
        &provider.manifest_sha256, &provider.library_sha256, &provider.device_label, &provider.device_name,
        &provider.device_vendor, &provider.device_driver, &provider.device_fingerprint}) {
    *text = evil;
  }
  RunFacts& run = report.run;
  for (std::string* text :
       {&run.runner_version, &run.started_utc, &run.system, &run.cpu, &run.tolerances_sha256}) {
    *text = evil;
  }
  run.filters = {evil};
  run.options = {{evil, evil}};
  run.corpora = {{evil, evil}};
  report.claimed_untested = {evil, evil + " " + evil};
  report.waivers = {{evil, evil, evil, evil}};
  for (size_t i = 0; i < report.planned.size(); ++i) {
    CaseInfo& info = report.planned[i];
    CaseResult& result = report.results[i];
    result.id = info.id = evil + std::to_string(i);
    info.group = evil;
    info.summary = result.text = evil;
    if (!info.op_type.empty()) info.domain = info.op_type = info.element_type = evil;
    if (!result.reasons.empty()) result.reasons[evil] = 1;
    if (result.worst) result.worst->output = result.worst->expected = result.worst->actual = evil;
  }
  return report;
}

}  // namespace bp::test
