// Renames the values of nodes that move into another graph: a function's body into its caller's graph, a
// SequenceMap's body into a Loop's.
#pragma once

#include <onnx/onnx_pb.h>

#include <functional>
#include <string>
#include <unordered_map>

namespace bp {

class ValueRenamer {
 public:
  using Names = std::unordered_map<std::string, std::string>;
  // What an attribute reference stands for; nullptr: nothing, and the attribute goes.
  using FindAttribute = std::function<const onnx::AttributeProto*(const std::string&)>;
  // What happens to names that `names` does not have.
  enum class Others : uint8_t { kPrefixed, kKept };

  // Without `find_attribute`, references stay as they are.
  ValueRenamer(std::string prefix, Others others, FindAttribute find_attribute = {})
      : prefix_(std::move(prefix)), others_(others), find_attribute_(std::move(find_attribute)) {}

  Names names;  // old to new; "" for an omitted argument

  std::string renamed(const std::string& name) const { return renamed(names, name); }
  // Inputs, outputs, bodies and attribute references of `node`; its name gets the prefix.
  void rename(onnx::NodeProto& node) const { node_in(names, node); }

 private:
  std::string renamed(const Names& scope, const std::string& name) const;
  void node_in(const Names& scope, onnx::NodeProto& node) const;
  // False when the attribute refers to nothing.
  bool attribute_in(const Names& scope, onnx::AttributeProto& attribute) const;
  void graph_in(const Names& outer, onnx::GraphProto& body) const;

  std::string prefix_;
  Others others_;
  FindAttribute find_attribute_;
};

}  // namespace bp
