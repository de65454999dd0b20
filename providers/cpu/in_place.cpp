// Values that share memory: a step's output over an input, inside the workspace and where the host lends an
// input's memory, and parts that are written into a joined value.
#include <algorithm>

#include "specialize.hpp"

namespace bp::cpu {

void Specializer::merge_in_place() {
  std::vector<uint32_t> last_use(storages_.size(), 0);
  for (uint32_t index = 0; index < steps_.size(); ++index) {
    for (const BuildOperand& operand : steps_[index].operands) {
      if (operand.storage != BP_NONE) last_use[root(operand.storage)] = index;
    }
  }
  const auto end = static_cast<uint32_t>(steps_.size());
  for (const BuiltTexts& texts : text_outputs_) last_use[root(texts.elements.storage)] = end;
  for (uint32_t index = 0; index < steps_.size(); ++index) {
    std::vector<uint32_t> placed;  // outputs that lie over an input already: two inputs must stay apart
    for (const auto& [output, input] : steps_[index].in_place) {
      if (std::find(placed.begin(), placed.end(), output) != placed.end()) continue;
      // A part lies where the joined value wants it, beside others.
      if (is_part(input) || is_part(output)) continue;
      const uint32_t from = root(input);
      const uint32_t to = root(output);
      if (from == to || storages_[from].place != Place::kWorkspace || last_use[from] != index) continue;
      if (storages_[from].bytes < storages_[to].bytes) continue;
      const bool into_output = storages_[to].place == Place::kOutput;
      if (into_output && storages_[from].bytes != storages_[to].bytes) continue;
      if (!into_output && storages_[to].place != Place::kWorkspace) continue;
      // The survivor is the one that has a fixed place; else the earlier, which is at least as large.
      const uint32_t survivor = into_output ? to : from;
      const uint32_t gone = into_output ? from : to;
      storages_[gone].merged_into = survivor;
      last_use[survivor] = std::max(last_use[from], last_use[to]);
      placed.push_back(output);
    }
  }
}

bool Specializer::join(Builder::Ref part, Builder::Ref whole, uint64_t offset, uint64_t bytes) {
  constexpr uint64_t kAlignment = 64;  // as the planner aligns what lies alone
  see_storage(part.storage);
  see_storage(whole.storage);
  Storage& inner = change_storage(part.storage);
  if (inner.place != Place::kWorkspace || inner.merged_into != BP_NONE || part.offset != 0 ||
      inner.bytes != bytes || offset % kAlignment != 0) {
    return false;
  }
  Storage& outer = change_storage(root(whole.storage));
  inner.merged_into = whole.storage;
  inner.merged_at = whole.offset + offset;
  inner.part = true;
  outer.values.insert(outer.values.end(), inner.values.begin(), inner.values.end());
  return true;
}

// An output may take the memory of an input that is not read any more when it is first touched, or which the
// step that writes it may write over. Each input is offered once. The host takes the offer where the sizes are
// equal and nobody else needs the input.
std::vector<uint32_t> Specializer::offered_inputs() const {
  struct Touch {
    uint32_t first = BP_NONE;
    uint32_t last = 0;
    uint64_t bytes = 0;
  };
  std::vector<Touch> inputs(program_.graph.inputs.size());
  std::vector<Touch> outputs(program_.graph.outputs.size());
  const auto touch_of = [&](uint32_t storage) -> Touch* {
    if (storage == BP_NONE) return nullptr;
    const Storage& memory = storages_[root(storage)];
    if (memory.place == Place::kInput) return &inputs[memory.number];
    if (memory.place == Place::kOutput) return &outputs[memory.number];
    return nullptr;
  };
  for (uint32_t index = 0; index < steps_.size(); ++index) {
    for (const BuildOperand& operand : steps_[index].operands) {
      Touch* touch = touch_of(operand.storage);
      if (touch == nullptr) continue;
      touch->first = std::min(touch->first, index);
      touch->last = index;
      touch->bytes = storages_[root(operand.storage)].bytes;
    }
  }
  std::vector<uint32_t> offers(outputs.size(), BP_NONE);
  std::vector<bool> taken(inputs.size(), false);
  const auto writes_over = [&](uint32_t step, const Touch* output, const Touch* input) {
    const auto& permitted = steps_[step].in_place;
    return std::any_of(permitted.begin(), permitted.end(), [&](const auto& pair) {
      return touch_of(pair.first) == output && touch_of(pair.second) == input && !is_part(pair.first);
    });
  };
  for (size_t output = 0; output < outputs.size(); ++output) {
    const Touch& written = outputs[output];
    if (written.first == BP_NONE) continue;
    for (uint32_t input = 0; input < inputs.size(); ++input) {
      const Touch& read = inputs[input];
      const bool strings = program_.graph.values[program_.graph.inputs[input]].type == Type::kString;
      if (strings || taken[input] || read.first == BP_NONE || read.bytes != written.bytes) continue;
      if (read.last > written.first) continue;
      if (read.last == written.first && !writes_over(written.first, &written, &read)) continue;
      offers[output] = input;
      taken[input] = true;
      break;
    }
  }
  return offers;
}

}  // namespace bp::cpu
