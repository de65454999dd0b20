#include "bound_run.hpp"

#include <chrono>
#include <utility>

namespace bp::cli {
namespace {

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Strings, sequences and the like are made anew by every run, in host memory.
bool has_fixed_size(const ValueInfo& info) {
  return info.kind == ValueKind::kTensor && element_bits(info.element_type) > 0;
}

}  // namespace

Result<IoBinding> bind_inputs(const Session& session, std::span<const NamedValue> inputs,
                              const std::string& device) {
  BP_ASSIGN_OR_RETURN(IoBinding binding, session.bind());
  if (device.empty()) {
    for (const auto& [name, value] : inputs) BP_RETURN_IF_ERROR(binding.bind_input(name, value));
    return binding;
  }
  BP_ASSIGN_OR_RETURN(const DeviceMemory memory, session.device_memory(device));
  for (const auto& [name, value] : inputs) {
    Value there = value;
    if (value.is_tensor() && element_bits(value.element_type()) > 0) {
      BP_ASSIGN_OR_RETURN(there, memory.copy_of(value));
    }
    BP_RETURN_IF_ERROR(binding.bind_input(name, std::move(there)));
  }
  for (const ValueInfo& output : session.outputs())
    if (has_fixed_size(output)) BP_RETURN_IF_ERROR(binding.bind_output(output.name, memory));
  return binding;
}

Result<BoundRun> BoundRun::create(const Session& session, std::span<const NamedValue> inputs,
                                  const std::string& device) {
  const int64_t begin = now_ns();
  BP_ASSIGN_OR_RETURN(IoBinding binding, bind_inputs(session, inputs, device));
  BP_RETURN_IF_ERROR(session.run(binding));
  const int64_t duration = now_ns() - begin;
  const std::vector<Value> results = binding.outputs();
  for (size_t i = 0; i < results.size(); ++i) {
    const Value& result = results[i];
    // Those on the device have memory there already.
    if (!has_fixed_size(session.outputs()[i]) || !result.is_on_host()) continue;
    BP_ASSIGN_OR_RETURN(Value memory, Value::tensor(result.element_type(), result.dims()));
    BP_RETURN_IF_ERROR(binding.bind_output(session.outputs()[i].name, std::move(memory)));
  }
  BoundRun bound(session, std::move(binding));
  bound.first_run_ns_ = duration;
  return bound;
}

Result<int64_t> BoundRun::time_once(const RunOptions& options) {
  const int64_t begin = now_ns();
  Status status = session_->run(binding_, options);
  const int64_t duration = now_ns() - begin;
  if (!status.ok()) return status;
  return duration;
}

}  // namespace bp::cli
