// Loads every model of the official node corpus and of the trained models, infers it, settles its shapes for
// the dims of the reference inputs, and compares with the dims and element types of the reference outputs.
// Skipped without corpora.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "canonicalize/canonicalize.hpp"
#include "check/check_graph.hpp"
#include "infer/infer.hpp"
#include "infer/resolve.hpp"
#include "load/load_model.hpp"
#include "load/tensor_file.hpp"
#include "support/paths.hpp"

namespace bp {
namespace {

namespace fs = std::filesystem;

// nullptr when there is no such file or it holds no tensor.
TensorPtr read_tensor(const fs::path& path) {
  if (!fs::exists(path)) return nullptr;
  const auto value = read_value_data(path.string());
  return value.ok() ? value->data.tensor : nullptr;
}

// "" when all is well, else what is wrong.
std::string judge(const fs::path& folder, bool canonical) {
  auto loaded = load_model_file((folder / "model.onnx").string());
  if (!loaded.ok()) return "load: " + loaded.status().message();
  Graph& graph = *loaded->graph;
  if (canonical) {
    if (const Status status = canonicalize(graph); !status.ok()) return "canonicalize: " + status.message();
  }
  if (const Status status = infer_types(graph); !status.ok()) return "infer: " + status.message();
  if (const Status status = check_inferred_types(graph); !status.ok()) return "types: " + status.message();
  if (!canonical) return "";  // shapes are settled in the canonical form only
  auto resolver = ShapeResolver::create(graph);
  if (!resolver.ok()) return "create: " + resolver.status().message();
  const fs::path data = folder / "test_data_set_0";
  std::vector<ConcreteDims> dims(graph.inputs().size());
  std::vector<TensorPtr> contents(graph.inputs().size());
  for (size_t i = 0; i < graph.inputs().size(); ++i) {
    const GraphValue& input = graph.value(graph.inputs()[i]);
    if (!input.type.is_tensor()) continue;
    // Files count the inputs that the model declares.
    const auto& declared = loaded->declared_inputs;
    const auto at = std::find(declared.begin(), declared.end(), input.name) - declared.begin();
    const TensorPtr tensor = read_tensor(data / ("input_" + std::to_string(at) + ".pb"));
    if (!tensor) return "";  // no reference
    dims[i] = tensor->dims;
    contents[i] = tensor;
  }
  auto shapes = resolver->resolve(dims, contents);
  if (!shapes.ok()) return "resolve: " + shapes.status().message();
  std::string unknown;
  for (size_t i = 0; i < graph.outputs().size(); ++i) {
    const TensorPtr tensor = read_tensor(data / ("output_" + std::to_string(i) + ".pb"));
    const ValueId id = graph.outputs()[i];
    const GraphValue& output = graph.value(id);
    if (!tensor || !output.type.is_tensor()) continue;
    // The corpus stores bfloat16 as its bits.
    const bool stored_as_bits = output.type.element == ElementType::kBfloat16;
    if (output.type.element != tensor->type && !stored_as_bits) {
      return "output " + output.name + " is " + std::string(element_type_name(output.type.element));
    }
    if (!shapes->known[id]) {
      // Unknown before the run is right only behind a node whose dims depend on data.
      const std::vector<bool>& dependent = resolver->host_values().data_dependent;
      if (std::find(dependent.begin(), dependent.end(), true) == dependent.end()) unknown = "dims stay unknown";
    } else if (shapes->dims[id] != tensor->dims) {
      std::string text = "output " + output.name + " has dims";
      for (const int64_t dim : shapes->dims[id]) text += " " + std::to_string(dim);
      text += ", the reference has";
      for (const int64_t dim : tensor->dims) text += " " + std::to_string(dim);
      return text;
    }
  }
  return unknown;
}

// Models that are refused or not settled, with the reason.
const std::map<std::string, std::string>& exceptions() {
  static const std::map<std::string, std::string> list = {
      {"test_castlike_BFLOAT16_to_FLOAT", "onnx 1.12 wrote its data flat"},
      {"test_castlike_BFLOAT16_to_FLOAT_expanded", "onnx 1.12 wrote its data flat"},
      {"test_castlike_FLOAT_to_BFLOAT16", "onnx 1.12 wrote its data flat"},
      {"test_castlike_FLOAT_to_BFLOAT16_expanded", "onnx 1.12 wrote its data flat"},
      {"test_resize_downsample_sizes_nearest_tf_half_pixel_for_nn", "a mode that later opsets dropped"},
      {"gpt2_past_plain", "names a value twice"},
      {"llama_tiny_fp16", "uses an operator that its domain does not have"},
  };
  return list;
}

void judge_all(const std::optional<fs::path>& root) {
  if (!root || !fs::exists(*root)) GTEST_SKIP() << "no corpus";
  size_t good = 0;
  for (const auto& entry : fs::directory_iterator(*root)) {
    const std::string name = entry.path().filename().string();
    if (!fs::exists(entry.path() / "model.onnx")) continue;
    if (exceptions().contains(name)) continue;
    for (const bool canonical : {false, true}) {
      const std::string finding = judge(entry.path(), canonical);
      good += finding.empty();
      EXPECT_EQ(finding, "") << name << (canonical ? " (canonical)" : "");
    }
  }
  EXPECT_GT(good, 0u);
}

TEST(InferCorpus, AgreesWithTheNodeCorpus) {
  auto root = test::onnx_corpus();
  if (root) *root /= "node";
  judge_all(root);
}
TEST(InferCorpus, AgreesWithTrainedModels) { judge_all(test::models_dir()); }

}  // namespace
}  // namespace bp
