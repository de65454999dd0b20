// Makes an Instance from a Program: walks the nodes in order, lets each row build itself for the concrete dims,
// keeps track of where every value lies and in which layout, then plans the workspace with the host's planner.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "instance.hpp"
#include "node_records.hpp"
#include "ops/op.hpp"
#include "program.hpp"

namespace bp::cpu {

// A piece of memory during building. Several values may be views of one; in-place steps merge two.
struct Storage {
  Place place = Place::kWorkspace;
  uint32_t number = 0;
  uint64_t bytes = 0;
  const void* constant = nullptr;
  const Constants::Packed* packed = nullptr;  // the constant, when it is filled
  uint32_t merged_into = BP_NONE;             // in place: this storage is that one, or (a part) lies in it
  uint64_t merged_at = 0;                     // a part: where in that one
  bool part = false;                          // written straight into the memory of a joined value
  std::vector<uint32_t> values;               // that have a copy here
};

// One copy of a value: where and how it lies.
struct Copy {
  uint32_t storage = BP_NONE;
  uint64_t offset = 0;
  Layout layout = Layout::kPlain;
};

// What is known of a value while its program is built.
struct ValueState {
  bool known = false;  // dims and copies are set
  bool bounded = false;
  bool grown = false;            // a string output whose elements lie in memory of the step
  uint32_t true_dims = BP_NONE;  // storage of a string output's dims where they depend on data
  Dims dims;
  std::vector<Copy> copies;
  HostTensor host;  // data != nullptr or has_host: contents known now
  bool has_host = false;
};

struct BuildOperand {
  uint32_t storage = BP_NONE;
  uint64_t offset = 0;
};

struct BuildStep {
  std::shared_ptr<Kernel> kernel;
  std::vector<BuildOperand> operands;
  std::vector<std::pair<uint32_t, uint32_t>> in_place;  // (output storage, input storage)
  std::shared_ptr<StepInfo> info = std::make_shared<StepInfo>();
  bool prepared = false;  // the kernel is
};

// What building a node looked at, what it found there, and what it did (see node_records.hpp).
struct NodeRecord {
  uint32_t first_storage = 0;                           // storages that there were
  std::vector<uint64_t> seen;                           // values, storages and nodes
  std::vector<uint64_t> found;                          // all of them one after the other
  std::vector<std::pair<uint32_t, ValueState>> values;  // changed
  std::vector<std::pair<uint32_t, Storage>> storages;   // changed
  std::vector<Storage> added;
  std::vector<BuildStep> steps;
  std::vector<uint32_t> absorbed;  // nodes
};

class Specializer {
 public:
  // `convolutions`: the layout in which they leave their results, see layout_choice.
  Specializer(const Program& program, const bp_specialize_args& args, Layout convolutions);
  std::unique_ptr<Instance> make();
  // For rows that put values beside each other. Has what makes the `bytes` at `part` write them into `whole` at
  // `offset` at once, so that nothing is to be copied; later readers find them there. False where that cannot
  // be: the memory is not ours, holds more, or lies askew.
  bool join(Builder::Ref part, Builder::Ref whole, uint64_t offset, uint64_t bytes);

 private:
  friend class Builder;

  using ValueState = cpu::ValueState;
  using BuildOperand = cpu::BuildOperand;
  using BuildStep = cpu::BuildStep;

  void set_inputs();
  void read_texts(uint32_t value, uint32_t input);
  void build_node(uint32_t index);
  void release_inputs(const Node& node);
  Layout pointwise_layout(const Node& node) const;
  void finish_outputs();
  void prepare_kernels();
  void merge_in_place();
  std::vector<uint32_t> offered_inputs() const;  // per output: an input whose memory it may take, or BP_NONE
  void plan();
  std::unique_ptr<Instance> resolve();
  Operand resolve_operand(const BuildOperand& operand) const;

  uint32_t add_storage(Place place, uint64_t bytes, uint32_t number = 0, const void* constant = nullptr);
  uint32_t root(uint32_t storage) const;
  uint64_t offset_in_root(uint32_t storage) const;
  bool is_part(uint32_t storage) const;
  // The copy of a value in `layout`; adds a reorder step where there is none.
  Copy copy_in(uint32_t value, Layout layout);
  const HostTensor* host_value(uint32_t value);
  void define(uint32_t value, Dims dims, Layout layout);
  // The storage of a packed constant.
  uint32_t pack(const std::string& key, uint64_t bytes, std::function<void(void*)> fill);
  void set_copy(uint32_t value, Copy copy);  // the value's first copy
  Copy reordered(uint32_t value, const Copy& from, Layout layout);
  // Between one element per byte and the packed form in which such elements cross the ABI.
  Copy repacked(uint32_t value, const Copy& from, Layout layout);
  Layout border_layout(uint32_t value) const;  // in which a value crosses the ABI
  uint64_t storage_bytes(uint32_t value, Layout layout = Layout::kPlain) const;
  void add_copy_step(uint32_t value, uint32_t output);

  // --- rebuild.cpp ---
  void start_records();
  void keep_records();
  bool takes_over(uint32_t node);  // what the last build did for it; false where it must be built
  void begin_record(uint32_t node);
  void end_record(uint32_t node);
  // All that a build looks at passes through these, before it is used...
  void see(uint32_t value);
  void see_storage(uint32_t storage);
  void see_node(uint32_t node);
  // ... and all that it changes through these.
  ValueState& change(uint32_t value);
  Storage& change_storage(uint32_t storage);
  void describe_value(uint32_t value, std::vector<uint64_t>& words) const;
  void describe_storage(uint32_t storage, std::vector<uint64_t>& words) const;
  void describe(uint64_t key, std::vector<uint64_t>& words) const;

  const Program& program_;
  const bp_specialize_args& args_;
  Layout convolution_layout_;
  int threads_;
  std::vector<ValueState> values_;
  std::vector<uint32_t> uses_left_;  // by value: reading nodes not built yet
  std::vector<Storage> storages_;
  std::vector<BuildStep> steps_;
  std::vector<Constants::Packed*> packs_;  // to be filled before the first run
  std::vector<Kernel*> fresh_kernels_;     // to be prepared
  std::vector<bool> skipped_nodes_;        // absorbed into an earlier step
  std::vector<uint64_t> offsets_;          // per storage, in the workspace
  uint64_t workspace_bytes_ = 0;
  struct BuiltTexts {
    uint32_t output;
    BuildOperand elements;
  };
  std::vector<BuiltTexts> text_outputs_;

  bool records_ = false;  // the dims are open: other ones may come
  NodeRecords::List last_, made_;
  std::shared_ptr<NodeRecord> recording_;  // of the node that is being built
  size_t first_step_ = 0;                  // its first
  uint32_t stamp_ = 0;                     // marks what it has seen
  std::vector<uint32_t> seen_values_, seen_storages_, seen_nodes_;
  std::vector<uint64_t> scratch_;
};

}  // namespace bp::cpu
