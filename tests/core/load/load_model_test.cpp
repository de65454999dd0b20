// Tests core/src/load/load_model.cpp and build_graph.cpp: what a good file becomes, and what a bad one says.
#include "load/load_model.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model_helper.hpp"

namespace bp {
namespace {

using test::add_attribute;
using test::add_initializer;
using test::add_input;
using test::add_node;
using test::add_output;
using test::load;
using test::load_error;
using test::make_model;
using test::relu_model;
using testing::HasSubstr;

TEST(LoadModel, BuildsTheGraph) {
  onnx::ModelProto proto = relu_model();
  proto.set_producer_name("maker");
  proto.set_producer_version("2");
  auto* entry = proto.add_metadata_props();
  entry->set_key("k");
  entry->set_value("v");
  const Result<LoadedModel> model = load(proto);
  ASSERT_TRUE(model.ok()) << model.status().message();
  const Graph& graph = *model->graph;
  EXPECT_EQ(model->producer_name, "maker");
  EXPECT_EQ(graph.metadata.at("k"), "v");
  EXPECT_EQ(graph.ir_version, 8);
  EXPECT_EQ(graph.opsets[0].version, 17);
  ASSERT_EQ(graph.node_count(), 1U);
  EXPECT_EQ(graph.node(0).label(), "Relu 'r'");
  EXPECT_EQ(graph.value(graph.inputs()[0]).type.to_string(graph.symbols()), "float32[2]");
  EXPECT_EQ(graph.value(graph.outputs()[0]).producer, 0U);
}

TEST(LoadModel, MakesNodeNamesUnique) {
  onnx::ModelProto proto = make_model();
  onnx::GraphProto& graph = *proto.mutable_graph();
  add_input(graph, "x", {2});
  add_node(graph, "Relu", "n", {"x"}, {"a"});
  add_node(graph, "Relu", "n", {"a"}, {"b"});
  add_node(graph, "Relu", "", {"b"}, {"c"});
  add_node(graph, "Relu", "Relu_2", {"c"}, {"d"});
  const Result<LoadedModel> model = load(proto);
  ASSERT_TRUE(model.ok());
  std::vector<std::string> names;
  for (NodeId id = 0; id < 4; ++id) names.push_back(model->graph->node(id).name);
  EXPECT_EQ(names[0], "n");
  EXPECT_EQ(names[3], "Relu_2");  // the file's own names go first
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

TEST(LoadModel, TreatsAiOnnxAsTheDefaultDomain) {
  onnx::ModelProto proto = relu_model();
  proto.mutable_opset_import(0)->set_domain("ai.onnx");
  proto.mutable_graph()->mutable_node(0)->set_domain("ai.onnx");
  const Result<LoadedModel> model = load(proto);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->graph->opsets[0].domain, "");
  EXPECT_EQ(model->graph->node(0).domain, "");
}

TEST(LoadModel, InitializersThatAreInputsStayOverridableFromIr4On) {
  onnx::ModelProto proto = relu_model();
  add_input(*proto.mutable_graph(), "w", {1});
  add_initializer(*proto.mutable_graph(), "w", {1}, 1)->add_float_data(3);
  for (const int64_t ir : {3, 4}) {
    proto.set_ir_version(ir);
    const Result<LoadedModel> model = load(proto);
    ASSERT_TRUE(model.ok());
    const GraphValue& w = model->graph->value(*model->graph->find_value("w"));
    EXPECT_TRUE(w.constant);
    EXPECT_EQ(w.is_input, ir == 4);
    EXPECT_EQ(model->declared_inputs, (std::vector<std::string>{"x", "w"}));
  }
}

TEST(LoadModel, ConstantNodesBecomeConstants) {
  onnx::ModelProto proto = make_model();
  onnx::GraphProto& graph = *proto.mutable_graph();
  add_attribute(*add_node(graph, "Constant", "", {}, {"i"}), "value_ints", onnx::AttributeProto::INTS)
      ->add_ints(7);
  add_attribute(*add_node(graph, "Constant", "", {}, {"f"}), "value_float", onnx::AttributeProto::FLOAT)
      ->set_f(2);
  add_attribute(*add_node(graph, "Constant", "", {}, {"s"}), "value_string", onnx::AttributeProto::STRING)
      ->set_s("hi");
  auto* value =
      add_attribute(*add_node(graph, "Constant", "", {}, {"t"}), "value", onnx::AttributeProto::TENSOR);
  value->mutable_t()->set_data_type(7);
  value->mutable_t()->add_int64_data(9);
  for (const char* name : {"i", "f", "s", "t"}) add_output(graph, name);
  const Result<LoadedModel> model = load(proto);
  ASSERT_TRUE(model.ok()) << model.status().message();
  EXPECT_EQ(model->graph->node_count(), 0U);
  const auto constant = [&](const char* name) {
    return model->graph->value(*model->graph->find_value(name)).constant;
  };
  EXPECT_EQ(constant("i")->to_int64(), std::vector<int64_t>{7});
  EXPECT_EQ(constant("i")->dims, ConcreteDims{1});
  EXPECT_EQ(constant("f")->type, ElementType::kFloat32);
  EXPECT_EQ(constant("f")->dims, ConcreteDims{});
  EXPECT_EQ(constant("s")->string_at(0), "hi");
  EXPECT_EQ(constant("t")->to_int64(), std::vector<int64_t>{9});
}

TEST(LoadModel, SparseInitializersBecomeDense) {
  onnx::ModelProto proto = make_model();
  auto* sparse = proto.mutable_graph()->add_sparse_initializer();
  sparse->add_dims(2);
  sparse->add_dims(3);
  sparse->mutable_values()->set_name("w");
  sparse->mutable_values()->set_data_type(7);
  sparse->mutable_values()->add_dims(2);
  sparse->mutable_values()->add_int64_data(5);
  sparse->mutable_values()->add_int64_data(6);
  sparse->mutable_indices()->set_data_type(7);
  sparse->mutable_indices()->add_dims(2);
  sparse->mutable_indices()->add_dims(2);
  for (const int64_t index : {0, 1, 1, 2}) sparse->mutable_indices()->add_int64_data(index);
  const Result<LoadedModel> model = load(proto);
  ASSERT_TRUE(model.ok()) << model.status().message();
  EXPECT_EQ(model->graph->value(*model->graph->find_value("w")).constant->to_int64(),
            (std::vector<int64_t>{0, 5, 0, 0, 0, 6}));
  sparse->mutable_indices()->set_int64_data(3, 3);
  EXPECT_THAT(load_error(proto), HasSubstr("initializer 'w': sparse index 3 is outside dim 1 of size 3"));
}

TEST(LoadModel, KeepsSequenceTypesOfInputs) {
  onnx::ModelProto proto = make_model();
  auto* input = proto.mutable_graph()->add_input();
  input->set_name("s");
  auto* element = input->mutable_type()->mutable_sequence_type()->mutable_elem_type()->mutable_tensor_type();
  element->set_elem_type(1);
  element->mutable_shape()->add_dim()->set_dim_param("N");
  const Result<LoadedModel> model = load(proto);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->graph->value(0).type.to_string(model->graph->symbols()), "seq(float32[N])");
}

TEST(LoadModel, KeepsElementTypesNewerThanTheOnnxLibrary) {
  onnx::ModelProto proto = relu_model();
  add_initializer(*proto.mutable_graph(), "f8", {2}, 17)->set_raw_data("ab");
  add_initializer(*proto.mutable_graph(), "i4", {3}, 22)->add_int32_data(0x21);
  proto.mutable_graph()->mutable_initializer(1)->add_int32_data(0x03);
  const Result<LoadedModel> model = load(proto);
  ASSERT_TRUE(model.ok()) << model.status().message();
  const Graph& graph = *model->graph;
  EXPECT_EQ(graph.value(*graph.find_value("f8")).constant->type, ElementType::kFloat8E4M3FN);
  EXPECT_EQ(graph.value(*graph.find_value("i4")).constant->to_int64(), (std::vector<int64_t>{1, 2, 3}));
}

// ---- Bad input -------------------------------------------------------------------------------------------

TEST(LoadModelErrors, NamesMissingFilesAndFolders) {
  const test::TempFolder folder;
  const Result<LoadedModel> missing = load_model_file(folder.path() / "no.onnx");
  EXPECT_EQ(missing.status().code(), ErrorCode::kNotFound);
  EXPECT_THAT(missing.status().message(), HasSubstr("no.onnx"));
  EXPECT_THAT(load_model_file(folder.path()).status().message(), HasSubstr("is a folder"));
  EXPECT_THAT(load_model_file(folder.write("e.onnx", "")).status().message(), HasSubstr("is empty"));
  EXPECT_THAT(load_model_file(folder.write("l.onnx", "version https://git-lfs.github.com/spec/v1\n"))
                  .status()
                  .message(),
              HasSubstr("Git LFS pointer"));
}

TEST(LoadModelErrors, RefusesFilesAboveTheLimit) {
  LoadOptions options;
  options.max_file_bytes = 10;
  const test::TempFolder folder;
  EXPECT_THAT(load_model_file(folder.write("m.onnx", relu_model()), options).status().message(),
              HasSubstr("the limit is 10"));
  EXPECT_THAT(load_error(relu_model(), options), HasSubstr("the limit is 10"));
}

TEST(LoadModelErrors, EveryTruncationIsAnErrorOrAModel) {
  onnx::ModelProto proto = relu_model();
  add_initializer(*proto.mutable_graph(), "w", {512}, 1)->set_raw_data(std::string(2048, 'w'));
  const std::string bytes = proto.SerializeAsString();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const Result<LoadedModel> model = test::load_bytes(bytes.substr(0, size));
    EXPECT_EQ(model.ok(), model.status().message().empty());
  }
  EXPECT_FALSE(test::load_bytes(bytes.substr(0, bytes.size() / 2)).ok());
}

TEST(LoadModelErrors, NamesALengthThatTheFileDoesNotHold) {
  // Field 7 (graph), length-delimited, 5000 bytes announced.
  EXPECT_THAT(test::load_bytes(std::string("\x08\x08\x3A\x88\x27", 5) + "short").status().message(),
              HasSubstr("at byte 2 field 7 announces 5000 bytes, but 5 are left"));
}

TEST(LoadModelErrors, NamesNewerVersions) {
  onnx::ModelProto proto = relu_model();
  proto.set_ir_version(99);
  EXPECT_THAT(load_error(proto),
              HasSubstr("INCOMPATIBLE: model from memory: has ir_version 99, the newest known is"));
  proto.set_ir_version(2);
  EXPECT_THAT(load_error(proto), HasSubstr("has ir_version 2, the oldest supported is 3"));
  proto.set_ir_version(8);
  proto.clear_graph();
  EXPECT_THAT(load_error(proto), HasSubstr("holds no graph"));
}

TEST(LoadModelErrors, NamesDanglingInputsWithNodeAndIndex) {
  onnx::ModelProto proto = relu_model();
  add_node(*proto.mutable_graph(), "Add", "a", {"x", "nowhere"}, {"z"});
  EXPECT_THAT(load_error(proto), HasSubstr("Add 'a': input 1 'nowhere' is defined nowhere"));
  proto = relu_model();
  add_output(*proto.mutable_graph(), "gone");
  EXPECT_THAT(load_error(proto), HasSubstr("graph output 'gone' is defined nowhere"));
}

// Against the standard, but there are such files.
TEST(LoadModel, TakesTheLastOfSeveralConstantsAndSaysSo) {
  onnx::ModelProto proto = make_model();
  onnx::GraphProto& graph = *proto.mutable_graph();
  add_input(graph, "x", {2});
  const auto constant = [&](const std::vector<int64_t>& values) {
    auto* list =
        add_attribute(*add_node(graph, "Constant", "", {}, {"c"}), "value_ints", onnx::AttributeProto::INTS);
    for (const int64_t value : values) list->add_ints(value);
  };
  constant({1});
  add_node(graph, "Reshape", "r", {"x", "c"}, {"y"});
  constant({2, 1});
  add_output(graph, "y");
  const Result<LoadedModel> model = load(proto);
  ASSERT_TRUE(model.ok()) << model.status().message();
  const auto value = model->graph->find_value("c");
  ASSERT_TRUE(value);
  EXPECT_EQ(model->graph->value(*value).constant->to_int64(), (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(model->graph->value(*value).type.to_string(model->graph->symbols()), "int64[2]");
  ASSERT_EQ(model->violations.size(), 1U);
  EXPECT_THAT(model->violations[0], HasSubstr("several Constant nodes define 'c': the last one counts"));
  EXPECT_TRUE(load(relu_model())->violations.empty());
}

TEST(LoadModelErrors, NamesBothDefinitionsOfAValue) {
  onnx::ModelProto proto = relu_model();
  add_node(*proto.mutable_graph(), "Abs", "a", {"x"}, {"y"});
  EXPECT_THAT(load_error(proto), HasSubstr("Abs 'a': output 0 'y' is already defined by Relu 'r'"));
  proto = relu_model();
  add_node(*proto.mutable_graph(), "Abs", "a", {"y"}, {"x"});
  EXPECT_THAT(load_error(proto), HasSubstr("Abs 'a': output 0 'x' is already defined by a graph input"));
  proto = relu_model();
  add_input(*proto.mutable_graph(), "x", {2});
  EXPECT_THAT(load_error(proto), HasSubstr("graph input 'x' is there twice"));
  proto = relu_model();
  for (int i = 0; i < 2; ++i) add_initializer(*proto.mutable_graph(), "w", {}, 1)->add_float_data(1);
  EXPECT_THAT(load_error(proto), HasSubstr("initializer 'w' is there twice"));
}

TEST(LoadModelErrors, RefusesADefaultThatIsNotOfTheInputsType) {
  onnx::ModelProto proto = relu_model();
  add_initializer(*proto.mutable_graph(), "x", {2}, 7)->add_int64_data(1);
  proto.mutable_graph()->mutable_initializer(0)->add_int64_data(1);
  EXPECT_THAT(load_error(proto),
              HasSubstr("initializer 'x': is int64[2], which is not the declared input type"));
}

TEST(LoadModelErrors, NamesAnAttributeThatContradictsItself) {
  onnx::ModelProto proto = relu_model();
  auto* attribute =
      add_attribute(*proto.mutable_graph()->mutable_node(0), "alpha", onnx::AttributeProto::FLOAT);
  attribute->set_i(3);
  EXPECT_THAT(load_error(proto),
              HasSubstr("Relu 'r': attribute 'alpha' is declared as a float, but holds an int"));
}

TEST(LoadModelErrors, RefusesConflictingImports) {
  onnx::ModelProto proto = relu_model();
  auto* import = proto.add_opset_import();
  import->set_domain("ai.onnx");
  import->set_version(18);
  EXPECT_THAT(load_error(proto), HasSubstr("imports opsets 17 and 18 of domain 'ai.onnx'"));
}

}  // namespace
}  // namespace bp
