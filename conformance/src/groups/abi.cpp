#include "groups/abi.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "groups/contract.hpp"
#include "harness/raw_provider.hpp"

namespace bp::conformance {
namespace {

bool is_of_sanitizer(const std::string& symbol) {
  for (const std::string_view prefix : {"__asan_", "__ubsan_", "__tsan_", "__sanitizer_", "__lsan_"}) {
    if (symbol.starts_with(prefix)) return true;
  }
  return false;
}

void symbols(const CaseTarget& target, CaseResult&) {
  const LibrarySymbols found = read_symbols(target.library_path);
  std::vector<std::string> extra;
  for (const std::string& name : found.exported) {
    if (name != BP_PROVIDER_OPEN_SYMBOL && !is_of_sanitizer(name)) extra.push_back(name);
  }
  if (extra.size() + 1 > found.exported.size() && !extra.empty() && extra.size() == found.exported.size()) {
    fail(fmt::format("expected the export {}, found {}", BP_PROVIDER_OPEN_SYMBOL, fmt::join(extra, ", ")));
  }
  if (!extra.empty()) {
    fail(fmt::format("expected the export {} alone, found {} more: {}", BP_PROVIDER_OPEN_SYMBOL, extra.size(),
                     fmt::join(std::span(extra).first(std::min<size_t>(extra.size(), 8)), ", ")));
  }
  const RawLibrary library(target.library_path);
  for (const std::string& name : found.imported) {
    if (!is_of_sanitizer(name) && !library.reaches(name)) {
      fail(fmt::format("imports {}, which none of the libraries named in its header has", name));
    }
  }
}

void version_range(const CaseTarget& target, CaseResult&) {
  struct Range {
    uint32_t min, max;
  };
  RawHost host;
  const RawLibrary library(target.library_path);
  for (const Range range :
       {Range{0, 0}, Range{0, 1}, Range{0, 1000}, Range{0, 0xFFFFFFFFu}, Range{1, 1000}, Range{900, 1000}}) {
    bp_provider* provider = nullptr;
    const uint32_t code =
        guarded("open", [&] { return library.open()(host.table(), range.min, range.max, &provider); });
    const std::string place = fmt::format("open with minors {} to {}", range.min, range.max);
    if (code == BP_STATUS_INCOMPATIBLE) {
      if (provider != nullptr) fail(place + ": INCOMPATIBLE, and *provider is not NULL");
      if (range.min == 0 && range.max >= 1000) fail(place + ": INCOMPATIBLE, though every minor suits");
      continue;
    }
    if (code != BP_STATUS_OK || provider == nullptr) {
      fail(fmt::format("{}: expected success or INCOMPATIBLE, got {}", place, status_code_name(code)));
    }
    const uint32_t minor = provider->abi_minor;
    guarded("close", [&] { return provider->close(provider), 0; });
    if (minor < range.min || minor > range.max) fail(fmt::format("{}: it answers with minor {}", place, minor));
  }
  host.expect_no_breach();
}

void extension_unknown(const CaseTarget& target, CaseResult&) {
  RawHost host;
  const RawProvider provider(target, host);
  const auto get = BP_FUNCTION(provider.get(), bp_provider, get_extension);
  if (get == nullptr) not_applicable("the provider has no get_extension, that is no extensions");
  const std::string long_id(100'000, 'x');
  for (const std::string_view id : {std::string_view("org.example.nobody_has_this"),
                                    std::string_view("backplane"), std::string_view("backplane.graph_captur"),
                                    std::string_view("backplane.graph_capture "), std::string_view(long_id)}) {
    for (const uint32_t revision : {0u, 1u, 0xFFFFFFFFu}) {
      if (guarded("get_extension", [&] { return get(provider.get(), to_abi(id), revision); }) != nullptr) {
        fail(fmt::format("get_extension('{}', {}) gave a table", id.substr(0, 40), revision));
      }
    }
  }
  for (const std::string_view id : {BP_EXTENSION_GRAPH_CAPTURE, BP_EXTENSION_STATE}) {
    if (guarded("get_extension", [&] { return get(provider.get(), to_abi(id), 0xFFFFFFF0u); }) != nullptr) {
      fail(fmt::format("get_extension('{}', 4294967280) gave a table: nobody has that revision", id));
    }
  }
  if (guarded("get_extension", [&] { return get(provider.get(), bp_string{nullptr, 0}, 1); }) != nullptr) {
    fail("get_extension('', 1) gave a table");
  }
}

const std::array kCases = {
    ContractCase{"abi.symbols",
                 Level::kContract,
                 {1, 2},
                 "The library exports its entry alone and imports nothing that its own libraries do not have.",
                 symbols},
    ContractCase{"abi.version_range",
                 Level::kContract,
                 {3},
                 "open answers with a minor inside the host's range, or INCOMPATIBLE.",
                 version_range},
    ContractCase{"abi.extension_unknown",
                 Level::kContract,
                 {12},
                 "get_extension answers NULL for ids and revisions that nobody has.",
                 extension_unknown},
};

}  // namespace

Group abi_group() {
  return {"abi", "The ABI's letter: symbols, versions, sizes of structs, what is NULL.",
          [](const PlanRequest&) { return plan_contract("abi", kCases); },
          [](const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
            run_contract(kCases, info, target, result);
          }};
}

}  // namespace bp::conformance
