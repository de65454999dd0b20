// Puts a primitive, its operands, its constants and a chain of post-ops together into one step. For rows with
// LayoutUse::kOwn.
#pragma once

#include <string>
#include <vector>

#include "fusion.hpp"
#include "onednn_kernel.hpp"
#include "onednn_seam.hpp"
#include "ops/op.hpp"

namespace bp::cpu {

class OnednnStep {
 public:
  explicit OnednnStep(Builder& b) : b_(b) {}

  void add(int id, const dnnl::memory::desc& desc, Builder::Ref ref);
  // Reads value in `layout`, which `desc` describes.
  void add_input(int id, uint32_t value, const dnnl::memory::desc& desc, Layout layout);
  // A value that the primitive wants as `wanted` and whose row-major form is `plain`: packed once where it is
  // constant, by a reorder step at every run where it is not.
  void add_packed(int id, uint32_t value, const dnnl::memory::desc& plain, const dnnl::memory::desc& wanted);
  void add_chain(const ChainOperands& chain);
  // Adds scratch memory and the step itself.
  void finish(const Primitive& primitive, std::string name, std::vector<uint32_t> nodes, std::string note = {});

 private:
  Builder& b_;
  std::vector<Builder::Ref> operands_;
  std::vector<OnednnKernel::Argument> arguments_;
};

// The name and nodes of a step that this node and a chain make up.
std::string step_name(const Builder& b, const FusedChain& chain);
std::vector<uint32_t> step_nodes(const Builder& b, const FusedChain& chain);

}  // namespace bp::cpu
