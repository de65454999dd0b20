// Optional outputs that nobody reads are left out: the indices of a MaxPool, the mask of a Dropout, the mean of
// a LayerNormalization. A provider that cannot make them can then take the node.
#include "ops/op_schema.hpp"
#include "optimize/pass.hpp"
#include "optimize/rewrite.hpp"

namespace bp::optimize_passes {

Result<size_t> drop_outputs(Graph& graph, PassContext& context) {
  size_t changes = 0;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (!node.alive || node.outputs.size() < 2 || !is_standard_domain(node.domain)) continue;
    OpSchema schema;
    for (size_t i = 1; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kNoId || !is_unused(graph, node.outputs[i])) continue;
      if (schema.since_version == 0) schema = find_schema(node.domain, node.op_type, node.since_version);
      const Parameter* output = schema.output(i);
      if (output == nullptr || output->option != ParameterOption::kOptional) continue;
      graph.set_node_output(id, i, kNoId);
      context.changed(node.name);
      ++changes;
    }
  }
  return changes;
}

}  // namespace bp::optimize_passes
