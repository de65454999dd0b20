// One run's mutable side: kernel objects of its own, with their arguments set at bind.
#pragma once

#include <vector>

#include "instance.hpp"
#include "memory.hpp"

namespace bp::opencl {

class Stream;

class Context {
 public:
  using Handle = bp_context;
  explicit Context(const Instance& instance);

  [[nodiscard]] Host host() const noexcept;
  // Only arguments that changed are set.
  void bind(const bp_binding* binding);
  // Enqueues all steps. What fails after the first one poisons the stream.
  void run(const bp_run_args& args);
  void report_spans(bp_run_token token);

 private:
  struct Bound {  // an argument that lies in memory of the binding
    uint32_t step;
    cl_uint index;
    const Argument* argument;
    MemoryPlace last{};
  };
  [[nodiscard]] MemoryPlace place_of_operand(const Operand& operand) const noexcept;
  void set_memory(Bound& bound, MemoryPlace place);
  void enqueue(Stream& stream, size_t step, bool profile);
  void name_spans();

  const Instance& instance_;
  std::vector<ClKernel> kernels_;  // by step
  std::vector<Bound> bounds_;
  std::vector<MemoryPlace> inputs_;
  std::vector<MemoryPlace> outputs_;
  MemoryPlace workspace_{};
  std::vector<ClEvent> spans_;  // by step, of a profiled run
  std::vector<std::string> span_names_;
  bool bound_ = false;
};

// For the table: looks at the struct first.
bp_status run_context(bp_context context, const bp_run_args* args);

}  // namespace bp::opencl
