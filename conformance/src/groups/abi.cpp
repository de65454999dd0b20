#include "groups/abi.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "groups/abi_structs.hpp"
#include "harness/opened.hpp"

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

// ---- what is NULL ----

void require(const char* name, bool is_there) {
  if (!is_there) fail(fmt::format("{}, which is mandatory, is NULL", name));
}

#define BP_REQUIRE(table, type, function) \
  require(#type "::" #function, BP_FUNCTION(table, type, function) != nullptr)

void require_memory(const bp_memory_api* api) {
  require("bp_provider::memory", api != nullptr);
  BP_REQUIRE(api, bp_memory_api, allocate);
  BP_REQUIRE(api, bp_memory_api, release);
  BP_REQUIRE(api, bp_memory_api, copy);
}

void require_streams(const bp_stream_api* stream, const bp_event_api* event) {
  require("bp_provider::stream", stream != nullptr);
  require("bp_provider::event", event != nullptr);
  BP_REQUIRE(stream, bp_stream_api, create);
  BP_REQUIRE(stream, bp_stream_api, release);
  BP_REQUIRE(stream, bp_stream_api, record);
  BP_REQUIRE(stream, bp_stream_api, wait_event);
  BP_REQUIRE(event, bp_event_api, release);
  BP_REQUIRE(event, bp_event_api, wait);
  BP_REQUIRE(event, bp_event_api, poll);
}

// What a device's own statements make mandatory.
void require_for_device(const bp_provider& provider, const bp_device_info& info) {
  if (!(info.flags & BP_DEVICE_SYNCHRONOUS)) require_streams(provider.stream, provider.event);
  if (info.memory_kinds.count == 0) fail("bp_device_info::memory_kinds is empty, expected at least one");
  for (uint64_t i = 0; i < info.memory_kinds.count; ++i) {
    const auto* kind = BP_AT(bp_memory_kind_info, info.memory_kinds, i);
    if (kind->kind == BP_MEMORY_HOST) continue;
    require_memory(provider.memory);
    const bool needs_map = (kind->flags & BP_MEMORY_HOST_VISIBLE) &&
                           (!(kind->flags & BP_MEMORY_HAS_ADDRESS) || (kind->flags & BP_MEMORY_MAP_ONLY));
    if (needs_map) {
      BP_REQUIRE(provider.memory, bp_memory_api, map);
      BP_REQUIRE(provider.memory, bp_memory_api, unmap);
    }
    if (kind->import_handles.count > 0) BP_REQUIRE(provider.memory, bp_memory_api, import_memory);
    if (kind->export_handles.count > 0) BP_REQUIRE(provider.memory, bp_memory_api, export_memory);
  }
  if (info.event_import_handles.count > 0) BP_REQUIRE(provider.event, bp_event_api, import_handle);
  if (info.event_export_handles.count > 0) BP_REQUIRE(provider.event, bp_event_api, export_handle);
}

// An optional function that is there does something.
void refuse_stubs(const Opened& opened) {
  const auto check = [](const char* name, const TakenStatus& status) {
    if (status.code == BP_STATUS_UNIMPLEMENTED) {
      fail(fmt::format("{} answers UNIMPLEMENTED: an optional function that is not there is NULL", name));
    }
  };
  const RawProvider& provider = opened.provider;
  if (const auto sample = BP_FUNCTION(provider->device, bp_device_api, sample_clock)) {
    uint64_t device_ns = 0, host_ns = 0;
    check("sample_clock",
          provider.call("sample_clock", [&] { return sample(provider.device(), &device_ns, &host_ns); }));
  }
  const bp_device_info info = provider.info();
  if (const auto usage = BP_FUNCTION(provider->memory, bp_memory_api, usage)) {
    const uint32_t kind = BP_AT(bp_memory_kind_info, info.memory_kinds, 0)->kind;
    uint64_t used = 0, available = 0;
    check("usage", provider.call("usage", [&] { return usage(provider.device(), kind, &used, &available); }));
  }
  for (const Probe& probe : all_probes(provider->canonical_level, opened.seed)) {
    check("query_partition", query_partition(provider, RawView(probe.graph), opened.options).status);
  }
}

void mandatory(const CaseTarget& target, CaseResult&) {
  RawHost host;
  const RawLibrary library(target.library_path);
  bp_provider* raw = nullptr;
  const uint32_t code = guarded("open", [&] { return library.open()(host.table(), 0, BP_ABI_MINOR, &raw); });
  if (code != BP_STATUS_OK || raw == nullptr)
    fail(fmt::format("open: expected success, got {}", status_code_name(code)));
  const bp_provider& provider = *raw;
  if (!BP_HAS_FIELD(&provider, bp_provider, close)) {
    fail(fmt::format("bp_provider: struct_size is {}, expected at least {}", provider.struct_size,
                     BP_STRUCT_SIZE(bp_provider, close)));
  }
  require("bp_provider::device", provider.device != nullptr);
  require("bp_provider::capability", provider.capability != nullptr);
  require("bp_provider::program", provider.program != nullptr);
  require("bp_provider::close", provider.close != nullptr);
  BP_REQUIRE(provider.device, bp_device_api, list);
  BP_REQUIRE(provider.device, bp_device_api, info);
  BP_REQUIRE(provider.capability, bp_capability_api, query);
  BP_REQUIRE(provider.program, bp_program_api, compile);
  BP_REQUIRE(provider.program, bp_program_api, release_program);
  BP_REQUIRE(provider.program, bp_program_api, specialize);
  BP_REQUIRE(provider.program, bp_program_api, release_instance);
  BP_REQUIRE(provider.program, bp_program_api, create_context);
  BP_REQUIRE(provider.program, bp_program_api, release_context);
  BP_REQUIRE(provider.program, bp_program_api, bind);
  BP_REQUIRE(provider.program, bp_program_api, run);
  if (provider.artifact != nullptr) {
    BP_REQUIRE(provider.artifact, bp_artifact_api, save);
    BP_REQUIRE(provider.artifact, bp_artifact_api, check_artifact);
    BP_REQUIRE(provider.artifact, bp_artifact_api, load);
  }
  if (provider.memory != nullptr) require_memory(provider.memory);
  if (provider.stream != nullptr || provider.event != nullptr) require_streams(provider.stream, provider.event);
  guarded("close", [&] { return raw->close(raw), 0; });

  Opened opened(target);
  for (const bp_device device : opened.provider.devices()) {
    bp_device_info info{};
    info.struct_size = BP_STRUCT_SIZE(bp_device_info, launch_ns);
    opened.provider.must("info", [&] { return opened.provider->device->info(device, &info); });
    require_for_device(*opened.provider.get(), info);
  }
  refuse_stubs(opened);
  opened.finish();
}

// ---- numbers of later minors ----

// Every changed view must be rejected: the provider does not know what the number means.
void expect_rejected(const Opened& opened, const RawGraph& graph, const std::string& what) {
  const RawQuery answer = query(opened.provider, RawView(graph), opened.options);
  if (!answer.status.ok()) return;  // all nodes count as rejected
  if (answer.supports_all(graph.nodes().size()))
    fail(fmt::format("{}: expected a rejection, it is called supported", what));
}

void unknown_numbers(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    const RawProvider& provider = opened.provider;
    for (const Probe& probe : supported_probes(provider, opened.options, opened.seed)) {
      if (probe.graph.nodes().size() != 1) continue;
      for (const uint32_t type : {27u, 77u, 0x80000001u, 0xFFFFFFFFu}) {
        RawGraph graph = probe.graph;
        for (RawGraph::Value& value : graph.values()) value.element_type = type;
        expect_rejected(opened, graph, fmt::format("{} on element type {}", probe.name, type));
      }
      RawGraph graph = probe.graph;
      for (RawAttribute& attribute : graph.nodes()[0].attributes) {
        attribute.kind = 99;
        expect_rejected(opened, graph,
                        fmt::format("{} with attribute '{}' of kind 99", probe.name, attribute.name));
      }
      // A flag that nobody knows may be passed over, or be a reason to reject.
      for (RawGraph::Value& value : graph.values()) value.flags |= 1u << 30;
      query(provider, RawView(graph), opened.options);
    }
    const auto expect_error = [&](const char* what, const TakenStatus& status) {
      if (status.ok()) fail(fmt::format("{}: expected an error, got success", what));
    };
    if (provider->memory != nullptr) {
      bp_buffer buffer = nullptr;
      uint64_t address = 0;
      expect_error("allocate of memory kind 4000000000", provider.call("allocate", [&] {
        return provider->memory->allocate(provider.device(), 4'000'000'000u, 64, nullptr, &buffer, &address);
      }));
    }
    if (const auto import = BP_FUNCTION(provider->stream, bp_stream_api, import_native)) {
      bp_stream stream = nullptr;
      expect_error("import_native of type 4000000000", provider.call("import_native", [&] {
        return import(provider.device(), 4'000'000'000u, 1, &stream);
      }));
    }
    if (const auto import = BP_FUNCTION(provider->event, bp_event_api, import_handle)) {
      bp_event event = nullptr;
      expect_error("import_handle of type 4000000000", provider.call("import_handle", [&] {
        return import(provider.device(), 4'000'000'000u, 1, &event);
      }));
    }
  });
}

// ---- options ----

bool is_snake_case(const std::string& name) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), [](char letter) {
           return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
         });
}

void check_option(const bp_option_info& option) {
  const std::string name = to_text(option.name);
  if (!is_snake_case(name)) fail(fmt::format("option '{}': the name is not lower_snake_case", name));
  if (option.text.size == 0) fail(fmt::format("option '{}' has no text", name));
  const auto out_of_range = [&](auto value, auto min, auto max) {
    if (!(min <= value && value <= max)) {
      fail(fmt::format("option '{}': the default is {}, outside of {} to {}", name, value, min, max));
    }
  };
  switch (option.kind) {
    case BP_OPTION_BOOL:
      return out_of_range(option.int_default, 0, 1);
    case BP_OPTION_INT:
      return out_of_range(option.int_default, option.int_min, option.int_max);
    case BP_OPTION_DOUBLE:
      return out_of_range(option.double_default, option.double_min, option.double_max);
    case BP_OPTION_STRING:
      return;
    case BP_OPTION_CHOICE: {
      for (uint64_t i = 0; i < option.choices.count; ++i) {
        if (to_text(*BP_AT(bp_string, option.choices, i)) == to_text(option.string_default)) return;
      }
      fail(fmt::format("option '{}': the default '{}' is none of its choices", name,
                       to_text(option.string_default)));
    }
    default:
      fail(fmt::format("option '{}' is of the unknown kind {}", name, option.kind));
  }
}

void options(const CaseTarget& target, CaseResult&) {
  RawHost host;
  const RawProvider provider(target, host);
  std::set<std::string> names;
  for (uint64_t i = 0; i < provider->options.count; ++i) {
    const auto* option = BP_AT(bp_option_info, provider->options, i);
    check_option(*option);
    const std::string name = to_text(option->name);
    if (!names.insert(name).second) fail(fmt::format("there are two options '{}'", name));
    if (name == BP_OPTION_NAME_DETERMINISTIC && option->kind != BP_OPTION_BOOL) {
      fail("option 'deterministic' has a meaning for all and is a BOOL");
    }
  }
}

std::vector<ContractCase> make_cases() {
  std::vector<ContractCase> cases = {
      {"abi.symbols",
       Level::kContract,
       {1, 2},
       "The library exports its entry alone and imports nothing that its own libraries do not have.",
       symbols},
      {"abi.version_range",
       Level::kContract,
       {3},
       "open answers with a minor inside the host's range, or INCOMPATIBLE.",
       version_range},
      {"abi.mandatory",
       Level::kContract,
       {11},
       "Mandatory functions are there; optional ones that do nothing are NULL.",
       mandatory},
      {"abi.extension_unknown",
       Level::kContract,
       {12},
       "get_extension answers NULL for ids and revisions that nobody has.",
       extension_unknown},
      {"abi.unknown_numbers",
       Level::kContract,
       {45},
       "Types, attribute kinds, memory kinds and handles of later minors are refused.",
       unknown_numbers},
      {"abi.options",
       Level::kContract,
       {94},
       "Options have unique names in lower_snake_case, texts, and defaults inside their ranges.",
       options},
  };
  for (ContractCase& one : abi_struct_cases()) cases.push_back(std::move(one));
  return cases;
}

const std::vector<ContractCase>& cases() {
  static const std::vector<ContractCase> kCases = make_cases();
  return kCases;
}

}  // namespace

Group abi_group() {
  return {"abi", "The ABI's letter: symbols, versions, sizes of structs, what is NULL.",
          [](const PlanRequest&) { return plan_contract("abi", cases()); },
          [](const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
            run_contract(cases(), info, target, result);
          }};
}

}  // namespace bp::conformance
