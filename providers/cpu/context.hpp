// One run's mutable side: the operands' addresses of every step, filled at bind, and the kernels' own state.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "instance.hpp"

namespace bp::cpu {

class Context {
 public:
  explicit Context(const Instance& instance);

  const bp_host* host() const noexcept;
  // Takes new addresses; only steps with a changed one are touched.
  void bind(const bp_binding& binding);
  // Runs the steps in order. NULL, or the status of the first step that failed.
  bp_status run(const bp_run_args& args) noexcept;

 private:
  struct Armed {
    const Kernel* kernel;
    Call call;
  };
  void* address(const Operand& operand) const noexcept;
  bp_status failed(size_t step, RunError error) const noexcept;
  bp_status run_steps(const bp_run_args& args) noexcept;
  bp_status run_watched(const bp_run_args& args) noexcept;
  bp_status give_texts(const TextOutput& output, const bp_run_args& args) const noexcept;
  void name_spans();

  const Instance& instance_;
  std::vector<void*> inputs_;
  std::vector<void*> input_texts_;
  std::vector<void*> outputs_;
  std::vector<void*> output_dims_;
  void* workspace_ = nullptr;
  std::vector<void*> args_;  // of all steps, one after the other
  std::vector<std::unique_ptr<KernelState>> states_;
  std::vector<Armed> armed_;
  std::vector<std::string> span_names_;  // by step; made at the first profiled run
  bool bound_ = false;
};

}  // namespace bp::cpu
