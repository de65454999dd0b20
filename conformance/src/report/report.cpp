#include "report/report.hpp"

namespace bp::conformance {

OutcomeCounts count_outcomes(const Report& report) {
  OutcomeCounts counts{};
  for (const CaseResult& result : report.results) ++counts[static_cast<size_t>(result.outcome)];
  return counts;
}

}  // namespace bp::conformance
