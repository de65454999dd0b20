/* capability.h: a verdict for every node of a graph. */
#include "skeleton.h"

static bp_status query(bp_device device, const bp_graph* graph, bp_array options, const bp_verdict_sink* sink) {
  (void)device, (void)options;
  for (uint32_t n = 0; n < graph->nodes.count; ++n) {
    bp_reason reasons[MAX_REASONS];
    char text[TEXT_SIZE];
    const uint64_t count = judge_node(graph, BP_AT(bp_node, graph->nodes, n), reasons, text);
    const bp_verdict verdict = {.struct_size = BP_STRUCT_SIZE(bp_verdict, workspace_bytes),
                                .kind = count == 0 ? BP_VERDICT_SUPPORTED : BP_VERDICT_REJECTED,
                                .node = n,
                                .group = BP_NONE,
                                .reasons = {reasons, count, sizeof reasons[0]},
                                .input_wants = {0}, /* all on the device */
                                .cost_ns = BP_UNKNOWN,
                                .workspace_bytes = BP_UNKNOWN};
    sink->report(sink->user, &verdict);
  }
  return NULL;
}

/* Accept, reject or split what the host has cut out. */
bp_status query_partition(bp_device device, const bp_graph* partition, bp_array options,
                          bp_partition_answer* answer);
bp_status query_partition(bp_device device, const bp_graph* partition, bp_array options,
                          bp_partition_answer* answer) {
  (void)partition, (void)options, (void)answer;
  return unimplemented(of_device(device)->host, "query_partition");
}

const bp_capability_api skeleton_capability = {
    .struct_size = BP_STRUCT_SIZE(bp_capability_api, query_partition),
    .query = query,
    .query_partition = NOT_YET(query_partition)};
