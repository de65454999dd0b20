// Binding and running.
#include "context.hpp"

#include "program.hpp"
#include "stream.hpp"

namespace bp::opencl {

Context::Context(const Instance& instance) : instance_(instance), outputs_(instance.outputs.size()) {
  inputs_.resize(instance.input_count);
  for (uint32_t index = 0; index < instance.steps.size(); ++index) {
    const Step& step = instance.steps[index];
    cl_int error = CL_SUCCESS;
    kernels_.emplace_back(clCreateKernel(step.program->program.get(), step.entry.c_str(), &error));
    check(error, "clCreateKernel");
    cl_uint at = 0;
    for (const Argument& argument : step.arguments) {
      if (!argument.is_memory) {
        check(clSetKernelArg(kernels_.back().get(), at++, argument.size, argument.number.data()),
              "clSetKernelArg");
        continue;
      }
      bounds_.push_back({index, at, &argument, {}});
      if (argument.operand.place == Place::kConstant) {
        set_memory(bounds_.back(), place_of_operand(argument.operand));
        bounds_.pop_back();
      }
      at += 2;
    }
  }
  spans_.resize(instance.steps.size());
}

Host Context::host() const noexcept { return instance_.program->host(); }

MemoryPlace Context::place_of_operand(const Operand& operand) const noexcept {
  MemoryPlace place;
  switch (operand.place) {
    case Place::kNone:
      break;
    case Place::kInput:
      place = inputs_[operand.number];
      break;
    case Place::kOutput:
      place = outputs_[operand.number];
      break;
    case Place::kWorkspace:
      place = workspace_;
      break;
    case Place::kConstant:
      place = {operand.constant, 0};
      break;
  }
  // A tensor without elements has no memory, and a kernel's argument must have some.
  if (place.memory == nullptr) return {instance_.program->device.dummy(), 0};
  place.offset += operand.offset;
  return place;
}

void Context::set_memory(Bound& bound, MemoryPlace place) {
  const cl_kernel kernel = kernels_[bound.step].get();
  const cl_ulong offset = place.offset / bound.argument->element_bytes;
  check(clSetKernelArg(kernel, bound.index, sizeof place.memory, &place.memory), "clSetKernelArg");
  check(clSetKernelArg(kernel, bound.index + 1, sizeof offset, &offset), "clSetKernelArg");
  bound.last = place;
}

void Context::bind(const bp_binding* binding) {
  BP_EXPECT_STRUCT(binding, bp_binding, workspace);
  const ArrayView<bp_tensor_binding> inputs(binding->inputs);
  const ArrayView<bp_tensor_binding> outputs(binding->outputs);
  if (inputs.size() != inputs_.size() || outputs.size() != outputs_.size()) {
    throw Error(BP_STATUS_INVALID_ARGUMENT,
                text("bind: expected ", inputs_.size(), " inputs and ", outputs_.size(), " outputs, got ",
                     inputs.size(), " and ", outputs.size()));
  }
  if (binding->workspace.size < instance_.workspace_bytes) {
    throw Error(BP_STATUS_INVALID_ARGUMENT, text("bind: the workspace must have ", instance_.workspace_bytes,
                                                 " bytes, has ", binding->workspace.size));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].data.size >= instance_.outputs[i].size_bytes) continue;
    throw Error(BP_STATUS_INVALID_ARGUMENT,
                text("bind: output ", i, " must have ", instance_.outputs[i].size_bytes, " bytes, has ",
                     outputs[i].data.size));
  }
  const bool all = !std::exchange(bound_, false);
  for (size_t i = 0; i < inputs.size(); ++i) inputs_[i] = place_of(inputs[i].data);
  for (size_t i = 0; i < outputs.size(); ++i) outputs_[i] = place_of(outputs[i].data);
  workspace_ = place_of(binding->workspace);
  for (Bound& bound : bounds_) {
    const MemoryPlace place = place_of_operand(bound.argument->operand);
    if (all || !(place == bound.last)) set_memory(bound, place);
  }
  bound_ = true;
}

void Context::enqueue(Stream& stream, size_t index, bool profile) {
  const Step& step = instance_.steps[index];
  check(clEnqueueNDRangeKernel(stream.queue(), kernels_[index].get(), 3, nullptr, step.global.data(),
                               step.local.data(), 0, nullptr, profile ? spans_[index].out() : nullptr),
        "clEnqueueNDRangeKernel");
}

void Context::run(const bp_run_args& args) {
  if (!bound_) throw Error(BP_STATUS_INVALID_ARGUMENT, "run: the context was never bound");
  if (args.stream == nullptr) throw Error(BP_STATUS_INVALID_ARGUMENT, "run: a stream is needed, found NULL");
  Stream& stream = sdk::from_handle<Stream>(args.stream);
  size_t index = 0;
  try {
    for (; index < instance_.steps.size(); ++index) {
      host().check_cancel(args.cancel);
      enqueue(stream, index, args.profile != 0);
    }
  } catch (const Error& error) {
    const std::string message =
        index < instance_.steps.size() ? text(instance_.steps[index].name, ": ", error.what()) : error.what();
    if (index > 0) stream.poison({error.code(), message, error.provider_code()});
    throw Error(error.code(), message, error.provider_code());
  }
  if (!instance_.steps.empty()) check(clFlush(stream.queue()), "clFlush");
}

// "conv_1, relu_1: Conv+Relu"
void Context::name_spans() {
  for (const Step& step : instance_.steps) {
    std::string nodes;
    for (const uint32_t node : step.nodes) {
      nodes += nodes.empty() ? "" : ", ";
      nodes += instance_.program->graph.nodes[node].name;
    }
    span_names_.push_back(nodes.empty() ? step.name : text(nodes, ": ", step.name));
  }
}

void Context::report_spans(bp_run_token token) {
  if (span_names_.empty()) name_spans();
  const bp_host* table = host().get();
  for (size_t index = 0; index < spans_.size(); ++index) {
    if (!spans_[index]) continue;
    cl_ulong begin = 0;
    cl_ulong end = 0;
    const cl_event event = spans_[index].get();
    check(clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof begin, &begin, nullptr),
          "clGetEventProfilingInfo");
    check(clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, nullptr),
          "clGetEventProfilingInfo");
    table->trace_span(table, token, sdk::handle_of(instance_.program->device), abi(span_names_[index]), begin,
                      end, 1);
    spans_[index].reset();
  }
}

bp_status run_context(bp_context handle, const bp_run_args* args) {
  auto& context = sdk::from_handle<Context>(handle);
  return guard(context.host(), [&] {
    BP_EXPECT_STRUCT(args, bp_run_args, token);
    context.run(*args);
  });
}

}  // namespace bp::opencl
