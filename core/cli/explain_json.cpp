#include <nlohmann/json.hpp>

#include "explain_report.hpp"

namespace bp {

// Found by nlohmann's library through the namespace of the structs.
static void to_json(nlohmann::json& json, const ReportReason& reason) {
  json = {{"code", reason.code}, {"subject", reason.subject}, {"text", reason.text}};
}
static void to_json(nlohmann::json& json, const ReportVerdict& verdict) {
  json = {{"device", verdict.device}, {"supported", verdict.supported}, {"reasons", verdict.reasons}};
}
static void to_json(nlohmann::json& json, const ReportNode& node) {
  json = {{"name", node.name},
          {"op_type", node.op_type},
          {"inputs", node.inputs},
          {"outputs", node.outputs},
          {"output_types", node.output_types},
          {"placement", node.placement},
          {"partition", node.partition},
          {"verdicts", node.verdicts},
          {"origin", node.origin},
          {"note", node.note},
          {"depth", node.depth},
          {"body_of", node.body_of}};
}
static void to_json(nlohmann::json& json, const ReportStep& step) {
  json = {
      {"name", step.name}, {"implementation", step.implementation}, {"nodes", step.nodes}, {"note", step.note}};
}
static void to_json(nlohmann::json& json, const ReportPartition& partition) {
  json = {{"device", partition.device},         {"nodes", partition.nodes},
          {"inputs", partition.inputs},         {"outputs", partition.outputs},
          {"steps", partition.steps},           {"workspace_bytes", partition.workspace_bytes},
          {"compile_ns", partition.compile_ns}, {"note", partition.note}};
}
static void to_json(nlohmann::json& json, const ReportCopy& copy) {
  json = {{"value", copy.value}, {"from", copy.from}, {"to", copy.to}, {"size_bytes", copy.size_bytes}};
}
static void to_json(nlohmann::json& json, const ReportArena& arena) {
  json = {{"memory", arena.memory},
          {"size_bytes", arena.size_bytes},
          {"lower_bound_bytes", arena.lower_bound_bytes}};
}
static void to_json(nlohmann::json& json, const ReportPhase& phase) {
  json = {{"name", phase.name}, {"duration_ns", phase.duration_ns}};
}
static void to_json(nlohmann::json& json, const ReportPass& pass) {
  json = {{"name", pass.name}, {"changes", pass.changes}, {"note", pass.note}};
}

namespace cli {

nlohmann::json explain_json(const SessionReport& report) {
  return {{"devices", report.devices},       {"nodes", report.nodes},
          {"partitions", report.partitions}, {"copies", report.copies},
          {"arenas", report.arenas},         {"phases", report.phases},
          {"passes", report.passes},         {"notes", report.notes},
          {"segments", report.segments},     {"specializations", report.specializations},
          {"step_count", report.step_count}, {"threads", report.threads}};
}

}  // namespace cli
}  // namespace bp
