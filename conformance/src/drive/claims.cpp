#include "drive/claims.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "case/case_json.hpp"
#include "drive/child_process.hpp"
#include "drive/target.hpp"
#include "groups/operators/claims.hpp"

namespace bp::conformance {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kTime{60};

}  // namespace

std::vector<std::string> find_claimed_untested(const Launcher& launcher, const CaseTarget& target,
                                               std::span<const CaseInfo> planned) {
  json tested = json::array();
  for (const CaseInfo& info : planned)
    if (!info.op_type.empty()) tested.push_back({info.domain, info.op_type, info.element_type});
  ChildProcess child(launcher.program, {"claims"},
                     to_line({{"target", to_json(target)}, {"tested", tested}}) + "\n");
  const auto time = std::chrono::duration_cast<ChildProcess::Clock::duration>(kTime * target.time_factor);
  std::string line;
  if (!child.next_line(ChildProcess::Clock::now() + time, &line)) return {};
  const json answer = json::parse(line, nullptr, false);
  return answer.is_array() ? answer.get<std::vector<std::string>>() : std::vector<std::string>{};
}

int serve_claims() {
  const int answers = ::fcntl(3, F_DUPFD_CLOEXEC, 200);  // out of a provider's way
  if (answers < 0) return 2;
  try {
    std::string line;
    std::getline(std::cin, line);
    const json request = json::parse(line);
    std::set<OperatorType> tested;
    for (const json& one : request.at("tested"))
      tested.insert({one.at(0).get<std::string>(), one.at(1).get<std::string>(), one.at(2).get<std::string>()});
    json found = json::array();
    const CaseTarget target = target_from_json(request.at("target"));
    for (const OperatorType& one : find_claims(DeviceUnderTest::of(target), tested))
      found.push_back(one.to_string());
    line = to_line(found) + "\n";
    return ::write(answers, line.data(), line.size()) == static_cast<ssize_t>(line.size()) ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}

}  // namespace bp::conformance
