#include "provider/host_table.hpp"

#include <fmt/format.h>

#include <utility>

#include "backplane/version.hpp"
#include "provider/abi.hpp"
#include "provider/host_functions.hpp"

namespace bp {
namespace {

constexpr size_t kMaxCapturedBytes = 4096;
constexpr uint32_t kLastCode = BP_STATUS_INTERNAL;

// Stands for every status that there is no memory for. Shared, never freed.
bp_status out_of_memory_status() noexcept {
  static bp_status_object object{BP_STATUS_OUT_OF_HOST_MEMORY, 0, "no memory"};  // short: no allocation
  return &object;
}

}  // namespace

// The one list in the process that grows: see the head of the header.
HostTable& HostTable::create(const std::shared_ptr<HostServices>& services) {
  struct Tables {
    std::mutex mutex;
    std::vector<std::unique_ptr<HostTable>> all;
  };
  static Tables& tables = *new Tables;  // reachable, and never destroyed
  std::unique_ptr<HostTable> table(new HostTable(services));
  const std::lock_guard lock(tables.mutex);
  return *tables.all.emplace_back(std::move(table));
}

HostTable::HostTable(const std::shared_ptr<HostServices>& services) : bp_host{}, services_(services) {
  struct_size = BP_STRUCT_SIZE(bp_host, get_extension);
  abi_minor = BP_ABI_MINOR;
  bp_host::name = to_abi("backplane");
  bp_host::version = to_abi(bp::version());
  fill_host_functions(*this);
}

void HostTable::set_source(std::string source) {
  const std::lock_guard lock(mutex_);
  source_ = std::move(source);
}

std::string HostTable::source() const {
  const std::lock_guard lock(mutex_);
  return source_;
}

void HostTable::keep(std::shared_ptr<const void> library) {
  if (library == nullptr) return;
  const std::lock_guard lock(mutex_);
  kept_.push_back(std::move(library));
}

void HostTable::begin_capture() {
  const std::lock_guard lock(mutex_);
  capturing_ = true;
  captured_.clear();
}

std::string HostTable::end_capture() {
  const std::lock_guard lock(mutex_);
  capturing_ = false;
  return std::exchange(captured_, {});
}

bp_status HostTable::make_status(uint32_t code, std::string_view message, int64_t provider_code) noexcept {
  try {
    auto object = std::make_unique<bp_status_object>();
    object->code = code;
    object->provider_code = provider_code;
    object->message = message;
    const std::lock_guard lock(mutex_);
    statuses_.insert(object.get());
    return object.release();
  } catch (...) {
    return out_of_memory_status();
  }
}

bp_status HostTable::make_status(const Status& status) noexcept {
  if (status.ok()) return nullptr;
  return make_status(static_cast<uint32_t>(status.code()), status.message(), 0);
}

bool HostTable::owns(bp_status status) const {
  if (status == out_of_memory_status()) return true;
  const std::lock_guard lock(mutex_);
  return statuses_.contains(status);
}

void HostTable::release_status(bp_status status) noexcept {
  if (status == nullptr || status == out_of_memory_status()) return;
  {
    const std::lock_guard lock(mutex_);
    if (statuses_.erase(status) != 0) {
      delete status;
      return;
    }
  }
  log_misbehaviour("released a status that is none, or twice");
}

Status HostTable::take_status(bp_status status, std::string_view call, std::string_view place) {
  if (status == nullptr) return {};
  if (!owns(status)) {
    return misbehaves(
        fmt::format("{} returned a status that the host did not make, or that was released", call));
  }
  Status result = describe(status, call, place);
  release_status(status);
  return result;
}

Status HostTable::describe(bp_status status, std::string_view call, std::string_view place) {
  if (status->code == BP_STATUS_OK || status->code > kLastCode) {
    return misbehaves(fmt::format("{} returned a status with the unknown code {}, saying: {}", call,
                                  status->code, status->message));
  }
  const std::string vendor_code =
      status->provider_code == 0 ? std::string() : fmt::format(" [provider's code {}]", status->provider_code);
  return Status(
      static_cast<ErrorCode>(status->code),
      fmt::format("provider '{}': {}{}{}: {}{}", source(), call, place.empty() ? "" : " on ", place,
                  status->message.empty() ? "failed without a message" : status->message, vendor_code));
}

void HostTable::log_misbehaviour(std::string_view what) const {
  try {
    const std::string from = source();
    if (const auto host_services = services()) {
      host_services->log(LogSeverity::kProviderMisbehaves, from, what);
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch): a line of log is not worth more
  }
}

Status HostTable::misbehaves(std::string_view what) const {
  log_misbehaviour(what);
  return Status(ErrorCode::kInternal, fmt::format("provider '{}' misbehaves: {}", source(), what));
}

void HostTable::log_line(uint32_t severity, std::string_view message) {
  // Misbehaviour of a provider is the host's to say.
  if (severity > BP_LOG_HOST_MISBEHAVES) severity = BP_LOG_ERROR;
  std::string from;
  {
    const std::lock_guard lock(mutex_);
    if (capturing_ && severity == BP_LOG_ERROR && captured_.size() < kMaxCapturedBytes) {
      if (!captured_.empty()) captured_ += "; ";
      captured_ += message.substr(0, kMaxCapturedBytes);
    }
    from = source_;
  }
  if (const auto host_services = services()) {
    host_services->log(static_cast<LogSeverity>(severity), from, message);
  }
}

}  // namespace bp
