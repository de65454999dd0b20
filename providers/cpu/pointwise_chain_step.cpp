// A chain that has grown as a step: in which layout it runs, what it reads and writes, where values in between
// are kept.
#include <algorithm>
#include <cstring>
#include <utility>

#include "ops/blocked.hpp"
#include "pointwise_chain.hpp"

namespace bp::cpu {

namespace {

using SlotKind = PointwiseSlot::Kind;
using Kind = PointwiseInstruction::Kind;

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

bool PointwiseChain::is_output(uint32_t value) const {
  const Value& v = graph_.values[value];
  return v.output_uses > 0 || std::any_of(v.uses.begin(), v.uses.end(), [&](uint32_t use) {
           return !std::binary_search(members_.begin(), members_.end(), use);
         });
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

// The values that others read, each with a slot of its own.
std::vector<PointwiseChain::Result> PointwiseChain::results() {
  std::vector<Result> results;
  for (const uint32_t member : members_) {
    const uint32_t value = graph_.nodes[member].outputs[0];
    if (!is_output(value)) continue;
    Term term = in_memory_.at(value);
    const bool taken = std::any_of(results.begin(), results.end(),
                                   [&](const Result& other) { return other.slot == term.slot; });
    if (taken || program_.slots[term.slot].kind != SlotKind::kRegister) {
      PointwiseInstruction copy;
      copy.kind = Kind::kConvert;
      copy.a = term.slot;
      copy.type = type(term);
      copy.conversion = static_cast<uint32_t>(program_.conversions.size());
      program_.conversions.emplace_back(copy.type, copy.type);
      term = emit(copy, copy.type);
    }
    results.push_back({value, term.slot});
  }
  return results;
}

// Drops what makes no result. Returns the slots that are read.
std::set<Slot> PointwiseChain::drop_unused(const std::vector<Result>& results) {
  std::set<Slot> read;
  auto& instructions = program_.instructions;
  for (size_t i = instructions.size(); i-- > 0;) {
    const Slot out = instructions[i].out;
    const bool needed = read.contains(out) || std::any_of(results.begin(), results.end(),
                                                          [&](const Result& r) { return r.slot == out; });
    if (needed) {
      for_inputs(instructions[i], [&](Slot slot) { read.insert(slot); });
    } else {
      instructions.erase(instructions.begin() + static_cast<ptrdiff_t>(i));
    }
  }
  return read;
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

// The slot's operand is the step's next; its dims become those that lie in memory.
void PointwiseChain::bind(PointwiseSlot& slot, Builder::Ref ref, Layout layout, Builder::RawStep& step) const {
  if (element_count(slot.dims) == 1) slot.dims = {};
  if (!slot.dims.empty() && layout != Layout::kPlain) {
    const Dims wide = padded(slot.dims, dims_.size());
    slot.dims = lying_dims(wide, layout);
    if (wide[1] == 1) slot.dims.back() = 1;  // no block of channels
  }
  slot.operand = static_cast<uint32_t>(step.operands.size());
  step.operands.push_back(ref);
}

void PointwiseChain::read_operands(const std::set<Slot>& read, Layout layout, Builder::RawStep& step) {
  for (const auto& [index, value] : operands_) {
    if (!read.contains(index)) continue;
    PointwiseSlot& slot = program_.slots[index];
    bool plain = layout == Layout::kPlain || element_count(slot.dims) == 1;
    if (!plain) {
      const Dims wide = padded(slot.dims, dims_.size());
      plain = wide[1] == 1 || is_row_of_channels(wide);
    }
    bind(slot, b_.read(value, plain ? Layout::kPlain : layout), layout, step);
  }
  for (const Channels& channels : channels_) {
    if (!read.contains(channels.terms[0].slot)) continue;
    const Builder::Ref made = channel_numbers(channels);
    const uint64_t half = static_cast<uint64_t>(channels.count) * sizeof(float);
    for (size_t i = 0; i < 2; ++i) {
      PointwiseSlot& slot = program_.slots[channels.terms[i].slot];
      slot.dims.resize(dims_.size() - 1, 1);
      bind(slot, {made.storage, made.offset + i * half}, layout, step);
    }
  }
}

// Memory of both numbers for every channel, one row after the other.
Builder::Ref PointwiseChain::channel_numbers(const Channels& channels) {
  const int64_t count = channels.count;
  const uint64_t bytes = 2 * static_cast<uint64_t>(count) * sizeof(float);
  const auto& values = channels.values;
  if (std::all_of(values.begin(), values.end(),
                  [&](uint32_t value) { return graph_.values[value].constant; })) {
    std::string key = "channels";
    std::vector<const float*> inputs;
    for (const uint32_t value : values) {
      key += text("/", graph_.values[value].constant_id);
      inputs.push_back(static_cast<const float*>(b_.value_contents(value)->data));
    }
    key += text("/", channels.output);
    return b_.packed_ref(key, bytes, [inputs, count, make = channels.make](void* memory) {
      float* numbers = static_cast<float*>(memory);
      make(inputs.data(), numbers, numbers + count, count);
    });
  }
  Builder::RawStep step;
  for (const uint32_t value : values) step.operands.push_back(b_.read(value, Layout::kPlain));
  const Builder::Ref made = b_.scratch_ref(bytes);
  step.operands.push_back(made);
  step.name = "channel numbers";
  step.implementation = "plain";
  step.nodes = {graph_.values[channels.output].producer};
  step.kernel = make_kernel([inputs = values.size(), count, make = channels.make](const Call& call) {
    std::array<const float*, 8> in{};
    for (size_t i = 0; i < inputs; ++i) in[i] = call.in<float>(i);
    float* numbers = call.out<float>(inputs);
    make(in.data(), numbers, numbers + count, count);
  });
  b_.raw_step(std::move(step));
  return made;
}

bool PointwiseChain::finish() {
  const Layout layout = choose_layout();
  // A node alone has its own kernel, but for layouts that this does not know and for loops of wider vectors.
  const Row& row = *b_.node().row;
  const bool wider = program_.instructions.size() == 1 && program_.instructions[0].kind == Kind::kBinary &&
                     program_.instructions[0].type == Type::kFloat32;
  if (members_.size() == 1 && (row.layouts == LayoutUse::kPointwise || (layout == Layout::kPlain && !wider))) {
    return false;
  }
  const std::vector<Result> written = results();
  if (written.empty()) return false;
  const std::set<Slot> read = drop_unused(written);
  for (size_t slot = 0; slot < program_.slots.size(); ++slot) {
    const bool unread =
        program_.slots[slot].kind == SlotKind::kOperand && !read.contains(static_cast<Slot>(slot));
    if (unread) program_.slots[slot] = {};  // it is no operand of the step
  }

  Builder::RawStep step;
  read_operands(read, layout, step);
  std::vector<Slot> inputs;
  for (const auto& [index, value] : operands_) {
    if (read.contains(index) && b_.value_dims(value) == dims_) inputs.push_back(index);
  }
  for (const Result& result : written) {
    PointwiseSlot& slot = program_.slots[result.slot];
    slot.kind = SlotKind::kOperand;
    slot.written = true;
    slot.dims = dims_;
    bind(slot, b_.write(result.value, dims_, layout), layout, step);
  }
  // Each input is offered to one output.
  for (const Slot input : inputs) {
    for (const Result& result : written) {
      if (!may_write_over(result.slot, input)) continue;
      step.in_place.emplace_back(program_.slots[result.slot].operand, program_.slots[input].operand);
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
  program_.dims = lying_dims(dims_, layout);
  step.kernel = make_pointwise_kernel(std::move(program_), b_.threads());
  b_.raw_step(std::move(step));
  return true;
}

}  // namespace bp::cpu
