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

}  // namespace

Result<BoundRun> BoundRun::create(const Session& session, std::span<const NamedValue> inputs) {
  const int64_t begin = now_ns();
  BP_ASSIGN_OR_RETURN(IoBinding binding, session.bind());
  for (const auto& [name, value] : inputs) BP_RETURN_IF_ERROR(binding.bind_input(name, value));
  BP_RETURN_IF_ERROR(session.run(binding));
  const int64_t duration = now_ns() - begin;
  const std::vector<Value> results = binding.outputs();
  for (size_t i = 0; i < results.size(); ++i) {
    const Value& result = results[i];
    // Strings, sequences and the like are made anew by every run.
    if (!result.is_tensor() || element_bits(result.element_type()) == 0) continue;
    BP_ASSIGN_OR_RETURN(Value memory, Value::tensor(result.element_type(), result.dims()));
    BP_RETURN_IF_ERROR(binding.bind_output(session.outputs()[i].name, std::move(memory)));
  }
  BoundRun bound(session, std::move(binding));
  bound.first_run_ns_ = duration;
  return bound;
}

Result<int64_t> BoundRun::time_once() {
  const int64_t begin = now_ns();
  Status status = session_->run(binding_);
  const int64_t duration = now_ns() - begin;
  if (!status.ok()) return status;
  return duration;
}

}  // namespace bp::cli
