#include <array>

#include "groups/abi.hpp"
#include "groups/corpus.hpp"
#include "groups/group.hpp"
#include "groups/operators.hpp"

namespace bp::conformance {

std::span<const Group> all_groups() {
  static const std::array kGroups = {
      abi_group(),
      operators_group(),
      corpus_group(),
  };
  return kGroups;
}

}  // namespace bp::conformance
