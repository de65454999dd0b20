// Finds what follows a convolution or matrix product and can run with it: additions of a residual or bias,
// activations, scalings. The chain is described first; post-ops are made once the layout of the output is
// known.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "onednn_kernel.hpp"
#include "onednn_seam.hpp"
#include "ops/op.hpp"

namespace bp::cpu {

struct FusedOp {
  enum class Kind {
    kEltwise,    // algorithm(alpha, beta)
    kHardswish,  // x * clip(x + 3, 0, 6) / 6
    kBinary,     // algorithm with `value`, broadcast to the output
  };
  Kind kind = Kind::kEltwise;
  dnnl::algorithm algorithm = dnnl::algorithm::undef;
  float alpha = 0;
  float beta = 0;
  uint32_t value = BP_NONE;
  uint32_t node = BP_NONE;    // the last node that this op stands for
  uint32_t result = BP_NONE;  // the value that it makes
};

struct FusedChain {
  uint32_t start = BP_NONE;  // the value that the convolution itself makes
  std::vector<FusedOp> ops;
  std::vector<std::pair<size_t, uint32_t>> nodes;  // (op it belongs to, node), in order

  uint32_t result() const { return ops.empty() ? start : ops.back().result; }
  void cut_last_node();                        // takes the last node, and all of its ops, out again
  std::string name(const Graph& graph) const;  // "+Add+Relu"
};

// The chain behind `value`, whose dims are `dims`; empty where fusion is off.
FusedChain find_chain(Builder& b, uint32_t value, const Dims& dims);

// The post-ops of a chain whose output has `layout`; operands are read in that layout. The kernel's further
// operands and arguments are added to `operands` and `arguments`.
struct ChainOperands {
  dnnl::post_ops post_ops;
  struct Extra {
    int id;
    dnnl::memory::desc desc;
    uint32_t value;
    Layout layout;
    Builder::Ref constant = {};  // instead of a value
  };
  std::vector<Extra> extras;
  uint32_t sum_value = BP_NONE;  // the output is written over this value, which is added
};
// Adds the post-ops of a chain whose output has `dims` and `layout`; operands of the same dims are read in that
// layout. The primitive sees its output as `seen`: equal to `dims`, or the same elements under other dims.
// Throws Error where an operand cannot be seen so.
void append_chain(Builder& b, const FusedChain& chain, const Dims& dims, const Dims& seen, Layout layout,
                  ChainOperands& operands);

// Writes the result of the chain: takes the memory of the summed value or new memory, absorbs the nodes.
Builder::Ref finish_chain(Builder& b, const FusedChain& chain, const ChainOperands& operands, Dims dims,
                          Layout layout);

}  // namespace bp::cpu
