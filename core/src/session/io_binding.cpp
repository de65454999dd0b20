// Bound runs: a state of the one segment is leased for as long as the binding lives, so that a run with an
// unchanged binding is the walk over its steps and nothing else.
#include <optional>

#include "session/describe.hpp"
#include "session/device_memory_impl.hpp"
#include "session/run_scope.hpp"
#include "session/session_impl.hpp"

namespace bp {

class IoBinding::Impl {
 public:
  explicit Impl(std::shared_ptr<Session::Impl> bound_session)
      : session(std::move(bound_session)),
        inputs(session->inputs().size()),
        outputs(session->outputs().size()),
        places(session->outputs().size()),
        made(session->outputs().size()) {}

  std::shared_ptr<Session::Impl> session;
  std::vector<Value> inputs;
  std::vector<Value> outputs;                       // bound by the caller; empty: made by the session
  std::vector<std::optional<DeviceMemory>> places;  // where outputs that the session makes are wanted
  std::vector<Value> made;                          // results of the last run
  bool dirty = true;
  uint64_t generation = 0;
  std::shared_ptr<const PlacedGraph> placed;
  RunStateLease lease;  // empty: the graph takes the general way

  Status settle();
  Status start(const RunOptions& options, bool wait);
  Status run_general(const RunOptions& options);
  Status synchronize(const RunOptions& options);

 private:
  Result<std::vector<OutputSlot>> slots() const;
  Status make_output(size_t position, ElementType type, const ConcreteDims& dims);
};

// Where each output goes; nothing is allocated yet.
Result<std::vector<OutputSlot>> IoBinding::Impl::slots() const {
  std::vector<OutputSlot> all(outputs.size());
  for (size_t position = 0; position < outputs.size(); ++position) {
    const std::string place = "output '" + session->outputs()[position].name + "'";
    if (outputs[position]) {
      auto value = to_runtime(outputs[position], *placed->spaces);
      if (!value.ok()) return value.status().at(place);
      all[position].preset = true;
      all[position].value = std::move(*value);
    } else if (places[position] && !places[position]->is_host()) {
      const DeviceMemory::Impl& memory = DeviceMemory::Impl::of(*places[position]);
      all[position].space = placed->spaces->find(*memory.device, memory.memory_kind);
      if (all[position].space == kNoIndex)
        return Status(ErrorCode::kInvalidArgument,
                      place + " is wanted in '" + memory.name + "', which the session does not use");
    }
  }
  return all;
}

// The bound value, the one of the run before where it still fits and only we hold it, or a new one.
Status IoBinding::Impl::make_output(size_t position, ElementType type, const ConcreteDims& dims) {
  if (outputs[position]) {
    if (outputs[position].element_type() != type || outputs[position].dims() != dims)
      return {ErrorCode::kInvalidArgument, "output '" + session->outputs()[position].name +
                                               "': the bound value is " + outputs[position].type_string() +
                                               ", the result has other dims or type (" +
                                               session->outputs()[position].type + ")"};
    made[position] = outputs[position];
    return {};
  }
  const std::string memory = places[position] ? places[position]->name() : "host";
  const bool fits = made[position].element_type() == type && made[position].dims() == dims &&
                    made[position].memory() == memory &&
                    (!made[position].is_on_host() || made[position].mutable_data() != nullptr);
  if (fits) return {};
  if (places[position]) {
    BP_ASSIGN_OR_RETURN(made[position], places[position]->tensor(type, dims));
  } else {
    BP_ASSIGN_OR_RETURN(made[position], Value::tensor(type, dims));
  }
  return {};
}

// Leases a state for the bound values, when the graph is one segment with known dims.
Status IoBinding::Impl::settle() {
  lease.give_back();
  generation = session->generation();
  placed = session->placed();
  std::vector<RuntimeValue> values(inputs.size());
  for (size_t position = 0; position < inputs.size(); ++position) {
    const ValueInfo& info = session->inputs()[position];
    if (inputs[position]) {
      BP_ASSIGN_OR_RETURN(values[position], session->to_input(position, inputs[position]));
    } else if (!info.has_default && info.kind != ValueKind::kOptional) {
      return {ErrorCode::kInvalidArgument, "input '" + info.name + "' (" + info.type + ") is not bound"};
    }
  }
  BP_ASSIGN_OR_RETURN(const std::vector<OutputSlot> wanted, slots());
  const ExecutableGraph& executable = *placed->executable;
  // Contents of key values may change from run to run: only the general way looks at them each time.
  if (!executable.plan().segments[0].key_values.empty()) return {};
  Refusal refusal;
  RunEnvironment environment;
  environment.refusal = &refusal;
  auto settled = executable.settle_whole(values, wanted, environment);
  if (!settled.ok()) {
    if (refusal.device == kNoIndex) return settled.status();
    BP_RETURN_IF_ERROR(session->place_elsewhere(refusal, settled.status(), generation));
    return settle();
  }
  const auto& instance = *settled;
  if (instance == nullptr) return {};
  BP_ASSIGN_OR_RETURN(const auto entering, executable.segment_inputs(values));
  std::vector<RuntimeValue> targets;
  for (const uint32_t output : instance->graph_outputs) {
    const ValueId id = executable.graph().outputs()[output];
    BP_RETURN_IF_ERROR(
        make_output(output, executable.graph().value(id).type.element, instance->shapes.dims[id]));
    BP_ASSIGN_OR_RETURN(RuntimeValue target, to_runtime(made[output], *placed->spaces));
    targets.push_back(std::move(target));
  }
  BP_ASSIGN_OR_RETURN(lease, instance->lease());
  return lease->bind(entering, targets);
}

Status IoBinding::Impl::run_general(const RunOptions& options) {
  std::vector<RuntimeValue> values(inputs.size());
  for (size_t position = 0; position < inputs.size(); ++position)
    if (inputs[position]) {
      BP_ASSIGN_OR_RETURN(values[position], session->to_input(position, inputs[position]));
    }
  BP_ASSIGN_OR_RETURN(std::vector<OutputSlot> results, slots());
  BP_RETURN_IF_ERROR(session->run(values, results, options));
  for (size_t position = 0; position < results.size(); ++position) {
    if (outputs[position]) {
      made[position] = outputs[position];
    } else {
      BP_ASSIGN_OR_RETURN(made[position], to_value(results[position].value));
    }
  }
  return {};
}

Status IoBinding::Impl::start(const RunOptions& options, bool wait) {
  if (!wait && options.spans != nullptr)
    return {ErrorCode::kInvalidArgument, "spans are collected by a run that is waited for, not by start()"};
  if (dirty || generation != session->generation()) {
    BP_RETURN_IF_ERROR(synchronize(options));
    BP_RETURN_IF_ERROR(settle());
    dirty = false;
  }
  if (!lease) return run_general(options);
  RunScope scope(options, session->profile());
  Status status = scope.finish(wait ? lease->run(scope.environment()) : lease->start(scope.environment()));
  if (!status.ok()) {
    lease.give_back();
    dirty = true;
  }
  return status;
}

Status IoBinding::Impl::synchronize(const RunOptions& options) {
  if (!lease || !lease->is_unfinished()) return {};
  RunScope scope(options, session->profile());
  Status status = scope.finish(lease->finish(scope.environment()));
  if (!status.ok()) {
    lease.give_back();
    dirty = true;
  }
  return status;
}

IoBinding::IoBinding(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
IoBinding::IoBinding(IoBinding&&) noexcept = default;
IoBinding& IoBinding::operator=(IoBinding&&) noexcept = default;
IoBinding::~IoBinding() = default;

Status IoBinding::bind_input(const std::string& name, Value value) {
  BP_ASSIGN_OR_RETURN(const size_t position, find_name(impl_->session->inputs(), name, "input"));
  BP_RETURN_IF_ERROR(check_input(impl_->session->inputs()[position], value));
  impl_->inputs[position] = std::move(value);
  impl_->dirty = true;
  return {};
}

Status IoBinding::bind_output(const std::string& name, Value value) {
  BP_ASSIGN_OR_RETURN(const size_t position, find_name(impl_->session->outputs(), name, "output"));
  const bool writable =
      value.is_tensor() && (!value.is_on_host() || value.mutable_data() != nullptr || value.size_bytes() == 0);
  if (value && !writable)
    return {ErrorCode::kInvalidArgument, "output '" + name + "': the value cannot be written to"};
  impl_->outputs[position] = std::move(value);
  impl_->places[position].reset();
  impl_->dirty = true;
  return {};
}

Status IoBinding::bind_output(const std::string& name, const DeviceMemory& memory) {
  BP_ASSIGN_OR_RETURN(const size_t position, find_name(impl_->session->outputs(), name, "output"));
  impl_->outputs[position] = Value();
  impl_->places[position] = memory;
  impl_->dirty = true;
  return {};
}

Status IoBinding::synchronize() { return impl_->synchronize({}); }

Result<Value> IoBinding::output(const std::string& name) const {
  BP_ASSIGN_OR_RETURN(const size_t position, find_name(impl_->session->outputs(), name, "output"));
  return impl_->made[position];
}

std::vector<Value> IoBinding::outputs() const { return impl_->made; }

Result<IoBinding> Session::bind() const { return IoBinding(std::make_unique<IoBinding::Impl>(impl_)); }

Status Session::run(IoBinding& binding, const RunOptions& options) const {
  IoBinding::Impl& bound = binding.impl();
  if (bound.session != impl_) return {ErrorCode::kInvalidArgument, "the binding was made by another session"};
  return bound.start(options, true);
}

Status Session::start(IoBinding& binding, const RunOptions& options) const {
  IoBinding::Impl& bound = binding.impl();
  if (bound.session != impl_) return {ErrorCode::kInvalidArgument, "the binding was made by another session"};
  return bound.start(options, false);
}

}  // namespace bp
