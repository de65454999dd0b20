// The capability query: every node is shown to its row, all reasons are reported.
#include "capability.hpp"

#include "device.hpp"
#include "graph.hpp"
#include "ops/op.hpp"
#include "options.hpp"
#include "struct_size.hpp"

namespace bp::cpu {

namespace {

// The kinds of attributes that Attributes reads; newer hosts may have more.
bool is_known(uint32_t kind) {
  return kind >= BP_ATTRIBUTE_FLOAT && kind <= BP_ATTRIBUTE_STRINGS && kind != BP_ATTRIBUTE_GRAPH;
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
  for (const uint32_t output : node.outputs) {
    if (output == BP_NONE) continue;
    const Value& value = graph.values[output];
    if (element_size(value.type) == 0) {
      check.reject(BP_REASON_TYPE, text("output '", value.name, "' is ", type_name(value.type),
                                        ", which no kernel here writes"));
    }
  }
  for (const bp_attribute& attribute : ArrayView<bp_attribute>(source.attributes)) {
    if (is_known(attribute.kind)) continue;
    return check.reject_attribute(view(attribute.name),
                                  text("attribute '", view(attribute.name), "' is of kind ", attribute.kind,
                                       ", which no operator here has"));
  }
  for (uint32_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == BP_NONE) continue;
    const Value& value = graph.values[node.inputs[i]];
    if (value.type == Type::kString && !value.constant) check.verdict().want(i, BP_WANT_HOST);
  }
  try {
    node.row->check(check);
  } catch (const Error& error) {
    check.reject_attribute({}, error.what());  // an attribute of another kind
  }
}

bp_status query(bp_device device, const bp_graph* shown, bp_array options, const bp_verdict_sink* sink) {
  return guard(device_host(device), [&] {
    BP_EXPECT_STRUCT(shown, bp_graph, host_graph);
    BP_EXPECT_STRUCT(sink, bp_verdict_sink, report);
    static_cast<void>(read_options(options));
    const Graph graph = read_graph(*shown);
    const ArrayView<bp_node> sources(shown->nodes);
    for (uint32_t index = 0; index < graph.nodes.size(); ++index) {
      const Node& node = graph.nodes[index];
      Check check(graph, index);
      judge(graph, sources[index], node, check);
      check.verdict().report(*sink, static_cast<uint32_t>(node.inputs.size()));
    }
  });
}

// A value whose dims depend on data is not read inside the partition that makes it: split before its first
// reader.
bp_status query_partition(bp_device device, const bp_graph* view, bp_array, bp_partition_answer* answer) {
  return guard(device_host(device), [&] {
    BP_EXPECT_STRUCT(view, bp_graph, host_graph);
    BP_EXPECT_STRUCT(answer, bp_partition_answer, text);
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
