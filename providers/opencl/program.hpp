// A compiled partition: the provider's own graph, and the constants on the device. Immutable for callers.
#pragma once

#include <set>

#include "constants.hpp"
#include "graph.hpp"
#include "options.hpp"

namespace bp::opencl {

struct Program {
  using Handle = bp_program;
  Program(Device& where, Graph nodes, bp_constants source, Options settings)
      : device(where), graph(std::move(nodes)), options(settings), constants(where, source) {}

  [[nodiscard]] Host host() const noexcept { return device.host(); }
  void specialize(const bp_specialize_args* args, bp_instance* instance, bp_instance_info* info) const;
  // Builds a kernel's program, and notes it for saving.
  std::shared_ptr<const BuiltProgram> build(const std::string& source, const std::string& flags) const;

  Device& device;
  Graph graph;
  Options options;
  mutable Constants constants;
  mutable std::mutex used_mutex;
  mutable std::map<std::string, std::shared_ptr<const BuiltProgram>> used;  // by key
};

extern const bp_program_api kProgramApi;

}  // namespace bp::opencl
