// Every sample goes the whole way into a session of the one device; where that fails, the device's verdict on
// the canonical node gives the code.
#include "coverage.hpp"

#include <algorithm>

#include "backplane/session.hpp"
#include "canonicalize/canonicalize.hpp"
#include "infer/infer.hpp"
#include "ops/onnx_bridge/to_onnx.hpp"
#include "sample_node.hpp"
#include "session/device_questions.hpp"
#include "session/environment_impl.hpp"
#include "session/facts.hpp"

namespace bp {
namespace {

class Survey {
 public:
  Survey(const Environment& environment, CompileDevice device)
      : environment_(environment), device_(std::move(device)) {
    options_.providers = {device_.device->label()};
    options_.optimization = OptimizationLevel::kNone;
    options_.threads = 1;
  }

  void ask(const OpSchema& schema, ElementType element, CoverageEntry& entry) const {
    const std::unique_ptr<Graph> sample = sample_graph(schema, element);
    if (sample == nullptr) return;
    if (const Status status = try_session(*sample, entry); !status.ok()) {
      entry.answer = CoverageAnswer::kRefused;
      entry.code =
          status.code() == ErrorCode::kUnsupported ? first_reason(*sample) : error_code_name(status.code());
      entry.text = status.message();
    }
  }

 private:
  Status try_session(const Graph& sample, CoverageEntry& entry) const {
    BP_ASSIGN_OR_RETURN(const std::string bytes, to_onnx_bytes(sample));
    BP_ASSIGN_OR_RETURN(const Model model, Model::load(std::as_bytes(std::span<const char>(bytes))));
    BP_ASSIGN_OR_RETURN(const Session session, Session::create(environment_, model, options_));
    const SessionReport report = session.report();
    const auto runs_here = [&](const ReportNode& node) { return node.placement == device_.device->label(); };
    const auto on_device = std::count_if(report.nodes.begin(), report.nodes.end(), runs_here);
    if (on_device == 0) {
      entry.answer = CoverageAnswer::kCore;
    } else if (report.nodes.size() == 1) {
      entry.answer = CoverageAnswer::kDevice;
    } else {
      const bool lowered = std::any_of(report.nodes.begin(), report.nodes.end(), [](const ReportNode& node) {
        return node.note.find("lowered") != std::string::npos;
      });
      entry.answer = lowered ? CoverageAnswer::kLowered : CoverageAnswer::kDevice;
    }
    return {};
  }

  std::string first_reason(const Graph& sample) const {
    const std::unique_ptr<Graph> graph = sample.clone();
    const auto verdicts = [&]() -> Result<std::vector<Verdict>> {
      if (canonicalize_wants_types(*graph)) BP_RETURN_IF_ERROR(infer_types(*graph));
      BP_RETURN_IF_ERROR(canonicalize(*graph));
      BP_RETURN_IF_ERROR(infer_types(*graph));
      const std::unordered_map<SymbolId, DimRange> ranges;
      const RefusedNodes none;
      return DeviceQuestions(device_, kCanonicalLevel, ranges, none).query(*graph, node_facts(*graph));
    }();
    if (!verdicts.ok()) return error_code_name(verdicts.status().code());
    for (const Verdict& verdict : *verdicts) {
      if (!verdict.supported && !verdict.reasons.empty()) return reason_code_name(verdict.reasons[0].code);
    }
    return error_code_name(ErrorCode::kUnsupported);
  }

  const Environment& environment_;
  CompileDevice device_;
  SessionOptions options_;
};

}  // namespace

Result<std::vector<CoverageEntry>> operator_coverage(const Environment& environment,
                                                     const std::string& device) {
  BP_ASSIGN_OR_RETURN(const auto devices, environment.impl()->registry->find_devices(device));
  if (devices.empty()) return Status(ErrorCode::kNotFound, "no device '" + device + "'");
  BP_ASSIGN_OR_RETURN(OptionSet options, devices[0]->check_options({}));
  const Survey survey(environment, {devices[0], std::move(options)});
  std::vector<CoverageEntry> entries;
  for (const OperatorName& op : all_operators()) {
    if (!is_standard_domain(op.domain)) continue;
    for (const int32_t form : forms_of(op)) {
      const OpSchema schema = find_schema(op.domain, op.op_type, form);
      if (schema.deprecated) continue;
      const bool bodies = has_bodies(schema);
      for (const ElementType element : bodies ? std::vector{ElementType::kUndefined} : sample_types(schema)) {
        CoverageEntry entry{std::string(op.domain), std::string(op.op_type), form, {}, {}, {}, {}};
        if (element != ElementType::kUndefined) entry.element_type = element_type_name(element);
        entry.answer = bodies ? CoverageAnswer::kCore : CoverageAnswer::kNoSample;
        if (!bodies) survey.ask(schema, element, entry);
        entries.push_back(std::move(entry));
      }
    }
  }
  return entries;
}

}  // namespace bp
