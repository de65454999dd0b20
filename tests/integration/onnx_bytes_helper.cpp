#include "onnx_bytes_helper.hpp"

#include <cstdint>

namespace bp::test {
namespace {

// Protobuf's wire format: field numbers are those of onnx.proto.
class Message {
 public:
  Message& number(uint32_t field, uint64_t value) {
    varint(field << 3);
    varint(value);
    return *this;
  }
  Message& text(uint32_t field, const std::string& value) {
    varint(field << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& message(uint32_t field, const Message& value) { return text(field, value.bytes_); }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void varint(uint64_t value) {
    for (; value >= 128; value >>= 7) bytes_ += static_cast<char>(value | 128);
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

Message value_info(const std::string& name) {
  Message shape;
  shape.message(1, Message().text(2, "N")).message(1, Message().number(1, 4));
  const Message tensor = Message().number(1, 1).message(2, shape);
  return Message().text(1, name).message(2, Message().message(1, tensor));
}

}  // namespace

std::vector<std::byte> onnx_model(const std::vector<OnnxNode>& nodes, const std::vector<std::string>& inputs,
                                  const std::vector<std::string>& outputs,
                                  const std::vector<std::string>& initializers, uint64_t opset) {
  Message graph;
  for (const OnnxNode& node : nodes) {
    Message message;
    for (const std::string& input : node.inputs) message.text(1, input);
    for (const std::string& output : node.outputs) message.text(2, output);
    graph.message(1, message.text(3, node.outputs.front() + "_node").text(4, node.op_type));
  }
  graph.text(2, "hand_made");
  for (const std::string& name : initializers)
    graph.message(5, Message().number(1, 4).number(2, 1).text(8, name).text(9, std::string(16, '\0')));
  for (const std::string& input : inputs) graph.message(11, value_info(input));
  for (const std::string& output : outputs) graph.message(12, value_info(output));
  const std::string bytes =
      Message().number(1, 7).message(7, graph).message(8, Message().text(1, "").number(2, opset)).bytes();
  const auto* data = reinterpret_cast<const std::byte*>(bytes.data());
  return {data, data + bytes.size()};
}

}  // namespace bp::test
