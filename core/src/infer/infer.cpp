#include "infer/infer.hpp"

#include "infer/graph_inference.hpp"

namespace bp {

Status infer_types(Graph& graph) {
  GraphInference inference(graph.opsets, graph.symbols());
  return inference.run(graph, {});
}

}  // namespace bp
