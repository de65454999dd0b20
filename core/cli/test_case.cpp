// Finding and running cases of the backend-test layout.
#include "test_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>

#include "random_results.hpp"

namespace bp::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> data_sets_of(const fs::path& folder) {
  std::vector<std::string> sets;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.is_directory() && entry.path().filename().string().starts_with("test_data_set_"))
      sets.push_back(entry.path().string());
  std::sort(sets.begin(), sets.end());
  return sets;
}

// light_resnet50.onnx with light_resnet50_output_0.pb beside it: the folder stands for a data set by prefix.
void add_flat_cases(const fs::path& folder, std::vector<TestCase>& cases) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& file = entry.path();
    if (file.extension() != ".onnx" || file.filename() == "model.onnx") continue;
    const std::string prefix = (folder / file.stem()).string() + "_";
    if (fs::exists(prefix + "output_0.pb")) cases.push_back({file.stem().string(), file.string(), {prefix}});
  }
}

// "test_data_set_0" + "/input_0.pb", "light_resnet50_" + "output_0.pb".
std::string data_file(const std::string& set, const char* kind, size_t index) {
  return fmt::format("{}{}{}_{}.pb", set, set.ends_with('_') ? "" : "/", kind, index);
}

// The input that ONNX's light models were run with: arange(n) / n.
Result<Value> ramp(const ValueInfo& info) {
  std::vector<int64_t> dims;
  for (const DimInfo& dim : info.dims) dims.push_back(dim.size < 0 ? 1 : dim.size);
  if (info.element_type != ElementType::kFloat32)
    return Status(ErrorCode::kNotFound, "no file for input '" + info.name + "'");
  BP_ASSIGN_OR_RETURN(Value value, Value::tensor(ElementType::kFloat32, dims));
  auto* numbers = static_cast<float*>(value.mutable_data());
  for (int64_t index = 0; index < value.count(); ++index)
    numbers[index] = static_cast<float>(static_cast<double>(index) / static_cast<double>(value.count()));
  return value;
}

struct FedInput {
  const ValueInfo* info;
  size_t declared;  // place among all inputs that the model declares
  size_t fed;       // place among those that are no initializers
};

std::vector<FedInput> fed_inputs(const Session& session, const Model& model) {
  std::vector<FedInput> inputs;
  const std::vector<std::string>& declared = model.metadata().declared_inputs;
  for (size_t index = 0; index < declared.size(); ++index) {
    const auto info = std::find_if(session.inputs().begin(), session.inputs().end(),
                                   [&](const ValueInfo& input) { return input.name == declared[index]; });
    // Left out: an initializer that IR 3 lists.
    if (info != session.inputs().end()) inputs.push_back({&*info, index, inputs.size()});
  }
  return inputs;
}

bool is_needed(const ValueInfo& info) { return !info.has_default && info.kind != ValueKind::kOptional; }

// Files are numbered as the model declares its inputs; in some folders initializers are not counted.
Result<std::vector<NamedValue>> read_inputs(const Session& session, const Model& model,
                                            const std::string& set) {
  const std::vector<FedInput> fed = fed_inputs(session, model);
  const auto all_there = [&](size_t FedInput::*number) {
    return std::all_of(fed.begin(), fed.end(), [&](const FedInput& input) {
      return !is_needed(*input.info) || fs::exists(data_file(set, "input", input.*number));
    });
  };
  const auto number =
      !all_there(&FedInput::declared) && all_there(&FedInput::fed) ? &FedInput::fed : &FedInput::declared;
  std::vector<NamedValue> inputs;
  for (const FedInput& input : fed) {
    const ValueInfo& info = *input.info;
    const std::string file = data_file(set, "input", input.*number);
    if (fs::exists(file)) {
      auto value = read_value_file(file, info);
      if (!value.ok()) return value.status().at(file);
      inputs.emplace_back(info.name, as_declared(std::move(*value), info.element_type));
    } else if (is_needed(info)) {
      if (!set.ends_with('_')) return Status(ErrorCode::kNotFound, file + ": the file is missing");
      BP_ASSIGN_OR_RETURN(Value value, ramp(info));
      inputs.emplace_back(info.name, std::move(value));
    }
  }
  return inputs;
}

}  // namespace

Value as_declared(Value value, ElementType declared) {
  const ElementType stored = value.element_type();
  const bool older_form = (stored == ElementType::kUint16 && declared == ElementType::kBfloat16) ||
                          (stored == ElementType::kBfloat16 && declared == ElementType::kUint16);
  if (!older_form) return value;
  const auto* bytes = static_cast<const std::byte*>(value.data());
  auto same_bits = Value::copy_bytes(declared, value.dims(), {bytes, static_cast<size_t>(value.size_bytes())});
  return same_bits.ok() ? *same_bits : value;
}

namespace {

// Where elements differ from a reference that was drawn at random: what the operator promises, and with a seed
// the same numbers again.
SetResult judge_drawn(const Session& session, const NodeInfo& node, const DrawnResults& results,
                      const Tolerance& tolerance) {
  if (std::string wrong = contradiction(node, results, tolerance); !wrong.empty())
    return {std::move(wrong), {}};
  if (has_seed(node)) {
    const auto again = session.run(std::span<const NamedValue>(results.inputs));
    if (!again.ok()) return {again.status().to_string(), {}};
    for (size_t index = 0; index < again->size(); ++index)
      if (const std::string wrong = difference(results.found[index].second, (*again)[index], {0, 0});
          !wrong.empty())
        return {"a second run with the same seed gives other numbers: " + wrong, {}};
  }
  return {{}, node.op_type + " draws random numbers: judged by its definition, not by the reference"};
}

}  // namespace

SetResult run_data_set(const Session& session, const Model& model, const std::string& set,
                       const Tolerance& tolerance) {
  const auto inputs = read_inputs(session, model, set);
  if (!inputs.ok()) return {inputs.status().to_string(), {}};
  const auto results = session.run(std::span<const NamedValue>(*inputs));
  if (!results.ok()) return {results.status().to_string(), {}};
  DrawnResults named{*inputs, {}, {}};
  std::string first_wrong;
  for (size_t index = 0; index < results->size(); ++index) {
    const ValueInfo& info = session.outputs()[index];
    named.found.emplace_back(info.name, (*results)[index]);
    const std::string file = data_file(set, "output", index);
    if (!fs::exists(file)) continue;
    const auto expected = read_value_file(file, info);
    if (!expected.ok()) return {file + ": " + expected.status().to_string(), {}};
    const Value stated = as_declared(*expected, info.element_type);
    named.expected.emplace_back(info.name, stated);
    const std::string wrong = difference(stated, (*results)[index], tolerance);
    if (!wrong.empty() && first_wrong.empty()) first_wrong = fmt::format("output '{}': {}", info.name, wrong);
  }
  if (first_wrong.empty()) return {};
  const NodeInfo random_node = find_random_node(model);
  if (random_node.op_type.empty()) return {first_wrong, {}};
  return judge_drawn(session, random_node, named, tolerance);
}

Result<std::vector<TestCase>> find_test_cases(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return Status(ErrorCode::kNotFound, "'" + path + "' is no folder");
  std::vector<TestCase> cases;
  const auto add_folder = [&](const fs::path& folder) {
    if (fs::exists(folder / "model.onnx"))
      cases.push_back({folder.filename().string(), (folder / "model.onnx").string(), data_sets_of(folder)});
    else
      add_flat_cases(folder, cases);
  };
  const fs::path root = fs::path(path).lexically_normal();
  add_folder(root.has_filename() ? root : root.parent_path());
  for (const auto& entry : fs::recursive_directory_iterator(root, error))
    if (entry.is_directory() && !entry.path().filename().string().starts_with("test_data_set_"))
      add_folder(entry.path());
  if (cases.empty())
    return Status(ErrorCode::kNotFound,
                  "'" + path + "' holds no case: expected folders with model.onnx and test_data_set_N");
  std::sort(cases.begin(), cases.end(), [](const TestCase& a, const TestCase& b) { return a.name < b.name; });
  return cases;
}

TestResult run_test_case(const TestCase& test, const Environment& environment, const SessionOptions& options,
                         const Tolerance& tolerance, unsigned rounds) {
  if (test.data_sets.empty()) return {TestOutcome::kSkipped, "no test_data_set_N folder", {}};
  const auto model = Model::load(test.model_path);
  if (!model.ok()) return {TestOutcome::kFailed, model.status().to_string(), {}};
  const auto session = Session::create(environment, *model, options);
  if (!session.ok()) return {TestOutcome::kFailed, session.status().to_string(), {}};
  std::string note;
  for (size_t index = 0; index < rounds * test.data_sets.size(); ++index) {
    const std::string& set = test.data_sets[index % test.data_sets.size()];
    SetResult result = run_data_set(*session, *model, set, tolerance);
    if (note.empty()) note = result.note;
    if (result.wrong.empty()) continue;
    if (test.data_sets.size() > 1) result.wrong = fs::path(set).filename().string() + ": " + result.wrong;
    if (index >= test.data_sets.size())
      result.wrong = fmt::format("round {}: {}", index / test.data_sets.size() + 1, result.wrong);
    return {TestOutcome::kFailed, result.wrong, {}};
  }
  return {TestOutcome::kPassed, {}, note};
}

}  // namespace bp::cli
