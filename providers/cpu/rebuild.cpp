// Recording what the build of a node looks at and changes, and taking that over where a later build would look
// at the same. Looking is recorded before the first change, so that `found` is what the node found.
#include <algorithm>
#include <bit>
#include <cstring>

#include "specialize.hpp"

namespace bp::cpu {

namespace {

enum class Seen : uint32_t { kValue, kStorage, kNode };

uint64_t seen_key(Seen kind, uint32_t id) { return uint64_t{static_cast<uint32_t>(kind)} << 32 | id; }
uint64_t word(const void* pointer) { return std::bit_cast<uintptr_t>(pointer); }

}  // namespace

void Specializer::start_records() {
  const Graph& graph = program_.graph;
  const auto open = [&](uint32_t input) {
    const Value& value = graph.values[input];
    return !value.has_rank ||
           std::any_of(value.dims.begin(), value.dims.end(), [](int64_t dim) { return dim < 0; });
  };
  records_ = std::any_of(graph.inputs.begin(), graph.inputs.end(), open);
  if (!records_) return;
  last_ = program_.records.get({threads_, convolution_layout_});
  last_.resize(graph.nodes.size());
  made_.resize(graph.nodes.size());
  seen_values_.resize(graph.values.size());
  seen_nodes_.resize(graph.nodes.size());
}

void Specializer::keep_records() {
  if (records_) program_.records.set({threads_, convolution_layout_}, std::move(made_));
}

void Specializer::describe_value(uint32_t value, std::vector<uint64_t>& words) const {
  const ValueState& state = values_[value];
  words.push_back(uint64_t{uses_left_[value]} << 3 | uint64_t{state.known} << 2 | uint64_t{state.bounded} << 1 |
                  state.grown);
  words.push_back(uint64_t{state.true_dims} << 32 | state.copies.size());
  for (const Copy& copy : state.copies) {
    words.push_back(uint64_t{copy.storage} << 8 | static_cast<uint64_t>(copy.layout));
    words.push_back(copy.offset);
  }
  if (program_.graph.values[value].constant) return;
  words.push_back(state.dims.size() << 1 | uint64_t{state.has_host});
  words.insert(words.end(), state.dims.begin(), state.dims.end());
  if (!state.has_host) return;
  words.push_back(state.host.size_bytes);
  const size_t begin = words.size();
  words.resize(begin + (state.host.size_bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t));
  if (state.host.size_bytes > 0) std::memcpy(words.data() + begin, state.host.data, state.host.size_bytes);
}

void Specializer::describe_storage(uint32_t storage, std::vector<uint64_t>& words) const {
  const Storage& memory = storages_[storage];
  words.insert(words.end(), {uint64_t{memory.number} << 8 | static_cast<uint64_t>(memory.place), memory.bytes,
                             word(memory.constant), word(memory.packed), memory.merged_at,
                             uint64_t{memory.merged_into} << 1 | uint64_t{memory.part}, memory.values.size()});
  words.insert(words.end(), memory.values.begin(), memory.values.end());
}

void Specializer::describe(uint64_t key, std::vector<uint64_t>& words) const {
  const auto id = static_cast<uint32_t>(key);
  switch (static_cast<Seen>(key >> 32)) {
    case Seen::kValue:
      return describe_value(id, words);
    case Seen::kStorage:
      return describe_storage(id, words);
    case Seen::kNode:
      return words.push_back(skipped_nodes_[id] ? 1 : 0);
  }
}

bool Specializer::takes_over(uint32_t node) {
  if (!records_ || last_[node] == nullptr) return false;
  const NodeRecord& record = *last_[node];
  if (record.first_storage != storages_.size()) return false;
  size_t at = 0;
  for (const uint64_t key : record.seen) {
    const auto id = static_cast<uint32_t>(key);
    if (static_cast<Seen>(key >> 32) == Seen::kStorage && id >= storages_.size()) return false;
    scratch_.clear();
    describe(key, scratch_);
    if (scratch_.size() > record.found.size() - at ||
        std::memcmp(scratch_.data(), record.found.data() + at, scratch_.size() * sizeof(uint64_t)) != 0) {
      return false;
    }
    at += scratch_.size();
  }
  for (const auto& [value, state] : record.values) {
    ValueState& target = values_[value];
    const HostTensor host = target.host;
    const bool has_host = target.has_host;
    target = state;
    target.host = host;
    target.has_host = has_host;
  }
  for (const auto& [storage, state] : record.storages) storages_[storage] = state;
  storages_.insert(storages_.end(), record.added.begin(), record.added.end());
  steps_.insert(steps_.end(), record.steps.begin(), record.steps.end());
  const Graph& graph = program_.graph;
  for (const uint32_t absorbed : record.absorbed) {
    skipped_nodes_[absorbed] = true;
    release_inputs(graph.nodes[absorbed]);
  }
  release_inputs(graph.nodes[node]);
  made_[node] = last_[node];
  return true;
}

void Specializer::begin_record(uint32_t node) {
  if (!records_) return;
  recording_ = std::make_shared<NodeRecord>();
  recording_->first_storage = static_cast<uint32_t>(storages_.size());
  first_step_ = steps_.size();
  stamp_ = node + 1;
  seen_storages_.resize(storages_.size());
  for (const auto* list : {&program_.graph.nodes[node].inputs, &program_.graph.nodes[node].outputs}) {
    for (const uint32_t value : *list) {
      if (value != BP_NONE) see(value);
    }
  }
}

void Specializer::end_record(uint32_t node) {
  if (recording_ == nullptr) return;
  NodeRecord& record = *recording_;
  for (auto& [value, state] : record.values) {
    state = values_[value];
    state.host = {};
  }
  for (auto& [storage, state] : record.storages) state = storages_[storage];
  record.added.assign(storages_.begin() + record.first_storage, storages_.end());
  record.steps.assign(steps_.begin() + static_cast<std::ptrdiff_t>(first_step_), steps_.end());
  for (BuildStep& step : record.steps) step.prepared = true;  // by the time when the record is kept
  made_[node] = std::move(recording_);
}

void Specializer::see(uint32_t value) {
  if (recording_ == nullptr || seen_values_[value] == stamp_) return;
  seen_values_[value] = stamp_;
  recording_->seen.push_back(seen_key(Seen::kValue, value));
  describe_value(value, recording_->found);
  for (const Copy& copy : values_[value].copies) see_storage(copy.storage);
}

void Specializer::see_storage(uint32_t storage) {
  for (; recording_ != nullptr && storage != BP_NONE; storage = storages_[storage].merged_into) {
    if (storage >= recording_->first_storage) continue;  // the node's own
    if (seen_storages_[storage] == stamp_) return;
    seen_storages_[storage] = stamp_;
    recording_->seen.push_back(seen_key(Seen::kStorage, storage));
    describe_storage(storage, recording_->found);
  }
}

void Specializer::see_node(uint32_t node) {
  if (recording_ == nullptr || seen_nodes_[node] == stamp_) return;
  seen_nodes_[node] = stamp_;
  recording_->seen.push_back(seen_key(Seen::kNode, node));
  recording_->found.push_back(skipped_nodes_[node] ? 1 : 0);
}

Specializer::ValueState& Specializer::change(uint32_t value) {
  see(value);
  if (recording_ != nullptr) {
    auto& changed = recording_->values;
    const auto same = [&](const auto& entry) { return entry.first == value; };
    if (std::none_of(changed.begin(), changed.end(), same)) changed.emplace_back(value, ValueState());
  }
  return values_[value];
}

Storage& Specializer::change_storage(uint32_t storage) {
  see_storage(storage);
  if (recording_ != nullptr && storage < recording_->first_storage) {
    auto& changed = recording_->storages;
    const auto same = [&](const auto& entry) { return entry.first == storage; };
    if (std::none_of(changed.begin(), changed.end(), same)) changed.emplace_back(storage, Storage());
  }
  return storages_[storage];
}

}  // namespace bp::cpu
