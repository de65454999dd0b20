#include "harness/fresh_process.hpp"

#include <stdexcept>

#include "case/case_json.hpp"
#include "drive/child_process.hpp"
#include "drive/target.hpp"

namespace bp::conformance {

using nlohmann::json;

CaseResult run_in_fresh_process(const CaseInfo& info, const CaseTarget& target) {
  const std::string input =
      to_line({{"target", to_json(target)}}) + "\n" + to_line({{"case", to_json(info)}}) + "\n";
  ChildProcess child("/proc/self/exe", {"child"}, input);
  const auto deadline = ChildProcess::Clock::now() + std::chrono::duration_cast<ChildProcess::Clock::duration>(
                                                         info.timeout * target.time_factor);
  std::string line;
  while (child.next_line(deadline, &line)) {
    const json answer = json::parse(line);
    if (answer.contains("end")) return case_result_from_json(answer.at("end"));
  }
  fail("in a fresh process: " + child.finish(deadline).to_string() + "\n" + child.output());
}

}  // namespace bp::conformance
