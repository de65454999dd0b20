// Finds pointwise nodes that depend on each other and whose outputs have the same dims, and makes one step of
// them that reads and writes memory once.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "kernels/pointwise_program.hpp"
#include "ops/expression.hpp"
#include "ops/op.hpp"

namespace bp::cpu {

// Builds the node and those that follow it in a chain, as far as their other inputs are there. False where the
// node is better built alone.
bool build_pointwise_chain(Builder& b);

// The chain of one Builder's node while it grows.
class PointwiseChain {
 public:
  explicit PointwiseChain(Builder& b);
  // False: the first node cannot be expressed.
  bool grow();
  // False: nothing is gained; nothing has been changed then.
  bool finish();

  // For Expression.
  Builder& builder() noexcept { return b_; }
  const Dims& dims_of(uint32_t value) const;
  Type type(Term term) const { return program_.slots[term.slot].type; }
  Term value(uint32_t value);     // as it lies in memory
  Term computed(uint32_t value);  // 16-bit floats as float32
  Term number(double value, Type type);
  Term channels(const std::string& key, std::vector<float> numbers);
  Term emit(PointwiseInstruction instruction, Type type);  // `out` is set here
  Term converted(Term x, Type to, NarrowMode mode = {});

 private:
  struct Numbers {
    Term term;
    std::string key;
    std::vector<float> numbers;
  };
  struct Size {  // to go back to
    size_t slots, instructions, conversions, members, numbers;
  };

  bool add(uint32_t node, int depth);
  bool express(uint32_t node);
  void go_back(const Size& size);
  bool is_output(uint32_t value) const;
  void drop_unused(const std::vector<Term>& outputs);
  Layout choose_layout() const;
  bool follows(const Dims& dims) const;
  void place_registers();
  bool may_write_over(Slot output, Slot input) const;

  Builder& b_;
  const Graph& graph_;
  Dims dims_;
  PointwiseProgram program_;
  std::map<uint32_t, Term> in_memory_;  // values
  std::map<uint32_t, Term> computed_;
  std::vector<uint32_t> members_;
  std::set<uint32_t> member_values_;
  std::vector<Numbers> numbers_;
  std::map<uint16_t, uint32_t> operands_;  // slot -> value that is read
};

}  // namespace bp::cpu
