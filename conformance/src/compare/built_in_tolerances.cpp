// The tolerance file as text, put into the program by the build.
#include "compare/tolerances.hpp"

namespace bp::conformance {

std::string_view ToleranceTable::built_in_text() {
  static constexpr std::string_view kText =
#include "tolerances.inc"
      ;
  return kText;
}

}  // namespace bp::conformance
