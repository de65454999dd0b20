// Bound runs: a state of the one segment is leased for as long as the binding lives, so that a run with an
// unchanged binding is the walk over its steps and nothing else.
#include "session/describe.hpp"
#include "session/run_scope.hpp"
#include "session/session_impl.hpp"

namespace bp {

class IoBinding::Impl {
 public:
  explicit Impl(std::shared_ptr<Session::Impl> bound_session)
      : session(std::move(bound_session)),
        inputs(session->inputs().size()),
        outputs(session->outputs().size()),
        made(session->outputs().size()) {}

  std::shared_ptr<Session::Impl> session;
  std::vector<Value> inputs;
  std::vector<Value> outputs;  // bound by the caller; empty: made by the session
  std::vector<Value> made;     // results of the last run
  bool dirty = true;
  uint64_t generation = 0;
  std::shared_ptr<const PlacedGraph> placed;
  RunStateLease lease;  // empty: the graph takes the general way

  Status settle();
  Status run_general(const RunOptions& options);
};

// Leases a state for the bound values, when the graph is one segment with known dims.
Status IoBinding::Impl::settle() {
  lease.give_back();
  generation = session->generation();
  placed = session->placed();
  std::vector<RuntimeValue> values(inputs.size());
  for (size_t position = 0; position < inputs.size(); ++position) {
    const ValueInfo& info = session->inputs()[position];
    if (inputs[position]) {
      values[position] = to_runtime(inputs[position]);
    } else if (!info.has_default && info.kind != ValueKind::kOptional) {
      return {ErrorCode::kInvalidArgument, "input '" + info.name + "' (" + info.type + ") is not bound"};
    }
  }
  const ExecutableGraph& executable = *placed->executable;
  // Contents of key values may change from run to run: only the general way looks at them each time.
  if (!executable.plan().segments[0].key_values.empty()) return {};
  Refusal refusal;
  RunEnvironment environment;
  environment.refusal = &refusal;
  auto settled = executable.settle_whole(values, environment);
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
    const ElementType type = executable.graph().value(id).type.element;
    const ConcreteDims& dims = instance->shapes.dims[id];
    if (outputs[output]) {
      if (outputs[output].element_type() != type || outputs[output].dims() != dims)
        return {ErrorCode::kInvalidArgument, "output '" + session->outputs()[output].name +
                                                 "': the bound value is " + outputs[output].type_string() +
                                                 ", the result has other dims or type (" +
                                                 session->outputs()[output].type + ")"};
      made[output] = outputs[output];
    } else if (made[output].element_type() != type || made[output].dims() != dims ||
               made[output].mutable_data() == nullptr) {
      BP_ASSIGN_OR_RETURN(made[output], Value::tensor(type, dims));
    }
    targets.push_back(to_runtime(made[output]));
  }
  BP_ASSIGN_OR_RETURN(lease, instance->lease());
  return lease->bind(entering, targets);
}

Status IoBinding::Impl::run_general(const RunOptions& options) {
  std::vector<RuntimeValue> values(inputs.size());
  for (size_t position = 0; position < inputs.size(); ++position)
    if (inputs[position]) values[position] = to_runtime(inputs[position]);
  std::vector<OutputSlot> slots(outputs.size());
  for (size_t position = 0; position < outputs.size(); ++position)
    if (outputs[position]) {
      slots[position].preset = true;
      slots[position].value = to_runtime(outputs[position]);
    }
  BP_RETURN_IF_ERROR(session->run(values, slots, options));
  for (size_t position = 0; position < slots.size(); ++position) {
    if (outputs[position]) {
      made[position] = outputs[position];
    } else {
      BP_ASSIGN_OR_RETURN(made[position], to_value(slots[position].value));
    }
  }
  return {};
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
  if (value && (!value.is_tensor() || (value.mutable_data() == nullptr && value.size_bytes() > 0)))
    return {ErrorCode::kInvalidArgument, "output '" + name + "': the value cannot be written to"};
  impl_->outputs[position] = std::move(value);
  impl_->dirty = true;
  return {};
}

Result<Value> IoBinding::output(const std::string& name) const {
  BP_ASSIGN_OR_RETURN(const size_t position, find_name(impl_->session->outputs(), name, "output"));
  return impl_->made[position];
}

std::vector<Value> IoBinding::outputs() const { return impl_->made; }

Result<IoBinding> Session::bind() const { return IoBinding(std::make_unique<IoBinding::Impl>(impl_)); }

Status Session::run(IoBinding& binding, const RunOptions& options) const {
  IoBinding::Impl& bound = binding.impl();
  if (bound.session != impl_) return {ErrorCode::kInvalidArgument, "the binding was made by another session"};
  if (bound.dirty || bound.generation != impl_->generation()) {
    BP_RETURN_IF_ERROR(bound.settle());
    bound.dirty = false;
  }
  if (!bound.lease) return bound.run_general(options);
  RunScope scope(options, impl_->profile());
  Status status = scope.finish(bound.lease->run(scope.environment()));
  if (!status.ok()) {
    bound.lease.give_back();
    bound.dirty = true;
  }
  return status;
}

}  // namespace bp
