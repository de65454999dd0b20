// The hot path: a bound state walks its steps.
#include "execute/run_state.hpp"

#include <cstring>

#include "execute/profile.hpp"
#include "execute/segment_instance.hpp"
#include "provider/device_tensor.hpp"

namespace bp {
namespace {

Slice part_of(const Buffer& arena, uint64_t offset, uint64_t size) { return arena.slice(offset, size); }

bool same(const Slice& a, const Slice& b) {
  return a.address == b.address && a.buffer == b.buffer && a.offset == b.offset && a.size == b.size;
}

// Between host memories.
Status move_bytes(const Slice& src, const Slice& dst, uint64_t size) {
  if (size == 0) return {};
  if (src.address == 0 || dst.address == 0)
    return {ErrorCode::kInternal, "a value to copy has no host address"};
  std::memmove(reinterpret_cast<void*>(dst.address), reinterpret_cast<const void*>(src.address), size);
  return {};
}

}  // namespace

// Gives providers memory for outputs whose size only they know, and takes their spans.
class RunState::Token : public RunToken {
 public:
  Token(RunState& state, uint32_t item) : state_(state), item_(item) {}

  void set_profile(Profile* profile) { profile_ = profile; }
  void trace_span(const TraceSpan& span) override {
    if (profile_ == nullptr) return;
    profile_->add_provider_span(span, state_.instance_.items[item_].instance->device(), &state_);
  }

  Result<AllocatedOutput> allocate_output(uint32_t output, std::span<const int64_t> dims, uint64_t size_bytes,
                                          uint64_t string_size_bytes) override {
    const SegmentItem& item = state_.instance_.items[item_];
    if (output >= item.outputs.size())
      return Status(ErrorCode::kInvalidArgument, "allocate_output: output " + std::to_string(output) + " of " +
                                                     std::to_string(item.outputs.size()));
    const Location& place = state_.instance_.locations[item.outputs[output]];
    if (place.kind != LocationKind::kDynamic)
      return Status(ErrorCode::kInvalidArgument,
                    "allocate_output: output " + std::to_string(output) + " was not announced as allocated");
    RuntimeValue value;
    value.type = state_.instance_.graph->value(place.value).type.element;
    value.dims.assign(dims.begin(), dims.end());
    value.space = place.space;
    value.present = true;
    const MemorySpaces& spaces = *state_.instance_.spaces;
    const MemorySpace& space = spaces.space(place.space);
    if (place.space == kHostSpace) {
      // One buffer for both parts of a string tensor; the text starts behind the offsets.
      const uint64_t size = size_bytes + string_size_bytes;
      auto buffer = std::make_shared<Buffer>();
      BP_ASSIGN_OR_RETURN(*buffer, Buffer::allocate_host(size == 0 ? 1 : size, space.alignment));
      value.data = buffer->slice(0, size_bytes);
      value.string_bytes = buffer->slice(size_bytes, string_size_bytes);
      value.owner = std::move(buffer);
    } else {
      BP_ASSIGN_OR_RETURN(auto tensor,
                          DeviceTensor::allocate(spaces.devices()[space.device], space.kind, size_bytes));
      value.data = tensor->slice(size_bytes);
      value.owner = std::move(tensor);
    }
    const AllocatedOutput memory{value.data, value.string_bytes};
    state_.dynamic_[place.index] = std::move(value);
    return memory;
  }

 private:
  RunState& state_;
  uint32_t item_;
  Profile* profile_ = nullptr;
};

RunState::RunState(const SegmentInstance& instance) : instance_(instance), idle_(instance.spaces->idle()) {}

Result<std::unique_ptr<RunState>> RunState::create(const SegmentInstance& instance) {
  std::unique_ptr<RunState> state(new RunState(instance));
  const MemorySpaces& spaces = *instance.spaces;
  state->arenas_.resize(spaces.count());
  for (uint32_t index = 0; index < spaces.count(); ++index) {
    const uint64_t size = instance.layout.spaces[index].size_bytes;
    if (size == 0) continue;
    const MemorySpace& space = spaces.space(index);
    state->arenas_[index] = state->idle_->take(index, size);
    if (state->arenas_[index]) continue;
    if (index == kHostSpace) {
      BP_ASSIGN_OR_RETURN(state->arenas_[index],
                          Buffer::allocate_host(state->idle_->room_for(index, size), space.alignment));
    } else {
      BP_ASSIGN_OR_RETURN(state->arenas_[index], spaces.devices()[space.device]->allocate(space.kind, size));
    }
  }
  state->streams_.resize(spaces.devices().size());
  if (instance.uses_streams)
    for (uint32_t device = 0; device < spaces.devices().size(); ++device)
      if (!spaces.is_synchronous(device)) {
        BP_ASSIGN_OR_RETURN(state->streams_[device], spaces.devices()[device]->create_stream());
      }
  for (const SegmentItem& item : instance.items) {
    BP_ASSIGN_OR_RETURN(auto context, item.instance->create_context());
    state->tokens_.emplace_back(*state, static_cast<uint32_t>(state->contexts_.size()));
    state->contexts_.push_back(std::move(context));
    const auto bindings = [&](const std::vector<uint32_t>& locations) {
      std::vector<TensorBinding> made;
      for (const uint32_t location : locations) {
        const ConcreteDims& dims = instance.shapes.dims[instance.locations[location].value];
        made.push_back(tensor_binding(Slice{}, dims));
      }
      return made;
    };
    state->inputs_.push_back(bindings(item.inputs));
    state->outputs_.push_back(bindings(item.outputs));
    state->dirty_.push_back(true);
  }
  state->external_inputs_.resize(instance.segment->inputs.size());
  state->external_strings_.resize(instance.segment->inputs.size());
  state->external_outputs_.resize(instance.graph_outputs.size());
  state->dynamic_.resize(instance.dynamic_count);
  return state;
}

RunState::~RunState() {
  if (broken_ || unfinished_) abandon_streams();
  contexts_.clear();
  idle_->give(std::move(arenas_));
}

Status RunState::bind(std::span<const RuntimeValue> inputs, std::span<const RuntimeValue> outputs) {
  // Contexts that see an address that changed are bound before they run.
  const auto mark = [&](LocationKind kind, uint32_t external) {
    for (uint32_t item = 0; item < instance_.items.size(); ++item) {
      const SegmentItem& places = instance_.items[item];
      const auto touches = [&](uint32_t location) {
        return instance_.locations[location].kind == kind && instance_.locations[location].index == external;
      };
      for (const uint32_t location : places.inputs) dirty_[item] = dirty_[item] || touches(location);
      for (const uint32_t location : places.outputs) dirty_[item] = dirty_[item] || touches(location);
    }
  };
  const uint64_t alignment = instance_.spaces->space(kHostSpace).alignment;
  const auto stage = [&](std::vector<Staging>& list, uint32_t external, Slice& slice) -> Status {
    auto staging = list.begin();
    while (staging != list.end() && staging->external != external) ++staging;
    if (slice.buffer != nullptr || slice.address % alignment == 0 || slice.size == 0) {
      if (staging != list.end()) list.erase(staging);
      return {};
    }
    if (staging == list.end()) {
      Staging fresh;
      fresh.external = external;
      BP_ASSIGN_OR_RETURN(fresh.inside, Buffer::allocate_host(slice.size, alignment));
      list.push_back(std::move(fresh));
      staging = list.end() - 1;
    }
    staging->outside = slice;
    slice = staging->inside.slice(0, slice.size);
    return {};
  };
  for (uint32_t index = 0; index < inputs.size(); ++index) {
    Slice slice = inputs[index].data;
    if (inputs[index].space == kHostSpace && inputs[index].type != ElementType::kString)
      BP_RETURN_IF_ERROR(stage(staged_inputs_, index, slice));
    if (same(slice, external_inputs_[index]) && same(inputs[index].string_bytes, external_strings_[index]))
      continue;
    external_inputs_[index] = slice;
    external_strings_[index] = inputs[index].string_bytes;
    mark(LocationKind::kInput, index);
  }
  for (uint32_t index = 0; index < outputs.size(); ++index) {
    Slice slice = outputs[index].data;
    BP_RETURN_IF_ERROR(stage(staged_outputs_, index, slice));
    if (same(slice, external_outputs_[index])) continue;
    external_outputs_[index] = slice;
    mark(LocationKind::kOutput, index);
  }
  return {};
}

Slice RunState::slice_of(uint32_t location) const {
  const Location& place = instance_.locations[location];
  switch (place.kind) {
    case LocationKind::kInput:
      return external_inputs_[place.index];
    case LocationKind::kOutput:
      return external_outputs_[place.index];
    case LocationKind::kArena:
      return part_of(arenas_[place.space], instance_.layout.offsets[place.index], place.size);
    case LocationKind::kFixed:
      return host_slice(place.fixed->bytes.data(), place.fixed->bytes.size());
    case LocationKind::kDynamic:
      return dynamic_[place.index].data;
  }
  return {};
}

Status RunState::bind_item(uint32_t item) {
  const SegmentItem& places = instance_.items[item];
  for (size_t input = 0; input < places.inputs.size(); ++input) {
    const Location& place = instance_.locations[places.inputs[input]];
    TensorBinding& binding = inputs_[item][input];
    binding.data = slice_of(places.inputs[input]);
    if (place.kind == LocationKind::kInput) binding.string_bytes = external_strings_[place.index];
    if (place.kind == LocationKind::kFixed)
      binding.string_bytes = host_slice(place.fixed->string_bytes.data(), place.fixed->string_bytes.size());
    if (place.kind == LocationKind::kDynamic) {
      binding.string_bytes = dynamic_[place.index].string_bytes;
      binding.dims = dynamic_[place.index].dims.data();
      binding.rank = static_cast<uint32_t>(dynamic_[place.index].dims.size());
    }
  }
  for (size_t output = 0; output < places.outputs.size(); ++output) {
    TensorBinding& binding = outputs_[item][output];
    const bool dynamic = instance_.locations[places.outputs[output]].kind == LocationKind::kDynamic;
    binding.data = dynamic ? Slice{} : slice_of(places.outputs[output]);
    if (places.actual_dims[output] != kNoIndex) binding.actual_dims = slice_of(places.actual_dims[output]);
  }
  const Slice workspace = places.workspace == kNoIndex ? Slice{} : slice_of(places.workspace);
  BP_RETURN_IF_ERROR(contexts_[item]->bind(inputs_[item], outputs_[item], workspace));
  dirty_[item] = places.binds_late;
  return {};
}

Status RunState::run_item(uint32_t item, const RunEnvironment& environment) {
  const SegmentItem& places = instance_.items[item];
  if (dirty_[item]) BP_RETURN_IF_ERROR(bind_item(item));
  RunArgs args;
  args.stream = streams_[places.device].handle();
  args.cancel = environment.cancel;
  args.token = &tokens_[item];
  tokens_[item].set_profile(environment.profile);
  if (environment.profile == nullptr) [[likely]]
    return contexts_[item]->run(args);
  args.profile = true;
  const uint64_t begin = Profile::now_ns();
  Status status = contexts_[item]->run(args);
  environment.profile->add_span("partition " + std::to_string(places.partition),
                                instance_.spaces->devices()[places.device]->label(), begin, Profile::now_ns());
  return status;
}

Status RunState::copy(uint32_t src, uint32_t dst, uint32_t device) {
  const Slice from = slice_of(src);
  const Slice to = slice_of(dst);
  const uint64_t size = instance_.locations[dst].size;
  if (device == kNoIndex) return move_bytes(from, to, size);
  if (size == 0) return {};
  const Stream* stream = streams_[device] ? &streams_[device] : nullptr;
  return instance_.spaces->devices()[device]->copy(
      stream, from, to, size, stream == nullptr ? HostData::kDuringCall : HostData::kUntilTransfer);
}

Status RunState::wait(uint32_t device) {
  if (!streams_[device]) return {};
  BP_ASSIGN_OR_RETURN(const Event event, streams_[device].record());
  return event.wait();
}

// What providers know only once a run's event is complete.
Status RunState::collect_spans() {
  for (uint32_t device = 0; device < streams_.size(); ++device) BP_RETURN_IF_ERROR(wait(device));
  for (size_t item = 0; item < contexts_.size(); ++item)
    BP_RETURN_IF_ERROR(contexts_[item]->report_spans(tokens_[item]));
  return {};
}

Status RunState::walk(uint32_t begin, uint32_t end, const RunEnvironment& environment) {
  for (uint32_t index = begin; index < end; ++index) {
    if (environment.cancel != nullptr && environment.cancel->requested()) {
      broken_ = instance_.uses_streams;
      return environment.cancel->status();
    }
    const Step& step = instance_.steps[index];
    Status status;
    switch (step.kind) {
      case StepKind::kRun:
        status = run_item(step.item, environment);
        break;
      case StepKind::kCopy:
        status = copy(step.src, step.dst, step.device);
        break;
      case StepKind::kWait:
        status = wait(step.device);
        break;
    }
    if (!status.ok()) [[unlikely]] {
      broken_ = true;
      return status;
    }
  }
  return {};
}

Status RunState::start(const RunEnvironment& environment) {
  // What the host does in the middle must not meet the run before.
  if (unfinished_ && !instance_.one_stream) BP_RETURN_IF_ERROR(finish(environment));
  for (const Staging& staging : staged_inputs_)
    std::memcpy(staging.inside.data(), reinterpret_cast<const void*>(staging.outside.address),
                staging.outside.size);
  const Status status = walk(0, instance_.last_waits, environment);
  unfinished_ = status.ok();  // else nothing of it goes on, or the state is broken
  return status;
}

Status RunState::finish(const RunEnvironment& environment) {
  unfinished_ = false;
  BP_RETURN_IF_ERROR(walk(instance_.last_waits, static_cast<uint32_t>(instance_.steps.size()), environment));
  if (environment.profile != nullptr) [[unlikely]] {
    if (Status status = collect_spans(); !status.ok()) {
      broken_ = true;
      return status;
    }
    // The profile may be this run's alone.
    for (Token& token : tokens_) token.set_profile(nullptr);
  }
  for (const Staging& staging : staged_outputs_)
    std::memcpy(reinterpret_cast<void*>(staging.outside.address), staging.inside.data(), staging.outside.size);
  return {};
}

Status RunState::run(const RunEnvironment& environment) {
  BP_RETURN_IF_ERROR(start(environment));
  return finish(environment);
}

Result<RuntimeValue> RunState::value_at(uint32_t location) const {
  const Location& place = instance_.locations[location];
  if (place.kind == LocationKind::kDynamic) return dynamic_[place.index];
  if (place.kind == LocationKind::kFixed) return view_of(place.fixed);
  RuntimeValue value;
  value.type = instance_.graph->value(place.value).type.element;
  value.dims = instance_.shapes.dims[place.value];
  value.space = place.space;
  value.data = slice_of(location);
  value.present = true;
  // Outputs with an upper bound: the dims that the run wrote.
  for (const SegmentItem& item : instance_.items)
    for (size_t output = 0; output < item.outputs.size(); ++output)
      if (item.outputs[output] == location && item.actual_dims[output] != kNoIndex) {
        // The device may have written them to memory of its own.
        ConcreteDims sizes(value.dims.size());
        RuntimeValue written;
        written.space = instance_.locations[item.actual_dims[output]].space;
        written.data = slice_of(item.actual_dims[output]);
        written.data.size = sizes.size() * sizeof(int64_t);
        RuntimeValue read;
        read.data = host_slice(sizes.data(), written.data.size);
        BP_RETURN_IF_ERROR(copy_contents(written, read, *instance_.spaces));
        value.dims = std::move(sizes);
        value.data.size = storage_bytes(value.type, static_cast<uint64_t>(element_count(value.dims)));
      }
  return value;
}

// Nothing may write to our memory once it is freed: every stream is waited for, whatever its error.
void RunState::abandon_streams() {
  for (Stream& stream : streams_) {
    if (!stream) continue;
    if (auto event = stream.record(); event.ok()) (void)event->wait();
  }
}

RunStateLease& RunStateLease::operator=(RunStateLease&& other) noexcept {
  if (this != &other) {
    give_back();
    instance_ = std::move(other.instance_);
    state_ = std::move(other.state_);
  }
  return *this;
}

void RunStateLease::give_back() noexcept {
  if (state_ != nullptr && !state_->is_broken() && !state_->is_unfinished()) {
    const std::shared_ptr<IdleStates> idle = state_->idle();
    {
      const std::lock_guard lock(instance_->mutex);
      instance_->free_states.push_back(std::move(state_));
    }
    idle->waits(instance_);
  }
  state_.reset();
  instance_.reset();
}

Result<RunStateLease> SegmentInstance::lease() const {
  {
    const std::lock_guard lock(mutex);
    if (!free_states.empty()) {
      std::unique_ptr<RunState> state = std::move(free_states.back());
      free_states.pop_back();
      return RunStateLease(shared_from_this(), std::move(state));
    }
  }
  BP_ASSIGN_OR_RETURN(auto state, RunState::create(*this));
  return RunStateLease(shared_from_this(), std::move(state));
}

}  // namespace bp
