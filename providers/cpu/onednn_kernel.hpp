// A step that runs a oneDNN primitive: which operand is which argument, and per context the argument list with
// its memory objects, whose addresses bind() sets.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "kernel.hpp"
#include "onednn_seam.hpp"

namespace bp::cpu {

class OnednnKernel final : public Kernel {
 public:
  struct Argument {
    int id;  // DNNL_ARG_
    dnnl::memory::desc desc;
    size_t operand;  // index in Call::args
  };

  OnednnKernel(const Primitive& description, std::vector<Argument> arguments)
      : make_(description.make), alone_(description.alone), arguments_(std::move(arguments)) {}

  void prepare() override;
  RunError run(const Call& call) const override;
  std::unique_ptr<KernelState> make_state() const override;
  void bind(const Call& call) const override;

 private:
  std::function<dnnl::primitive()> make_;
  bool alone_;  // on one thread, whatever the team
  dnnl::primitive primitive_;
  std::vector<Argument> arguments_;
};

// Runs a reorder once, now, on host memory.
void reorder_now(const dnnl::memory::desc& src, const void* source, const dnnl::memory::desc& dst,
                 void* target);

}  // namespace bp::cpu
