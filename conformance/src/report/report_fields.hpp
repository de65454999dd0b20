// The members of report.json, named once for the writer and the reader. A visitor offers
//   required(name, value)  always there,
//   optional(name, value)  left out while it is what a new object has,
//   digits(name, value)    a 64-bit number as a string, because readers in other languages have doubles.
#pragma once

#include "report/json_report.hpp"

namespace bp::conformance {

// One of a report's cases: the plan and what became of it.
template <typename Info, typename Result>
struct CaseFields {
  Info& info;
  Result& result;
};

template <typename Visitor, typename Facts>
void visit_provider(Visitor& visitor, Facts& facts) {
  visitor.required("id", facts.id);
  visitor.required("name", facts.name);
  visitor.required("version", facts.version);
  visitor.required("manifest_file", facts.manifest_file);
  visitor.required("manifest_sha256", facts.manifest_sha256);
  visitor.required("library_file", facts.library_file);
  visitor.required("library_sha256", facts.library_sha256);
  visitor.required("abi_minor", facts.abi_minor);
  visitor.required("canonical_level", facts.canonical_level);
  visitor.required("device_label", facts.device_label);
  visitor.required("device_name", facts.device_name);
  visitor.required("device_vendor", facts.device_vendor);
  visitor.required("device_driver", facts.device_driver);
  visitor.required("device_fingerprint", facts.device_fingerprint);
}

template <typename Visitor, typename Facts>
void visit_run(Visitor& visitor, Facts& facts) {
  visitor.required("runner_version", facts.runner_version);
  visitor.required("started_utc", facts.started_utc);
  visitor.required("duration_seconds", facts.duration_seconds);
  visitor.required("system", facts.system);
  visitor.required("cpu", facts.cpu);
  visitor.required("cores", facts.cores);
  visitor.required("level", facts.level);
  visitor.required("filters", facts.filters);
  visitor.required("options", facts.options);
  visitor.digits("seed", facts.seed);
  visitor.required("thread_count", facts.thread_count);
  visitor.required("time_factor", facts.time_factor);
  visitor.required("corpora", facts.corpora);
  visitor.required("tolerances_sha256", facts.tolerances_sha256);
}

template <typename Visitor, typename Error>
void visit_worst(Visitor& visitor, Error& error) {
  visitor.required("max_abs", error.max_abs);
  visitor.required("max_rel", error.max_rel);
  visitor.required("max_ulp", error.max_ulp);
  visitor.required("of_tolerance", error.of_tolerance);
  visitor.required("output", error.output);
  visitor.required("index", error.index);
  visitor.required("expected", error.expected);
  visitor.required("actual", error.actual);
}

template <typename Visitor, typename Case>
void visit_case(Visitor& visitor, Case& fields) {
  visitor.required("id", fields.info.id);
  visitor.required("group", fields.info.group);
  visitor.required("level", fields.info.level);
  visitor.optional("summary", fields.info.summary);
  visitor.optional("requirements", fields.info.requirements);
  visitor.optional("domain", fields.info.domain);
  visitor.optional("op_type", fields.info.op_type);
  visitor.optional("element_type", fields.info.element_type);
  visitor.required("timeout_ms", fields.info.timeout);
  visitor.required("outcome", fields.result.outcome);
  visitor.optional("text", fields.result.text);
  visitor.optional("reasons", fields.result.reasons);
  visitor.optional("nodes", fields.result.nodes);
  visitor.optional("nodes_by_provider", fields.result.nodes_by_provider);
  visitor.optional("worst", fields.result.worst);
  visitor.required("duration_us", fields.result.duration);
  visitor.digits("seed", fields.result.seed);
  visitor.required("attempts", fields.result.attempts);
}

template <typename Visitor, typename W>
void visit_waiver(Visitor& visitor, W& waiver) {
  visitor.required("case", waiver.case_id);
  visitor.required("reason", waiver.reason);
  visitor.required("issue", waiver.issue);
  visitor.required("expires", waiver.expires);
}

}  // namespace bp::conformance
