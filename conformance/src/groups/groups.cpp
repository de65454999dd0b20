#include <array>

#include "groups/abi.hpp"
#include "groups/artifact.hpp"
#include "groups/corpus.hpp"
#include "groups/errors.hpp"
#include "groups/group.hpp"
#include "groups/lifecycle.hpp"
#include "groups/memory.hpp"
#include "groups/models.hpp"
#include "groups/operators.hpp"
#include "groups/partition.hpp"
#include "groups/random_graphs.hpp"
#include "groups/robustness.hpp"
#include "groups/shapes.hpp"
#include "groups/streams.hpp"
#include "groups/threads.hpp"

namespace bp::conformance {

std::span<const Group> all_groups() {
  static const std::array kGroups = {
      abi_group(),    lifecycle_group(), errors_group(),        partition_group(), robustness_group(),
      memory_group(), streams_group(),   threads_group(),       artifact_group(),  operators_group(),
      shapes_group(), corpus_group(),    random_graphs_group(), models_group(),
  };
  return kGroups;
}

}  // namespace bp::conformance
