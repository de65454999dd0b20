#include "groups/corpus/corpus_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "load/tensor_file.hpp"

namespace bp::conformance {
namespace {

namespace fs = std::filesystem;

void add_folder(const fs::path& folder, std::vector<CorpusCase>& cases) {
  const std::string parent = folder.parent_path().filename().string();
  if (fs::exists(folder / "model.onnx")) {
    cases.push_back({folder.filename().string(), parent, folder.string()});
    return;
  }
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& file = entry.path();
    if (file.extension() != ".onnx") continue;
    if (fs::exists(fs::path(file).replace_extension().string() + "_output_0.pb"))
      cases.push_back({file.stem().string(), folder.filename().string(), file.string()});
  }
}

// "test_data_set_0" + "/input_0.pb", "light_resnet50_" + "output_0.pb".
std::string data_file(const std::string& set, const char* kind, size_t index) {
  return fmt::format("{}{}{}_{}.pb", set, set.ends_with('_') ? "" : "/", kind, index);
}

// Older releases store bfloat16 as uint16 of the same bits, having had no tensor of that type.
TensorPtr as_declared(const TensorPtr& tensor, ElementType declared) {
  const bool older = (tensor->type == ElementType::kUint16 && declared == ElementType::kBfloat16) ||
                     (tensor->type == ElementType::kBfloat16 && declared == ElementType::kUint16);
  if (!older) return tensor;
  auto same_bits = std::make_shared<Tensor>(*tensor);
  same_bits->type = declared;
  return same_bits;
}

TensorPtr read_tensor(const std::string& file, const ValueType& type) {
  auto value = read_value_data(file, type);
  if (!value.ok()) throw std::runtime_error(file + ": " + value.status().to_string());
  if (value->data.tensor == nullptr) throw std::runtime_error(file + ": expected a tensor");
  return as_declared(value->data.tensor, type.element);
}

void require_declared(const GraphValue& input, const Tensor& given, const std::string& file) {
  const Dims& dims = input.type.dims;
  bool fits = !input.type.has_rank || dims.size() == given.dims.size();
  for (size_t axis = 0; fits && input.type.has_rank && axis < dims.size(); ++axis)
    fits = !dims[axis].known() || dims[axis].size == given.dims[axis];
  if (!fits)
    throw std::runtime_error(fmt::format("{}: input '{}' is declared with other dims than [{}]", file,
                                         input.name, fmt::join(given.dims, ",")));
}

// What ONNX's light models were run with: arange(n) / n.
TensorPtr ramp(const GraphValue& input) {
  ConcreteDims dims;
  for (const Dim& dim : input.type.dims) dims.push_back(dim.known() ? dim.size : 1);
  const int64_t count = element_count(dims);
  std::vector<float> numbers;
  for (int64_t i = 0; i < count; ++i)
    numbers.push_back(static_cast<float>(static_cast<double>(i) / static_cast<double>(count)));
  return Tensor::of_float(std::move(dims), numbers);
}

struct FedInput {
  size_t position;  // among the graph's inputs
  size_t declared;  // among all that the file lists
  size_t fed;       // among those that are no initializers
};

std::vector<FedInput> fed_inputs(const LoadedModel& model) {
  const Graph& graph = *model.graph;
  std::vector<FedInput> inputs;
  for (size_t index = 0; index < model.declared_inputs.size(); ++index)
    for (size_t position = 0; position < graph.inputs().size(); ++position)
      if (graph.value(graph.inputs()[position]).name == model.declared_inputs[index])
        inputs.push_back({position, index, inputs.size()});
  return inputs;
}

// Files are numbered as the model declares its inputs; in some folders initializers are not counted.
size_t FedInput::*numbering_of(const Graph& graph, const std::vector<FedInput>& fed, const std::string& set) {
  const auto all_there = [&](size_t FedInput::*number) {
    return std::all_of(fed.begin(), fed.end(), [&](const FedInput& input) {
      return graph.value(graph.inputs()[input.position]).constant != nullptr ||
             fs::exists(data_file(set, "input", input.*number));
    });
  };
  return !all_there(&FedInput::declared) && all_there(&FedInput::fed) ? &FedInput::fed : &FedInput::declared;
}

}  // namespace

std::vector<CorpusCase> find_corpus_cases(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) throw std::runtime_error("'" + folder + "' is no folder");
  std::vector<CorpusCase> cases;
  const fs::path given = fs::canonical(folder);
  add_folder(given, cases);
  for (const auto& entry : fs::recursive_directory_iterator(given))
    if (entry.is_directory() && !entry.path().filename().string().starts_with("test_data_set_"))
      add_folder(entry.path(), cases);
  if (cases.empty())
    throw std::runtime_error("'" + folder +
                             "' holds no case: expected folders with model.onnx and test_data_set_N");
  std::sort(cases.begin(), cases.end(), [](const CorpusCase& a, const CorpusCase& b) {
    return std::tie(a.parent, a.name, a.path) < std::tie(b.parent, b.name, b.path);
  });
  return cases;
}

std::vector<std::string> data_sets_of(const std::string& path) {
  if (path.ends_with(".onnx")) return {fs::path(path).replace_extension().string() + "_"};
  std::vector<std::string> sets;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.is_directory() && entry.path().filename().string().starts_with("test_data_set_"))
      sets.push_back(entry.path().string());
  std::sort(sets.begin(), sets.end());
  return sets;
}

LoadedModel load_case_model(const std::string& path) {
  auto model = load_model_file(path.ends_with(".onnx") ? path : path + "/model.onnx");
  if (model.status().code() == ErrorCode::kUnsupported)
    not_applicable("the core does not take it: " + model.status().message());
  if (!model.ok()) throw std::runtime_error(model.status().to_string());
  return std::move(*model);
}

TestGraph load_data_set(const LoadedModel& model, const std::string& set, bool& is_plain) {
  TestGraph test;
  test.graph = model.graph->clone();
  const Graph& graph = *test.graph;
  const auto is_tensor = [&](ValueId id) {
    return graph.value(id).type.is_tensor() || !graph.value(id).type.contained;
  };
  is_plain = std::all_of(graph.inputs().begin(), graph.inputs().end(), is_tensor) &&
             std::all_of(graph.outputs().begin(), graph.outputs().end(), is_tensor);
  if (!is_plain) return test;
  const std::vector<FedInput> fed = fed_inputs(model);
  test.inputs.resize(graph.inputs().size());
  const auto number = numbering_of(graph, fed, set);
  for (const FedInput& input : fed) {
    const GraphValue& value = graph.value(graph.inputs()[input.position]);
    const std::string file = data_file(set, "input", input.*number);
    if (fs::exists(file)) {
      test.inputs[input.position] = read_tensor(file, value.type);
      require_declared(value, *test.inputs[input.position], file);
    } else if (value.constant != nullptr) {
      test.inputs[input.position] = value.constant;
    } else if (set.ends_with('_')) {
      test.inputs[input.position] = ramp(value);
    } else {
      throw std::runtime_error(file + ": the file is missing");
    }
  }
  for (size_t index = 0; index < graph.outputs().size(); ++index)
    test.expected.push_back(read_expected(set, index, graph.value(graph.outputs()[index]).type));
  return test;
}

std::vector<std::pair<std::string, std::string>> input_files(const LoadedModel& model, const std::string& set) {
  std::vector<std::pair<std::string, std::string>> files;
  const Graph& graph = *model.graph;
  const std::vector<FedInput> fed = fed_inputs(model);
  const auto number = numbering_of(graph, fed, set);
  for (const FedInput& input : fed)
    if (std::string file = data_file(set, "input", input.*number); fs::exists(file))
      files.emplace_back(graph.value(graph.inputs()[input.position]).name, std::move(file));
  return files;
}

TensorPtr read_expected(const std::string& set, size_t index, const ValueType& type) {
  const std::string file = data_file(set, "output", index);
  return type.contained || !fs::exists(file) ? nullptr : read_tensor(file, type);
}

}  // namespace bp::conformance
