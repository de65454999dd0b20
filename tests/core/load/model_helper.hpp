// Builds small ONNX models for the loader's tests, as messages or as files of a temporary folder.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <initializer_list>
#include <string>

#include "load/load_model.hpp"

namespace bp::test {

// IR 8, opset 17, no graph content.
onnx::ModelProto make_model();

onnx::NodeProto* add_node(onnx::GraphProto& graph, const std::string& op, const std::string& name,
                          std::initializer_list<const char*> inputs,
                          std::initializer_list<const char*> outputs);
void add_input(onnx::GraphProto& graph, const std::string& name, std::initializer_list<int64_t> dims,
               int32_t type = 1);
void add_output(onnx::GraphProto& graph, const std::string& name);
onnx::TensorProto* add_initializer(onnx::GraphProto& graph, const std::string& name,
                                   std::initializer_list<int64_t> dims, int32_t type);
onnx::AttributeProto* add_attribute(onnx::NodeProto& node, const std::string& name,
                                    onnx::AttributeProto::AttributeType type);
// x -> Relu 'r' -> y.
onnx::ModelProto relu_model();

// The bytes live as long as the process's test does: they own themselves.
Result<LoadedModel> load(const onnx::ModelProto& proto, const LoadOptions& options = {});
Result<LoadedModel> load_bytes(const std::string& bytes, const LoadOptions& options = {});
// The message of the error that loading must give.
std::string load_error(const onnx::ModelProto& proto, const LoadOptions& options = {});

// A folder that goes away with its object.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string write(const std::string& name, const std::string& bytes) const;
  std::string write(const std::string& name, const onnx::ModelProto& proto) const;

 private:
  std::filesystem::path path_;
};

}  // namespace bp::test
