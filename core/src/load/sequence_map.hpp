// ai.onnx SequenceMap, the one operator besides the regions that holds a body, as the Loop that it stands
// for (onnx, Operators.md: SequenceMap is a function).
#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

#include "backplane/status.hpp"
#include "graph/type.hpp"

namespace bp {

bool is_sequence_map(const onnx::NodeProto& node);

// Whether a node's outputs are sequences or tensors, so far as its operator says so; else kUnknown.
ValueKind kind_of_outputs(const onnx::NodeProto& node);

// `kinds`: of the node's inputs, sequences or tensors. `prefix`: for new names.
Result<std::vector<onnx::NodeProto>> expand_sequence_map(const onnx::NodeProto& node,
                                                         const std::vector<ValueKind>& kinds,
                                                         const std::string& prefix);

}  // namespace bp
