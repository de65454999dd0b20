// Loads and checks every model of the corpora at hand, and reads every value file beside them.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "check/check_graph.hpp"
#include "load/load_model.hpp"
#include "load/tensor_file.hpp"
#include "support/paths.hpp"

namespace bp {
namespace {

namespace fs = std::filesystem;

// What a model may be refused for: its folder's name begins so ("" for any), its error contains that.
struct Expected {
  const char* folder;
  const char* error;
};

constexpr Expected kExpected[] = {
    {"", "the model imports opset 6"},  // forms older than what is supported
    {"", "the model imports opset 1"},
    {"llama_tiny_fp16", "SimplifiedLayerNormalization"},  // not in ai.onnx, whatever the file says
};

bool is_expected(const std::string& folder, const std::string& message) {
  return std::any_of(std::begin(kExpected), std::end(kExpected), [&](const Expected& item) {
    return folder.starts_with(item.folder) && message.find(item.error) != std::string::npos;
  });
}

// "input_3.pb" is 3; -1 for other names.
int number_in(const std::string& name, const std::string& prefix) {
  if (!name.starts_with(prefix) || !name.ends_with(".pb")) return -1;
  return std::atoi(name.c_str() + prefix.size());
}

void read_values(const fs::path& folder, const LoadedModel& model) {
  const Graph& graph = *model.graph;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    ValueType type;
    if (const int input = number_in(name, "input_"); input >= 0) {
      ASSERT_LT(static_cast<size_t>(input), model.declared_inputs.size()) << entry.path();
      if (const auto id = graph.find_value(model.declared_inputs[static_cast<size_t>(input)]))
        type = graph.value(*id).type;
    } else if (const int output = number_in(name, "output_"); output >= 0) {
      ASSERT_LT(static_cast<size_t>(output), graph.outputs().size()) << entry.path();
      type = graph.value(graph.outputs()[static_cast<size_t>(output)]).type;
    } else {
      continue;
    }
    const auto value = read_value_data(entry.path(), type);
    EXPECT_TRUE(value.ok()) << value.status().message();
  }
}

int load_below(const fs::path& root) {
  int loaded = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".onnx") continue;
    const std::string folder = entry.path().parent_path().filename();
    const auto model = load_model_file(entry.path());
    const Status status = model.ok() ? check_graph(*model->graph) : model.status();
    EXPECT_TRUE(status.ok() || is_expected(folder, status.message()))
        << entry.path() << ": " << status.message();
    if (!model.ok()) continue;
    ++loaded;
    if (entry.path().filename() == "model.onnx") read_values(entry.path().parent_path(), *model);
  }
  return loaded;
}

TEST(Corpus, OnnxBackendTestsLoad) {
  const auto root = test::onnx_corpus();
  if (!root) GTEST_SKIP() << "no corpus: set BACKPLANE_ONNX_CORPUS";
  EXPECT_GT(load_below(*root), 0);
}

TEST(Corpus, RealModelsLoad) {
  const auto root = test::models_dir();
  if (!root) GTEST_SKIP() << "no models: set BACKPLANE_MODELS";
  EXPECT_GT(load_below(*root), 0);
}

}  // namespace
}  // namespace bp
