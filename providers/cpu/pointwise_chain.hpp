// Finds pointwise nodes that depend on each other and whose outputs have the same dims, and makes one step of
// them that reads and writes memory once.
#pragma once

#include <array>
#include <map>
#include <set>
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
  std::array<Term, 2> channels(uint32_t output, std::vector<uint32_t> values, int64_t count,
                               ChannelNumbers make);
  Term emit(PointwiseInstruction instruction, Type type);  // `out` is set here
  Term converted(Term x, Type to, NarrowMode mode = {});

 private:
  struct Channels {
    std::array<Term, 2> terms;
    std::vector<uint32_t> values;
    int64_t count;
    ChannelNumbers make;
    uint32_t output;  // the node's
  };
  struct Result {
    uint32_t value;
    Slot slot;
  };
  struct Size {  // to go back to
    size_t slots, instructions, conversions, members, channels;
  };

  bool add(uint32_t node, int depth);
  bool express(uint32_t node);
  void go_back(const Size& size);
  bool is_output(uint32_t value) const;
  bool follows(const Dims& dims) const;
  Layout choose_layout() const;
  std::vector<Result> results();
  std::set<Slot> drop_unused(const std::vector<Result>& results);
  void bind(PointwiseSlot& slot, Builder::Ref ref, Layout layout, Builder::RawStep& step) const;
  void read_operands(const std::set<Slot>& read, Layout layout, Builder::RawStep& step);
  Builder::Ref channel_numbers(const Channels& channels);
  bool may_write_over(Slot output, Slot input) const;
  void place_registers();

  Builder& b_;
  const Graph& graph_;
  Dims dims_;
  PointwiseProgram program_;
  std::map<uint32_t, Term> in_memory_;  // values
  std::map<uint32_t, Term> computed_;
  std::vector<uint32_t> members_;
  std::set<uint32_t> member_values_;
  std::vector<Channels> channels_;
  std::map<uint16_t, uint32_t> operands_;  // slot -> value that is read
};

}  // namespace bp::cpu
