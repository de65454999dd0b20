// Compiling here is light: the view is read, every node is checked again, and constants stay with the host
// until an instance packs them. What depends on shapes (fusion, layouts, primitives) is decided by the
// Specializer.
#include "compile.hpp"

#include "device.hpp"
#include "float32_islands.hpp"
#include "kernels/dense.hpp"
#include "ops/op.hpp"

namespace bp::cpu {

std::unique_ptr<Program> compile_partition(const bp_host* host, const bp_compile_args& args,
                                           std::unique_ptr<const SavedPacks> packs) {
  Options options = read_options(args.options);
  if (options.bfloat16 && !dense_runs(DenseType::kBfloat16)) {
    host->log(host, BP_LOG_WARNING, abi("precision=bf16 needs a processor with AVX512_BF16; float32 is used"));
    options.bfloat16 = false;
  }
  Graph graph = read_graph(*args.partition);
  for (const Node& node : graph.nodes) {
    if (node.row == nullptr) {
      throw Error(BP_STATUS_UNSUPPORTED, text(node.label(), ": the operator is unknown to this provider"));
    }
  }
  make_float32_islands(graph);
  const std::string saved = packs != nullptr ? packs->characters(kTuningKey) : std::string();
  auto tuning = std::make_shared<Tuning>(host, options, processor_and_versions(), saved);
  return std::make_unique<Program>(host, std::move(graph), args.partition->constants, options, std::move(packs),
                                   std::move(tuning));
}

}  // namespace bp::cpu
