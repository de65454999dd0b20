#include <array>

#include "groups/abi.hpp"
#include "groups/group.hpp"

namespace bp::conformance {

std::span<const Group> all_groups() {
  static const std::array kGroups = {abi_group()};
  return kGroups;
}

}  // namespace bp::conformance
