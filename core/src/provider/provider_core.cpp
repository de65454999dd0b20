#include "provider/provider_core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "provider/abi.hpp"

namespace bp {
namespace {

constexpr uint32_t kMaxOptions = 1024;
constexpr size_t kMaxIdBytes = 256;

void tell(OpenFailure* failure, OpenFailure kind) {
  if (failure != nullptr) *failure = kind;
}

// The first of `entries` that is not there.
struct Entry {
  const char* name;
  bool there;
};
std::string first_missing(std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) {
    if (!entry.there) return entry.name;
  }
  return {};
}

#define BP_ENTRY(table, function) \
  Entry { #table "." #function, (table).function != nullptr }

std::string missing_function(const ProviderCore& core) {
  const bp_device_api& device = core.device;
  const bp_capability_api& capability = core.capability;
  const bp_program_api& program = core.program;
  const bp_artifact_api& artifact = core.artifact;
  std::string missing = first_missing({
      BP_ENTRY(device, list),
      BP_ENTRY(device, info),
      BP_ENTRY(capability, query),
      BP_ENTRY(program, compile),
      BP_ENTRY(program, release_program),
      BP_ENTRY(program, specialize),
      BP_ENTRY(program, release_instance),
      BP_ENTRY(program, create_context),
      BP_ENTRY(program, release_context),
      BP_ENTRY(program, bind),
      BP_ENTRY(program, run),
  });
  if (missing.empty() && core.table.artifact != nullptr) {
    missing =
        first_missing({BP_ENTRY(artifact, save), BP_ENTRY(artifact, check_artifact), BP_ENTRY(artifact, load)});
  }
  return missing;
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdBytes && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

}  // namespace

std::string missing_memory_function(const bp_memory_api& memory) {
  return first_missing({BP_ENTRY(memory, allocate), BP_ENTRY(memory, release), BP_ENTRY(memory, copy)});
}

std::string missing_stream_function(const bp_stream_api& stream, const bp_event_api& event) {
  return first_missing({BP_ENTRY(stream, create), BP_ENTRY(stream, release), BP_ENTRY(stream, record),
                        BP_ENTRY(stream, wait_event), BP_ENTRY(event, release), BP_ENTRY(event, wait),
                        BP_ENTRY(event, poll)});
}

#undef BP_ENTRY

Result<std::shared_ptr<ProviderCore>> ProviderCore::open(const std::shared_ptr<HostServices>& services,
                                                         OpenArgs args, OpenFailure* failure) {
  HostTable& host = HostTable::create(services);
  host.set_source(args.expected_id.empty() ? args.name : args.expected_id);
  // A library stays unless the provider says that it may go: a destructor that runs later, or a thread of the
  // vendor's, would otherwise jump into nothing.
  const auto library = args.library;
  const auto fail = [&](OpenFailure kind, Status status) {
    tell(failure, kind);
    host.keep(library);
    return status;
  };
  if (args.open == nullptr) {
    return fail(OpenFailure::kOpenFailed, Status(ErrorCode::kInvalidArgument, "the open function is NULL"));
  }

  std::shared_ptr<ProviderCore> core(new ProviderCore(host, services));
  host.begin_capture();
  uint32_t code = BP_STATUS_OK;
  bp_provider* handle = nullptr;
  const Status thrown = core->call(BP_PROVIDER_OPEN_SYMBOL, {}, [&]() -> bp_status {
    code = args.open(&host, 0, BP_ABI_MINOR, &handle);
    return nullptr;
  });
  const std::string log = host.end_capture();
  if (!thrown.ok()) return fail(OpenFailure::kOpenFailed, thrown);
  if (code != BP_STATUS_OK) {
    if (code > BP_STATUS_INTERNAL) {
      return fail(OpenFailure::kOpenFailed,
                  host.misbehaves(fmt::format(BP_PROVIDER_OPEN_SYMBOL " returned the unknown code {}", code)));
    }
    const auto error = static_cast<ErrorCode>(code);
    const bool range = error == ErrorCode::kIncompatible;
    std::string text = !log.empty() ? log
                       : range ? fmt::format("it speaks no minor version of the ABI from 0 to {}", BP_ABI_MINOR)
                               : "it gave no reason";
    return fail(range ? OpenFailure::kAbiRange : OpenFailure::kOpenFailed,
                Status(error, fmt::format("provider '{}' did not open: {}", host.source(), text)));
  }
  if (handle == nullptr) {
    return fail(OpenFailure::kMandatoryNull,
                host.misbehaves(BP_PROVIDER_OPEN_SYMBOL " returned OK and no provider"));
  }
  core->handle = handle;
  core->table = copy_struct(handle);
  core->library_ = library;
  core->name = args.name;
  core->option_defaults = std::move(args.option_defaults);
  BP_RETURN_IF_ERROR(core->check_table(args, failure));
  return core;
}

Status ProviderCore::check_table(const OpenArgs& args, OpenFailure* failure) {
  if (table.close == nullptr) {
    tell(failure, OpenFailure::kMandatoryNull);
    return misbehaves("close is NULL");
  }
  if (table.abi_minor > BP_ABI_MINOR) {
    tell(failure, OpenFailure::kAbiRange);
    return misbehaves(
        fmt::format("it answered with ABI 1.{}, asked for 1.0 to 1.{}", table.abi_minor, BP_ABI_MINOR));
  }
  id = text_of(table.id);
  if (!is_id(id)) {
    tell(failure, OpenFailure::kMandatoryNull);
    return misbehaves("its id is empty, too long or not of letters, digits, '.', '_' and '-'");
  }
  if (!args.expected_id.empty() && id != args.expected_id) {
    tell(failure, OpenFailure::kIdMismatch);
    return Status(ErrorCode::kIncompatible,
                  fmt::format("the library calls itself '{}', its manifest '{}'", id, args.expected_id));
  }
  host_->set_source(id);
  version = text_of(table.version);
  if (name.empty()) name = id.substr(id.rfind('.') == std::string::npos ? 0 : id.rfind('.') + 1);
  if (const Status status = copy_tables(); !status.ok()) {
    tell(failure, OpenFailure::kMandatoryNull);
    return status;
  }
  if (const Status status = read_options(); !status.ok()) {
    tell(failure, OpenFailure::kOpenFailed);
    return status;
  }
  return {};
}

Status ProviderCore::copy_tables() {
  if (table.device == nullptr || table.capability == nullptr || table.program == nullptr) {
    return misbehaves(fmt::format("its table of {} is NULL", table.device == nullptr       ? "devices"
                                                             : table.capability == nullptr ? "capabilities"
                                                                                           : "programs"));
  }
  device = copy_struct(table.device);
  capability = copy_struct(table.capability);
  program = copy_struct(table.program);
  if (table.memory != nullptr) memory = copy_struct(table.memory);
  if (table.stream != nullptr) stream = copy_struct(table.stream);
  if (table.event != nullptr) event = copy_struct(table.event);
  if (table.artifact != nullptr) artifact = copy_struct(table.artifact);
  const std::string missing = missing_function(*this);
  if (!missing.empty()) return misbehaves(fmt::format("the mandatory function {} is NULL", missing));
  return {};
}

Status ProviderCore::read_options() {
  constexpr uint32_t kLeast = BP_STRUCT_SIZE(bp_option_info, choices);
  if (!is_array_of(table.options, kLeast, kMaxOptions)) return misbehaves("its list of options is malformed");
  for (uint64_t i = 0; i < table.options.count; ++i) {
    bp_option_info abi;
    if (!read_element(table.options, i, kLeast, &abi) || abi.kind < BP_OPTION_BOOL ||
        abi.kind > BP_OPTION_CHOICE || text_view(abi.name).empty() ||
        !is_array_of(abi.choices, sizeof(bp_string), kMaxOptions)) {
      return misbehaves(fmt::format("option {} is malformed", i));
    }
    OptionInfo info;
    info.kind = static_cast<OptionKind>(abi.kind);
    info.name = text_of(abi.name);
    info.text = text_of(abi.text);
    info.int_min = abi.int_min;
    info.int_max = abi.int_max;
    info.double_min = abi.double_min;
    info.double_max = abi.double_max;
    for (uint64_t c = 0; c < abi.choices.count; ++c) {
      info.choices.push_back(text_of(element_at<bp_string>(abi.choices, c)));
    }
    switch (info.kind) {
      case OptionKind::kBool:
        info.default_value = abi.int_default != 0;
        break;
      case OptionKind::kInt:
        info.default_value = abi.int_default;
        break;
      case OptionKind::kDouble:
        info.default_value = abi.double_default;
        break;
      case OptionKind::kString:
      case OptionKind::kChoice:
        info.default_value = text_of(abi.string_default);
        break;
    }
    options.push_back(std::move(info));
  }
  return {};
}

Status ProviderCore::threw(std::string_view where, std::string_view what) const {
  return misbehaves(fmt::format("{} threw an exception across the ABI: {}", where, what));
}

void ProviderCore::log_threw(std::string_view where) const noexcept {
  try {
    static_cast<void>(threw(where, "from a function that returns nothing"));
  } catch (...) {  // NOLINT(bugprone-empty-catch): a line of log is not worth more
  }
}

ProviderCore::~ProviderCore() {
  if (handle == nullptr) return;
  if (table.close != nullptr) call_void("close", [&] { table.close(handle); });
  if ((table.flags & BP_PROVIDER_MAY_UNLOAD) == 0) host_->keep(std::move(library_));
}

}  // namespace bp
