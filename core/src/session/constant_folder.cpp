// A constant sub-graph is placed, compiled and run like any other graph, once.
#include "session/constant_folder.hpp"

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

Result<std::vector<TensorPtr>> DeviceFolder::fold(const Graph& graph) {
  std::vector<RefusedNodes> refused;
  std::vector<std::string> notes;
  BP_ASSIGN_OR_RETURN(const PlacedGraph placed, place_graph(graph, settings_, refused, notes));
  std::vector<OutputSlot> outputs(graph.outputs().size());
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
