// GraphProto becomes Graph, bodies included. One builder per graph; a body's builder knows the one around
// it and takes from there what the body uses but does not define.
#pragma once

#include <onnx/onnx_pb.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "load/functions.hpp"
#include "load/load_context.hpp"

namespace bp {

class GraphBuilder {
 public:
  // An outer value that a body uses, and the value that stands for it inside.
  struct Capture {
    ValueId outer = kNoId;
    ValueId inner = kNoId;
  };

  GraphBuilder(LoadContext& context, FunctionLibrary& functions, std::unique_ptr<Graph> graph)
      : context_(context), functions_(functions), graph_(std::move(graph)) {}
  GraphBuilder(GraphBuilder& outer, std::unique_ptr<Graph> graph);

  // `opsets`: the imports that hold for the nodes; nullptr: the model's.
  Status build(const onnx::GraphProto& proto, const std::vector<OpsetImport>* opsets);

  std::unique_ptr<Graph> take_graph() { return std::move(graph_); }
  Graph& graph() { return *graph_; }
  const std::vector<Capture>& captures() const { return captures_; }

 private:
  bool is_main() const { return outer_ == nullptr; }

  // Declaring: every value that this graph defines, before any node is built.
  Status declare_inputs(const onnx::GraphProto& proto);
  Status declare_initializers(const onnx::GraphProto& proto);
  Status declare_initializer(const std::string& name, TensorPtr tensor);
  // SequenceMap nodes in nodes_ become Loops.
  Status expand_sequence_maps(const onnx::GraphProto& proto);
  ValueKind kind_of(const std::string& name, const onnx::GraphProto& proto) const;
  ValueKind kind_of_made(const std::string& name) const;  // by the operator that makes it
  Status declare_node(size_t index);
  Status declare_types(const onnx::GraphProto& proto);
  std::string definition_of(const std::string& name) const;

  // Building.
  std::optional<ValueId> use(const std::string& name);
  Status build_node(size_t index);
  Status build_attributes(const onnx::NodeProto& proto, Node& node, const std::vector<OpsetImport>* opsets);
  Status build_outputs(const onnx::GraphProto& proto);
  std::string label(size_t index) const;
  std::string unique_node_name(const std::string& name, size_t index);

  LoadContext& context_;
  FunctionLibrary& functions_;
  GraphBuilder* outer_ = nullptr;
  int depth_ = 0;
  std::unique_ptr<Graph> graph_;
  std::vector<ScopedNode> nodes_;
  std::deque<onnx::NodeProto> made_nodes_;  // what nodes_ refers to beside the file's
  std::vector<std::string> names_;          // of nodes_; "" until made up
  std::unordered_set<std::string> taken_names_;
  std::unordered_set<ValueId> constant_nodes_;  // values that Constant nodes define
  std::vector<Capture> captures_;
};

}  // namespace bp
