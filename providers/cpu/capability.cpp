// The capability query: every node is shown to its row, all reasons are reported.
#include "capability.hpp"

#include "device.hpp"
#include "graph.hpp"
#include "ops/op.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

void judge(const Graph& graph, const Node& node, Check& check) {
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
  for (const uint32_t output : node.outputs) {
    if (output == BP_NONE) continue;
    const Value& value = graph.values[output];
    if (element_size(value.type) == 0) {
      check.reject(BP_REASON_TYPE, text("output '", value.name, "' is ", type_name(value.type),
                                        ", which no kernel here writes"));
    }
  }
  try {
    node.row->check(check);
  } catch (const Error& error) {
    check.reject_attribute({}, error.what());  // an attribute of another kind
  }
}

bp_status query(bp_device device, const bp_graph* view, bp_array options, const bp_verdict_sink* sink) {
  return guard(device_host(device), [&] {
    static_cast<void>(read_options(options));
    const Graph graph = read_graph(*view);
    for (uint32_t index = 0; index < graph.nodes.size(); ++index) {
      const Node& node = graph.nodes[index];
      Check check(graph, index);
      judge(graph, node, check);
      check.verdict().report(*sink, static_cast<uint32_t>(node.inputs.size()));
    }
  });
}

// A value whose dims depend on data is not read inside the partition that makes it: split before its first
// reader.
bp_status query_partition(bp_device device, const bp_graph* view, bp_array, bp_partition_answer* answer) {
  return guard(device_host(device), [&] {
    const Graph graph = read_graph(*view);
    answer->kind = BP_PARTITION_ACCEPT;
    for (uint32_t index = 0; index < graph.nodes.size(); ++index) {
      for (const uint32_t input : graph.nodes[index].inputs) {
        if (input == BP_NONE) continue;
        const Value& value = graph.values[input];
        if (!value.data_dependent || value.producer == BP_NONE) continue;
        answer->kind = BP_PARTITION_SPLIT;
        answer->split_node = index;
        answer->reason_code = BP_REASON_DYNAMIC_SHAPE;
        answer->text = abi("the dims of an input of this node depend on data made in the same partition");
        return;
      }
    }
  });
}

}  // namespace

const bp_capability_api kCapabilityApi = {
    BP_STRUCT_SIZE(bp_capability_api, query_partition),
    0,
    query,
    query_partition,
};

}  // namespace bp::cpu
