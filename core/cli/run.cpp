// `backplane run`: one run of a model; shows, saves or compares what comes out.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <utility>

#include "bound_run.hpp"
#include "commands.hpp"
#include "compare.hpp"
#include "explain_report.hpp"
#include "inputs.hpp"
#include "output_text.hpp"
#include "session_flags.hpp"
#include "test_case.hpp"

namespace bp::cli {
namespace {

struct RunFlags {
  std::string model;
  SessionFlags session;
  InputFlags inputs;
  std::string output_dir;
  bool save_as_pb = false;
  std::string on_device;
  uint32_t top_k = 0;
  std::string labels;
  bool explain = false;
  std::string compare;
  Tolerance tolerance;
};

Status show(const Session& session, const std::vector<Value>& results, const RunFlags& flags) {
  std::vector<std::string> labels;
  if (!flags.labels.empty()) {
    BP_ASSIGN_OR_RETURN(labels, read_labels(flags.labels));
  }
  const uint32_t top_k = flags.top_k == 0 && !labels.empty() ? 5 : flags.top_k;
  for (size_t i = 0; i < results.size(); ++i) {
    fmt::print("{}: {}\n", session.outputs()[i].name,
               top_k > 0 ? results[i].type_string() : value_text(results[i]));
    if (top_k == 0) continue;
    BP_ASSIGN_OR_RETURN(const std::string text, top_text(results[i], top_k, labels));
    fmt::print("{}", text);
  }
  return {};
}

Status run_once(const Session& session, const SessionOptions& options, const RunFlags& flags) {
  NamedDims dims;
  for (const auto& [name, range] : options.shape_ranges) dims[name] = range.opt_dims;
  BP_ASSIGN_OR_RETURN(const std::vector<NamedValue> inputs,
                      flags.inputs.create(session.inputs(), dims, options.fixed_dims));
  BP_ASSIGN_OR_RETURN(IoBinding binding, bind_inputs(session, inputs, flags.on_device));
  BP_RETURN_IF_ERROR(session.run(binding));
  std::vector<Value> results;
  for (const Value& output : binding.outputs()) {
    BP_ASSIGN_OR_RETURN(Value on_host, output.to_host());
    results.push_back(std::move(on_host));
  }
  BP_RETURN_IF_ERROR(show(session, results, flags));
  if (flags.output_dir.empty()) return {};
  std::vector<std::string> names;
  for (const ValueInfo& output : session.outputs()) names.push_back(output.name);
  return save_outputs(results, names, flags.output_dir, flags.save_as_pb);
}

// Whether the results are those of the data set.
Result<bool> compare(const Session& session, const Model& model, const RunFlags& flags) {
  if (!std::filesystem::exists(std::filesystem::path(flags.compare) / "output_0.pb"))
    return Status(ErrorCode::kNotFound, "'" + flags.compare + "' holds no output_0.pb to compare with");
  const SetResult result = run_data_set(session, model, flags.compare, flags.tolerance);
  const std::string right = result.note.empty() ? "all outputs match" : result.note;
  fmt::print("{}: {}\n", flags.compare, result.wrong.empty() ? right : result.wrong);
  return result.wrong.empty();
}

Result<bool> run(const RunFlags& flags) {
  BP_ASSIGN_OR_RETURN(const SessionOptions options, flags.session.create());
  BP_ASSIGN_OR_RETURN(const Environment environment, flags.session.environment.create());
  BP_ASSIGN_OR_RETURN(const Model model, Model::load(flags.model));
  for (const std::string& violation : model.metadata().violations)
    fmt::print(stderr, "warning: {}: {}\n", flags.model, violation);
  BP_ASSIGN_OR_RETURN(const Session session, Session::create(environment, model, options));
  bool right = true;
  if (flags.compare.empty()) {
    BP_RETURN_IF_ERROR(run_once(session, options, flags));
  } else {
    BP_ASSIGN_OR_RETURN(right, compare(session, model, flags));
  }
  if (!flags.session.profile.empty()) BP_RETURN_IF_ERROR(session.write_profile());
  if (flags.explain) fmt::print("\n{}", explain_text(session.report()));
  return right;
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* command = app.add_subcommand("run", "Run a model once; show, save or compare what comes out");
  command->add_option("model", flags->model, "ONNX file")->required();
  flags->inputs.add(*command);
  command->add_option("--on-device", flags->on_device, kOnDeviceText)->type_name("DEVICE");
  command->add_option("--top-k", flags->top_k, "Show the K largest elements of each row");
  command->add_option("--labels", flags->labels, "Names of the classes, one on each line")->type_name("FILE");
  command->add_option("--output-dir", flags->output_dir, "Save the outputs as output_N.npy")->type_name("DIR");
  command->add_flag("--save-pb", flags->save_as_pb, "Save them as output_N.pb (TensorProto)");
  command->add_flag("--explain", flags->explain, "Also show where each node ran and why");
  command
      ->add_option("--compare", flags->compare,
                   "Take the inputs of a test_data_set_N folder and compare with its outputs")
      ->type_name("DIR");
  command->add_option("--rtol", flags->tolerance.relative, "Relative tolerance of --compare")
      ->capture_default_str();
  command->add_option("--atol", flags->tolerance.absolute, "Absolute tolerance of --compare")
      ->capture_default_str();
  flags->session.add(*command);
  command->callback([flags, &exit_code] {
    const auto right = run(*flags);
    exit_code = !right.ok() ? report_error(right.status()) : *right ? kExitOk : kExitFailed;
  });
}

}  // namespace bp::cli
