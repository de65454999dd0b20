// The host table of the provider's tests.
#include "providers/cpu/host_helper.hpp"

namespace bp::cpu::test {

namespace {

struct Status {
  uint32_t code;
  std::string message;
};

Status* unwrap(bp_status status) { return reinterpret_cast<Status*>(status); }

bp_status status_create(const bp_host*, uint32_t code, bp_string message, int64_t) {
  return reinterpret_cast<bp_status>(new Status{code, std::string(message.data, message.size)});
}
uint32_t status_code(const bp_host*, bp_status status) {
  return status == nullptr ? BP_STATUS_OK : unwrap(status)->code;
}
bp_string status_message(const bp_host*, bp_status status) {
  return {unwrap(status)->message.data(), unwrap(status)->message.size()};
}
int64_t status_provider_code(const bp_host*, bp_status) { return 0; }
void status_release(const bp_host*, bp_status status) { delete unwrap(status); }
void log(const bp_host*, uint32_t, bp_string) {}
uint32_t log_level(const bp_host*) { return BP_LOG_ERROR; }
void trace_span(const bp_host*, bp_run_token, bp_device, bp_string, uint64_t, uint64_t, uint32_t) {}
uint32_t cancel_requested(const bp_host*, bp_cancel cancel) { return cancel == nullptr ? 0 : 1; }
void report_progress(const bp_host*, bp_progress, double, bp_string) {}

bp_status parallel_for(const bp_host*, uint64_t count, uint64_t, bp_loop_body body, void* user) {
  return body(user, 0, count);
}

bp_status plan_memory(const bp_host*, bp_array intervals, uint64_t* offsets, uint64_t* total) {
  uint64_t end = 0;
  for (uint64_t i = 0; i < intervals.count; ++i) {
    const bp_interval* interval = BP_AT(bp_interval, intervals, i);
    end = (end + interval->alignment - 1) / interval->alignment * interval->alignment;
    offsets[i] = end;
    end += interval->size;
  }
  *total = end;
  return nullptr;
}

bp_status constants_acquire(const bp_host* host, bp_constants constants, uint64_t id, bp_tensor* tensor) {
  auto& entries = reinterpret_cast<HostConstants*>(constants)->entries;
  if (id >= entries.size()) return status_create(host, BP_STATUS_INVALID_ARGUMENT, {"no such constant", 16}, 0);
  HostConstants::Entry& entry = entries[id];
  ++entry.acquired;
  tensor->element_type = entry.type;
  tensor->dims = {entry.dims.data(), entry.dims.size(), sizeof(int64_t)};
  tensor->data = entry.bytes.data() + 1;
  tensor->size_bytes = entry.bytes.size() - 1;
  tensor->string_bytes = entry.characters.data();
  tensor->string_size_bytes = entry.characters.size();
  return nullptr;
}

void constants_release(const bp_host*, bp_constants constants, uint64_t id) {
  --reinterpret_cast<HostConstants*>(constants)->entries[id].acquired;
}

bp_status graph_to_onnx(const bp_host* host, const bp_graph*, uint32_t, const bp_bytes_sink*) {
  return status_create(host, BP_STATUS_UNIMPLEMENTED, {"not in this host", 16}, 0);
}
bp_status allocate_output(const bp_host* host, bp_run_token token, uint32_t output, const int64_t* dims,
                          uint32_t rank, uint64_t size, uint64_t string_size, bp_slice* data,
                          bp_slice* string_bytes) {
  auto& outputs = reinterpret_cast<HostRun*>(token)->outputs;
  if (outputs.contains(output)) {
    return status_create(host, BP_STATUS_INVALID_ARGUMENT, {"allocated twice", 15}, 0);
  }
  HostRun::Output& made = outputs[output];
  made.dims.assign(dims, dims + rank);
  made.bytes.resize(size);
  made.characters.resize(string_size);
  data->address = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(made.bytes.data()));
  data->size = size;
  if (string_bytes == nullptr) return nullptr;
  string_bytes->address = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(made.characters.data()));
  string_bytes->size = string_size;
  return nullptr;
}
const void* get_extension(const bp_host*, bp_string, uint32_t) { return nullptr; }

}  // namespace

const bp_host* test_host() {
  static const bp_host host = [] {
    bp_host table{};
    table.struct_size = BP_STRUCT_SIZE(bp_host, get_extension);
    table.name = {"test", 4};
    table.status_create = status_create;
    table.status_code = status_code;
    table.status_message = status_message;
    table.status_provider_code = status_provider_code;
    table.status_release = status_release;
    table.log = log;
    table.log_level = log_level;
    table.trace_span = trace_span;
    table.cancel_requested = cancel_requested;
    table.report_progress = report_progress;
    table.parallel_for = parallel_for;
    table.plan_memory = plan_memory;
    table.constants_acquire = constants_acquire;
    table.constants_release = constants_release;
    table.graph_to_onnx = graph_to_onnx;
    table.allocate_output = allocate_output;
    table.get_extension = get_extension;
    return table;
  }();
  return &host;
}

std::string take_message(bp_status status) {
  if (status == nullptr) return {};
  std::string message = unwrap(status)->message;
  delete unwrap(status);
  return message;
}

}  // namespace bp::cpu::test
