// Session: checks what callers hand in, runs, hands results out.
#include "backplane/session.hpp"

#include "compile/saved_programs.hpp"
#include "ops/onnx_bridge/to_onnx.hpp"
#include "session/describe.hpp"
#include "session/facts.hpp"
#include "session/run_scope.hpp"
#include "session/session_impl.hpp"

namespace bp {

Status Session::Impl::run(std::span<const RuntimeValue> inputs, std::span<OutputSlot> outputs,
                          const RunOptions& options) {
  RunScope scope(options, profile_.get());
  const auto attempt = [&]() -> Status {
    for (;;) {
      Refusal refusal;
      RunEnvironment environment = scope.environment();
      environment.refusal = &refusal;
      const uint64_t generation = this->generation();
      const auto placed = this->placed();
      Status status = placed->executable->run(inputs, outputs, environment);
      if (status.ok() || refusal.device == kNoIndex) return status;
      BP_RETURN_IF_ERROR(place_elsewhere(refusal, status, generation));
    }
  };
  return scope.finish(attempt());
}

Result<RuntimeValue> Session::Impl::to_input(size_t position, const Value& value) const {
  auto runtime = to_runtime(value, *placed()->spaces);
  if (!runtime.ok()) return runtime.status().at("input '" + inputs_[position].name + "'");
  return runtime;
}

Result<Session> Session::create(const Environment& environment, const Model& model,
                                const SessionOptions& options) {
  BP_ASSIGN_OR_RETURN(auto impl, Impl::create(environment, model, options));
  return Session(std::move(impl));
}

Result<Session> Session::create(const Environment& environment, const std::string& model_path,
                                const SessionOptions& options) {
  BP_ASSIGN_OR_RETURN(const Model model, Model::load(model_path));
  return create(environment, model, options);
}

const std::vector<ValueInfo>& Session::inputs() const noexcept { return impl_->inputs(); }
const std::vector<ValueInfo>& Session::outputs() const noexcept { return impl_->outputs(); }

Result<std::vector<Value>> Session::run(std::span<const Value> inputs, const RunOptions& options) const {
  if (inputs.size() > impl_->inputs().size())
    return Status(ErrorCode::kInvalidArgument, "the model has " + std::to_string(impl_->inputs().size()) +
                                                   " inputs, was given " + std::to_string(inputs.size()));
  std::vector<RuntimeValue> values(impl_->inputs().size());
  for (size_t position = 0; position < values.size(); ++position) {
    const ValueInfo& info = impl_->inputs()[position];
    if (position >= inputs.size() || !inputs[position]) {
      if (info.has_default || info.kind == ValueKind::kOptional) continue;
      return Status(ErrorCode::kInvalidArgument, "input '" + info.name + "' (" + info.type + ") is missing");
    }
    BP_RETURN_IF_ERROR(check_input(info, inputs[position]));
    BP_ASSIGN_OR_RETURN(values[position], impl_->to_input(position, inputs[position]));
  }
  std::vector<OutputSlot> slots(impl_->outputs().size());
  BP_RETURN_IF_ERROR(impl_->run(values, slots, options));
  std::vector<Value> results;
  for (const OutputSlot& slot : slots) {
    BP_ASSIGN_OR_RETURN(Value result, to_value(slot.value));
    results.push_back(std::move(result));
  }
  return results;
}

Result<std::vector<Value>> Session::run(std::span<const NamedValue> inputs,
                                        std::span<const std::string> output_names,
                                        const RunOptions& options) const {
  std::vector<Value> values(impl_->inputs().size());
  for (const auto& [name, value] : inputs) {
    BP_ASSIGN_OR_RETURN(const size_t position, find_name(impl_->inputs(), name, "input"));
    if (values[position]) return Status(ErrorCode::kInvalidArgument, "input '" + name + "' is given twice");
    values[position] = value;
  }
  std::vector<size_t> wanted;
  for (const std::string& name : output_names) {
    BP_ASSIGN_OR_RETURN(const size_t position, find_name(impl_->outputs(), name, "output"));
    wanted.push_back(position);
  }
  BP_ASSIGN_OR_RETURN(std::vector<Value> results, run(values, options));
  if (output_names.empty()) return results;
  std::vector<Value> chosen;
  for (const size_t position : wanted) chosen.push_back(results[position]);
  return chosen;
}

SessionReport Session::report() const { return impl_->report(); }

Status Session::save_optimized_model(const std::string& path) const {
  return to_onnx_file(impl_->optimized_graph(), path);
}

Status Session::save_programs(const std::string& path) const {
  const auto placed = impl_->placed();
  CompileSettings settings = compile_settings(impl_->settings());
  ViewAnnotator annotator;
  settings.annotate = [&annotator](const Graph& graph, GraphViewOptions& options) {
    annotator.annotate(graph, options);
  };
  return bp::save_programs(placed->executable->compiled(), settings, path);
}

Status Session::write_profile() const {
  if (impl_->profile() == nullptr)
    return {ErrorCode::kInvalidArgument, "the session was created without SessionOptions::profile_path"};
  return impl_->profile()->write(impl_->options().profile_path);
}

}  // namespace bp
