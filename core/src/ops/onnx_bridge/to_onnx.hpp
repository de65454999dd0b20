// A graph as ONNX: for saving an optimized model and for vendors whose compilers read ONNX.
#pragma once

#include <string>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

struct OnnxOptions {
  // Constants of more bytes are written to a file beside the model instead of into it; see to_onnx_file.
  uint64_t external_above_bytes = 1024;
  std::string producer_name = "backplane";
  std::string producer_version;
};

// The bytes of a ModelProto with all constants inside. The opset is the newest form among the nodes, at least
// that of the graph's imports; nodes of other domains import what the graph imports. Needs a graph whose nodes
// have their forms (since_version). UNSUPPORTED above protobuf's limit of 2 GiB.
Result<std::string> to_onnx_bytes(const Graph& graph, const OnnxOptions& options = {});

// Writes `path`, and large constants to `path` + ".data" next to it. On an error neither file is left
// half-written under its final name.
Status to_onnx_file(const Graph& graph, const std::string& path, const OnnxOptions& options = {});

}  // namespace bp
