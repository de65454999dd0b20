// What compile hands to execute: a program for each partition, bodies of control flow included.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "partition/partitioned_graph.hpp"
#include "provider/program.hpp"

namespace bp {

struct CompiledPartition {
  std::shared_ptr<Program> program;
  int64_t compile_ns = 0;
  std::string note;  // "loaded from saved programs", ...
};

struct CompiledGraph {
  std::shared_ptr<const PartitionedGraph> graph;
  std::vector<CompiledPartition> partitions;  // as graph->partitions
  // As graph->regions and the bodies of each.
  std::vector<std::vector<std::shared_ptr<const CompiledGraph>>> bodies;
};

}  // namespace bp
