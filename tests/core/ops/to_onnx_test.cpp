#include "ops/onnx_bridge/to_onnx.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "canonicalize/canonicalize.hpp"
#include "infer/infer.hpp"
#include "load/load_model.hpp"
#include "support/graph_builder.hpp"
#include "support/paths.hpp"

namespace bp {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<Graph> loaded(const std::string& bytes) {
  auto model = load_model_bytes(std::as_bytes(std::span(bytes)));
  EXPECT_TRUE(model.ok()) << model.status().message();
  return model.ok() ? std::move(model->graph) : nullptr;
}

std::string type_of_output(const Graph& graph) {
  return graph.value(graph.outputs()[0]).type.to_string(graph.symbols());
}

TEST(ToOnnx, WritesWhatLoadReadsBack) {
  test::GraphBuilder builder;
  const ValueId x =
      builder.input("x", ValueType::tensor(ElementType::kFloat32, {builder.symbol("N"), Dim::of(4)}));
  const ValueId w = builder.floats("w", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  const ValueId y = builder.node("MatMul", {x, w}, ValueType{}, {}, "product");
  builder.output(builder.node("Softmax", {y}, ValueType{}, {{"axis", int64_t{-1}}}, "probabilities"));
  ASSERT_TRUE(canonicalize(builder.graph()).ok());
  ASSERT_TRUE(infer_types(builder.graph()).ok());
  const auto bytes = to_onnx_bytes(builder.graph());
  ASSERT_TRUE(bytes.ok()) << bytes.status().message();
  const auto graph = loaded(*bytes);
  ASSERT_NE(graph, nullptr);
  EXPECT_EQ(test::ops_of(*graph), "MatMul Softmax");
  EXPECT_EQ(type_of_output(*graph), "float32[N,2]");
  const auto weights = graph->find_value("w");
  ASSERT_TRUE(weights.has_value());
  EXPECT_EQ(graph->value(*weights).constant->bytes.size(), 32u);
}

TEST(ToOnnx, KeepsLargeConstantsInAFileBeside) {
  const fs::path folder = fs::temp_directory_path() / "backplane_to_onnx_test";
  fs::create_directories(folder);
  test::GraphBuilder builder;
  const ValueId x = builder.input("x", {1, 64});
  std::vector<float> weights(64 * 64);
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(i);
  const ValueId w = builder.floats("w", {64, 64}, weights);
  builder.output(builder.node("MatMul", {x, w}, ValueType{}));
  ASSERT_TRUE(canonicalize(builder.graph()).ok());
  const std::string path = (folder / "model.onnx").string();
  const Status status = to_onnx_file(builder.graph(), path);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_LT(fs::file_size(path), 1000u);
  EXPECT_TRUE(fs::exists(path + ".data"));
  EXPECT_FALSE(fs::exists(path + ".part"));
  auto model = load_model_file(path);
  ASSERT_TRUE(model.ok()) << model.status().message();
  const TensorPtr read = model->graph->value(*model->graph->find_value("w")).constant;
  ASSERT_EQ(read->bytes.size(), weights.size() * sizeof(float));
  EXPECT_EQ(std::memcmp(read->bytes.data(), weights.data(), read->bytes.size()), 0);
  fs::remove_all(folder);
}

TEST(ToOnnx, RefusesAGraphWithoutForms) {
  test::GraphBuilder builder;
  builder.output(builder.node("Relu", {builder.input("x", {1})}, ValueType{}));
  builder.graph().node(0).since_version = 0;
  EXPECT_EQ(to_onnx_bytes(builder.graph()).status().code(), ErrorCode::kInternal);
}

TEST(ToOnnx, SaysWhenThePathCannotBeWritten) {
  test::GraphBuilder builder;
  builder.output(builder.node("Relu", {builder.input("x", {1})}, ValueType{}));
  EXPECT_EQ(to_onnx_file(builder.graph(), "/nowhere/at/all/model.onnx").code(), ErrorCode::kIo);
}

// The output's type without the names of its symbolic dims: those that inference makes are numbered anew.
std::string anonymous_type_of_output(const Graph& graph) {
  ValueType type = graph.value(graph.outputs()[0]).type;
  for (Dim& dim : type.dims) dim.symbol = 0;
  return type.to_string(graph.symbols());
}

// Every trained model, canonical, written and read again, infers to the same output types.
TEST(ToOnnx, RoundTripsTrainedModels) {
  const auto root = test::models_dir();
  if (!root || !fs::exists(*root)) GTEST_SKIP() << "no models";
  for (const auto& entry : fs::directory_iterator(*root)) {
    auto model = load_model_file((entry.path() / "model.onnx").string());
    if (!model.ok() || !canonicalize(*model->graph).ok() || !infer_types(*model->graph).ok()) continue;
    const auto bytes = to_onnx_bytes(*model->graph);
    ASSERT_TRUE(bytes.ok()) << entry.path() << ": " << bytes.status().message();
    auto again = load_model_bytes(std::as_bytes(std::span(*bytes)));
    ASSERT_TRUE(again.ok()) << entry.path() << ": " << again.status().message();
    ASSERT_TRUE(canonicalize(*again->graph).ok()) << entry.path();
    const Status inferred = infer_types(*again->graph);
    ASSERT_TRUE(inferred.ok()) << entry.path() << ": " << inferred.message();
    EXPECT_EQ(again->graph->alive_count(), model->graph->alive_count()) << entry.path();
    EXPECT_EQ(anonymous_type_of_output(*again->graph), anonymous_type_of_output(*model->graph)) << entry.path();
  }
}

}  // namespace
}  // namespace bp
