/* What you can run. A claim binds: what is called supported here compiles and runs. */
#include <stdio.h>

#include "skeleton.h"

uint64_t judge_node(const bp_graph* graph, const bp_node* node, bp_reason* reasons, char* text) {
  (void)graph;
  snprintf(text, TEXT_SIZE, "operator %.*s is not known here",
           (int)(node->op_type.size < 80 ? node->op_type.size : 80), node->op_type.data);
  reasons[0] = (bp_reason){.struct_size = BP_STRUCT_SIZE(bp_reason, text),
                           .code = BP_REASON_OPERATOR,
                           .input = BP_NONE,
                           .output = BP_NONE,
                           .text = {text, strlen(text)}};
  return 1;
}
