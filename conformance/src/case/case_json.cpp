#include "case/case_json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "case/json_object.hpp"

namespace bp::conformance {
namespace {

using nlohmann::json;

json worst_to_json(const WorstError& worst) {
  return {{"max_abs", number_to_json(worst.max_abs)},
          {"max_rel", number_to_json(worst.max_rel)},
          {"max_ulp", number_to_json(worst.max_ulp)},
          {"of_tolerance", number_to_json(worst.of_tolerance)},
          {"output", worst.output},
          {"index", worst.index},
          {"expected", worst.expected},
          {"actual", worst.actual}};
}

WorstError worst_from_json(const json& from) {
  JsonObject object(from, "worst");
  WorstError worst;
  worst.max_abs = object.number("max_abs");
  worst.max_rel = object.number("max_rel");
  worst.max_ulp = object.number("max_ulp");
  worst.of_tolerance = object.number("of_tolerance");
  worst.output = object.text("output");
  worst.index = object.count("index");
  worst.expected = object.text("expected");
  worst.actual = object.text("actual");
  object.end();
  return worst;
}

}  // namespace

json to_json(const CaseInfo& info) {
  json made = {{"id", info.id},
               {"group", info.group},
               {"level", static_cast<int>(info.level)},
               {"summary", info.summary},
               {"requirements", info.requirements},
               {"timeout_ms", info.timeout.count()}};
  if (!info.op_type.empty()) {
    made["domain"] = info.domain;
    made["op_type"] = info.op_type;
    made["element_type"] = info.element_type;
  }
  if (!info.folder.empty()) made["folder"] = info.folder;
  return made;
}

CaseInfo case_info_from_json(const json& from) {
  JsonObject object(from, "case");
  CaseInfo info;
  info.id = object.text("id");
  info.group = object.text("group");
  const uint64_t level = object.count("level");
  if (level > static_cast<uint64_t>(Level::kRobust)) {
    throw std::invalid_argument(fmt::format("case '{}': level must be 0 to 3, is {}", info.id, level));
  }
  info.level = static_cast<Level>(level);
  info.summary = object.text("summary");
  for (const json& number : object.list("requirements")) {
    if (!number.is_number_integer()) throw std::invalid_argument("case: requirements must be numbers");
    info.requirements.push_back(number.get<int>());
  }
  info.timeout = std::chrono::milliseconds(object.count("timeout_ms"));
  if (object.has("op_type")) {
    info.domain = object.text("domain");
    info.op_type = object.text("op_type");
    info.element_type = object.text("element_type");
  }
  if (object.has("folder")) info.folder = object.text("folder");
  object.end();
  return info;
}

json to_json(const CaseResult& result) {
  json made = {{"id", result.id},
               {"outcome", outcome_name(result.outcome)},
               {"text", result.text},
               {"reasons", result.reasons},
               {"nodes", result.nodes},
               {"nodes_by_provider", result.nodes_by_provider},
               {"duration_us", result.duration.count()},
               {"seed", std::to_string(result.seed)},
               {"attempts", result.attempts}};
  if (result.worst) made["worst"] = worst_to_json(*result.worst);
  return made;
}

CaseResult case_result_from_json(const json& from) {
  JsonObject object(from, "result");
  CaseResult result;
  result.id = object.text("id");
  const std::string name = object.text("outcome");
  const std::optional<Outcome> outcome = outcome_of(name);
  if (!outcome) throw std::invalid_argument(fmt::format("result '{}': unknown outcome '{}'", result.id, name));
  result.outcome = *outcome;
  result.text = object.text("text");
  for (const auto& [reason, count] : object.object("reasons").items()) {
    if (!count.is_number_unsigned()) throw std::invalid_argument("result: reasons must be counts");
    result.reasons[reason] = count.get<uint64_t>();
  }
  result.nodes = object.count("nodes");
  result.nodes_by_provider = object.count("nodes_by_provider");
  result.duration = std::chrono::microseconds(object.count("duration_us"));
  result.seed = object.count_text("seed");
  result.attempts = static_cast<uint32_t>(object.count("attempts"));
  if (object.has("worst")) result.worst = worst_from_json(object.object("worst"));
  object.end();
  return result;
}

std::string to_line(const json& from) { return from.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace bp::conformance
