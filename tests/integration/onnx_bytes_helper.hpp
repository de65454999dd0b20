// Small ONNX models as bytes, written by hand so that these tests need nothing but the public API.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bp::test {

struct OnnxNode {
  std::string op_type;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

// A model with float32 inputs and outputs of dims [N, 4], and initializers of four zeros.
std::vector<std::byte> onnx_model(const std::vector<OnnxNode>& nodes, const std::vector<std::string>& inputs,
                                  const std::vector<std::string>& outputs,
                                  const std::vector<std::string>& initializers = {}, uint64_t opset = 13);

}  // namespace bp::test
