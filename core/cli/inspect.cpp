// `backplane inspect` shows what a model holds, `backplane check` says whether it is one; neither needs a
// provider.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "model_text.hpp"
#include "saved_programs_text.hpp"
#include "session_flags.hpp"

namespace bp::cli {
namespace {

struct ModelFlags {
  std::string model;
  bool json = false;
};

int inspect_programs(const ModelFlags& flags) {
  const auto programs = list_saved_programs(flags.model);
  if (!programs.ok()) return report_error(programs.status());
  if (flags.json)
    fmt::print("{}\n", saved_programs_json(*programs).dump(1));
  else
    fmt::print("{}", saved_programs_text(*programs));
  return kExitOk;
}

int inspect(const ModelFlags& flags) {
  if (holds_saved_programs(flags.model)) return inspect_programs(flags);
  const auto model = Model::load(flags.model);
  if (!model.ok()) return report_error(model.status());
  if (flags.json)
    fmt::print("{}\n", model_json(*model).dump(1));
  else
    fmt::print("{}\n{}", summary_text(*model), graph_text(*model));
  return kExitOk;
}

int report_violations(const ModelFlags& flags, const Model& model) {
  const std::vector<std::string>& violations = model.metadata().violations;
  if (flags.json) {
    fmt::print("{}\n", nlohmann::json{{"valid", false},
                                      {"code", error_code_name(ErrorCode::kInvalidModel)},
                                      {"message", fmt::format("{}", fmt::join(violations, "; "))}}
                           .dump(1));
  } else {
    fmt::print("{}: INVALID_MODEL, though it can be loaded: {}\n", flags.model, fmt::join(violations, "; "));
  }
  return kExitFailed;
}

// A model that is none is the answer of this command, a file that cannot be read is an error of it.
int check(const ModelFlags& flags) {
  const auto model = Model::load(flags.model);
  const ErrorCode code = model.status().code();
  // What loading passes over is a fault all the same.
  if (model.ok() && !model->metadata().violations.empty()) return report_violations(flags, *model);
  if (code == ErrorCode::kNotFound || code == ErrorCode::kIo) return report_error(model.status());
  if (flags.json)
    fmt::print("{}\n", nlohmann::json{{"valid", model.ok()},
                                      {"code", model.ok() ? "OK" : error_code_name(code)},
                                      {"message", model.status().message()}}
                           .dump(1));
  else if (model.ok())
    fmt::print("{}: valid\n{}", flags.model, summary_text(*model));
  else
    fmt::print("{}: {}\n", flags.model, model.status().to_string());
  return model.ok() ? kExitOk : kExitFailed;
}

void add(CLI::App& app, int& exit_code, const char* name, const char* text, int (*action)(const ModelFlags&)) {
  auto flags = std::make_shared<ModelFlags>();
  CLI::App* command = app.add_subcommand(name, text);
  command->add_option("model", flags->model, "ONNX file")->required();
  command->add_flag("--json", flags->json, "As JSON");
  command->callback([flags, action, &exit_code] { exit_code = action(*flags); });
}

}  // namespace

void add_inspect(CLI::App& app, int& exit_code) {
  add(app, exit_code, "inspect",
      "Show a model's inputs, outputs, nodes and attributes, or what a file of saved programs holds", inspect);
}

void add_check(CLI::App& app, int& exit_code) {
  add(app, exit_code, "check", "Say whether a model is valid, else what is wrong and where", check);
}

}  // namespace bp::cli
