// Each function checks its arguments, does its work through HostServices or a token, and lets nothing be thrown
// into a provider.
#include "provider/host_functions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>
#include <vector>

#include "provider/abi.hpp"
#include "provider/constant_store.hpp"
#include "provider/graph_view.hpp"
#include "provider/host_table.hpp"
#include "provider/tokens.hpp"

namespace bp {
namespace {

constexpr uint64_t kMaxIntervals = 1u << 26;

HostTable& table_of(const bp_host* host) { return *static_cast<HostTable*>(const_cast<bp_host*>(host)); }

bp_status invalid(HostTable& table, std::string_view message) noexcept {
  return table.make_status(BP_STATUS_INVALID_ARGUMENT, message, 0);
}

// What body() returns, or an error for what it throws.
template <class Body>
bp_status guarded(HostTable& table, Body&& body) noexcept {
  try {
    return table.make_status(body());
  } catch (const std::bad_alloc&) {
    return table.make_status(BP_STATUS_OUT_OF_HOST_MEMORY, "no memory in the host", 0);
  } catch (const std::exception& exception) {
    return table.make_status(BP_STATUS_INTERNAL, exception.what(), 0);
  } catch (...) {
    return table.make_status(BP_STATUS_INTERNAL, "unknown exception in the host", 0);
  }
}

Status no_environment() { return Status(ErrorCode::kInternal, "the environment is closed"); }

// ---- status objects

bp_status status_create(const bp_host* host, uint32_t code, bp_string message, int64_t provider_code) {
  return table_of(host).make_status(code, text_view(message), provider_code);
}

uint32_t status_code(const bp_host* host, bp_status status) {
  if (status == nullptr) return BP_STATUS_OK;
  return table_of(host).owns(status) ? status->code : BP_STATUS_INTERNAL;
}

bp_string status_message(const bp_host* host, bp_status status) {
  if (status == nullptr || !table_of(host).owns(status)) return bp_string{nullptr, 0};
  return to_abi(status->message);
}

int64_t status_provider_code(const bp_host* host, bp_status status) {
  return status != nullptr && table_of(host).owns(status) ? status->provider_code : 0;
}

void status_release(const bp_host* host, bp_status status) { table_of(host).release_status(status); }

// ---- log, trace, tokens

void log_line(const bp_host* host, uint32_t severity, bp_string message) {
  try {
    table_of(host).log_line(severity, text_view(message));
  } catch (...) {  // NOLINT(bugprone-empty-catch): a line of log is not worth more
  }
}

uint32_t log_level(const bp_host* host) {
  const auto services = table_of(host).services();
  return services ? static_cast<uint32_t>(services->log_level()) : BP_LOG_PROVIDER_MISBEHAVES;
}

void trace_span(const bp_host*, bp_run_token token, bp_device device, bp_string name, uint64_t begin_ns,
                uint64_t end_ns, uint32_t device_clock) {
  if (token == nullptr) return;
  try {
    reinterpret_cast<RunToken*>(token)->trace_span(
        TraceSpan{device, text_view(name), begin_ns, end_ns, device_clock != 0});
  } catch (...) {  // NOLINT(bugprone-empty-catch): a span is not worth more
  }
}

uint32_t cancel_requested(const bp_host*, bp_cancel cancel) {
  return cancel != nullptr && reinterpret_cast<const CancelToken*>(cancel)->requested() ? 1u : 0u;
}

void report_progress(const bp_host*, bp_progress progress, double fraction, bp_string what) {
  if (progress == nullptr) return;
  try {
    const auto* token = reinterpret_cast<const ProgressToken*>(progress);
    if (token->report) token->report(fraction >= 0 ? std::min(fraction, 1.0) : 0.0, text_view(what));
  } catch (...) {  // NOLINT(bugprone-empty-catch): progress is not worth more
  }
}

// ---- threads and the planner

bp_status parallel_for(const bp_host* host, uint64_t count, uint64_t grain, bp_loop_body body, void* user) {
  HostTable& table = table_of(host);
  if (body == nullptr) return invalid(table, "parallel_for: body is NULL");
  return guarded(table, [&]() -> Status {
    const auto services = table.services();
    if (!services) return no_environment();
    return services->threads().parallel_for(count, grain, [&](uint64_t begin, uint64_t end) {
      return table.take_status(body(user, begin, end), "a loop's body");
    });
  });
}

Status read_intervals(const bp_array& array, std::vector<MemoryInterval>& intervals) {
  constexpr uint32_t kLeast = BP_STRUCT_SIZE(bp_interval, alignment);
  intervals.reserve(array.count);
  for (uint64_t i = 0; i < array.count; ++i) {
    bp_interval interval;
    if (!read_element(array, i, kLeast, &interval)) {
      return Status(ErrorCode::kInvalidArgument,
                    fmt::format("plan_memory: interval {} has a wrong struct_size", i));
    }
    if (interval.first > interval.last || !is_power_of_two(interval.alignment)) {
      return Status(ErrorCode::kInvalidArgument,
                    fmt::format("plan_memory: interval {} is from step {} to {} with alignment {}", i,
                                interval.first, interval.last, interval.alignment));
    }
    intervals.push_back({interval.first, interval.last, interval.size, interval.alignment});
  }
  return {};
}

bp_status plan_memory(const bp_host* host, bp_array array, uint64_t* offsets, uint64_t* total) {
  HostTable& table = table_of(host);
  if (!is_array_of(array, BP_STRUCT_SIZE(bp_interval, alignment), kMaxIntervals) || total == nullptr ||
      (offsets == nullptr && array.count > 0)) {
    return invalid(table, "plan_memory: intervals, offsets or total is missing or has a wrong stride");
  }
  return guarded(table, [&]() -> Status {
    const auto services = table.services();
    if (!services) return no_environment();
    if (!services->hooks().plan_memory) {
      return Status(ErrorCode::kUnimplemented, "plan_memory: this host has no planner");
    }
    std::vector<MemoryInterval> intervals;
    BP_RETURN_IF_ERROR(read_intervals(array, intervals));
    BP_ASSIGN_OR_RETURN(*total, services->hooks().plan_memory(intervals, {offsets, intervals.size()}));
    return {};
  });
}

// ---- constants and ONNX bytes

bp_status constants_acquire(const bp_host* host, bp_constants constants, uint64_t id, bp_tensor* tensor) {
  HostTable& table = table_of(host);
  if (constants == nullptr || tensor == nullptr)
    return invalid(table, "constants_acquire: an argument is NULL");
  return guarded(table, [&] { return reinterpret_cast<ConstantStore*>(constants)->acquire(id, tensor); });
}

void constants_release(const bp_host* host, bp_constants constants, uint64_t id) {
  HostTable& table = table_of(host);
  try {
    if (constants == nullptr) {
      table.log_misbehaviour("released a constant of no graph");
    } else if (const Status status = reinterpret_cast<ConstantStore*>(constants)->release(id); !status.ok()) {
      table.log_misbehaviour(status.message());
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch): nothing can be told from here
  }
}

bp_status graph_to_onnx(const bp_host* host, const bp_graph* graph, uint32_t flags, const bp_bytes_sink* sink) {
  HostTable& table = table_of(host);
  if (graph == nullptr || graph->host_graph == nullptr || sink == nullptr || sink->write == nullptr) {
    return invalid(table, "graph_to_onnx: the graph or the sink is missing");
  }
  return guarded(table, [&]() -> Status {
    const auto services = table.services();
    if (!services) return no_environment();
    if (!services->hooks().graph_to_onnx) {
      return Status(ErrorCode::kUnimplemented, "graph_to_onnx: this host writes no ONNX");
    }
    const auto* view = static_cast<const GraphView*>(graph->host_graph);
    return services->hooks().graph_to_onnx(
        *view, (flags & BP_ONNX_EMBED_CONSTANTS) != 0, [&](std::span<const std::byte> bytes) {
          return table.take_status(sink->write(sink->user, bytes.data(), bytes.size()),
                                   "the sink of graph_to_onnx");
        });
  });
}

// ---- outputs and extensions

bp_status allocate_output(const bp_host* host, bp_run_token token, uint32_t output, const int64_t* dims,
                          uint32_t rank, uint64_t size, uint64_t string_size, bp_slice* data,
                          bp_slice* string_bytes) {
  HostTable& table = table_of(host);
  if (token == nullptr || data == nullptr || (dims == nullptr && rank > 0)) {
    return invalid(table, "allocate_output: an argument is NULL");
  }
  for (uint32_t i = 0; i < rank; ++i) {
    if (dims[i] < 0) return invalid(table, "allocate_output: a dim is negative");
  }
  return guarded(table, [&]() -> Status {
    auto allocated =
        reinterpret_cast<RunToken*>(token)->allocate_output(output, {dims, rank}, size, string_size);
    if (!allocated.ok()) return allocated.status();
    *data = allocated->data;
    if (string_bytes != nullptr) *string_bytes = allocated->string_bytes;
    return {};
  });
}

const void* get_extension(const bp_host*, bp_string, uint32_t) { return nullptr; }  // 1.0 of the host has none

}  // namespace

void fill_host_functions(HostTable& table) {
  bp_host& host = table;
  host.status_create = status_create;
  host.status_code = status_code;
  host.status_message = status_message;
  host.status_provider_code = status_provider_code;
  host.status_release = status_release;
  host.log = log_line;
  host.log_level = log_level;
  host.trace_span = trace_span;
  host.cancel_requested = cancel_requested;
  host.report_progress = report_progress;
  host.parallel_for = parallel_for;
  host.plan_memory = plan_memory;
  host.constants_acquire = constants_acquire;
  host.constants_release = constants_release;
  host.graph_to_onnx = graph_to_onnx;
  host.allocate_output = allocate_output;
  host.get_extension = get_extension;
}

}  // namespace bp
