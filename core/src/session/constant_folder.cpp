// A constant sub-graph is placed, compiled and run like any other graph, once.
#include "session/constant_folder.hpp"

#include "base/value_impl.hpp"
#include "canonicalize/canonicalize.hpp"
#include "session/facts.hpp"

namespace bp {

std::unique_ptr<DeviceFolder> DeviceFolder::create(const PlaceSettings& settings, std::string* note) {
  for (auto device = settings.devices.rbegin(); device != settings.devices.rend(); ++device) {
    if (device->device->info().preferred_memory().kind != kHostMemory) continue;
    PlaceSettings single = settings;
    single.devices = {*device};
    single.ranges.clear();
    single.progress = nullptr;
    single.load_saved = nullptr;
    single.memory_limit_bytes = 0;
    // Many short steps, each of which is over before a team has met twice.
    single.thread_count = 1;
    return std::unique_ptr<DeviceFolder>(new DeviceFolder(std::move(single)));
  }
  *note = settings.devices.empty() ? "constants are not folded: there is no device"
                                   : "constants are not folded: no device works in memory that the host reads";
  return nullptr;
}

Result<std::vector<bool>> DeviceFolder::can_fold(const Graph& graph) {
  const RefusedNodes none;
  DeviceQuestions questions(settings_.devices[0], kCanonicalLevel, settings_.ranges, none);
  BP_ASSIGN_OR_RETURN(const std::vector<Verdict> verdicts, questions.query(graph, node_facts(graph)));
  std::vector<bool> can(graph.node_count(), false);
  for (NodeId id = 0; id < graph.node_count(); ++id)
    can[id] = graph.node(id).alive && id < verdicts.size() && verdicts[id].supported;
  return can;
}

namespace {

// One piece of memory for the small results whose size is known: thousands of weights lie in few huge pages. It
// lives as long as any of them.
Status preset(const Graph& graph, std::vector<OutputSlot>& outputs) {
  constexpr uint64_t kAlignment = 64;
  constexpr uint64_t kLarge = uint64_t{2} << 20;  // has pages of its own
  const auto size_of = [&](ValueId id) -> uint64_t {
    const ValueType& type = graph.value(id).type;
    const int64_t count = type.is_tensor() && type.has_rank ? element_count(type.dims) : -1;
    const bool fixed = count > 0 && element_bits(type.element) != 0;
    const uint64_t size = fixed ? storage_bytes(type.element, static_cast<uint64_t>(count)) : 0;
    return size < kLarge ? size : 0;
  };
  uint64_t total = 0;
  for (const ValueId id : graph.outputs()) total += (size_of(id) + kAlignment - 1) / kAlignment * kAlignment;
  if (total == 0) return {};
  const std::shared_ptr<void> memory = allocate_aligned(total);
  if (memory == nullptr)
    return {ErrorCode::kOutOfHostMemory, "no " + std::to_string(total) + " bytes for folded constants"};
  uint64_t offset = 0;
  for (size_t index = 0; index < outputs.size(); ++index) {
    const ValueId id = graph.outputs()[index];
    const uint64_t size = size_of(id);
    if (size == 0) continue;
    RuntimeValue& value = outputs[index].value;
    value.type = graph.value(id).type.element;
    for (const Dim& dim : graph.value(id).type.dims) value.dims.push_back(dim.size);
    value.data = host_slice(static_cast<std::byte*>(memory.get()) + offset, size);
    value.owner = memory;
    value.present = true;
    outputs[index].preset = true;
    offset += (size + kAlignment - 1) / kAlignment * kAlignment;
  }
  return {};
}

}  // namespace

Result<std::vector<TensorPtr>> DeviceFolder::fold(const Graph& graph) {
  std::vector<RefusedNodes> refused;
  std::vector<std::string> notes;
  BP_ASSIGN_OR_RETURN(const PlacedGraph placed, place_graph(graph, settings_, refused, notes));
  std::vector<OutputSlot> outputs(graph.outputs().size());
  BP_RETURN_IF_ERROR(preset(graph, outputs));
  BP_RETURN_IF_ERROR(placed.executable->run({}, outputs, RunEnvironment{}));
  std::vector<TensorPtr> tensors;
  for (const OutputSlot& output : outputs) {
    auto tensor = std::make_shared<Tensor>();
    tensor->type = output.value.type;
    tensor->dims = output.value.dims;
    tensor->bytes = {static_cast<const std::byte*>(output.value.host_data()),
                     static_cast<size_t>(output.value.data.size)};
    tensor->string_bytes = {reinterpret_cast<const char*>(output.value.string_bytes.address),
                            static_cast<size_t>(output.value.string_bytes.size)};
    tensor->owner = output.value.owner;
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

}  // namespace bp
