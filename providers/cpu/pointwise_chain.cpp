// A chain runs where its first node stands, so every other input of its nodes must be there by then: it grows
// by readers of its values, and by what these readers need besides.
#include "pointwise_chain.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <utility>

#include "kernels/broadcast.hpp"
#include "ops/blocked.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

using SlotKind = PointwiseSlot::Kind;
using Kind = PointwiseInstruction::Kind;

constexpr size_t kMaxInstructions = 48;
constexpr size_t kMaxSlots = kMaxPointwiseSlots - 16;  // results that need a copy take some more
constexpr int kMaxDepth = 8;

constexpr TypeMask kHalves = mask(Type::kFloat16, Type::kBfloat16);
constexpr TypeMask kComputed = mask(Type::kFloat32, Type::kFloat64, Type::kInt32, Type::kInt64, Type::kBool);

// Types that the frame reorders.
constexpr TypeMask kReordered = mask(Type::kFloat32, Type::kFloat16, Type::kBfloat16, Type::kInt32);

template <class F>
void for_inputs(const PointwiseInstruction& i, F&& f) {
  f(i.a);
  if (i.kind == Kind::kBinary || i.kind == Kind::kSelect) f(i.b);
  if (i.kind == Kind::kSelect) f(i.c);
}

Dims padded(const Dims& dims, size_t rank) {
  Dims result(rank - dims.size(), 1);
  result.insert(result.end(), dims.begin(), dims.end());
  return result;
}

bool is_row_of_channels(const Dims& dims) {
  return std::all_of(dims.begin() + 2, dims.end(), [](int64_t dim) { return dim == 1; });
}

}  // namespace

PointwiseChain::PointwiseChain(Builder& b) : b_(b), graph_(b.graph()) {}

const Dims& PointwiseChain::dims_of(uint32_t value) const {
  return member_values_.contains(value) ? dims_ : b_.value_dims(value);
}

Term PointwiseChain::value(uint32_t value) {
  if (const auto found = in_memory_.find(value); found != in_memory_.end()) return found->second;
  const Type type = graph_.values[value].type;
  if ((mask(type) & (kComputed | kHalves)) == 0) return {};
  PointwiseSlot slot;
  slot.kind = SlotKind::kOperand;
  slot.type = type;
  slot.dims = b_.value_dims(value);
  program_.slots.push_back(std::move(slot));
  const Term term{static_cast<uint16_t>(program_.slots.size() - 1)};
  in_memory_[value] = term;
  operands_[term.slot] = value;
  return term;
}

Term PointwiseChain::computed(uint32_t value) {
  if ((mask(graph_.values[value].type) & kHalves) == 0) return this->value(value);
  if (const auto found = computed_.find(value); found != computed_.end()) return found->second;
  const Term memory = this->value(value);
  return computed_[value] = converted(memory, Type::kFloat32);
}

Term PointwiseChain::number(double value, Type type) {
  PointwiseSlot slot;
  slot.kind = SlotKind::kNumber;
  slot.type = type;
  if (type == Type::kFloat32) {
    slot.bits = std::bit_cast<uint32_t>(static_cast<float>(value));
  } else if (type == Type::kFloat64) {
    slot.bits = std::bit_cast<uint64_t>(value);
  } else {
    slot.bits = static_cast<uint64_t>(static_cast<int64_t>(value));  // the low bytes come first
  }
  program_.slots.push_back(std::move(slot));
  return {static_cast<uint16_t>(program_.slots.size() - 1)};
}

Term PointwiseChain::channels(const std::string& key, std::vector<float> numbers) {
  PointwiseSlot slot;
  slot.kind = SlotKind::kOperand;
  slot.dims = {static_cast<int64_t>(numbers.size())};
  program_.slots.push_back(std::move(slot));
  const Term term{static_cast<uint16_t>(program_.slots.size() - 1)};
  numbers_.push_back({term, key, std::move(numbers)});
  return term;
}

Term PointwiseChain::emit(PointwiseInstruction instruction, Type type) {
  PointwiseSlot slot;
  slot.type = type;
  program_.slots.push_back(std::move(slot));
  instruction.out = static_cast<Slot>(program_.slots.size() - 1);
  program_.instructions.push_back(instruction);
  return {instruction.out};
}

Term PointwiseChain::converted(Term x, Type to, NarrowMode mode) {
  const Type from = type(x);
  if (from == to) return x;
  if ((mask(to) & (kComputed | kHalves)) == 0) return {};
  PointwiseInstruction instruction;
  instruction.kind = Kind::kConvert;
  instruction.a = x.slot;
  instruction.type = from;
  instruction.conversion = static_cast<uint32_t>(program_.conversions.size());
  program_.conversions.emplace_back(from, to, mode);
  return emit(instruction, to);
}

// Takes the node in when it can be computed here.
bool PointwiseChain::express(uint32_t index) {
  const Node& node = graph_.nodes[index];
  Expression expression(*this, node);
  Term result = node.row->pointwise(expression);
  if (!result || program_.instructions.size() > kMaxInstructions || program_.slots.size() > kMaxSlots)
    return false;
  Dims dims;
  if (!broadcast_dims(expression.dims(), dims)) return false;
  if (members_.empty()) {
    if (element_count(dims) == 0) return false;
    dims_ = dims;
  }
  if (dims != dims_) return false;
  const uint32_t output = node.outputs[0];
  const Type type = graph_.values[output].type;
  if (this->type(result) != type) {
    if (this->type(result) != Type::kFloat32 || (mask(type) & kHalves) == 0) return false;
    result = converted(result, type);
  }
  in_memory_[output] = result;
  if ((mask(type) & kHalves) != 0) computed_[output] = converted(result, Type::kFloat32);
  members_.push_back(index);
  member_values_.insert(output);
  return true;
}

void PointwiseChain::go_back(const Size& size) {
  program_.slots.resize(size.slots);
  program_.instructions.resize(size.instructions);
  program_.conversions.erase(program_.conversions.begin() + static_cast<ptrdiff_t>(size.conversions),
                             program_.conversions.end());
  numbers_.erase(numbers_.begin() + static_cast<ptrdiff_t>(size.numbers), numbers_.end());
  for (size_t i = size.members; i < members_.size(); ++i) {
    const uint32_t output = graph_.nodes[members_[i]].outputs[0];
    member_values_.erase(output);
    in_memory_.erase(output);
    computed_.erase(output);
  }
  members_.resize(size.members);
  const auto gone = [&](const auto& entry) { return entry.second.slot >= size.slots; };
  std::erase_if(in_memory_, gone);
  std::erase_if(computed_, gone);
  std::erase_if(operands_, [&](const auto& entry) { return entry.first >= size.slots; });
}

bool PointwiseChain::add(uint32_t index, int depth) {
  const Node& node = graph_.nodes[index];
  if (node.row == nullptr || node.row->pointwise == nullptr || b_.is_absorbed(index)) return false;
  if (node.outputs.size() != 1 || node.outputs[0] == BP_NONE) return false;
  const Size before{program_.slots.size(), program_.instructions.size(), program_.conversions.size(),
                    members_.size(), numbers_.size()};
  bool fits = true;
  for (size_t i = 0; fits && i < node.inputs.size(); ++i) {
    const uint32_t input = node.inputs[i];
    if (input == BP_NONE || member_values_.contains(input) || b_.is_ready(input)) continue;
    const uint32_t producer = graph_.values[input].producer;
    fits = !members_.empty() && producer != BP_NONE && producer < graph_.nodes.size() && depth < kMaxDepth &&
           add(producer, depth + 1);
  }
  if (fits && express(index)) return true;
  go_back(before);
  return false;
}

bool PointwiseChain::grow() {
  if (!add(b_.node_index(), 0)) return false;
  std::set<uint32_t> candidates;
  size_t seen = 0;
  const auto add_readers = [&] {
    for (; seen < members_.size(); ++seen) {
      const auto& uses = graph_.values[graph_.nodes[members_[seen]].outputs[0]].uses;
      candidates.insert(uses.begin(), uses.end());
    }
  };
  for (add_readers(); !candidates.empty(); add_readers()) {
    const uint32_t next = *candidates.begin();
    candidates.erase(candidates.begin());
    if (std::find(members_.begin(), members_.end(), next) == members_.end()) add(next, 0);
  }
  std::sort(members_.begin(), members_.end());
  return true;
}

bool PointwiseChain::is_output(uint32_t value) const {
  const Value& v = graph_.values[value];
  return v.output_uses > 0 || std::any_of(v.uses.begin(), v.uses.end(), [&](uint32_t use) {
           return !std::binary_search(members_.begin(), members_.end(), use);
         });
}

void PointwiseChain::drop_unused(const std::vector<Term>& outputs) {
  std::set<Slot> needed;
  for (const Term term : outputs) needed.insert(term.slot);
  auto& instructions = program_.instructions;
  for (size_t i = instructions.size(); i-- > 0;) {
    if (needed.contains(instructions[i].out)) {
      for_inputs(instructions[i], [&](Slot slot) { needed.insert(slot); });
    } else {
      instructions.erase(instructions.begin() + static_cast<ptrdiff_t>(i));
    }
  }
}

// Whether an operand of `dims` can be read where the full ones lie otherwise than row-major.
bool PointwiseChain::follows(const Dims& dims) const {
  if (element_count(dims) == 1 || dims.size() > dims_.size()) return true;
  const Dims wide = padded(dims, dims_.size());
  return wide[1] == 1 || is_row_of_channels(wide) || dims.size() == dims_.size();
}

// The layout of the first operand of full size that does not lie row-major, if all others can follow it.
Layout PointwiseChain::choose_layout() const {
  if (dims_.size() < 3) return Layout::kPlain;
  Layout layout = Layout::kPlain;
  for (const auto& [slot, value] : operands_) {
    if (b_.value_dims(value) != dims_ || graph_.values[value].constant) continue;
    layout = b_.layout_of(value);
    if (layout != Layout::kPlain) break;
  }
  if (layout == Layout::kPlain) return layout;
  const int64_t block = channel_block(layout);
  if (block > 0 && dims_[1] % block != 0) return Layout::kPlain;
  const auto reordered = [&](uint32_t value) { return (mask(graph_.values[value].type) & kReordered) != 0; };
  for (const auto& [slot, value] : operands_) {
    const Dims& dims = b_.value_dims(value);
    if (!follows(dims) || (dims == dims_ && !reordered(value))) return Layout::kPlain;
  }
  for (const uint32_t member : members_) {
    const uint32_t output = graph_.nodes[member].outputs[0];
    if (is_output(output) && !reordered(output)) return Layout::kPlain;
  }
  return layout;
}

void PointwiseChain::place_registers() {
  auto& slots = program_.slots;
  std::map<Slot, size_t> last_use;
  for (size_t i = 0; i < program_.instructions.size(); ++i) {
    for_inputs(program_.instructions[i], [&](Slot slot) { last_use[slot] = i; });
  }
  std::vector<uint32_t> free;
  uint32_t places = 0;
  for (size_t i = 0; i < program_.instructions.size(); ++i) {
    const PointwiseInstruction& instruction = program_.instructions[i];
    const auto release = [&](bool same_bytes) {
      std::set<Slot> ended;
      for_inputs(instruction, [&](Slot slot) {
        const bool same = instruction.kind != Kind::kConvert &&
                          element_size(slots[slot].type) == element_size(slots[instruction.out].type);
        if (slots[slot].kind == SlotKind::kRegister && last_use[slot] == i && same == same_bytes)
          ended.insert(slot);
      });
      for (const Slot slot : ended) free.push_back(slots[slot].place);
    };
    release(true);  // a result may take the place of what it is made of, element for element
    if (slots[instruction.out].kind == SlotKind::kRegister) {
      if (free.empty()) free.push_back(places++);
      slots[instruction.out].place = free.back();
      free.pop_back();
    }
    release(false);
  }
}

// An output over an input: nothing may read the input after the output is written.
bool PointwiseChain::may_write_over(Slot output, Slot input) const {
  if (element_size(program_.slots[output].type) != element_size(program_.slots[input].type)) return false;
  bool written = false;
  for (const PointwiseInstruction& instruction : program_.instructions) {
    bool reads = false;
    for_inputs(instruction, [&](Slot slot) { reads |= slot == input; });
    const bool writes = instruction.out == output;
    if (reads && (written || (writes && instruction.kind == Kind::kConvert))) return false;
    written |= writes;
  }
  return true;
}

bool PointwiseChain::finish() {
  const Layout layout = choose_layout();
  // A node alone has its own kernel, but for layouts that this does not know.
  const Row& row = *b_.node().row;
  if (members_.size() == 1 && (layout == Layout::kPlain || row.layouts == LayoutUse::kPointwise)) return false;

  std::vector<uint32_t> results;
  std::vector<Term> terms;
  for (const uint32_t member : members_) {
    const uint32_t output = graph_.nodes[member].outputs[0];
    if (!is_output(output)) continue;
    Term term = in_memory_.at(output);
    const bool taken =
        std::any_of(terms.begin(), terms.end(), [&](Term other) { return other.slot == term.slot; });
    if (taken || program_.slots[term.slot].kind != SlotKind::kRegister) {
      PointwiseInstruction copy;
      copy.kind = Kind::kConvert;
      copy.a = term.slot;
      copy.type = type(term);
      copy.conversion = static_cast<uint32_t>(program_.conversions.size());
      program_.conversions.emplace_back(copy.type, copy.type);
      term = emit(copy, copy.type);
    }
    results.push_back(output);
    terms.push_back(term);
  }
  if (results.empty()) return false;
  drop_unused(terms);

  Builder::RawStep step;
  std::set<Slot> read;
  for (const PointwiseInstruction& instruction : program_.instructions) {
    for_inputs(instruction, [&](Slot slot) { read.insert(slot); });
  }
  const Dims lying = lying_dims(dims_, layout);
  const auto lie = [&](PointwiseSlot& slot) {
    if (element_count(slot.dims) == 1) slot.dims = {};
    if (!slot.dims.empty() && layout != Layout::kPlain) {
      const Dims wide = padded(slot.dims, dims_.size());
      slot.dims = lying_dims(wide, layout);
      if (wide[1] == 1) slot.dims.back() = 1;  // no block of channels
    }
    slot.operand = static_cast<uint32_t>(step.operands.size());
  };
  for (const auto& [index, value] : operands_) {
    if (!read.contains(index)) continue;
    PointwiseSlot& slot = program_.slots[index];
    const Dims wide = slot.dims.size() <= dims_.size() ? padded(slot.dims, dims_.size()) : slot.dims;
    const bool plain =
        layout == Layout::kPlain || element_count(slot.dims) == 1 || wide[1] == 1 || is_row_of_channels(wide);
    lie(slot);
    step.operands.push_back(b_.read(value, plain ? Layout::kPlain : layout));
  }
  for (const Numbers& numbers : numbers_) {
    if (!read.contains(numbers.term.slot)) continue;
    PointwiseSlot& slot = program_.slots[numbers.term.slot];
    slot.dims.resize(dims_.size() - 1, 1);
    lie(slot);
    const uint64_t bytes = numbers.numbers.size() * sizeof(float);
    step.operands.push_back(b_.packed_ref(numbers.key, bytes, [held = numbers.numbers](void* memory) {
      std::memcpy(memory, held.data(), held.size() * sizeof(float));
    }));
  }
  std::vector<Slot> inputs;
  for (const auto& [index, value] : operands_) {
    if (read.contains(index) && b_.value_dims(value) == dims_) inputs.push_back(index);
  }
  for (size_t i = 0; i < results.size(); ++i) {
    PointwiseSlot& slot = program_.slots[terms[i].slot];
    slot.kind = SlotKind::kOperand;
    slot.written = true;
    slot.dims = lying;
    slot.operand = static_cast<uint32_t>(step.operands.size());
    step.operands.push_back(b_.write(results[i], dims_, layout));
  }
  // Each input is offered to one output.
  for (const Slot input : inputs) {
    for (const Term term : terms) {
      if (!may_write_over(term.slot, input)) continue;
      step.in_place.emplace_back(program_.slots[term.slot].operand, program_.slots[input].operand);
      break;
    }
  }
  place_registers();
  for (const uint32_t member : members_) {
    if (!step.name.empty()) step.name += "+";
    step.name += graph_.nodes[member].op_type;
    if (member != b_.node_index()) b_.absorb(member);
  }
  step.nodes = members_;
  step.implementation = "chain";
  program_.dims = lying;
  step.kernel = make_pointwise_kernel(std::move(program_), b_.threads());
  b_.raw_step(std::move(step));
  return true;
}

bool build_pointwise_chain(Builder& b) {
  if (!b.options().fusion || b.node().row->pointwise == nullptr) return false;
  PointwiseChain chain(b);
  return chain.grow() && chain.finish();
}

}  // namespace bp::cpu
