// Settles a segment: shapes, instances, places, steps, memory. Runs once per key, never on the hot path.
#include <algorithm>
#include <map>

#include "base/value_impl.hpp"
#include "execute/segment_instance.hpp"

namespace bp {
namespace {

constexpr uint64_t kHostAlignment = 64;

class Settler {
 public:
  Settler(const SegmentContext& context, std::shared_ptr<SegmentInstance> instance,
          std::span<const std::shared_ptr<Instance>> reusable, const CancelToken* cancel)
      : context_(context),
        partitioned_(*context.compiled->graph),
        graph_(*partitioned_.graph),
        segment_(*context.segment),
        spaces_(*context.spaces),
        instance_(std::move(instance)),
        out_(*instance_),
        reusable_(reusable),
        cancel_(cancel) {}

  Status settle(const ShapeQuestion& question, std::span<const uint32_t> input_spaces,
                std::span<const uint32_t> output_spaces, uint32_t* refused) {
    output_spaces_ = output_spaces;
    BP_ASSIGN_OR_RETURN(out_.shapes, context_.settle_shapes(question));
    BP_RETURN_IF_ERROR(specialize_all(refused));
    count_uses();
    pending_.resize(spaces_.devices().size());
    for (uint32_t index = 0; index < segment_.inputs.size(); ++index) {
      const ValueId value = segment_.inputs[index];
      add_location({LocationKind::kInput, value, input_spaces[index], index, bytes_of(value), nullptr});
    }
    for (uint32_t item = 0; item < out_.items.size(); ++item) BP_RETURN_IF_ERROR(place_item(item));
    BP_RETURN_IF_ERROR(place_outputs());
    out_.last_waits = step();
    out_.one_stream = works_on_one_stream();
    for (uint32_t device = 0; device < spaces_.devices().size(); ++device)
      if (!pending_[device].empty()) add_wait(device);
    return lay_out();
  }

 private:
  bool known(ValueId id) const { return out_.shapes.known[id]; }
  uint64_t bytes_of(ValueId id) const {
    if (!known(id)) return 0;
    const ElementType type = graph_.value(id).type.element;
    const auto count = static_cast<uint64_t>(element_count(out_.shapes.dims[id]));
    return type == ElementType::kString ? (count + 1) * sizeof(uint64_t) : storage_bytes(type, count);
  }
  std::string describe(ValueId id) const {
    return "'" + graph_.value(id).name + "' " +
           tensor_type_string(graph_.value(id).type.element, out_.shapes.dims[id]);
  }

  // --- programs ---

  Status specialize_all(uint32_t* refused) {
    for (const uint32_t partition : segment_.partitions) {
      SegmentItem item;
      item.partition = partition;
      item.device = partitioned_.partitions[partition].device;
      auto made = specialize(partition);
      if (!made.ok()) {
        if (made.status().code() == ErrorCode::kUnsupported) *refused = partition;
        return made.status();
      }
      item.instance = std::move(*made);
      out_.items.push_back(std::move(item));
    }
    return {};
  }

  Result<std::shared_ptr<Instance>> specialize(uint32_t partition) {
    const Partition& cut = partitioned_.partitions[partition];
    const auto& program = context_.compiled->partitions[partition].program;
    std::vector<TensorSpec> inputs;
    std::vector<TensorSpec> outputs;
    for (const ValueId id : cut.inputs) {
      if (!known(id))
        return Status(ErrorCode::kInternal, "plan: dims of '" + graph_.value(id).name + "' are not settled");
      inputs.push_back({graph_.value(id).type.element, out_.shapes.dims[id], out_.shapes.contents[id].get()});
    }
    for (const ValueId id : cut.outputs) {
      fill_unknown_dims(id);
      outputs.push_back({graph_.value(id).type.element, out_.shapes.dims[id], nullptr});
    }
    for (const auto& instance : reusable_)
      if (instance != nullptr && &instance->program() == program.get() && serves(*instance, inputs))
        return instance;
    SpecializeArgs args;
    args.inputs = inputs;
    args.outputs = outputs;
    args.thread_count = context_.thread_count;
    args.cancel = cancel_;
    return program->specialize(args);
  }

  // Dims that depend on data go to the provider as unknown, with the rank that is inferred.
  void fill_unknown_dims(ValueId id) {
    if (known(id)) return;
    const ValueType& type = graph_.value(id).type;
    if (out_.shapes.dims[id].size() == type.dims.size()) return;
    ConcreteDims dims;
    for (const Dim& dim : type.dims) dims.push_back(dim.size);
    out_.shapes.dims.set(id, std::move(dims));
  }

  // An instance that serves a range takes other dims at bind; contents of host values it cannot.
  static bool serves(const Instance& instance, std::span<const TensorSpec> inputs) {
    const InstanceInfo& info = instance.info();
    if (!info.serves_range || info.input_ranges.size() != inputs.size()) return false;
    for (size_t input = 0; input < inputs.size(); ++input) {
      const auto& ranges = info.input_ranges[input];
      if (inputs[input].value != nullptr || ranges.size() != inputs[input].dims.size()) return false;
      for (size_t axis = 0; axis < ranges.size(); ++axis) {
        const int64_t size = inputs[input].dims[axis];
        if (size < ranges[axis].min || (ranges[axis].max != kUnknownDim && size > ranges[axis].max))
          return false;
      }
    }
    return true;
  }

  // --- places ---

  // How often each value is still read: by partitions, by later segments, by the caller.
  void count_uses() {
    uses_.assign(graph_.value_count(), 0);
    for (const SegmentItem& item : out_.items)
      for (const ValueId id : partitioned_.partitions[item.partition].inputs) ++uses_[id];
    for (const ValueId id : segment_.outputs) ++uses_[id];
    for (const uint32_t position : context_.graph_outputs) ++uses_[graph_.outputs()[position]];
  }

  uint32_t step() const { return static_cast<uint32_t>(out_.steps.size()); }

  uint32_t add_location(Location location) {
    const auto index = static_cast<uint32_t>(out_.locations.size());
    if (location.value != kNoId) places_[{location.value, location.space}] = index;
    out_.locations.push_back(std::move(location));
    written_by_.push_back(kNoIndex);
    return index;
  }

  uint32_t add_block(ValueId value, uint32_t space, uint64_t size, uint64_t alignment) {
    const MemorySpace& memory = spaces_.space(space);
    Block block;
    block.space = space;
    const uint64_t granularity = std::max<uint64_t>(memory.granularity, 1);
    block.interval = {step(), step(), (size + granularity - 1) / granularity * granularity,
                      std::max({alignment, memory.alignment, space == kHostSpace ? kHostAlignment : 1})};
    out_.blocks.push_back(block);
    return add_location(
        {LocationKind::kArena, value, space, static_cast<uint32_t>(out_.blocks.size() - 1), size, nullptr});
  }

  // Notes that the step about to be added uses a location, on the stream of `device` when that has one.
  // Host memory that a stream works on stays taken until the stream has been waited for.
  void touch(uint32_t location, uint32_t device, bool writes) {
    const Location& place = out_.locations[location];
    if (place.kind == LocationKind::kArena) {
      Interval& interval = out_.blocks[place.index].interval;
      interval.last = std::max(interval.last, step());
    }
    const bool asynchronous = device != kNoIndex && !spaces_.is_synchronous(device);
    if (asynchronous) pending_[device].push_back(location);
    if (writes) written_by_[location] = asynchronous ? device : kNoIndex;
  }

  // Before `device` (kNoIndex: the host) touches a location that another stream wrote, that stream is waited
  // for.
  void settle_before(uint32_t location, uint32_t device) {
    const uint32_t writer = written_by_[location];
    if (writer != kNoIndex && writer != device) add_wait(writer);
  }

  void add_wait(uint32_t device) {
    out_.steps.push_back({StepKind::kWait, 0, 0, 0, device});
    const uint32_t now = step() - 1;
    for (const uint32_t location : pending_[device]) {
      const Location& place = out_.locations[location];
      if (place.kind == LocationKind::kArena) {
        Interval& interval = out_.blocks[place.index].interval;
        interval.last = std::max(interval.last, now);
      }
      if (written_by_[location] == device) written_by_[location] = kNoIndex;
    }
    pending_[device].clear();
  }

  void add_copy(uint32_t src, uint32_t dst) {
    uint32_t device = kNoIndex;  // between host memories the host copies
    if (out_.locations[src].space != kHostSpace) device = spaces_.space(out_.locations[src].space).device;
    if (out_.locations[dst].space != kHostSpace) device = spaces_.space(out_.locations[dst].space).device;
    settle_before(src, device);
    touch(src, device, false);
    touch(dst, device, true);
    out_.steps.push_back({StepKind::kCopy, 0, src, dst, device});
  }

  // Whether the steps so far are the work of one stream, the host doing nothing in between.
  bool works_on_one_stream() const {
    if (out_.steps.empty()) return false;
    const uint32_t device = out_.steps.front().device;
    if (device == kNoIndex || spaces_.is_synchronous(device)) return false;
    return std::all_of(out_.steps.begin(), out_.steps.end(), [device](const Step& each) {
      return each.kind != StepKind::kWait && each.device == device;
    });
  }

  // A location of `value` from which one copy leads to `space`: in that space where it lies there.
  Result<uint32_t> locate_near(ValueId value, uint32_t space) {
    if (const auto found = places_.find({value, space}); found != places_.end()) return found->second;
    const auto elsewhere = places_.lower_bound({value, 0});
    if (elsewhere == places_.end() || elsewhere->first.first != value) {
      TensorPtr fixed =
          out_.shapes.contents[value] != nullptr ? out_.shapes.contents[value] : graph_.value(value).constant;
      if (fixed == nullptr)
        return Status(ErrorCode::kInternal, "plan: nothing makes '" + graph_.value(value).name + "'");
      const uint64_t size = fixed->bytes.size();
      return add_location({LocationKind::kFixed, value, kHostSpace, 0, size, std::move(fixed)});
    }
    const Location& place = out_.locations[elsewhere->second];
    if (place.kind == LocationKind::kDynamic)
      return Status(ErrorCode::kUnsupported,
                    describe(value) + ": its size is made during the run, so that it cannot move to " +
                        spaces_.space(space).name + " in the same segment");
    const bool between_devices = place.space != kHostSpace && space != kHostSpace &&
                                 spaces_.space(place.space).device != spaces_.space(space).device;
    return between_devices ? locate(value, kHostSpace) : elsewhere->second;
  }

  // The location of `value` in `space`, with copies added where it lies elsewhere.
  Result<uint32_t> locate(ValueId value, uint32_t space) {
    BP_ASSIGN_OR_RETURN(const uint32_t source, locate_near(value, space));
    if (out_.locations[source].space == space) return source;
    const uint32_t copy = add_block(value, space, out_.locations[source].size, 1);
    add_copy(source, copy);
    return copy;
  }

  // Whether a partition takes an input from host memory: when every node that reads it says so.
  bool wanted_on_host(const Partition& partition, ValueId value) const {
    bool any = false;
    for (const NodeId id : partition.nodes) {
      const Node& node = graph_.node(id);
      for (size_t input = 0; input < node.inputs.size(); ++input) {
        if (node.inputs[input] != value) continue;
        const auto& verdicts = partitioned_.decisions[id].verdicts;
        if (partition.device >= verdicts.size()) return false;
        const auto& wants = verdicts[partition.device].input_wants;
        if (input >= wants.size() || wants[input] == InputWant::kDevice) return false;
        any = true;
      }
    }
    return any;
  }

  Status place_item(uint32_t index) {
    SegmentItem& item = out_.items[index];
    const Partition& partition = partitioned_.partitions[item.partition];
    const InstanceInfo& info = item.instance->info();
    if (!spaces_.is_synchronous(item.device)) out_.uses_streams = true;
    for (const ValueId id : partition.inputs) {
      const uint32_t space = wanted_on_host(partition, id) ? kHostSpace : spaces_.preferred(item.device);
      BP_ASSIGN_OR_RETURN(const uint32_t location, locate(id, space));
      settle_before(location, item.device);
      item.inputs.push_back(location);
      item.binds_late = item.binds_late || out_.locations[location].kind == LocationKind::kDynamic;
    }
    for (const uint32_t location : item.inputs) touch(location, item.device, false);
    for (const ValueId id : partition.inputs) --uses_[id];
    for (size_t output = 0; output < partition.outputs.size(); ++output) {
      const OutputInfo& how = info.outputs[output];
      const ValueId id = partition.outputs[output];
      const uint32_t location = place_output(item, how, id);
      item.outputs.push_back(location);
      touch(location, item.device, true);
      uint32_t dims = kNoIndex;
      if (how.mode == OutputMode::kBounded) {
        dims = add_block(kNoId, spaces_.find(item.device, how.dims_memory_kind),
                         sizeof(int64_t) * std::max<size_t>(graph_.value(id).type.dims.size(), 1), 8);
        touch(dims, item.device, true);
      }
      item.actual_dims.push_back(dims);
    }
    if (info.workspace_bytes > 0) {
      item.workspace = add_block(kNoId, spaces_.find(item.device, info.workspace_kind), info.workspace_bytes,
                                 info.workspace_alignment);
      touch(item.workspace, item.device, true);
    }
    out_.steps.push_back({StepKind::kRun, index, 0, 0, item.device});
    const bool measures = std::any_of(item.actual_dims.begin(), item.actual_dims.end(),
                                      [](uint32_t location) { return location != kNoIndex; });
    if (measures && !spaces_.is_synchronous(item.device)) add_wait(item.device);
    return {};
  }

  uint32_t place_output(const SegmentItem& item, const OutputInfo& how, ValueId id) {
    const uint32_t space = spaces_.find(item.device, how.memory_kind);
    if (how.mode == OutputMode::kAllocated)
      return add_location({LocationKind::kDynamic, id, space, out_.dynamic_count++, 0, nullptr});
    if (how.mode == OutputMode::kBounded) {
      // The block is found by location; the value itself gets its dims after the run.
      return add_block(id, space, how.size_bytes, 1);
    }
    for (uint32_t position = 0; position < context_.graph_outputs.size(); ++position)
      if (graph_.outputs()[context_.graph_outputs[position]] == id && output_spaces_[position] == space)
        return add_location({LocationKind::kOutput, id, space, position, bytes_of(id), nullptr});
    if (how.in_place_input != BP_NONE && how.in_place_input < item.inputs.size()) {
      const uint32_t input = item.inputs[how.in_place_input];
      const Location place = out_.locations[input];
      if (place.kind == LocationKind::kArena && place.space == space && uses_[place.value] == 0 &&
          place.size == bytes_of(id))
        return add_location({LocationKind::kArena, id, space, place.index, place.size, nullptr});
    }
    return add_block(id, space, bytes_of(id), 1);
  }

  // What the caller and later segments get. Outputs that no partition writes directly are copied at the end.
  Status place_outputs() {
    out_.graph_outputs = context_.graph_outputs;
    for (uint32_t position = 0; position < out_.graph_outputs.size(); ++position) {
      BP_ASSIGN_OR_RETURN(const uint32_t source,
                          place_graph_output(position, graph_.outputs()[out_.graph_outputs[position]]));
      out_.output_sources.push_back(source);
    }
    for (const ValueId id : segment_.outputs) {
      const auto place = places_.lower_bound({id, 0});
      uint32_t location = kNoIndex;
      if (place != places_.end() && place->first.first == id) {
        location = place->second;
      } else {
        BP_ASSIGN_OR_RETURN(location, locate(id, kHostSpace));
      }
      touch(location, kNoIndex, false);
      out_.escaping.push_back(location);
    }
    // They live on behind the last step.
    for (const uint32_t location : out_.escaping) keep_to_end(location);
    for (const uint32_t location : out_.output_sources)
      if (location != kNoIndex) keep_to_end(location);
    for (const SegmentItem& item : out_.items)
      for (const uint32_t location : item.actual_dims)
        if (location != kNoIndex) keep_to_end(location);
    return {};
  }

  // kNoIndex where a step writes the output's own memory; else the location where it is found after the run.
  Result<uint32_t> place_graph_output(uint32_t position, ValueId id) {
    const uint32_t space = output_spaces_[position];
    // Before the run nobody knows how much there is to copy: from where it lies, afterwards.
    const auto place = places_.lower_bound({id, 0});
    const bool made = place != places_.end() && place->first.first == id;
    if (made && (!known(id) || out_.locations[place->second].kind == LocationKind::kDynamic)) {
      settle_before(place->second, kNoIndex);
      touch(place->second, kNoIndex, false);
      return place->second;
    }
    if (graph_.value(id).type.element == ElementType::kString) return locate(id, kHostSpace);
    BP_ASSIGN_OR_RETURN(const uint32_t source, locate_near(id, space));
    const Location& from = out_.locations[source];
    if (from.kind == LocationKind::kOutput && from.index == position) return kNoIndex;
    // Not a place of the value: nobody reads the caller's memory.
    out_.locations.push_back({LocationKind::kOutput, id, space, position, bytes_of(id), nullptr});
    written_by_.push_back(kNoIndex);
    add_copy(source, static_cast<uint32_t>(out_.locations.size() - 1));
    return kNoIndex;
  }

  void keep_to_end(uint32_t location) {
    const Location& place = out_.locations[location];
    if (place.kind == LocationKind::kArena) out_.blocks[place.index].interval.last = kNoIndex - 1;
  }

  Status lay_out() {
    out_.layout = plan_layout(out_.blocks, spaces_.count());
    uint64_t total = 0;
    for (const SpaceTotal& space : out_.layout.spaces) total += space.size_bytes;
    if (context_.memory_limit_bytes != 0 && total > context_.memory_limit_bytes)
      return {ErrorCode::kOutOfHostMemory, "a run needs " + std::to_string(total) +
                                               " bytes of planned memory, the limit is " +
                                               std::to_string(context_.memory_limit_bytes)};
    return {};
  }

  const SegmentContext& context_;
  const PartitionedGraph& partitioned_;
  const Graph& graph_;
  const Segment& segment_;
  const MemorySpaces& spaces_;
  std::shared_ptr<SegmentInstance> instance_;
  SegmentInstance& out_;
  std::span<const std::shared_ptr<Instance>> reusable_;
  std::span<const uint32_t> output_spaces_;  // as SegmentContext::graph_outputs
  const CancelToken* cancel_;
  std::map<std::pair<ValueId, uint32_t>, uint32_t> places_;  // value, space -> location
  std::vector<uint32_t> uses_;                               // by ValueId
  std::vector<uint32_t> written_by_;            // by location: device whose stream has not been waited for
  std::vector<std::vector<uint32_t>> pending_;  // by device: locations its stream works on
};

}  // namespace

Result<std::shared_ptr<const SegmentInstance>> settle_segment(
    const SegmentContext& context, const ShapeQuestion& question, std::span<const uint32_t> input_spaces,
    std::span<const uint32_t> output_spaces, std::span<const std::shared_ptr<Instance>> reusable,
    const CancelToken* cancel, uint32_t* refused) {
  auto instance = std::make_shared<SegmentInstance>();
  instance->segment = context.segment;
  instance->graph = context.compiled->graph->graph.get();
  instance->spaces = context.spaces;
  BP_RETURN_IF_ERROR(
      Settler(context, instance, reusable, cancel).settle(question, input_spaces, output_spaces, refused));
  return std::shared_ptr<const SegmentInstance>(std::move(instance));
}

}  // namespace bp
