// A chain runs where its first node stands, so every other input of its nodes must be there by then: it grows
// by readers of its values, and by what these readers need besides.
#include "pointwise_chain.hpp"

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "kernels/broadcast.hpp"
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

std::array<Term, 2> PointwiseChain::channels(uint32_t output, std::vector<uint32_t> values, int64_t count,
                                             ChannelNumbers make) {
  std::array<Term, 2> terms;
  for (Term& term : terms) {
    PointwiseSlot slot;
    slot.kind = SlotKind::kOperand;
    slot.dims = {count};
    program_.slots.push_back(std::move(slot));
    term.slot = static_cast<uint16_t>(program_.slots.size() - 1);
  }
  channels_.push_back({terms, std::move(values), count, std::move(make), output});
  return terms;
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
  channels_.erase(channels_.begin() + static_cast<ptrdiff_t>(size.channels), channels_.end());
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
                    members_.size(), channels_.size()};
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

bool build_pointwise_chain(Builder& b) {
  if (!b.options().fusion || b.node().row->pointwise == nullptr) return false;
  PointwiseChain chain(b);
  return chain.grow() && chain.finish();
}

}  // namespace bp::cpu
