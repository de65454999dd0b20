// From a compiled partition to a run: Program -> Instance -> Context. Each keeps the one before alive, and the
// program keeps its device, its provider and its constants.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backplane/element_type.hpp"
#include "backplane/provider/program.h"
#include "backplane/status.hpp"
#include "graph/tensor.hpp"
#include "provider/device.hpp"

namespace bp {

class Instance;
class Context;

// What is known of one input or output when a program is specialized.
struct TensorSpec {
  ElementType element = ElementType::kUndefined;
  std::span<const int64_t> dims;  // kUnknownDim where the size depends on data
  const Tensor* value = nullptr;  // contents of an input wanted with InputWant::kValueAtSpecialize
};

struct SpecializeArgs {
  std::span<const TensorSpec> inputs;  // in the partition's order
  std::span<const TensorSpec> outputs;
  uint32_t thread_count = 1;  // fixed here for all runs of the instance
  const CancelToken* cancel = nullptr;
  const ProgressToken* progress = nullptr;
};

enum class OutputMode : uint32_t {
  kFixed = BP_OUTPUT_FIXED,          // dims are those of the spec
  kBounded = BP_OUTPUT_BOUNDED,      // at most size_bytes; true dims go to TensorBinding::actual_dims
  kAllocated = BP_OUTPUT_ALLOCATED,  // through RunToken::allocate_output before run returns
};

struct OutputInfo {
  OutputMode mode = OutputMode::kFixed;
  uint64_t size_bytes = 0;                  // fixed: exact (checked against the spec); bounded: upper bound
  uint32_t in_place_input = BP_NONE;        // may use the memory of that input
  uint32_t memory_kind = kHostMemory;       // declared by the device
  uint32_t dims_memory_kind = kHostMemory;  // bounded: host-visible kind of TensorBinding::actual_dims
};

struct InstanceInfo {
  bool serves_range = false;  // also serves dims inside input_ranges, passed at bind
  uint64_t workspace_bytes = 0;
  uint64_t workspace_alignment = 1;
  uint32_t workspace_kind = kHostMemory;
  uint64_t context_bytes = 0;                       // device memory that each context holds for itself
  std::vector<OutputInfo> outputs;                  // one per output
  std::vector<std::vector<DimRange>> input_ranges;  // per input and dim, when serves_range
};

// One step of an instance, for explain and profiles.
struct StepInfo {
  std::string name;            // "conv+bias+relu"
  std::string implementation;  // "jit:avx512_core"
  std::vector<NodeId> nodes;   // node ids of the graph that the view was made of
  std::string note;
};

class Program : public std::enable_shared_from_this<Program> {
 public:
  Program(std::shared_ptr<Device> device, bp_program handle, const GraphView& view,
          std::shared_ptr<const void> keep_alive);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // UNSUPPORTED for shapes that this program does not serve: the next device takes over. [any-thread]
  Result<std::shared_ptr<Instance>> specialize(const SpecializeArgs& args);
  // UNIMPLEMENTED when the provider cannot save. [any-thread]
  Status save(ArtifactSink& sink) const;

  Device& device() const noexcept { return *device_; }
  const std::shared_ptr<Device>& shared_device() const noexcept { return device_; }
  bp_program handle() const noexcept { return handle_; }
  size_t input_count() const noexcept { return input_count_; }
  size_t output_count() const noexcept { return output_count_; }
  const std::vector<NodeId>& nodes() const noexcept { return nodes_; }
  // Ids as in ArtifactSink::write_weight_reference.
  const std::shared_ptr<ConstantStore>& constants() const noexcept { return constants_; }

 private:
  std::shared_ptr<Device> device_;
  std::shared_ptr<ConstantStore> constants_;
  std::shared_ptr<const void> keep_alive_;  // what a loaded program reads from
  bp_program handle_;
  std::vector<NodeId> nodes_;
  size_t input_count_;
  size_t output_count_;
};

class Instance : public std::enable_shared_from_this<Instance> {
 public:
  Instance(std::shared_ptr<Program> program, bp_instance handle, InstanceInfo info) noexcept;
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const InstanceInfo& info() const noexcept { return info_; }
  // [any-thread]
  Result<std::unique_ptr<Context>> create_context();
  // Empty when the provider does not tell. [any-thread]
  Result<std::vector<StepInfo>> describe() const;

  Program& program() const noexcept { return *program_; }
  Device& device() const noexcept { return program_->device(); }
  bp_instance handle() const noexcept { return handle_; }

 private:
  std::shared_ptr<Program> program_;
  bp_instance handle_;
  InstanceInfo info_;
};

// Where one input or output lies; plain data as it crosses. `dims` stays valid until the next bind.
using TensorBinding = bp_tensor_binding;

inline TensorBinding tensor_binding(const Slice& data, std::span<const int64_t> dims) noexcept {
  TensorBinding binding{};
  binding.struct_size = BP_STRUCT_SIZE(bp_tensor_binding, actual_dims);
  binding.rank = static_cast<uint32_t>(dims.size());
  binding.data = data;
  binding.dims = dims.data();
  return binding;
}

struct RunArgs {
  bp_stream stream = nullptr;  // nullptr on synchronous devices
  const CancelToken* cancel = nullptr;
  RunToken* token = nullptr;
  bool profile = false;  // spans go to the token
};

// Everything mutable of a run; one bind or run at a time. Its last run is complete before it goes.
class Context {
 public:
  Context(std::shared_ptr<Instance> instance, bp_context handle) noexcept;
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // Fixes addresses until the next bind. Counts must be the instance's.
  Status bind(std::span<const TensorBinding> inputs, std::span<const TensorBinding> outputs,
              const Slice& workspace) noexcept {
    bp_binding binding{};
    binding.struct_size = BP_STRUCT_SIZE(bp_binding, workspace);
    binding.inputs = bp_array{inputs.data(), inputs.size(), sizeof(TensorBinding)};
    binding.outputs = bp_array{outputs.data(), outputs.size(), sizeof(TensorBinding)};
    binding.workspace = workspace;
    return checked("bind", [&] { return bind_(handle_, &binding); });
  }

  // Enqueues one run; on a synchronous device outputs are complete on return. Adds one indirect call.
  Status run(const RunArgs& args) noexcept {
    bp_run_args abi{};
    abi.struct_size = BP_STRUCT_SIZE(bp_run_args, token);
    abi.profile = args.profile ? 1u : 0u;
    abi.stream = args.stream;
    abi.cancel = reinterpret_cast<bp_cancel>(const_cast<CancelToken*>(args.cancel));
    abi.token = reinterpret_cast<bp_run_token>(args.token);
    return checked("run", [&] { return run_(handle_, &abi); });
  }

  // The spans of the last run, once its event is complete and before the next use; nothing when the provider
  // reported them during the run.
  Status report_spans(RunToken& token);

  Instance& instance() const noexcept { return *instance_; }
  bp_context handle() const noexcept { return handle_; }

 private:
  template <class Call>
  Status checked(const char* name, Call&& call) const noexcept {
    bp_status status = nullptr;
    try {
      status = call();
    } catch (...) {
      return threw(name);
    }
    if (status == nullptr) [[likely]] {
      return {};
    }
    return failed(name, status);
  }
  Status failed(const char* call, bp_status status) const noexcept;
  Status threw(const char* call) const noexcept;

  bp_status (*bind_)(bp_context context, const bp_binding* binding);
  bp_status (*run_)(bp_context context, const bp_run_args* args);
  bp_context handle_;
  std::shared_ptr<Instance> instance_;
};

}  // namespace bp
