// The capability query: every node is shown to its row, all reasons are reported.
#include "capability.hpp"

#include "device.hpp"
#include "graph.hpp"
#include "ops/op.hpp"
#include "options.hpp"

namespace bp::opencl {

namespace {

// The kinds of attributes that Attributes reads; newer hosts may have more.
bool is_known(uint32_t kind) {
  return kind >= BP_ATTRIBUTE_FLOAT && kind <= BP_ATTRIBUTE_STRINGS && kind != BP_ATTRIBUTE_GRAPH;
}

// What rows do not look at themselves.
void refuse_types(const Graph& graph, const Node& node, Check& check) {
  for (const uint32_t output : node.outputs) {
    if (output == BP_NONE) continue;
    const Value& value = graph.values[output];
    if (element_size(value.type) == 0) {
      check.reject(BP_REASON_TYPE, text("output '", value.name, "' is ", type_name(value.type),
                                        ", which no kernel here writes"));
    }
  }
  for (uint32_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == BP_NONE || in(graph.values[node.inputs[i]].type, kMovable)) continue;
    check.reject_input(BP_REASON_TYPE, i,
                       text("input ", i, " is ", type_name(graph.values[node.inputs[i]].type),
                            ", which no kernel here reads"));
  }
}

void judge(const Graph& graph, const bp_node& source, const Node& node, Check& check) {
  if (node.row == nullptr) {
    check.reject(BP_REASON_OPERATOR, text("operator ", node.domain.empty() ? "ai.onnx" : node.domain, ".",
                                          node.op_type, " is unknown"));
    return;
  }
  if (node.since_version < node.row->since) {
    check.reject(BP_REASON_OPERATOR, text(node.op_type, " in the form of opset ", node.since_version,
                                          " is not known; from ", node.row->since, " on it is"));
    return;
  }
  for (const bp_attribute& attribute : ArrayView<bp_attribute>(source.attributes)) {
    if (is_known(attribute.kind)) continue;
    return check.reject_attribute(view(attribute.name),
                                  text("attribute '", view(attribute.name), "' is of kind ", attribute.kind,
                                       ", which no operator here has"));
  }
  try {
    node.row->check(check);
  } catch (const Error& error) {
    check.reject_attribute({}, error.what());  // an attribute of another kind
  }
  if (check.verdict().supported()) refuse_types(graph, node, check);
}

bp_status query(bp_device handle, const bp_graph* shown, bp_array options, const bp_verdict_sink* sink) {
  const Device& device = sdk::from_handle<Device>(handle);
  return guard(device.host(), [&] {
    BP_EXPECT_STRUCT(shown, bp_graph, host_graph);
    BP_EXPECT_STRUCT(sink, bp_verdict_sink, report);
    const Options settings = read_options(options);
    const Graph graph = read_graph(*shown);
    const ArrayView<bp_node> sources(shown->nodes);
    for (uint32_t index = 0; index < graph.nodes.size(); ++index) {
      const Node& node = graph.nodes[index];
      Check check(graph, index, device.traits());
      judge(graph, sources[index], node, check);
      if (settings.leave.contains(node.op_type)) {
        check.reject(BP_REASON_POLICY, text("option 'leave' names ", node.op_type));
      }
      check.verdict().report(*sink, static_cast<uint32_t>(node.inputs.size()));
    }
  });
}

}  // namespace

const bp_capability_api kCapabilityApi = {
    BP_STRUCT_SIZE(bp_capability_api, query_partition),
    0,
    query,
    nullptr,
};

}  // namespace bp::opencl
