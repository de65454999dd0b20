#include "harness/raw_host.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <memory>
#include <thread>

#include "groups/group.hpp"
#include "harness/allocations.hpp"

namespace bp::conformance {

std::string to_text(bp_string string) {
  return string.size == 0 ? std::string() : std::string(string.data, static_cast<size_t>(string.size));
}

bp_string to_abi(std::string_view text) { return {text.data(), text.size()}; }

std::string_view status_code_name(uint32_t code) {
  static constexpr std::array<std::string_view, 14> kNames = {"OK",
                                                              "INVALID_ARGUMENT",
                                                              "INVALID_MODEL",
                                                              "UNSUPPORTED",
                                                              "UNIMPLEMENTED",
                                                              "OUT_OF_HOST_MEMORY",
                                                              "OUT_OF_DEVICE_MEMORY",
                                                              "DEVICE_LOST",
                                                              "CANCELLED",
                                                              "TIMEOUT",
                                                              "INCOMPATIBLE",
                                                              "NOT_FOUND",
                                                              "IO",
                                                              "INTERNAL"};
  return code < kNames.size() ? kNames[code] : "a code that status.h does not know";
}

std::string TakenStatus::to_string() const {
  return ok() ? "success" : fmt::format("{} '{}'", status_code_name(code), message);
}

RawHost::RawHost(bool newer) {
  table_.self = this;
  for (void*& function : table_.newer) function = reinterpret_cast<void*>(uintptr_t{0xDEAD});
  bp_host& host = table_.host;
  host.struct_size = BP_STRUCT_SIZE(bp_host, get_extension);
  if (newer) host.struct_size += static_cast<uint32_t>(sizeof table_.newer);
  host.abi_minor = newer ? BP_ABI_MINOR + 7 : BP_ABI_MINOR;
  host.name = to_abi("backplane-conformance");
  host.version = to_abi("1.0.0");
  fill_status_functions();
  fill_services();
  fill_constants();
}

RawHost& RawHost::self(const bp_host* host) {
  return *reinterpret_cast<const Table*>(host)->self;  // host is Table's first member
}

void RawHost::breach(std::string text) const {
  const OwnAllocations own;
  const std::lock_guard lock(mutex_);
  breaches_.push_back(std::move(text));
}

std::vector<std::string> RawHost::breaches() const {
  const std::lock_guard lock(mutex_);
  return breaches_;
}

void RawHost::expect_no_breach() const {
  if (const std::vector<std::string> found = breaches(); !found.empty())
    fail(fmt::format("{}", fmt::join(found, "; ")));
}

uint64_t RawHost::live_statuses() const {
  const std::lock_guard lock(mutex_);
  return live_.size();
}

std::vector<std::pair<uint32_t, std::string>> RawHost::log_lines() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

bool RawHost::logged(uint32_t severity) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(log_.begin(), log_.end(), [&](const auto& line) { return line.first == severity; });
}

std::vector<std::pair<double, std::string>> RawHost::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

// ---- statuses ----

bp_status RawHost::make(uint32_t code, std::string message, int64_t provider_code) {
  const OwnAllocations own;
  auto status = std::make_unique<Status>(Status{code, std::move(message), provider_code});
  ++created_;
  const std::lock_guard lock(mutex_);
  live_.insert(status.get());
  return reinterpret_cast<bp_status>(status.release());
}

const RawHost::Status* RawHost::find(bp_status status) const {
  const std::lock_guard lock(mutex_);
  const auto* object = reinterpret_cast<const Status*>(status);
  return live_.contains(object) ? object : nullptr;
}

TakenStatus RawHost::take(bp_status status) {
  if (status == nullptr) return {};
  const Status* object = find(status);
  if (object == nullptr) {
    breach(
        "a call returned a status that status_create of this host did not make, or that was released already");
    return {BP_STATUS_INTERNAL, "a status of somebody else"};
  }
  TakenStatus taken{object->code, object->message};
  table_.host.status_release(&table_.host, status);
  return taken;
}

void RawHost::fill_status_functions() {
  bp_host& host = table_.host;
  host.status_create = [](const bp_host* h, uint32_t code, bp_string message, int64_t provider_code) {
    const OwnAllocations own;
    if (code == BP_STATUS_OK || code > BP_STATUS_INTERNAL) {
      self(h).breach(fmt::format("status_create was called with code {}, which is no error of status.h", code));
    }
    return self(h).make(code, to_text(message), provider_code);
  };
  host.status_code = [](const bp_host* h, bp_status status) -> uint32_t {
    if (status == nullptr) return BP_STATUS_OK;
    const Status* object = self(h).find(status);
    if (object == nullptr) self(h).breach("status_code was asked about a status that does not live");
    return object == nullptr ? BP_STATUS_INTERNAL : object->code;
  };
  host.status_message = [](const bp_host* h, bp_status status) -> bp_string {
    if (status == nullptr) return {};
    const Status* object = self(h).find(status);
    if (object == nullptr) self(h).breach("status_message was asked about a status that does not live");
    return object == nullptr ? bp_string{} : to_abi(object->message);
  };
  host.status_provider_code = [](const bp_host* h, bp_status status) -> int64_t {
    if (status == nullptr) return 0;
    const Status* object = self(h).find(status);
    if (object == nullptr) self(h).breach("status_provider_code was asked about a status that does not live");
    return object == nullptr ? 0 : object->provider_code;
  };
  host.status_release = [](const bp_host* h, bp_status status) {
    if (status == nullptr) return;
    RawHost& me = self(h);
    const Status* object = me.find(status);
    if (object == nullptr) {
      me.breach("status_release was called with a status that does not live");
      return;
    }
    const std::lock_guard lock(me.mutex_);
    me.live_.erase(object);
    delete object;
  };
}

// ---- log, loops, planning ----

bp_status RawHost::run_loop(uint64_t count, uint64_t grain, bp_loop_body body, void* user) {
  ++loops_;
  const uint64_t piece = std::max<uint64_t>({grain, 1, count / 16});
  std::atomic<uint64_t> next{0};
  std::mutex mutex;
  bp_status first = nullptr;
  const auto work = [&] {
    for (uint64_t begin = next.fetch_add(piece); begin < count; begin = next.fetch_add(piece)) {
      const bp_status status = body(user, begin, std::min(count, begin + piece));
      if (status == nullptr) continue;
      next = count;
      const std::lock_guard lock(mutex);
      if (first == nullptr) {
        first = status;
      } else {
        take(status);
      }
    }
  };
  std::vector<std::thread> threads;
  if (count > piece) {
    const OwnAllocations own;
    for (unsigned i = 0; i < loop_threads; ++i) threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) thread.join();
  return first;
}

void RawHost::fill_services() {
  bp_host& host = table_.host;
  host.log = [](const bp_host* h, uint32_t severity, bp_string message) {
    const OwnAllocations own;
    RawHost& me = self(h);
    if (severity > BP_LOG_HOST_MISBEHAVES) {
      me.breach(fmt::format("a line was logged at severity {}, which a provider does not use", severity));
    }
    const std::lock_guard lock(me.mutex_);
    me.log_.emplace_back(severity, to_text(message));
  };
  host.log_level = [](const bp_host* h) -> uint32_t { return self(h).log_level; };
  host.trace_span = [](const bp_host* h, bp_run_token token, bp_device, bp_string, uint64_t begin, uint64_t end,
                       uint32_t) {
    ++self(h).spans_;
    if (token == nullptr) self(h).breach("trace_span was called without the run's token");
    if (end < begin) self(h).breach("trace_span was called with an end before its begin");
  };
  host.cancel_requested = [](const bp_host*, bp_cancel cancel) -> uint32_t {
    if (cancel == nullptr) return 0;
    auto& token = *reinterpret_cast<RawCancel*>(cancel);
    ++token.asked;
    return token.requested ? 1 : 0;
  };
  host.report_progress = [](const bp_host* h, bp_progress progress, double fraction, bp_string what) {
    if (progress == nullptr) return;
    const OwnAllocations own;
    RawHost& me = self(h);
    const std::lock_guard lock(me.mutex_);
    me.progress_.emplace_back(fraction, to_text(what));
  };
  host.parallel_for = [](const bp_host* h, uint64_t count, uint64_t grain, bp_loop_body body, void* user) {
    return self(h).run_loop(count, grain, body, user);
  };
  // One after the other: valid, if not tight.
  host.plan_memory = [](const bp_host*, bp_array intervals, uint64_t* offsets, uint64_t* total) -> bp_status {
    uint64_t end = 0;
    for (uint64_t i = 0; i < intervals.count; ++i) {
      const bp_interval* interval = BP_AT(bp_interval, intervals, i);
      const uint64_t alignment = std::max<uint64_t>(interval->alignment, 1);
      end = (end + alignment - 1) / alignment * alignment;
      offsets[i] = end;
      end += interval->size;
    }
    *total = end;
    return nullptr;
  };
  host.graph_to_onnx = [](const bp_host* h, const bp_graph*, uint32_t, const bp_bytes_sink*) {
    return self(h).make(BP_STATUS_UNSUPPORTED, "this host writes no ONNX: its graphs are made by hand", 0);
  };
  host.allocate_output = [](const bp_host* h, bp_run_token token, uint32_t output, const int64_t* dims,
                            uint32_t rank, uint64_t size, uint64_t string_size, bp_slice* data,
                            bp_slice* string_bytes) -> bp_status {
    const OwnAllocations own;
    RawHost& me = self(h);
    if (token == nullptr) {
      me.breach("allocate_output was called without the run's token");
      return me.make(BP_STATUS_INVALID_ARGUMENT, "allocate_output: the run's token is NULL", 0);
    }
    auto& outputs = *reinterpret_cast<RawOutputs*>(token);
    if (!outputs.allocate(output, {dims, dims + rank}, size, string_size, data, string_bytes)) {
      return me.make(BP_STATUS_OUT_OF_HOST_MEMORY, "allocate_output: no memory", 0);
    }
    return nullptr;
  };
  host.get_extension = [](const bp_host*, bp_string, uint32_t) -> const void* { return nullptr; };
}

void RawHost::fill_constants() {
  bp_host& host = table_.host;
  host.constants_acquire = [](const bp_host* h, bp_constants constants, uint64_t id,
                              bp_tensor* tensor) -> bp_status {
    RawHost& me = self(h);
    const uint64_t call = ++me.acquire_calls_;
    if (const uint64_t failing = me.failing_acquire; failing != 0 && call >= failing) {
      return me.make(BP_STATUS_IO, "constants_acquire: the file is gone", 0);
    }
    if (constants == nullptr || !reinterpret_cast<RawConstants*>(constants)->acquire(id, tensor)) {
      me.breach(
          fmt::format("constants_acquire was asked for constant {}, which the view does not have, or with a "
                      "bp_tensor that is too small",
                      id));
      return me.make(BP_STATUS_INVALID_ARGUMENT, "constants_acquire: no such constant", 0);
    }
    return nullptr;
  };
  host.constants_release = [](const bp_host* h, bp_constants constants, uint64_t id) {
    if (constants == nullptr || !reinterpret_cast<RawConstants*>(constants)->release(id)) {
      self(h).breach(fmt::format("constants_release was called for constant {} more often than acquired", id));
    }
  };
}

}  // namespace bp::conformance
