// Any bytes through the phases in front of the providers: each refuses with a message, or hands on a graph that
// is still one after optimizing.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "check/check_graph.hpp"
#include "infer/infer.hpp"
#include "load/load_model.hpp"
#include "optimize/optimize.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

// An error has to say something.
bool refused(const bp::Status& status) {
  if (!status.ok() && status.message().empty()) std::abort();
  return !status.ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bp::LoadOptions options;
  options.max_nodes = 1'000;
  options.max_dense_bytes = 1 << 20;
  const auto model = bp::load_model_bytes({reinterpret_cast<const std::byte*>(data), size}, options);
  if (!model.ok()) return refused(model.status()), 0;
  bp::Graph& graph = *model.value().graph;
  if (refused(bp::check_graph(graph)) || refused(bp::infer_types(graph))) return 0;
  if (refused(bp::check_graph(graph))) return 0;  // again: only now are the types between nodes known
  const auto report = bp::optimize(graph, {});
  if (!report.ok()) return refused(report.status()), 0;
  const bp::Status after = bp::check_graph(graph);
  if (!after.ok()) {
    std::fprintf(stderr, "optimizing broke the graph: %s\n", after.to_string().c_str());
    std::abort();
  }
  return 0;
}
