// Model-local functions: finds them by what a node calls, and writes out a call as the nodes of the body
// with values renamed, attribute references resolved and calls inside written out in turn.
#pragma once

#include <onnx/onnx_pb.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "load/load_context.hpp"

namespace bp {

// A node to build. `opsets`: the imports of the function that it came from; nullptr: the model's.
struct ScopedNode {
  const onnx::NodeProto* proto = nullptr;
  const std::vector<OpsetImport>* opsets = nullptr;
};

class FunctionLibrary {
 public:
  // The model must outlive the library.
  static Result<FunctionLibrary> create(const onnx::ModelProto& model);

  // Appends `nodes` to `out`, calls replaced by what they stand for. Copies live as long as the library.
  Status expand(LoadContext& context, const google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes,
                const std::vector<OpsetImport>* opsets, std::vector<ScopedNode>& out);

 private:
  struct Function {
    const onnx::FunctionProto* proto = nullptr;
    std::vector<onnx::AttributeProto> defaults;
    std::vector<OpsetImport> opsets;
  };

  const Function* find(const onnx::NodeProto& node) const;
  Status inline_call(LoadContext& context, const onnx::NodeProto& call, const Function& function, int depth,
                     std::vector<ScopedNode>& out);
  Status add(LoadContext& context, const onnx::NodeProto& node, const std::vector<OpsetImport>* opsets,
             int depth, std::vector<ScopedNode>& out);

  std::map<std::string, Function> functions_;  // by domain, name and overload
  bool overloads_ = false;
  std::deque<onnx::NodeProto> copies_;
  uint64_t calls_ = 0;
  uint64_t inlined_bytes_ = 0;
};

// "ai.onnx" and "" are one domain.
std::string normal_domain(const std::string& domain);

}  // namespace bp
