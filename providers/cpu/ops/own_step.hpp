// One step of a row with LayoutUse::kOwn that needs more than inputs and outputs: memory of its own, constants
// packed once, a layout for what it writes. Operands are the node's inputs, its outputs, then what was added.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ops/op.hpp"

namespace bp::cpu {

class OwnStep {
 public:
  // Inputs are read row-major, but for the first, which may be wanted in another layout. States the one output.
  OwnStep(Builder& b, Dims output, Layout first_input = Layout::kPlain, Layout output_layout = Layout::kPlain)
      : b_(b), empty_(element_count(output) == 0) {
    for (size_t i = 0; i < b.input_count(); ++i) {
      const Layout layout = i == 0 ? first_input : Layout::kPlain;
      operands_.push_back(b.has_input(i) ? b.read(b.node().inputs[i], layout) : Builder::Ref{});
    }
    output_ = operands_.size();
    operands_.push_back(b.write(b.node().outputs[0], std::move(output), output_layout));
  }

  size_t output() const noexcept { return output_; }
  size_t operand(Builder::Ref ref) { return add(ref); }
  size_t scratch(uint64_t bytes) { return add(b_.scratch_ref(bytes)); }
  // Memory that `fill` writes once per program and `key`.
  size_t packed(const std::string& key, uint64_t bytes, std::function<void(void*)> fill) {
    return add(b_.packed_ref(key, bytes, std::move(fill)));
  }

  template <class F>
  void run(F function, std::string_view implementation) {
    if (empty_) return;
    Builder::RawStep step;
    step.kernel = make_kernel(std::move(function));
    step.operands = std::move(operands_);
    step.name = b_.node().op_type;
    step.implementation = implementation;
    step.nodes = {b_.node_index()};
    b_.raw_step(std::move(step));
  }

 private:
  size_t add(Builder::Ref ref) {
    operands_.push_back(ref);
    return operands_.size() - 1;
  }

  Builder& b_;
  bool empty_;
  size_t output_ = 0;
  std::vector<Builder::Ref> operands_;
};

}  // namespace bp::cpu
