// Verdicts: every node, every reason.
#include <algorithm>

#include "check_struct.hpp"
#include "operators.hpp"
#include "options.hpp"
#include "provider.hpp"

namespace broken {
namespace {

using bp::sdk::Node;
using bp::sdk::Verdict;

bool takes(const Operator& op, uint32_t element_type) {
  if (has(Fault::claims_types_it_does_not_know) && element_type > BP_TYPE_INT2) return true;
  return std::find(op.types.begin(), op.types.end(), element_type) != op.types.end();
}

// "float32 or float64".
std::string names_of(std::span<const uint32_t> types) {
  std::string names;
  for (size_t i = 0; i < types.size(); ++i) {
    const std::string_view before = i == 0 ? "" : i + 1 == types.size() ? " or " : ", ";
    names += message(before, bp::sdk::element_type(types[i]).name);
  }
  return names;
}

void judge_inputs(const Node& node, const Operator& op, const Settings& settings, Verdict& verdict) {
  for (uint32_t i = 0; i < op.inputs; ++i) {
    const bp_value* value = node.input(i);
    if (value == nullptr) {
      verdict.reject_input(BP_REASON_OTHER, i, message("input ", i, " must be there, is omitted"));
      continue;
    }
    // Only data is bound to the operator's types; shapes and conditions are as the schema says.
    const bool is_data = i == 0 || op.form == Form::kBinary || op.form == Form::kMatMul;
    if (is_data && !takes(op, value->element_type)) {
      verdict.reject_input(BP_REASON_TYPE, i,
                           message("input ", i, " must be of ", names_of(op.types), ", is of element type ",
                                   value->element_type));
    }
    if (value->has_rank == 0) {
      verdict.reject_input(BP_REASON_RANK, i, message("input ", i, " must have a known rank"));
    }
    if (value->size_bytes > settings.claim_up_to_bytes) {
      verdict.reject_input(BP_REASON_POLICY, i,
                           message("constants may have ", settings.claim_up_to_bytes, " bytes, input ", i,
                                   " has ", value->size_bytes));
    }
  }
}

Verdict judge(const Node& node, const Settings& settings) {
  Verdict verdict(node.index());
  const Operator* op = node.domain().empty() ? find_operator(node.op_type()) : nullptr;
  if (op == nullptr) {
    verdict.reject(BP_REASON_OPERATOR, message("operator ", node.op_type(), " is not known here"));
    return verdict;
  }
  judge_inputs(node, *op, settings, verdict);
  op->check(node, verdict);
  if (has(Fault::wants_a_constant_that_is_none)) verdict.want(0, BP_WANT_CONSTANT);
  return verdict;
}

// The faults of a report: a verdict of its own.
void report_rejected(const bp_verdict_sink& sink, uint32_t node) {
  bp_verdict verdict{};
  verdict.struct_size = BP_STRUCT_SIZE(bp_verdict, workspace_bytes);
  verdict.kind = BP_VERDICT_REJECTED;
  verdict.node = node;
  verdict.group = BP_NONE;
  verdict.cost_ns = BP_UNKNOWN;
  verdict.workspace_bytes = BP_UNKNOWN;
  sink.report(sink.user, &verdict);
}

}  // namespace

void Provider::query(const bp_graph* graph, bp_array options, const bp_verdict_sink* sink) const {
  static uint32_t queries = 0;
  BROKEN_CHECK(graph, bp_graph, host_graph);
  BROKEN_CHECK(sink, bp_verdict_sink, report);
  const Settings settings = read_settings(options);
  bp_graph seen = *graph;
  if (has(Fault::steps_by_its_own_sizes)) {
    seen.nodes.stride = sizeof(bp_node);
    seen.values.stride = sizeof(bp_value);
  }
  const bool other_answer = has(Fault::answers_differently_each_time) && ++queries % 2 == 0;
  for (uint32_t n = 0; n < seen.nodes.count; ++n) {
    if (has(Fault::skips_the_last_node) && n + 1 == seen.nodes.count) break;
    const Node node(seen, n);
    Verdict verdict = judge(node, settings);
    if (!verdict.supported() && has(Fault::gives_no_reasons)) {
      report_rejected(*sink, n);
      continue;
    }
    if (other_answer) verdict.reject(BP_REASON_OTHER, "the device is busy");
    verdict.report(*sink, node.input_count());
  }
  if (has(Fault::writes_to_the_view) && graph->nodes.count > 0) {
    const_cast<bp_node*>(BP_AT(bp_node, graph->nodes, 0))->op_type.size = 0;
  }
}

void Provider::query_partition(const bp_graph* partition, bp_array options, bp_partition_answer* answer) const {
  BROKEN_CHECK(partition, bp_graph, host_graph);
  BROKEN_CHECK(answer, bp_partition_answer, text);
  const Settings settings = read_settings(options);
  answer->kind = BP_PARTITION_ACCEPT;
  answer->split_node = BP_NONE;
  answer->reason_code = 0;
  answer->text = {};
  const auto split = [&](uint64_t node, std::string_view text) {
    answer->kind = BP_PARTITION_SPLIT;
    answer->split_node = static_cast<uint32_t>(node);
    answer->reason_code = BP_REASON_OTHER;
    answer->text = bp::sdk::abi(text);
  };
  const uint64_t count = partition->nodes.count;
  if (has(Fault::splits_behind_the_end)) return split(count, "too large");
  if (count > settings.max_partition_nodes) {
    return split(settings.max_partition_nodes, "option max_partition_nodes allows no more nodes");
  }
  // An output whose dims depend on data is known after its run only.
  for (uint32_t n = 0; n < count && count > 1; ++n) {
    const Operator* op = find_operator(Node(*partition, n).op_type());
    if (op != nullptr && (op->form == Form::kBounded || op->form == Form::kAllocated)) {
      return split(std::max<uint64_t>(n, 1), "an operator with outputs that depend on data stands alone");
    }
  }
}

}  // namespace broken
