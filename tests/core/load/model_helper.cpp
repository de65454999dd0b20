#include "model_helper.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace bp::test {

onnx::ModelProto make_model() {
  onnx::ModelProto model;
  model.set_ir_version(8);
  auto* import = model.add_opset_import();
  import->set_domain("");
  import->set_version(17);
  model.mutable_graph()->set_name("g");
  return model;
}

onnx::NodeProto* add_node(onnx::GraphProto& graph, const std::string& op, const std::string& name,
                          std::initializer_list<const char*> inputs,
                          std::initializer_list<const char*> outputs) {
  onnx::NodeProto* node = graph.add_node();
  node->set_op_type(op);
  node->set_name(name);
  for (const char* input : inputs) node->add_input(input);
  for (const char* output : outputs) node->add_output(output);
  return node;
}

void add_input(onnx::GraphProto& graph, const std::string& name, std::initializer_list<int64_t> dims,
               int32_t type) {
  auto* input = graph.add_input();
  input->set_name(name);
  auto* tensor = input->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  tensor->mutable_shape();
  for (const int64_t dim : dims) tensor->mutable_shape()->add_dim()->set_dim_value(dim);
}

void add_output(onnx::GraphProto& graph, const std::string& name) { graph.add_output()->set_name(name); }

onnx::TensorProto* add_initializer(onnx::GraphProto& graph, const std::string& name,
                                   std::initializer_list<int64_t> dims, int32_t type) {
  onnx::TensorProto* tensor = graph.add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(type);
  for (const int64_t dim : dims) tensor->add_dims(dim);
  return tensor;
}

onnx::AttributeProto* add_attribute(onnx::NodeProto& node, const std::string& name,
                                    onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(type);
  return attribute;
}

onnx::ModelProto relu_model() {
  onnx::ModelProto model = make_model();
  add_input(*model.mutable_graph(), "x", {2});
  add_node(*model.mutable_graph(), "Relu", "r", {"x"}, {"y"});
  add_output(*model.mutable_graph(), "y");
  return model;
}

Result<LoadedModel> load(const onnx::ModelProto& proto, const LoadOptions& options) {
  return load_bytes(proto.SerializeAsString(), options);
}

Result<LoadedModel> load_bytes(const std::string& bytes, const LoadOptions& options) {
  auto owner = std::make_shared<const std::string>(bytes);
  return load_model_bytes(std::as_bytes(std::span(*owner)), options, owner);
}

std::string load_error(const onnx::ModelProto& proto, const LoadOptions& options) {
  const Result<LoadedModel> model = load(proto, options);
  EXPECT_FALSE(model.ok());
  return model.status().to_string();
}

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "backplane_test_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary folder";
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempFolder::write(const std::string& name, const std::string& bytes) const {
  const std::filesystem::path file = path_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
  return file.string();
}

std::string TempFolder::write(const std::string& name, const onnx::ModelProto& proto) const {
  return write(name, proto.SerializeAsString());
}

}  // namespace bp::test
