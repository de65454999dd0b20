#include "fake_host_helper.hpp"

#include <algorithm>
#include <string_view>

namespace bp::test {
namespace {

struct StatusObject {
  FakeHost* owner;
  uint32_t code;
  std::string message;
  int64_t provider_code;
};

StatusObject* object(bp_status status) { return reinterpret_cast<StatusObject*>(status); }

std::string text(bp_string string) {
  return string.size == 0 ? std::string() : std::string(string.data, static_cast<std::size_t>(string.size));
}

bp_string abi(std::string_view string) { return {string.data(), string.size()}; }

}  // namespace

FakeHost::FakeHost() {
  table_.self = this;
  bp_host& host = table_.host;
  host.struct_size = BP_STRUCT_SIZE(bp_host, get_extension);
  host.abi_minor = BP_ABI_MINOR;
  host.name = abi("fake");
  host.version = abi("1");
  host.status_create = [](const bp_host* h, uint32_t code, bp_string message, int64_t provider_code) {
    ++self(h).live_statuses;
    return reinterpret_cast<bp_status>(new StatusObject{&self(h), code, text(message), provider_code});
  };
  host.status_code = [](const bp_host*, bp_status status) {
    return status == nullptr ? BP_STATUS_OK : object(status)->code;
  };
  host.status_message = [](const bp_host*, bp_status status) {
    return status == nullptr ? bp_string{} : abi(object(status)->message);
  };
  host.status_provider_code = [](const bp_host*, bp_status status) {
    return status == nullptr ? 0 : object(status)->provider_code;
  };
  host.status_release = [](const bp_host* h, bp_status status) {
    if (status == nullptr) return;
    --self(h).live_statuses;
    delete object(status);
  };
  host.log = [](const bp_host* h, uint32_t severity, bp_string message) {
    self(h).logs.emplace_back(severity, text(message));
  };
  host.log_level = [](const bp_host* h) { return self(h).log_level; };
  host.trace_span = [](const bp_host*, bp_run_token, bp_device, bp_string, uint64_t, uint64_t, uint32_t) {};
  host.cancel_requested = [](const bp_host* h, bp_cancel) -> uint32_t { return self(h).cancelled ? 1 : 0; };
  host.report_progress = [](const bp_host* h, bp_progress, double fraction, bp_string what) {
    self(h).progress.emplace_back(fraction, text(what));
  };
  host.parallel_for = [](const bp_host* h, uint64_t count, uint64_t grain, bp_loop_body body, void* user) {
    bp_status first = nullptr;
    for (uint64_t begin = 0; begin < count; begin += std::max<uint64_t>(grain, 1)) {
      const bp_status status = body(user, begin, std::min(count, begin + std::max<uint64_t>(grain, 1)));
      if (first == nullptr) {
        first = status;
      } else {
        h->status_release(h, status);
      }
    }
    return first;
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
  host.constants_acquire = [](const bp_host* h, bp_constants, uint64_t id, bp_tensor* tensor) -> bp_status {
    const auto found = self(h).constants.find(id);
    if (found == self(h).constants.end()) {
      return h->status_create(h, BP_STATUS_INVALID_ARGUMENT, abi("no such constant"), 0);
    }
    ++self(h).acquired_constants;
    const uint32_t struct_size = tensor->struct_size;
    *tensor = found->second;
    tensor->struct_size = struct_size;
    return nullptr;
  };
  host.constants_release = [](const bp_host* h, bp_constants, uint64_t) { --self(h).acquired_constants; };
  host.graph_to_onnx = [](const bp_host*, const bp_graph*, uint32_t, const bp_bytes_sink* sink) -> bp_status {
    for (const std::string_view piece : {"on", "nx"}) {
      if (const bp_status status = sink->write(sink->user, piece.data(), piece.size())) return status;
    }
    return nullptr;
  };
  host.allocate_output = [](const bp_host* h, bp_run_token, uint32_t, const int64_t*, uint32_t, uint64_t,
                            uint64_t, bp_slice*, bp_slice*) -> bp_status {
    return h->status_create(h, BP_STATUS_UNIMPLEMENTED, abi("the fake host allocates no outputs"), 0);
  };
  host.get_extension = [](const bp_host*, bp_string, uint32_t) -> const void* { return nullptr; };
}

std::pair<uint32_t, std::string> FakeHost::take(bp_status status) {
  if (status == nullptr) return {BP_STATUS_OK, ""};
  std::pair<uint32_t, std::string> result{object(status)->code, object(status)->message};
  table_.host.status_release(&table_.host, status);
  return result;
}

}  // namespace bp::test
