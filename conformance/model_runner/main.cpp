// backplane-conformance-model: one whole model through the core's public API, with one provider and nothing to
// fall back on. Part of the conformance runner, which starts it, judges what it writes, and survives it.
//
// Reads one JSON object from stdin: manifest, provider, device, threads, options {name: value}, model, inputs
// {name: file}, results (a folder for output_N.pb). Answers with one JSON line on descriptor 3.
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "backplane/backplane.hpp"

namespace {

using nlohmann::json;

// UNSUPPORTED is an answer; every other error is one of the provider's or the model's.
json failure(const bp::Status& status) {
  return {{"status", status.code() == bp::ErrorCode::kUnsupported ? "unsupported" : "error"},
          {"text", status.to_string()}};
}

json run(const json& request) {
  bp::EnvironmentOptions environment_options;
  environment_options.plugin_directories = {request.at("manifest").get<std::string>()};
  environment_options.search_standard_places = false;
  const auto environment = bp::Environment::create(std::move(environment_options));
  if (!environment.ok()) return failure(environment.status());
  const auto model = bp::Model::load(request.at("model").get<std::string>());
  if (!model.ok()) return failure(model.status());

  const auto provider = request.at("provider").get<std::string>();
  bp::SessionOptions options;
  options.providers = {provider + ":" + std::to_string(request.at("device").get<uint32_t>())};
  options.threads = request.at("threads").get<uint32_t>();
  for (const auto& [name, value] : request.at("options").items())
    options.options[provider + "." + name] = value.get<std::string>();
  const auto session = bp::Session::create(*environment, *model, options);
  if (!session.ok()) return failure(session.status());

  std::vector<bp::NamedValue> inputs;
  for (const bp::ValueInfo& info : session->inputs()) {
    const auto file = request.at("inputs").find(info.name);
    if (file == request.at("inputs").end()) continue;
    auto value = bp::read_value_file(file->get<std::string>(), info);
    if (!value.ok()) return failure(value.status());
    inputs.emplace_back(info.name, std::move(*value));
  }
  const auto results = session->run(std::span<const bp::NamedValue>(inputs));
  if (!results.ok()) return failure(results.status());
  for (size_t i = 0; i < results->size(); ++i) {
    const std::string file = request.at("results").get<std::string>() + "/output_" + std::to_string(i) + ".pb";
    const bp::Status status = bp::write_value_file(file, (*results)[i], session->outputs()[i].name);
    if (!status.ok()) return failure(status);
  }
  uint64_t nodes = 0, by_provider = 0;
  for (const bp::ReportNode& node : session->report().nodes) {
    if (node.placement == "host" || node.placement == "core") continue;
    ++nodes;
    if (node.partition >= 0) ++by_provider;
  }
  return {{"status", "ok"}, {"nodes", nodes}, {"nodes_by_provider", by_provider}};
}

}  // namespace

int main() {
  json answer;
  try {
    answer = run(json::parse(std::cin));
  } catch (const std::exception& error) {
    answer = {{"status", "error"}, {"text", error.what()}};
  }
  const std::string line = answer.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  return ::write(3, line.data(), line.size()) == static_cast<ssize_t>(line.size()) ? 0 : 1;
}
