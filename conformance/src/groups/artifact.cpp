#include "groups/artifact.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "groups/contract.hpp"
#include "harness/compare_raw.hpp"
#include "harness/fresh_process.hpp"
#include "harness/opened.hpp"
#include "harness/raw_artifact.hpp"

namespace bp::conformance {
namespace {

using nlohmann::json;

constexpr size_t kMostProbes = 6;

std::vector<Probe> probes_of(Opened& opened) {
  if (opened.provider->artifact == nullptr) not_applicable("the provider saves no programs");
  std::vector<Probe> probes = supported_probes(opened.provider, opened.options, opened.seed);
  if (probes.empty()) not_applicable("the provider supports none of the graphs that this case knows");
  // Those with constants have weights.
  std::stable_partition(probes.begin(), probes.end(), [](const Probe& probe) {
    return std::any_of(probe.graph.values().begin(), probe.graph.values().end(),
                       [](const RawGraph::Value& value) { return (value.flags & BP_VALUE_CONSTANT) != 0; });
  });
  if (probes.size() > kMostProbes) {
    probes.erase(probes.begin() + kMostProbes / 2, probes.end() - (kMostProbes - kMostProbes / 2));
  }
  return probes;
}

// A folder of its own, gone at the end.
class ScratchFolder {
 public:
  ScratchFolder() : path_((std::filesystem::temp_directory_path() / "bp-conformance-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no folder can be made at " + path_);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

json binary(const std::string& bytes) { return json::binary({bytes.begin(), bytes.end()}); }
std::string text_of(const json& value) {
  const auto& bytes = value.get_binary();
  return {bytes.begin(), bytes.end()};
}

// A saved program with what it gave, as a file.
void write_saved(const std::string& path, const Probe& probe, uint64_t seed, const SavedProgram& saved,
                 const std::vector<RawTensor>& outputs) {
  json all = {
      {"probe", probe.name}, {"seed", seed}, {"header", binary(saved.header)}, {"code", binary(saved.code)}};
  all["weights"] = json::array();
  for (const auto& [id, weight] : saved.weights) {
    all["weights"].push_back({id, binary(weight.bytes), weight.alignment});
  }
  all["references"] = json::array();
  for (const auto& [id, constant] : saved.references) all["references"].push_back({id, constant});
  all["outputs"] = json::array();
  for (const RawTensor& output : outputs) all["outputs"].push_back(binary(output.bytes));
  const std::vector<uint8_t> bytes = json::to_cbor(all);
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

json read_saved(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return json::from_cbor(file);
}

SavedProgram saved_of(const json& all) {
  SavedProgram saved;
  saved.header = text_of(all.at("header"));
  saved.code = text_of(all.at("code"));
  for (const json& weight : all.at("weights")) {
    saved.weights[weight.at(0)] = {text_of(weight.at(1)), weight.at(2)};
  }
  for (const json& reference : all.at("references")) saved.references[reference.at(0)] = reference.at(1);
  return saved;
}

// Loads and runs; the difference from `expected` in bytes or rounding.
void expect_loaded_runs(Opened& opened, const Probe& probe, const SavedProgram& saved,
                        const std::vector<std::string>& expected) {
  const RawProvider& provider = opened.provider;
  RawView view(probe.graph);
  const SavedReader reader(saved, view.constants(), opened.host);
  TakenStatus status;
  const OwnedProgram program = load(provider, view, opened.options, opened.args, reader, &status);
  if (!status.ok()) fail(probe.name + ": load of what was saved: " + status.to_string());
  RawPartition partition(provider, probe.graph, opened.options, opened.args);
  const std::vector<RawTensor> found = run_program(partition, program, probe.inputs);
  for (size_t o = 0; o < found.size(); ++o) {
    RawTensor before = found[o];
    before.bytes = expected.at(o);
    const std::string difference = difference_of(before, found[o], Match::kNearly);
    if (!difference.empty()) {
      fail(fmt::format("{}: output {} of the loaded program is not that of the saved one: {}", probe.name, o,
                       difference));
    }
  }
}

// The half of the round trip that runs in a fresh process.
void load_in_fresh_process(const std::string& path, const CaseTarget& target) {
  with_provider(target, [&](Opened& opened) {
    const json all = read_saved(path);
    const std::string name = all.at("probe");
    for (const Probe& probe : all_probes(opened.provider->canonical_level, all.at("seed"))) {
      if (probe.name != name) continue;
      std::vector<std::string> outputs;
      for (const json& output : all.at("outputs")) outputs.push_back(text_of(output));
      return expect_loaded_runs(opened, probe, saved_of(all), outputs);
    }
    throw std::runtime_error("there is no probe " + name);
  });
}

CaseInfo fresh_case(const char* id, const std::string& folder) {
  CaseInfo info;
  info.id = id;
  info.group = "artifact";
  info.folder = folder;
  info.timeout = std::chrono::seconds(30);
  return info;
}

void round_trip(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    const ScratchFolder folder;
    for (const Probe& probe : probes_of(opened)) {
      RawPartition partition(opened.provider, probe.graph, opened.options, opened.args);
      const OwnedInstance instance = specialize(partition, probe.inputs);
      const std::vector<RawTensor> outputs = RawRun(partition, instance, probe.inputs).run();
      const SavedProgram saved = save(opened.provider, partition.program());
      if (!difference_of(outputs, RawRun(partition, instance, probe.inputs).run(), Match::kNearly).empty()) {
        fail(probe.name + ": the program gives other results after save");
      }
      const std::string path = folder.path() + "/program";
      write_saved(path, probe, opened.seed, saved, outputs);
      const CaseResult fresh = run_in_fresh_process(fresh_case("artifact.round_trip", path), target);
      if (fresh.outcome != Outcome::kPass) throw CaseEnd(fresh.outcome, "in a fresh process: " + fresh.text);
    }
  });
}

std::string random_bytes(uint64_t size, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

class Damage {
 public:
  Damage(Opened& opened, const Probe& probe, const SavedProgram& saved)
      : opened_(opened),
        view_(probe.graph),
        saved_(saved),
        fingerprint_(to_text(opened.provider.info().fingerprint)) {}

  // Bytes that cannot make sense: they must be refused.
  void expect_refused(const std::string& what, const SavedProgram& damaged) {
    if (damaged == saved_) return;
    if (try_load(damaged)) fail(fmt::format("load took a saved program with {}", what));
    ++count_;
  }
  // Bytes that may make sense by chance: no crash is all that is asked.
  void expect_no_crash(const SavedProgram& damaged) {
    try_load(damaged);
    ++count_;
  }
  void expect_header_refused(const std::string& what, const std::string& header) {
    if (header == saved_.header) return;
    if (check_artifact(opened_.provider, header, fingerprint_) <= BP_ARTIFACT_USABLE) {
      fail(fmt::format("check_artifact says that a header with {} can be loaded", what));
    }
  }
  uint64_t count() const { return count_; }

 private:
  bool try_load(const SavedProgram& damaged) {
    static_cast<void>(check_artifact(opened_.provider, damaged.header, fingerprint_));
    const SavedReader reader(damaged, view_.constants(), opened_.host);
    TakenStatus status;
    const OwnedProgram program = load(opened_.provider, view_, opened_.options, opened_.args, reader, &status);
    return status.ok();
  }

  Opened& opened_;
  RawView view_;
  const SavedProgram& saved_;
  std::string fingerprint_;
  uint64_t count_ = 0;
};

SavedProgram with_code(SavedProgram saved, std::string code) {
  saved.code = std::move(code);
  return saved;
}

void damage_code(Damage& damage, const SavedProgram& saved, uint64_t seed) {
  const std::string& code = saved.code;
  if (code.empty()) return;
  damage.expect_refused("no code", with_code(saved, ""));
  for (const uint64_t size : {code.size() / 4, code.size() / 2, code.size() - code.size() / 8 - 1}) {
    damage.expect_refused(fmt::format("{} of the {} bytes of its code", size, code.size()),
                          with_code(saved, code.substr(0, size)));
  }
  damage.expect_refused("zeroes as its code", with_code(saved, std::string(code.size(), '\0')));
  for (uint64_t i = 0; i < 4; ++i) {
    damage.expect_refused("random bytes as its code", with_code(saved, random_bytes(code.size(), seed + i)));
  }
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200; ++i) {
    std::string flipped = code;
    flipped[random() % code.size()] ^= static_cast<char>(1 << random() % 8);
    damage.expect_no_crash(with_code(saved, std::move(flipped)));
  }
}

void damage_header(Damage& damage, const SavedProgram& saved, uint64_t seed) {
  if (saved.header.empty()) return;
  damage.expect_header_refused("no byte", "");
  damage.expect_header_refused("random bytes", random_bytes(saved.header.size(), seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 60; ++i) {
    SavedProgram flipped = saved;
    flipped.header[random() % saved.header.size()] ^= static_cast<char>(1 << random() % 8);
    damage.expect_no_crash(flipped);
    flipped.header.resize(random() % saved.header.size());
    damage.expect_no_crash(flipped);
  }
}

void damage_weights(Damage& damage, const SavedProgram& saved) {
  for (const auto& [id, weight] : saved.weights) {
    SavedProgram without = saved;
    without.weights.erase(id);
    damage.expect_no_crash(without);
    without.weights[id] = {weight.bytes.substr(0, weight.bytes.size() / 2), weight.alignment};
    damage.expect_no_crash(without);
  }
  for (const auto& [id, constant] : saved.references) {
    SavedProgram without = saved;
    without.references.erase(id);
    damage.expect_no_crash(without);
  }
}

void bit_flips(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    for (const Probe& probe : probes_of(opened)) {
      SavedProgram saved;
      {
        RawPartition partition(opened.provider, probe.graph, opened.options, opened.args);
        saved = save(opened.provider, partition.program());
      }
      Damage damage(opened, probe, saved);
      damage_header(damage, saved, opened.seed);
      damage_code(damage, saved, opened.seed);
      damage_weights(damage, saved);
    }
  });
}

void fingerprint(const CaseTarget& target, CaseResult& result) {
  with_provider(target, [&](Opened& opened) {
    const RawProvider& provider = opened.provider;
    if (provider->artifact == nullptr) not_applicable("the provider saves no programs");
    const std::string own = to_text(provider.info().fingerprint);
    if (own.empty()) fail("a device of a provider that saves programs must have a fingerprint");
    const CaseResult fresh = run_in_fresh_process(fresh_case("artifact.fingerprint", "fresh"), target);
    if (fresh.outcome != Outcome::kPass) throw CaseEnd(fresh.outcome, "in a fresh process: " + fresh.text);
    if (fresh.text != own) {
      fail(fmt::format("the device's fingerprint is '{}', and in another process '{}'", own, fresh.text));
    }
    const Probe probe = any_probe(provider, opened.options, opened.seed);
    RawPartition partition(provider, probe.graph, opened.options, opened.args);
    const SavedProgram saved = save(provider, partition.program());
    if (check_artifact(provider, saved.header, own) > BP_ARTIFACT_USABLE) {
      fail("check_artifact refuses what the same device has just saved");
    }
  });
  result.text.clear();
}

// "An option that is not passed has its default": the listed ones, passed, change nothing.
void options(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    const RawProvider& provider = opened.provider;
    std::vector<std::pair<std::string, std::string>> defaults;
    for (uint64_t i = 0; i < provider->options.count; ++i) {
      const auto* option = BP_AT(bp_option_info, provider->options, i);
      const std::string name = to_text(option->name);
      const bool given = std::any_of(target.options.begin(), target.options.end(),
                                     [&](const auto& one) { return one.first == name; });
      if (given) continue;
      switch (option->kind) {
        case BP_OPTION_BOOL:
          defaults.emplace_back(name, option->int_default != 0 ? "true" : "false");
          break;
        case BP_OPTION_INT:
          defaults.emplace_back(name, std::to_string(option->int_default));
          break;
        case BP_OPTION_DOUBLE:
          defaults.emplace_back(name, fmt::format("{}", option->double_default));
          break;
        default:
          defaults.emplace_back(name, to_text(option->string_default));
      }
    }
    if (defaults.empty()) not_applicable("the provider lists no options");
    defaults.insert(defaults.end(), target.options.begin(), target.options.end());
    const RawOptions stated(provider, defaults);
    const bool bits = (provider.info().flags & BP_DEVICE_DETERMINISTIC) != 0;
    for (const Probe& probe : supported_probes(provider, opened.options, opened.seed)) {
      const auto outputs = run_probe_graph(provider, probe.graph, opened.options, probe.inputs, opened.args);
      const auto with_defaults = run_probe_graph(provider, probe.graph, stated, probe.inputs, opened.args);
      const std::string difference =
          difference_of(outputs, with_defaults, bits ? Match::kBits : Match::kNearly);
      if (!difference.empty()) {
        fail(fmt::format("{}: another result when every option is passed with its listed default: {}",
                         probe.name, difference));
      }
    }
  });
}

const std::array kCases = {
    ContractCase{"artifact.round_trip",
                 Level::kClaims,
                 {90},
                 "A program that was saved gives the same results when loaded in a fresh process.",
                 round_trip,
                 60'000},
    ContractCase{"artifact.bit_flips",
                 Level::kRobust,
                 {91},
                 "Saved programs with damaged, shortened or foreign bytes give an error, never a crash.",
                 bit_flips,
                 60'000},
    ContractCase{"artifact.fingerprint",
                 Level::kClaims,
                 {92},
                 "The fingerprint is that of the device: the same in each process.",
                 fingerprint,
                 30'000},
    ContractCase{"artifact.options",
                 Level::kClaims,
                 {93},
                 "An option that is not passed has its listed default.",
                 options,
                 60'000},
};

void run_fresh_half(const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
  if (info.id == "artifact.round_trip") return load_in_fresh_process(info.folder, target);
  with_provider(target, [&](Opened& opened) { result.text = to_text(opened.provider.info().fingerprint); });
}

}  // namespace

Group artifact_group() {
  return {"artifact",
          "Saved programs: the same results in a fresh process, damage found, fingerprints, options.",
          [](const PlanRequest&) { return plan_contract("artifact", kCases); },
          [](const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
            if (!info.folder.empty()) return run_fresh_half(info, target, result);
            run_contract(kCases, info, target, result);
          }};
}

}  // namespace bp::conformance
