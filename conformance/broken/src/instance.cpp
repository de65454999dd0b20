#include "instance.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "check_struct.hpp"
#include "context.hpp"

namespace broken {
namespace {

Dims dims_of(const bp_array& array) { return bp::sdk::Array<int64_t>(array).to_vector(); }

uint64_t bytes_of(const Tensor& tensor) { return count_of(tensor.dims) * element_bytes(tensor.element_type); }

// The largest size of a dim in the range that an instance serves.
int64_t largest(int64_t size) { return std::max<int64_t>(2 * size, 16); }

}  // namespace

Instance::Instance(const Program& program, const bp_specialize_args& args) : program_(program) {
  if (args.inputs.count != program.inputs.size() || args.outputs.count != program.outputs.size()) {
    throw Error(BP_STATUS_INVALID_ARGUMENT,
                message("expected ", program.inputs.size(), " inputs and ", program.outputs.size(),
                        " outputs, found ", args.inputs.count, " and ", args.outputs.count));
  }
  for (const Value& value : program.values) {
    Tensor tensor;
    tensor.element_type = value.element_type;
    if (value.place == Place::kConstant && value.index < program.packed.size()) {
      tensor.dims = program.packed[value.index].dims;
      tensor.data = const_cast<std::byte*>(program.packed[value.index].data);
    }
    values_.push_back(std::move(tensor));
  }
  for (size_t i = 0; i < program.inputs.size(); ++i) {
    Tensor& tensor = values_[program.inputs[i]];
    tensor.dims = dims_of(BP_AT(bp_tensor_spec, args.inputs, i)->dims);
    const uint32_t type = BP_AT(bp_tensor_spec, args.inputs, i)->element_type;
    if (type != tensor.element_type) {
      throw Error(BP_STATUS_INVALID_ARGUMENT,
                  message("input ", i, " must have element type ", tensor.element_type, ", has ", type));
    }
    for (const int64_t dim : tensor.dims) {
      if (dim < 0) throw Error(BP_STATUS_INVALID_ARGUMENT, message("input ", i, " has a dim of ", dim));
    }
    if (tensor.dims.size() != program.values[program.inputs[i]].rank) {
      throw Error(BP_STATUS_INVALID_ARGUMENT,
                  message("input ", i, " must have ", program.values[program.inputs[i]].rank, " dims, has ",
                          tensor.dims.size()));
    }
  }
  read_shapes(args);
  infer(values_);
  serves_range_ = std::all_of(program.steps.begin(), program.steps.end(),
                              [](const Step& step) { return step.op->form == Form::kUnary; });
  std::vector<Tensor> most = values_;
  if (serves_range_) {
    make_ranges();
    for (const uint32_t input : program.inputs) {
      for (int64_t& dim : most[input].dims) dim = largest(dim);
    }
    infer(most);
  }
  plan_workspace(most);
  describe_outputs();
  if (has(Fault::shares_its_arguments)) {
    for (const Tensor& value : values_) scratch_.emplace_back(bytes_of(value));
  }
}

void Instance::run_shared(size_t s, const std::vector<Tensor>& values, const Call& call) const {
  const Step& step = program_.steps[s];
  std::vector<Tensor> shared;
  for (const uint32_t input : step.inputs) {
    shared.push_back(values[input]);
    const uint64_t size = std::min<uint64_t>(bytes_of(values[input]), scratch_[input].size());
    if (size > 0) std::memcpy(scratch_[input].data(), values[input].data, size);
    if (size == bytes_of(values[input])) shared.back().data = scratch_[input].data();
  }
  std::this_thread::sleep_for(std::chrono::microseconds(200));  // time for another run to write its own
  std::vector<const Tensor*> inputs;
  for (const Tensor& tensor : shared) inputs.push_back(&tensor);
  step.op->kernel({inputs, call.output, call.accumulate_float64, call.actual_dims});
}

void Instance::read_shapes(const bp_specialize_args& args) {
  shapes_.resize(program_.steps.size());
  for (size_t s = 0; s < program_.steps.size(); ++s) {
    const Step& step = program_.steps[s];
    if (step.op->form != Form::kReshape) continue;
    const Value& value = program_.values[step.inputs[1]];
    if (program_.values[step.output].place == Place::kOutput) {
      // What the shape means has been worked out by the host already.
      shapes_[s] = dims_of(BP_AT(bp_tensor_spec, args.outputs, program_.values[step.output].index)->dims);
      continue;
    }
    const bp_tensor* given =
        value.place == Place::kInput ? BP_AT(bp_tensor_spec, args.inputs, value.index)->value : nullptr;
    if (given != nullptr) {
      shapes_[s] = bp::sdk::copy_elements<int64_t>(*given);
    } else if (value.place == Place::kConstant) {
      shapes_[s].resize(program_.packed[value.index].size / sizeof(int64_t));
      if (!shapes_[s].empty()) {
        std::memcpy(shapes_[s].data(), program_.packed[value.index].data, program_.packed[value.index].size);
      }
    } else {
      throw Error(BP_STATUS_INVALID_ARGUMENT, "a Reshape's shape must be given as a value");
    }
    if (std::any_of(shapes_[s].begin(), shapes_[s].end(), [](int64_t dim) { return dim <= 0; })) {
      throw Error(BP_STATUS_UNSUPPORTED, "inside a partition a Reshape's shape must be stated in full");
    }
  }
}

void Instance::infer(std::vector<Tensor>& values) const {
  std::vector<const Tensor*> inputs;
  for (size_t s = 0; s < program_.steps.size(); ++s) {
    const Step& step = program_.steps[s];
    inputs.clear();
    for (const uint32_t input : step.inputs) inputs.push_back(&values[input]);
    values[step.output].dims = broken::infer(*step.op, inputs, shapes_[s]);
  }
}

void Instance::plan_workspace(const std::vector<Tensor>& largest_values) {
  offsets_.resize(values_.size());
  std::vector<bp_interval> intervals;
  std::vector<uint32_t> owners;
  for (uint32_t s = 0; s < program_.steps.size(); ++s) {
    const uint32_t value = program_.steps[s].output;
    if (program_.values[value].place != Place::kInternal) continue;
    bp_interval interval{};
    interval.struct_size = BP_STRUCT_SIZE(bp_interval, alignment);
    interval.first = s;
    interval.last = s;
    for (uint32_t later = s; later < program_.steps.size(); ++later) {
      const auto& inputs = program_.steps[later].inputs;
      if (std::find(inputs.begin(), inputs.end(), value) != inputs.end()) interval.last = later;
    }
    interval.size = bytes_of(largest_values[value]);
    interval.alignment = kAlignment;
    intervals.push_back(interval);
    owners.push_back(value);
  }
  if (intervals.empty()) return;
  const std::vector<uint64_t> places = host().plan(intervals, &workspace_bytes_);
  for (size_t i = 0; i < owners.size(); ++i) offsets_[owners[i]] = places[i];
}

void Instance::make_ranges() {
  for (const uint32_t input : program_.inputs) {
    std::vector<bp_dim> dims;
    for (const int64_t size : values_[input].dims) dims.push_back({BP_UNKNOWN, 0, largest(size), 0, 0, 0});
    ranges_.push_back(std::move(dims));
  }
  for (const std::vector<bp_dim>& dims : ranges_) range_arrays_.push_back(bp::sdk::abi(dims));
}

bool Instance::serves(uint32_t input, const Dims& dims) const {
  const Dims& own = values_[program_.inputs[input]].dims;
  if (!serves_range_) return dims == own;
  if (dims.size() != own.size()) return false;
  for (size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] < 0 || dims[d] > largest(own[d])) return false;
  }
  return true;
}

void Instance::describe_outputs() {
  for (const uint32_t value : program_.outputs) {
    bp_output_info info{};
    info.struct_size = BP_STRUCT_SIZE(bp_output_info, reserved);
    info.mode = BP_OUTPUT_FIXED;
    info.size_bytes = bytes_of(values_[value]);
    info.in_place_input = BP_NONE;
    info.memory_kind = first_kind();
    for (const Step& step : program_.steps) {
      if (step.output != value) continue;
      if (step.op->form == Form::kBounded) {
        info.mode = BP_OUTPUT_BOUNDED;
        info.dims_memory_kind = kSynchronous ? BP_MEMORY_HOST : kPinnedMemory;
      } else if (step.op->form == Form::kAllocated) {
        info.mode = BP_OUTPUT_ALLOCATED;
        info.size_bytes = 0;
      }
      const Value& source = program_.values[step.inputs[0]];
      const bool in_place = step.op->form == Form::kUnary || step.op->form == Form::kReshape;
      if (in_place && program_.steps.size() == 1 && source.place == Place::kInput) {
        info.in_place_input = source.index;
      }
    }
    outputs_.push_back(info);
  }
}

void Instance::fill(bp_instance_info* info) const {
  info->serves_range = serves_range_ ? 1 : 0;
  info->workspace_bytes = workspace_bytes_;
  info->workspace_alignment = kAlignment;
  info->workspace_kind = first_kind();
  info->reserved = 0;
  info->outputs = bp::sdk::abi(outputs_);
  info->input_ranges = bp::sdk::abi(range_arrays_);
  info->context_bytes = 0;
}

void Instance::describe(const bp_step_sink* sink) const {
  BROKEN_CHECK(sink, bp_step_sink, report);
  for (const Step& step : program_.steps) {
    bp_step report{};
    report.struct_size = BP_STRUCT_SIZE(bp_step, note);
    report.name = bp::sdk::abi(step.op->name);
    report.implementation = bp::sdk::abi("element by element");
    report.nodes = {&step.node, 1, sizeof step.node};
    sink->report(sink->user, &report);
  }
}

void Instance::create_context(bp_context* context) const {
  check_pointer(context, "context");
  *context = bp::sdk::to_handle(std::make_unique<Context>(*this));
}

void Program::specialize(const bp_specialize_args* args, bp_instance* instance, bp_instance_info* info) const {
  BROKEN_CHECK(args, bp_specialize_args, progress);
  BROKEN_CHECK(info, bp_instance_info, context_bytes);
  check_pointer(instance, "instance");
  host().check_cancel(args->cancel);
  if (has(Fault::keeps_the_view) && view != nullptr && view->nodes.count != steps.size()) {
    throw Error(BP_STATUS_INTERNAL, message("the view has ", view->nodes.count, " nodes, not ", steps.size()));
  }
  auto made = std::make_unique<Instance>(*this, *args);
  made->fill(info);
  *instance = bp::sdk::to_handle(std::move(made));
}

}  // namespace broken
