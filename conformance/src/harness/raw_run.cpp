#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "harness/raw_program.hpp"

namespace bp::conformance {

RawRun::RawRun(RawPartition& partition, const OwnedInstance& instance, const std::vector<RawTensor>& inputs)
    : partition_(partition),
      instance_(instance),
      provider_(partition.provider()),
      store_(partition.args().layout),
      input_tensors_(inputs),
      stated_dims_(stated_output_dims(partition.graph())),
      output_dims_(stated_dims_),
      context_(create_context(instance)) {
  lay_out(inputs);
  spoil_outputs();
  if (!(provider_.info().flags & BP_DEVICE_SYNCHRONOUS)) {
    provider_.must("stream create", [&] { return provider_->stream->create(provider_.device(), &stream_); });
  }
}

RawRun::~RawRun() {
  if (event_ != nullptr) {
    provider_.host().take(provider_->event->wait(event_, BP_UNKNOWN));
    provider_->event->release(event_);
  }
  context_.reset();
  if (stream_ != nullptr) provider_->stream->release(stream_);
}

std::unique_ptr<KindMemory> RawRun::memory(uint32_t kind, uint64_t size) {
  return std::make_unique<KindMemory>(provider_, kind, size);
}

void RawRun::lay_out(const std::vector<RawTensor>& inputs) {
  const bp_device_info info = provider_.info();
  if (info.memory_kinds.count == 0) fail("info: memory_kinds is empty, expected at least one");
  const uint32_t device_kind = BP_AT(bp_memory_kind_info, info.memory_kinds, 0)->kind;
  std::vector<bp_tensor_binding> bindings;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const uint32_t kind = partition_.want(i) == BP_WANT_HOST ? BP_MEMORY_HOST : device_kind;
    inputs_.push_back(memory(kind, inputs[i].bytes.size()));
    inputs_.back()->write(inputs[i].bytes);
    bp_tensor_binding binding{};
    binding.rank = static_cast<uint32_t>(inputs[i].dims.size());
    binding.data = inputs_.back()->slice();
    binding.dims = input_tensors_[i].dims.data();
    bindings.push_back(binding);
  }
  bp_binding whole{};
  whole.inputs = store_.structs(bindings, BP_STRUCT_SIZE(bp_tensor_binding, actual_dims));
  bindings.clear();
  for (size_t o = 0; o < output_dims_.size(); ++o) {
    const bp_output_info& output = instance_.output(o);
    bp_tensor_binding binding{};
    binding.rank = static_cast<uint32_t>(output_dims_[o].size());
    binding.dims = stated_dims_[o].data();
    outputs_.push_back(nullptr);
    if (output.mode != BP_OUTPUT_ALLOCATED) {
      outputs_.back() = memory(output.memory_kind, output.size_bytes);
      binding.data = outputs_.back()->slice();
    }
    if (output.mode == BP_OUTPUT_BOUNDED) {
      actual_dims_[o] = memory(output.dims_memory_kind, binding.rank * sizeof(int64_t));
      binding.actual_dims = actual_dims_[o]->slice();
    }
    bindings.push_back(binding);
  }
  whole.outputs = store_.structs(bindings, BP_STRUCT_SIZE(bp_tensor_binding, actual_dims));
  const bp_instance_info& instance = instance_.info();
  if (instance.workspace_bytes > 0) {
    workspace_ = std::make_unique<KindMemory>(provider_, instance.workspace_kind, instance.workspace_bytes,
                                              instance.workspace_alignment);
    whole.workspace = workspace_->slice();
  }
  binding_ = store_.one(whole, BP_STRUCT_SIZE(bp_binding, workspace));
}

bool RawRun::allocate(uint32_t output, std::vector<int64_t> dims, uint64_t size, uint64_t string_size,
                      bp_slice* data, bp_slice* string_bytes) {
  RawHost& host = provider_.host();
  if (output >= outputs_.size() || instance_.output(output).mode != BP_OUTPUT_ALLOCATED) {
    host.breach(fmt::format("allocate_output was called for output {}, which is not ALLOCATED", output));
    return false;
  }
  if (outputs_[output] != nullptr)
    host.breach(fmt::format("allocate_output was called twice for output {}", output));
  if (string_size != 0)
    host.breach("allocate_output was asked for string bytes of an output that has no strings");
  output_dims_[output] = std::move(dims);
  outputs_[output] = memory(instance_.output(output).memory_kind, size);
  *data = outputs_[output]->slice();
  if (string_bytes != nullptr) *string_bytes = {};
  return true;
}

TakenStatus RawRun::bind() {
  return provider_.call("bind", [&] { return provider_->program->bind(context_.get(), binding_); });
}

bp_run_args RawRun::run_args(RawCancel* cancel) {
  bp_run_args args{};
  args.struct_size = BP_STRUCT_SIZE(bp_run_args, token);
  args.stream = stream_;
  args.cancel = cancel == nullptr ? nullptr : cancel->handle();
  args.token = handle();
  return args;
}

TakenStatus RawRun::start(RawCancel* cancel) {
  const bp_run_args args = run_args(cancel);
  for (size_t o = 0; o < outputs_.size(); ++o) {
    if (instance_.output(o).mode == BP_OUTPUT_ALLOCATED) outputs_[o].reset();
  }
  const TakenStatus status =
      provider_.call("run", [&] { return provider_->program->run(context_.get(), &args); });
  if (stream_ == nullptr) return status;
  if (event_ != nullptr) provider_->event->release(std::exchange(event_, nullptr));
  provider_.must("record", [&] { return provider_->stream->record(stream_, &event_); });
  if (event_ == nullptr) fail("record: succeeded and gave no event");
  return status;
}

TakenStatus RawRun::wait(int64_t timeout_ns) {
  if (event_ == nullptr) return {};
  return provider_.call("wait", [&] { return provider_->event->wait(event_, timeout_ns); });
}

void RawRun::spoil_outputs(char spoil) {
  for (size_t o = 0; o < outputs_.size(); ++o) {
    if (instance_.output(o).mode == BP_OUTPUT_ALLOCATED) continue;
    outputs_[o]->write(std::string(instance_.output(o).size_bytes, spoil));
  }
}

std::vector<RawTensor> RawRun::run(RawCancel* cancel, char spoil) {
  spoil_outputs(spoil);
  if (const TakenStatus status = bind(); !status.ok())
    fail("bind: expected success, got " + status.to_string());
  if (const TakenStatus status = start(cancel); !status.ok())
    fail("run: expected success, got " + status.to_string());
  if (const TakenStatus status = wait(); !status.ok())
    fail("the run's event: expected success, got " + status.to_string());
  return outputs();
}

std::vector<RawTensor> RawRun::outputs() {
  const RawGraph& graph = partition_.graph();
  const std::vector<uint32_t> indices = graph.outputs();
  std::vector<RawTensor> tensors;
  for (size_t o = 0; o < outputs_.size(); ++o) {
    RawTensor tensor;
    tensor.element_type = graph.values()[indices[o]].element_type;
    if (outputs_[o] == nullptr)
      fail(fmt::format("run: output {} is ALLOCATED, and no memory was asked for", o));
    tensor.dims = output_dims_[o];
    if (const auto found = actual_dims_.find(o); found != actual_dims_.end()) {
      const std::string bytes = found->second->read();
      std::memcpy(tensor.dims.data(), bytes.data(), bytes.size());
    }
    tensor.bytes = outputs_[o]->read();
    const uint64_t size = bytes_of(tensor.element_type, tensor.count());
    if (size > tensor.bytes.size()) {
      fail(fmt::format("run: output {} has {} bytes by its dims, and its memory {}", o, size,
                       tensor.bytes.size()));
    }
    tensor.bytes.resize(size);
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

void RawRun::expect_no_damage() {
  const auto check = [](const std::string& what, const KindMemory* memory) {
    if (memory == nullptr) return;
    if (const std::string damage = memory->damage(); !damage.empty()) fail(what + ": " + damage);
  };
  for (size_t i = 0; i < inputs_.size(); ++i) {
    check(fmt::format("input {}", i), inputs_[i].get());
    if (inputs_[i]->read() != input_tensors_[i].bytes) fail(fmt::format("input {} was changed by the run", i));
  }
  for (size_t o = 0; o < outputs_.size(); ++o) check(fmt::format("output {}", o), outputs_[o].get());
  check("workspace", workspace_.get());
}

}  // namespace bp::conformance
