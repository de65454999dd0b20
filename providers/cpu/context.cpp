// Binding and running. The run walks an array of kernels whose addresses are ready; it allocates nothing.
#include "context.hpp"

#include <cstring>
#include <ctime>

#include "parallel.hpp"
#include "program.hpp"
#include "texts.hpp"

namespace bp::cpu {

namespace {

uint64_t now_ns() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(time.tv_nsec);
}

// Bytes; what needs less is small, and mostly never makes a team.
constexpr uint64_t kWorkspaceOfTeams = 64 * 1024;

// A new thread may start on the processor of the one that made it; each then waits for the other by turns, for
// tenths of a second. A thread that wakes up goes to a free processor, so those of a new team sleep once.
void spread_team(int threads) noexcept {
  static thread_local int spread = 1;
  if (threads <= spread) return;
  spread = threads;
  parallel_for(threads, threads, kSerialElements, [](int64_t begin, int64_t) {
    constexpr timespec kMoment{0, 50'000};
    if (begin > 0) nanosleep(&kMoment, nullptr);
  });
}

void* pointer(uint64_t address) noexcept { return reinterpret_cast<void*>(static_cast<uintptr_t>(address)); }

// Sets `slot`; true when it was different.
bool replace(void*& slot, void* address) noexcept {
  const bool changed = slot != address;
  slot = address;
  return changed;
}

}  // namespace

Context::Context(const Instance& instance)
    : instance_(instance),
      inputs_(instance.input_count, nullptr),
      input_texts_(instance.input_count, nullptr),
      outputs_(instance.outputs.size(), nullptr),
      output_dims_(instance.outputs.size(), nullptr) {
  size_t count = 0;
  for (const Step& step : instance.steps) count += step.operands.size();
  args_.resize(count, nullptr);
  count = 0;
  for (const Step& step : instance.steps) {
    states_.push_back(step.kernel->make_state());
    armed_.push_back({step.kernel.get(), Call{args_.data() + count, states_.back().get()}});
    count += step.operands.size();
  }
}

const bp_host* Context::host() const noexcept { return instance_.program->host; }

void* Context::address(const Operand& operand) const noexcept {
  std::byte* base = nullptr;
  switch (operand.place) {
    case Place::kNone:
      return nullptr;
    case Place::kInput:
      base = static_cast<std::byte*>(inputs_[operand.number]);
      break;
    case Place::kInputTexts:
      base = static_cast<std::byte*>(input_texts_[operand.number]);
      break;
    case Place::kOutput:
      base = static_cast<std::byte*>(outputs_[operand.number]);
      break;
    case Place::kOutputDims:
      return output_dims_[operand.number];
    case Place::kWorkspace:
      base = static_cast<std::byte*>(workspace_);
      break;
    case Place::kConstant:
      // Kernels read constants only.
      base = static_cast<std::byte*>(const_cast<void*>(operand.constant));
      break;
  }
  return base == nullptr ? nullptr : base + operand.offset;
}

void Context::bind(const bp_binding& binding) {
  const ArrayView<bp_tensor_binding> inputs(binding.inputs);
  const ArrayView<bp_tensor_binding> outputs(binding.outputs);
  if (inputs.size() != inputs_.size() || outputs.size() != outputs_.size()) {
    throw Error(BP_STATUS_INVALID_ARGUMENT,
                text("bind: expected ", inputs_.size(), " inputs and ", outputs_.size(), " outputs, got ",
                     inputs.size(), " and ", outputs.size()));
  }
  if (binding.workspace.size < instance_.workspace_bytes) {
    throw Error(BP_STATUS_INVALID_ARGUMENT, text("bind: the workspace must have ", instance_.workspace_bytes,
                                                 " bytes, has ", binding.workspace.size));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].data.size < instance_.outputs[i].size_bytes) {
      throw Error(BP_STATUS_INVALID_ARGUMENT,
                  text("bind: output ", i, " must have ", instance_.outputs[i].size_bytes, " bytes, has ",
                       outputs[i].data.size));
    }
  }
  bool changed = !bound_;
  for (size_t i = 0; i < inputs.size(); ++i) {
    changed |= replace(inputs_[i], pointer(inputs[i].data.address));
    changed |= replace(input_texts_[i], pointer(inputs[i].string_bytes.address));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    changed |= replace(outputs_[i], pointer(outputs[i].data.address));
    changed |= replace(output_dims_[i], pointer(outputs[i].actual_dims.address));
  }
  changed |= replace(workspace_, pointer(binding.workspace.address));
  if (!changed) return;

  size_t slot = 0;
  for (size_t index = 0; index < armed_.size(); ++index) {
    bool touched = !bound_;
    for (const Operand& operand : instance_.steps[index].operands) {
      touched |= replace(args_[slot++], address(operand));
    }
    if (touched) armed_[index].kernel->bind(armed_[index].call);
  }
  bound_ = true;
}

bp_status Context::failed(size_t step, RunError error) const noexcept {
  const bp_host* host = instance_.program->host;
  return guard(host, [&] {
    throw Error(BP_STATUS_INVALID_ARGUMENT, text(instance_.steps[step].info->name, ": ", error));
  });
}

bp_status Context::run(const bp_run_args& args) noexcept {
  const bp_host* host = instance_.program->host;
  if (!bound_) {
    return host->status_create(host, BP_STATUS_INVALID_ARGUMENT, abi("run: the context was never bound"), 0);
  }
  const TeamSize team(instance_.threads);
  if (instance_.workspace_bytes >= kWorkspaceOfTeams) spread_team(instance_.threads);
  bp_status status = run_steps(args);
  for (size_t i = 0; status == nullptr && i < instance_.text_outputs.size(); ++i) {
    status = give_texts(instance_.text_outputs[i], args);
  }
  return status;
}

bp_status Context::give_texts(const TextOutput& output, const bp_run_args& args) const noexcept {
  const bp_host* host = instance_.program->host;
  const void* there = address(output.elements);
  if (output.grown) there = *static_cast<const void* const*>(there);
  const auto* true_dims = static_cast<const int64_t*>(address(output.true_dims));
  const int64_t* dims = true_dims != nullptr ? true_dims : output.dims.data();
  const size_t rank = output.dims.size();
  uint64_t count = 1;
  for (size_t axis = 0; axis < rank; ++axis) count *= static_cast<uint64_t>(dims[axis]);
  if (output.element_bytes != 0) {
    bp_slice data{};
    const uint64_t bytes = count * output.element_bytes;
    const bp_status given = host->allocate_output(host, args.token, output.number, dims,
                                                  static_cast<uint32_t>(rank), bytes, 0, &data, nullptr);
    if (given == nullptr && bytes > 0) std::memcpy(pointer(data.address), there, bytes);
    return given;
  }
  const auto* elements = static_cast<const Text*>(there);
  bp_slice offsets{};
  bp_slice characters{};
  const bp_status status =
      host->allocate_output(host, args.token, output.number, dims, static_cast<uint32_t>(rank),
                            (count + 1) * sizeof(uint64_t), text_bytes(elements, count), &offsets, &characters);
  if (status == nullptr) {
    write_texts(elements, count, static_cast<uint64_t*>(pointer(offsets.address)),
                static_cast<char*>(pointer(characters.address)));
  }
  return status;
}

bp_status Context::run_steps(const bp_run_args& args) noexcept {
  if (args.profile != 0 || args.cancel != nullptr) return run_watched(args);
  for (const Armed& armed : armed_) {
    const RunError error = armed.kernel->run(armed.call);
    if (error != nullptr) return failed(static_cast<size_t>(&armed - armed_.data()), error);
  }
  return nullptr;
}

// "conv_1, relu_1: Conv+Relu"
void Context::name_spans() {
  std::vector<std::string> names;
  for (const Step& step : instance_.steps) {
    std::string nodes;
    for (const uint32_t node : step.info->nodes) {
      nodes += nodes.empty() ? "" : ", ";
      nodes += instance_.program->graph.nodes[node].name;
    }
    names.push_back(nodes.empty() ? step.info->name : text(nodes, ": ", step.info->name));
  }
  span_names_ = std::move(names);
}

// The way of runs that are profiled or can be cancelled.
bp_status Context::run_watched(const bp_run_args& args) noexcept {
  const bp_host* host = instance_.program->host;
  const bool profile = args.profile != 0;
  if (profile && span_names_.empty()) {
    if (bp_status error = guard(host, [&] { name_spans(); })) return error;
  }
  for (size_t index = 0; index < armed_.size(); ++index) {
    if (args.cancel != nullptr && host->cancel_requested(host, args.cancel) != 0) {
      return host->status_create(host, BP_STATUS_CANCELLED, abi("the run was cancelled"), 0);
    }
    const uint64_t begin = profile ? now_ns() : 0;
    const RunError error = armed_[index].kernel->run(armed_[index].call);
    if (error != nullptr) return failed(index, error);
    if (profile) host->trace_span(host, args.token, nullptr, abi(span_names_[index]), begin, now_ns(), 0);
  }
  return nullptr;
}

}  // namespace bp::cpu
