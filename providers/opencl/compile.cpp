// Compiling here is light: the view is read. Kernels are chosen and built when shapes are known (specialize).
#include "compile.hpp"

#include "ops/op.hpp"

namespace bp::opencl {

std::unique_ptr<Program> compile_partition(Device& device, const bp_compile_args& args) {
  const Options options = read_options(args.options);
  Graph graph = read_graph(*args.partition);
  for (const Node& node : graph.nodes) {
    if (node.row == nullptr) {
      throw Error(BP_STATUS_UNSUPPORTED, text(node.label(), ": the operator is unknown to this provider"));
    }
  }
  device.host().check_cancel(args.cancel);
  return std::make_unique<Program>(device, std::move(graph), args.partition->constants, options);
}

}  // namespace bp::opencl
