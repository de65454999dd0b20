// Session: a model placed on devices, compiled and ready to run. Called from many threads at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backplane/device_memory.hpp"
#include "backplane/environment.hpp"
#include "backplane/export.hpp"
#include "backplane/model.hpp"
#include "backplane/report.hpp"
#include "backplane/status.hpp"
#include "backplane/value.hpp"

namespace bp {

enum class OptimizationLevel : uint8_t {
  kNone,   // the graph runs node by node, as it stands in the file
  kBasic,  // simplification that keeps every operator recognizable
  kAll,
};

struct ShapeRange {
  std::vector<int64_t> min_dims, opt_dims, max_dims;
};

struct SessionOptions {
  // Devices in order of preference: "CUDA:1", a provider id, its short name ("CUDA") or a kind ("gpu").
  // Each must be usable, or creation fails. Empty: all available ones in their declared order.
  std::vector<std::string> providers;
  // Cost decides between devices instead of the order alone.
  bool automatic = false;
  // "provider.option" -> value, checked against what the provider lists. The provider is its id or short name.
  std::map<std::string, std::string> options;
  OptimizationLevel optimization = OptimizationLevel::kAll;
  uint32_t threads = 0;                            // 0: one per core that this process may use
  uint64_t memory_limit_bytes = 0;                 // planned memory of one run; 0: no limit
  std::map<std::string, int64_t> fixed_dims;       // symbol -> size
  std::map<std::string, ShapeRange> shape_ranges;  // input name -> range; opt_dims is compiled at once
  bool deterministic = false;                      // the same bits at every run, with any number of threads
  std::string profile_path;                        // a trace of every run, for Perfetto; empty: off
  std::string saved_programs;                      // a file of `save_programs`; used where it fits
  // Called during creation: 0..1 and what is being done.
  std::function<void(double, std::string_view)> progress;
};

struct RunOptions {
  // Polled between steps and by providers; a run that sees it true ends with CANCELLED. May be nullptr.
  const std::atomic<bool>* cancel = nullptr;
  int64_t timeout_ns = -1;  // -1: none
  std::string log_tag;
  // Gets the spans of this run alone, in the order in which they ended, instead of the session's profile. Only
  // runs that are waited for collect them: Session::start refuses. May be nullptr.
  std::vector<RunSpan>* spans = nullptr;
};

using NamedValue = std::pair<std::string, Value>;

// Inputs and outputs fixed once, for the quickest run. One thread at a time; keep one per thread.
class BP_API IoBinding {
 public:
  IoBinding(IoBinding&&) noexcept;
  IoBinding& operator=(IoBinding&&) noexcept;
  ~IoBinding();

  // The value's memory, on the host or on a device of the session, is read at each run. NOT_FOUND (nearest name
  // offered), INVALID_ARGUMENT (type, rank, dims).
  Status bind_input(const std::string& name, Value value);
  // The result is written into the value's memory, whose dims must be those of the result.
  Status bind_output(const std::string& name, Value value);
  // The result stays in that memory: allocated by the session once its dims are known, also when they depend on
  // data; output() gives it.
  Status bind_output(const std::string& name, const DeviceMemory& memory);
  // The result of the last run: the bound value, or one that the session allocated.
  Result<Value> output(const std::string& name) const;
  // Results in the model's order.
  std::vector<Value> outputs() const;
  // Waits until what Session::start began with this binding is complete; its error otherwise.
  Status synchronize();

  class Impl;
  Impl& impl() const noexcept { return *impl_; }
  explicit IoBinding(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

class BP_API Session {
 public:
  static Result<Session> create(const Environment& environment, const Model& model,
                                const SessionOptions& options = {});
  // Loads the model too; the report then holds the time of loading.
  static Result<Session> create(const Environment& environment, const std::string& model_path,
                                const SessionOptions& options = {});

  const std::vector<ValueInfo>& inputs() const noexcept;
  const std::vector<ValueInfo>& outputs() const noexcept;

  // By name, in any order; inputs with defaults may be left out. Returns all outputs in the model's order, or
  // those named in `output_names`, in that order.
  Result<std::vector<Value>> run(std::span<const NamedValue> inputs,
                                 std::span<const std::string> output_names = {},
                                 const RunOptions& options = {}) const;
  // By position, in the model's order.
  Result<std::vector<Value>> run(std::span<const Value> inputs, const RunOptions& options = {}) const;
  // With everything bound before. Fixed shapes: no allocation, no look-up.
  Status run(IoBinding& binding, const RunOptions& options = {}) const;
  // The same without waiting: enqueues the run on its device and returns. Bound inputs stay unchanged, and
  // outputs are read, only after IoBinding::synchronize. Runs may be started one behind the other. Plans in
  // which the host has work of its own (several devices, shapes that depend on data, synchronous devices) wait
  // where they must; report() lists each such wait.
  Status start(IoBinding& binding, const RunOptions& options = {}) const;
  Result<IoBinding> bind() const;

  // Where each device of the session wants its data, in order of preference.
  std::vector<DeviceMemory> device_memories() const;
  // The one of "CUDA:0", or of the first "CUDA". NOT_FOUND.
  Result<DeviceMemory> device_memory(const std::string& device) const;

  // Where each node runs and why, copies, memory against the lower bound, times of the phases.
  SessionReport report() const;
  // The graph as it runs, as ONNX.
  Status save_optimized_model(const std::string& path) const;
  // All compiled programs in one file, for SessionOptions::saved_programs.
  Status save_programs(const std::string& path) const;
  // Writes the profile collected so far to SessionOptions::profile_path.
  Status write_profile() const;

  class Impl;

 private:
  explicit Session(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace bp
