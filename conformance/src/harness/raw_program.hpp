// The way from a view to a run through the provider's own tables: owners of what it makes, verdicts as data.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/raw_graph.hpp"
#include "harness/raw_memory.hpp"
#include "harness/raw_options.hpp"
#include "harness/raw_provider.hpp"

namespace bp::conformance {

struct RawReason {
  uint32_t code = 0;
  uint32_t input = BP_NONE;
  uint32_t output = BP_NONE;
  std::string attribute, text;
  bool operator==(const RawReason&) const = default;
};
std::string reason_name(uint32_t code);  // "TYPE", "DYNAMIC_SHAPE"

struct RawVerdict {
  uint32_t kind = 0;
  uint32_t node = 0;
  uint32_t group = BP_NONE;
  std::vector<RawReason> reasons;
  std::vector<uint32_t> wants;
  int64_t cost_ns = 0;
  int64_t workspace_bytes = 0;
  uint32_t struct_size = 0;
  bp_array raw_reasons{};  // strides and sizes only: the elements are gone
  std::vector<uint32_t> reason_struct_sizes;
  bool supported() const { return kind == BP_VERDICT_SUPPORTED; }
  uint32_t want(size_t input) const { return input < wants.size() ? wants[input] : BP_WANT_DEVICE; }
  // The same answer, wherever the provider laid it.
  bool operator==(const RawVerdict& other) const;
};

// What a query answered, in the order of the reports.
struct RawQuery {
  TakenStatus status;
  std::vector<RawVerdict> verdicts;
  // Of that node; nullptr: none was reported.
  const RawVerdict* of(uint32_t node) const;
  bool supports_all(size_t nodes) const;
};
RawQuery query(const RawProvider& provider, const RawView& view, const RawOptions& options);

// Objects of a provider, released at the end.
class OwnedProgram {
 public:
  OwnedProgram(const RawProvider& provider, bp_program program) : provider_(&provider), program_(program) {}
  ~OwnedProgram() { reset(); }
  OwnedProgram(OwnedProgram&& other) noexcept
      : provider_(other.provider_), program_(std::exchange(other.program_, nullptr)) {}
  OwnedProgram& operator=(OwnedProgram&&) = delete;
  bp_program get() const { return program_; }
  const RawProvider& provider() const { return *provider_; }
  void reset();

 private:
  const RawProvider* provider_;
  bp_program program_;
};

class OwnedInstance {
 public:
  OwnedInstance(const RawProvider& provider, bp_instance instance, const bp_instance_info& info)
      : provider_(&provider), instance_(instance), info_(info) {}
  ~OwnedInstance() { reset(); }
  OwnedInstance(OwnedInstance&& other) noexcept
      : provider_(other.provider_), instance_(std::exchange(other.instance_, nullptr)), info_(other.info_) {}
  OwnedInstance& operator=(OwnedInstance&&) = delete;
  bp_instance get() const { return instance_; }
  const bp_instance_info& info() const { return info_; }
  const bp_output_info& output(size_t index) const { return *BP_AT(bp_output_info, info_.outputs, index); }
  const RawProvider& provider() const { return *provider_; }
  void reset();

 private:
  const RawProvider* provider_;
  bp_instance instance_;
  bp_instance_info info_;
};

class OwnedContext {
 public:
  OwnedContext(const RawProvider& provider, bp_context context) : provider_(&provider), context_(context) {}
  ~OwnedContext() { reset(); }
  OwnedContext(OwnedContext&& other) noexcept
      : provider_(other.provider_), context_(std::exchange(other.context_, nullptr)) {}
  OwnedContext& operator=(OwnedContext&&) = delete;
  bp_context get() const { return context_; }
  void reset();

 private:
  const RawProvider* provider_;
  bp_context context_;
};

// How programs and instances are made.
struct MakeArgs {
  uint32_t thread_count = 2;
  RawCancel* cancel = nullptr;
  AbiLayout layout;  // of specs and bindings
};

// A graph, its view, what the provider wants, and the program. Throws CaseEnd(Fail) where a step does not
// succeed.
class RawPartition {
 public:
  RawPartition(const RawProvider& provider, const RawGraph& graph, const RawOptions& options,
               const MakeArgs& args = {}, AbiLayout view_layout = {});

  const RawGraph& graph() const { return graph_; }
  RawView& view() { return *view_; }
  // Whether the view is as it was before query and compile.
  bool view_is_whole() const { return view_->fingerprint() == fingerprint_; }
  const RawProvider& provider() const { return program_->provider(); }
  OwnedProgram& program() { return *program_; }
  const MakeArgs& args() const { return args_; }
  // How input `index` of the binding is wanted, over all nodes.
  uint32_t want(size_t index) const { return wants_[index]; }

 private:
  RawGraph graph_;
  MakeArgs args_;
  std::unique_ptr<RawView> view_;  // outlives the program
  uint64_t fingerprint_;
  std::vector<uint32_t> wants_;
  std::optional<OwnedProgram> program_;
};

// The specs and their host values; to be kept while `args` is used.
class SpecializeArgs {
 public:
  SpecializeArgs(const RawPartition& partition, const std::vector<RawTensor>& inputs,
                 const std::vector<std::vector<int64_t>>& output_dims);
  const bp_specialize_args& get() const { return *args_; }
  bp_specialize_args& get() { return *args_; }
  // The call is over.
  void scribble() { store_.scribble(); }

 private:
  bp_array specs(const std::vector<bp_tensor_spec>& specs);

  AbiStore store_;
  bp_specialize_args* args_ = nullptr;
};

// Dims of the outputs, as the graph states them.
std::vector<std::vector<int64_t>> stated_output_dims(const RawGraph& graph);

OwnedInstance specialize(RawPartition& partition, const std::vector<RawTensor>& inputs);
OwnedContext create_context(const OwnedInstance& instance);

// A context with memory for everything that one run reads and writes.
class RawRun : private RawOutputs {
 public:
  RawRun(RawPartition& partition, const OwnedInstance& instance, const std::vector<RawTensor>& inputs);
  ~RawRun() override;

  // Spoils the outputs, binds, runs, waits for the event. The outputs.
  std::vector<RawTensor> run(RawCancel* cancel = nullptr, char spoil = kSpoil);
  // The steps by themselves.
  TakenStatus bind();
  TakenStatus start(RawCancel* cancel = nullptr);  // run, and record on devices with streams
  TakenStatus wait(int64_t timeout_ns = BP_UNKNOWN);
  std::vector<RawTensor> outputs();

  bp_context context() const { return context_.get(); }
  bp_binding& binding() { return *binding_; }
  // The bind is over: only memory and dims stay valid.
  void scribble_binding() { store_.scribble(); }
  bp_run_args run_args(RawCancel* cancel = nullptr);
  bp_stream stream() const { return stream_; }
  KindMemory& input(size_t index) { return *inputs_[index]; }
  KindMemory& output(size_t index) { return *outputs_[index]; }
  // Fills them with what is nobody's result.
  static constexpr char kSpoil = '\xEE';
  void spoil_outputs(char spoil = kSpoil);
  // Throws CaseEnd(Fail) when memory beside a block was written, or an input changed.
  void expect_no_damage();

 private:
  bool allocate(uint32_t output, std::vector<int64_t> dims, uint64_t size, uint64_t string_size, bp_slice* data,
                bp_slice* string_bytes) override;
  void lay_out(const std::vector<RawTensor>& inputs);
  std::unique_ptr<KindMemory> memory(uint32_t kind, uint64_t size);

  RawPartition& partition_;
  const OwnedInstance& instance_;
  const RawProvider& provider_;
  AbiStore store_;
  std::vector<RawTensor> input_tensors_;
  std::vector<std::vector<int64_t>> stated_dims_;
  std::vector<std::vector<int64_t>> output_dims_;  // true ones, where the run says them
  std::vector<std::unique_ptr<KindMemory>> inputs_, outputs_;
  std::map<size_t, std::unique_ptr<KindMemory>> actual_dims_;  // by output, BOUNDED ones
  std::unique_ptr<KindMemory> workspace_;
  bp_binding* binding_ = nullptr;
  OwnedContext context_;
  bp_stream stream_ = nullptr;
  bp_event event_ = nullptr;
};

// All at once: compile, specialize, run.
std::vector<RawTensor> run_probe_graph(const RawProvider& provider, const RawGraph& graph,
                                       const RawOptions& options, const std::vector<RawTensor>& inputs,
                                       const MakeArgs& args = {}, AbiLayout view_layout = {});

}  // namespace bp::conformance
