// Segment by segment: collect what enters, settle, lease, bind, run, hand on.
#include "execute/executable_graph.hpp"

#include <algorithm>
#include <cstring>

#include "base/value_impl.hpp"
#include "execute/containers.hpp"
#include "execute/profile.hpp"
#include "execute/regions.hpp"

namespace bp {

namespace {

// A decoder comes back to every length with each text: of small segments many keys stay settled.
size_t cached_keys(const Segment& segment, uint64_t cache_bytes) {
  constexpr uint64_t kBytesPerNode = 1200;  // with its instance's share; measured on a decoder
  return std::clamp<uint64_t>(cache_bytes / (kBytesPerNode * (segment.nodes.size() + 1)), 64, 1024);
}

}  // namespace

struct ExecutableGraph::Values {
  std::vector<RuntimeValue> of;                        // by ValueId
  std::vector<std::shared_ptr<RunStateLease>> leases;  // memory of values that cross segments
  std::vector<TensorPtr> contents;                     // by ValueId: host values that cross segments; else null

  TensorPtr contents_of(ValueId id) const { return contents[id]; }
};

Result<std::unique_ptr<ExecutableGraph>> ExecutableGraph::create(std::shared_ptr<const CompiledGraph> compiled,
                                                                 const ExecuteSettings& settings,
                                                                 const FactsOf& facts_of) {
  std::unique_ptr<ExecutableGraph> made(new ExecutableGraph());
  made->compiled_ = std::move(compiled);
  made->settings_ = settings;
  const PartitionedGraph& partitioned = *made->compiled_->graph;
  BP_ASSIGN_OR_RETURN(const GraphFacts facts, facts_of(partitioned.graph));
  BP_ASSIGN_OR_RETURN(made->plan_, plan_segments(made->compiled_->graph, facts.shapes));
  const Graph& graph = *partitioned.graph;

  // Which segment settles which output of the graph: the one that makes it, the first for all others.
  std::vector<uint32_t> maker(graph.value_count(), 0);
  for (uint32_t segment = 0; segment < made->plan_.segments.size(); ++segment)
    for (const NodeId id : made->plan_.segments[segment].nodes)
      for (const ValueId output : graph.node(id).outputs)
        if (output != kNoId) maker[output] = segment;
  for (uint32_t segment = 0; segment < made->plan_.segments.size(); ++segment) {
    SegmentContext context;
    context.compiled = made->compiled_.get();
    context.segment = &made->plan_.segments[segment];
    context.spaces = made->settings_.spaces.get();
    context.settle_shapes = facts.settle;
    context.thread_count = settings.thread_count;
    context.memory_limit_bytes = settings.memory_limit_bytes;
    for (uint32_t position = 0; position < graph.outputs().size(); ++position) {
      const ValueId id = graph.outputs()[position];
      // An input that leaves again is delivered by the loop over outputs, not by a segment.
      if (maker[id] == segment && graph.value(id).producer != kNoId) context.graph_outputs.push_back(position);
    }
    made->caches_.push_back(
        std::make_unique<SegmentCache>(cached_keys(*context.segment, settings.cache_bytes)));
    made->contexts_.push_back(std::move(context));
  }
  for (size_t region = 0; region < partitioned.regions.size(); ++region) {
    Region bodies;
    bodies.node = partitioned.regions[region].node;
    for (const auto& body : made->compiled_->bodies[region]) {
      BP_ASSIGN_OR_RETURN(auto executable, create(body, settings, facts_of));
      bodies.bodies.push_back(std::move(executable));
    }
    made->regions_.push_back(std::move(bodies));
  }
  return made;
}

Status ExecutableGraph::enter(std::span<const RuntimeValue> inputs, Values& values) const {
  const Graph& graph = this->graph();
  values.of.resize(graph.value_count());
  values.contents.resize(graph.value_count());
  for (size_t position = 0; position < graph.inputs().size(); ++position) {
    const ValueId id = graph.inputs()[position];
    const GraphValue& input = graph.value(id);
    const bool given = position < inputs.size() && inputs[position].present;
    if (given && input.type.is_tensor() && inputs[position].is_tensor()) {
      values.of[id] = inputs[position];  // its dims are checked where shapes are settled
    } else if (!given && input.constant != nullptr) {
      values.of[id] = view_of(input.constant);
    } else if (given || input.type.kind == ValueKind::kOptional) {
      auto value =
          conform(given ? inputs[position] : RuntimeValue{}, input.type, graph.symbols(), *settings_.spaces);
      if (!value.ok()) return value.status().at("input '" + input.name + "'");
      values.of[id] = std::move(*value);
    } else {
      return {ErrorCode::kInvalidArgument, "input '" + input.name + "' is missing"};
    }
  }
  return {};
}

Result<std::shared_ptr<const SegmentInstance>> ExecutableGraph::settle(
    uint32_t index, const Values& values, std::span<const uint32_t> output_spaces,
    const RunEnvironment& environment) const {
  const Segment& segment = plan_.segments[index];
  // Kept per thread: a run whose key is known allocates none.
  thread_local SegmentKey key;
  key.clear();
  for (const ValueId id : segment.inputs) {
    const RuntimeValue& value = values.of[id];
    key.push_back(value.space);
    key.push_back(static_cast<int64_t>(value.dims.size()));
    key.insert(key.end(), value.dims.begin(), value.dims.end());
  }
  key.insert(key.end(), output_spaces.begin(), output_spaces.end());
  std::vector<RuntimeValue> contents;
  for (const ValueId id : segment.key_values) {
    BP_ASSIGN_OR_RETURN(RuntimeValue host, to_host(values.of[id], *settings_.spaces));
    const auto* bytes = static_cast<const unsigned char*>(host.host_data());
    for (uint64_t byte = 0; byte < host.data.size; byte += sizeof(int64_t)) {
      int64_t word = 0;
      std::memcpy(&word, bytes + byte, std::min<uint64_t>(sizeof(word), host.data.size - byte));
      key.push_back(word);
    }
    contents.push_back(std::move(host));
  }
  if (auto found = caches_[index]->find(key)) return found;

  SegmentKey fresh_key = key;
  ShapeQuestion question = ask(values);
  for (size_t position = 0; position < segment.key_values.size(); ++position)
    tell_contents(segment.key_values[position], copy_as_tensor(contents[position]), question);
  std::vector<uint32_t> input_spaces;
  for (const ValueId id : segment.inputs) input_spaces.push_back(values.of[id].space);
  uint32_t refused = kNoIndex;
  auto settled = settle_segment(contexts_[index], question, input_spaces, output_spaces,
                                caches_[index]->program_instances(), environment.cancel, &refused);
  if (!settled.ok()) {
    if (refused != kNoIndex && environment.refusal != nullptr) {
      const Partition& partition = plan_.graph->partitions[refused];
      environment.refusal->device = partition.device;
      for (const NodeId node : partition.nodes) environment.refusal->nodes.push_back(graph().node(node).name);
    }
    return settled.status();
  }
  return caches_[index]->add(std::move(fresh_key), std::move(*settled));
}

// What is known of shapes from all values that are there by now.
ShapeQuestion ExecutableGraph::ask(const Values& values) const {
  ShapeQuestion question;
  for (const ValueId id : graph().inputs()) {
    question.input_dims.push_back(values.of[id].dims);
    question.input_contents.push_back(nullptr);
  }
  for (const Segment& segment : plan_.segments)
    for (const ValueId id : segment.outputs)
      if (values.of[id].present && values.of[id].is_tensor())
        question.known.push_back({id, values.of[id].dims, values.contents_of(id)});
  return question;
}

void ExecutableGraph::tell_contents(ValueId id, const TensorPtr& contents, ShapeQuestion& question) const {
  for (size_t position = 0; position < graph().inputs().size(); ++position)
    if (graph().inputs()[position] == id) question.input_contents[position] = contents;
  for (KnownShape& known : question.known)
    if (known.value == id) known.contents = contents;
}

Status ExecutableGraph::deliver(const RuntimeValue& value, OutputSlot& slot, const std::string& name) const {
  if (!slot.preset) {
    BP_ASSIGN_OR_RETURN(slot.value, to_own(value, *settings_.spaces, slot.space));
    return {};
  }
  if (!value.is_tensor())
    return {ErrorCode::kInvalidArgument,
            "output '" + name + "': " + type_string(value) + " cannot be written into bound memory"};
  if (slot.value.type != value.type || slot.value.dims != value.dims)
    return {ErrorCode::kInvalidArgument, "output '" + name + "': the bound value is " +
                                             tensor_type_string(slot.value.type, slot.value.dims) +
                                             ", the result is " + tensor_type_string(value.type, value.dims)};
  if (value.type == ElementType::kString)
    return {ErrorCode::kInvalidArgument, "output '" + name + "': strings cannot be written into bound memory"};
  return copy_contents(value, slot.value, *settings_.spaces);
}

std::vector<uint32_t> ExecutableGraph::output_spaces(uint32_t segment,
                                                     std::span<const OutputSlot> outputs) const {
  std::vector<uint32_t> spaces;
  for (const uint32_t position : contexts_[segment].graph_outputs)
    spaces.push_back(outputs[position].preset ? outputs[position].value.space : outputs[position].space);
  return spaces;
}

Status ExecutableGraph::run_segment(uint32_t index, Values& values, std::span<OutputSlot> outputs,
                                    const RunEnvironment& environment) const {
  const Segment& segment = plan_.segments[index];
  std::vector<RuntimeValue> entering;
  entering.reserve(segment.inputs.size());
  for (const ValueId id : segment.inputs) entering.push_back(values.of[id]);
  const std::vector<uint32_t> wanted = output_spaces(index, outputs);
  BP_ASSIGN_OR_RETURN(const auto instance, settle(index, values, wanted, environment));

  // Memory of outputs whose dims are known; the others come into being during the run.
  std::vector<RuntimeValue> targets(instance->graph_outputs.size());
  for (size_t position = 0; position < targets.size(); ++position) {
    OutputSlot& slot = outputs[instance->graph_outputs[position]];
    const ValueId id = graph().outputs()[instance->graph_outputs[position]];
    const ElementType type = graph().value(id).type.element;
    if (!instance->shapes.known[id] || type == ElementType::kString) continue;
    if (slot.preset) {
      if (slot.value.type != type || slot.value.dims != instance->shapes.dims[id])
        return {ErrorCode::kInvalidArgument, "output '" + graph().value(id).name + "': the bound value is " +
                                                 tensor_type_string(slot.value.type, slot.value.dims) +
                                                 ", the result is " +
                                                 tensor_type_string(type, instance->shapes.dims[id])};
      targets[position] = slot.value;
    } else {
      BP_ASSIGN_OR_RETURN(targets[position], allocate_value(type, instance->shapes.dims[id], wanted[position],
                                                            *settings_.spaces, output_memory_.get()));
    }
  }
  BP_ASSIGN_OR_RETURN(RunStateLease leased, instance->lease());
  auto lease = std::make_shared<RunStateLease>(std::move(leased));
  BP_RETURN_IF_ERROR((*lease)->bind(entering, targets));
  BP_RETURN_IF_ERROR((*lease)->run(environment));

  for (size_t position = 0; position < targets.size(); ++position) {
    OutputSlot& slot = outputs[instance->graph_outputs[position]];
    const ValueId id = graph().outputs()[instance->graph_outputs[position]];
    const uint32_t source = instance->output_sources[position];
    const bool dynamic = source != kNoIndex && instance->locations[source].kind == LocationKind::kDynamic;
    if (targets[position].present && !dynamic) {
      slot.value = targets[position];
      continue;
    }
    BP_ASSIGN_OR_RETURN(RuntimeValue made, (*lease)->value_at(source));
    made.lent = made.lent || made.owner == nullptr;  // the arena, which the next run writes over
    BP_RETURN_IF_ERROR(deliver(made, slot, graph().value(id).name));
  }
  bool keep = false;
  for (size_t position = 0; position < segment.outputs.size(); ++position) {
    RuntimeValue& value = values.of[segment.outputs[position]];
    BP_ASSIGN_OR_RETURN(value, (*lease)->value_at(instance->escaping[position]));
    values.contents[segment.outputs[position]] = instance->shapes.contents[segment.outputs[position]];
    if (value.owner == nullptr) {
      // Memory of an output of the graph has its own owner; memory of the arena lives with the lease.
      for (const RuntimeValue& target : targets)
        if (target.present && target.space == value.space && target.data.address == value.data.address &&
            target.data.buffer == value.data.buffer && target.data.offset == value.data.offset) {
          value.owner = target.owner;
          value.lent = target.lent;
        }
      if (value.owner == nullptr) {
        value.owner = lease;
        value.lent = true;
        keep = true;
      }
    }
  }
  if (keep) values.leases.push_back(std::move(lease));
  return {};
}

Status ExecutableGraph::run_bodies(NodeId id, std::span<const RuntimeValue> inputs,
                                   std::span<OutputSlot> results, const RunEnvironment& environment) const {
  RegionCall call{graph().node(id), inputs, results, *settings_.spaces, environment, {}};
  for (const Region& region : regions_)
    if (region.node == id)
      for (const auto& body : region.bodies) call.bodies.push_back(body.get());
  if (call.bodies.empty()) return {ErrorCode::kInternal, "no compiled bodies"};
  return run_region_node(call);
}

Status ExecutableGraph::run_core_node(NodeId core_node, Values& values, std::span<OutputSlot> outputs,
                                      const RunEnvironment& environment) const {
  const Node& node = graph().node(core_node);
  if (node.container != ContainerKind::kNone && (node.outputs.empty() || node.outputs[0] == kNoId)) return {};
  std::vector<RuntimeValue> inputs;
  for (const ValueId id : node.inputs) {
    if (id == kNoId) {
      inputs.emplace_back();
    } else if (!values.of[id].present && graph().value(id).constant != nullptr) {
      inputs.push_back(view_of(graph().value(id).constant));
    } else {
      inputs.push_back(values.of[id]);
    }
  }
  std::vector<OutputSlot> results(node.outputs.size());
  const uint64_t begin = environment.profile != nullptr ? Profile::now_ns() : 0;
  if (node.container != ContainerKind::kNone) {
    auto result = run_container_node({node, inputs, graph().value(node.outputs[0]).type, *settings_.spaces});
    if (!result.ok()) return result.status().at(node.label());
    results[0].value = std::move(*result);
  } else if (Status status = run_bodies(core_node, inputs, results, environment); !status.ok()) {
    return status.at(node.label());
  }
  if (environment.profile != nullptr)
    environment.profile->add_span(node.label(), "core", begin, Profile::now_ns());
  for (size_t output = 0; output < node.outputs.size(); ++output) {
    const ValueId id = node.outputs[output];
    if (id == kNoId) continue;
    auto value =
        conform(std::move(results[output].value), graph().value(id).type, graph().symbols(), *settings_.spaces);
    if (!value.ok()) return value.status().at(node.label() + ": output '" + graph().value(id).name + "'");
    values.of[id] = std::move(*value);
    for (size_t position = 0; position < outputs.size(); ++position)
      if (graph().outputs()[position] == id)
        BP_RETURN_IF_ERROR(deliver(values.of[id], outputs[position], graph().value(id).name));
  }
  return {};
}

Status ExecutableGraph::run(std::span<const RuntimeValue> inputs, std::span<OutputSlot> outputs,
                            const RunEnvironment& environment) const {
  Values values;
  BP_RETURN_IF_ERROR(enter(inputs, values));
  for (uint32_t index = 0; index < plan_.segments.size(); ++index) {
    if (environment.cancel != nullptr && environment.cancel->requested()) return environment.cancel->status();
    if (plan_.segments[index].is_core())
      BP_RETURN_IF_ERROR(run_core_node(plan_.segments[index].core_node, values, outputs, environment));
    else
      BP_RETURN_IF_ERROR(run_segment(index, values, outputs, environment));
  }
  // Inputs and constants that are outputs as they are: copied, so that the result is the caller's own.
  for (size_t position = 0; position < outputs.size(); ++position) {
    const ValueId id = graph().outputs()[position];
    if (graph().value(id).producer != kNoId) continue;
    RuntimeValue source = values.of[id].present ? values.of[id] : RuntimeValue{};
    if (!source.present && graph().value(id).constant != nullptr) source = view_of(graph().value(id).constant);
    if (!source.present)
      return {ErrorCode::kInternal, "output '" + graph().value(id).name + "' is made by nothing"};
    OutputSlot& slot = outputs[position];
    if (!slot.preset && source.is_tensor() && source.type != ElementType::kString) {
      BP_ASSIGN_OR_RETURN(slot.value, allocate_value(source.type, source.dims, slot.space, *settings_.spaces));
      BP_RETURN_IF_ERROR(copy_contents(source, slot.value, *settings_.spaces));
    } else {
      BP_RETURN_IF_ERROR(deliver(source, slot, graph().value(id).name));
    }
  }
  uint64_t made_bytes = 0;
  for (const OutputSlot& slot : outputs)
    if (!slot.preset && slot.value.space == kHostSpace) made_bytes += slot.value.data.size;
  output_memory_->expect(made_bytes);
  return {};
}

Result<std::vector<RuntimeValue>> ExecutableGraph::segment_inputs(std::span<const RuntimeValue> inputs) const {
  Values values;
  BP_RETURN_IF_ERROR(enter(inputs, values));
  std::vector<RuntimeValue> entering;
  for (const ValueId id : plan_.segments[0].inputs) entering.push_back(std::move(values.of[id]));
  return entering;
}

Status ExecutableGraph::prepare(std::span<const RuntimeValue> inputs, const RunEnvironment& environment) const {
  if (plan_.segments[0].is_core()) return {};
  Values values;
  BP_RETURN_IF_ERROR(enter(inputs, values));
  const std::vector<uint32_t> on_host(contexts_[0].graph_outputs.size(), kHostSpace);
  BP_ASSIGN_OR_RETURN(const auto instance, settle(0, values, on_host, environment));
  return instance->lease().status();
}

Result<std::shared_ptr<const SegmentInstance>> ExecutableGraph::settle_whole(
    std::span<const RuntimeValue> inputs, std::span<const OutputSlot> outputs,
    const RunEnvironment& environment) const {
  std::shared_ptr<const SegmentInstance> none;
  if (plan_.segments.size() != 1 || plan_.segments[0].is_core()) return none;
  for (const ValueId id : graph().outputs())
    if (graph().value(id).producer == kNoId) return none;
  Values values;
  BP_RETURN_IF_ERROR(enter(inputs, values));
  BP_ASSIGN_OR_RETURN(auto instance, settle(0, values, output_spaces(0, outputs), environment));
  for (const ValueId id : graph().outputs())
    if (!instance->shapes.known[id] || graph().value(id).type.element == ElementType::kString) return none;
  return instance;
}

std::vector<std::shared_ptr<const SegmentInstance>> ExecutableGraph::latest_instances() const {
  std::vector<std::shared_ptr<const SegmentInstance>> all;
  for (const auto& cache : caches_) all.push_back(cache->latest());
  return all;
}

uint64_t ExecutableGraph::settled_count() const {
  uint64_t count = 0;
  for (const auto& cache : caches_) count += cache->settled_count();
  return count;
}

}  // namespace bp
