#include "drive/batch.hpp"

#include <fmt/format.h>

#include <exception>
#include <optional>
#include <utility>

#include "case/case_json.hpp"
#include "drive/child_process.hpp"
#include "drive/serve.hpp"
#include "drive/target.hpp"

namespace bp::conformance {
namespace {

using nlohmann::json;
using Clock = ChildProcess::Clock;

class Batch {
 public:
  Batch(const Launcher& launcher, const CaseTarget& target, std::span<const CaseInfo* const> cases,
        const std::function<void(CaseResult)>& done)
      : launcher_(launcher), target_(target), cases_(cases), done_(done) {}

  size_t run() {
    std::string input = to_line({{"target", to_json(target_)}}) + "\n";
    for (const CaseInfo* info : cases_) input += to_line({{"case", to_json(*info)}}) + "\n";
    ChildProcess child(launcher_.program, {"child"}, input);
    for (const CaseInfo* info : cases_) {
      if (!run_one(child, *info)) return finished_;
    }
    std::string line;
    const Clock::time_point deadline = in(launcher_.end_time);
    child.next_line(deadline, &line);  // "done"; that it does not come shows in how the process ends
    const ProcessEnd end = child.finish(deadline);
    if (!end.clean() && !is_bad(held_->outcome)) {
      held_->outcome = end.killed_by_us ? Outcome::kTimeout : Outcome::kCrash;
      held_->text = fmt::format("the case had passed, then the process did not end well: {}{}", end.to_string(),
                                quote(child.output()));
    }
    release();
    return finished_;
  }

 private:
  Clock::time_point in(std::chrono::milliseconds time) const {
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(time * target_.time_factor);
  }

  static std::string quote(const std::string& output) {
    return output.empty() ? "" : fmt::format("; the last that it wrote:\n{}", output);
  }

  // The last result is kept until it is known how the process goes on.
  void hold(CaseResult result) {
    release();
    held_ = std::move(result);
  }
  void release() {
    if (!held_) return;
    ++finished_;
    done_(*std::exchange(held_, std::nullopt));
  }

  // False: the process is over, and the result says why.
  bool run_one(ChildProcess& child, const CaseInfo& info) {
    const Clock::time_point started = Clock::now();
    std::string line;
    Clock::time_point deadline = in(launcher_.start_time);
    if (!child.next_line(deadline, &line)) return died(child, info, deadline, started);
    if (!is_answer(line, "begin", info.id)) return confused(info, line);
    deadline = in(info.timeout);
    if (!child.next_line(deadline, &line)) return died(child, info, deadline, started);
    try {
      CaseResult result = case_result_from_json(json::parse(line).at("end"));
      if (result.id != info.id) return confused(info, line);
      hold(std::move(result));
    } catch (const std::exception&) {
      return confused(info, line);
    }
    return true;
  }

  static bool is_answer(const std::string& line, const char* kind, const std::string& id) {
    const json answer = json::parse(line, nullptr, false);
    return answer.is_object() && answer.contains(kind) && answer[kind] == id;
  }

  bool died(ChildProcess& child, const CaseInfo& info, Clock::time_point deadline, Clock::time_point started) {
    const ProcessEnd end = child.finish(deadline);
    CaseResult result;
    result.outcome = end.killed_by_us ? Outcome::kTimeout : Outcome::kCrash;
    result.text =
        end.killed_by_us
            ? fmt::format("did not end within {} ms, its process was killed",
                          static_cast<int64_t>(static_cast<double>(info.timeout.count()) * target_.time_factor))
            : fmt::format("its process ended, and nobody had asked for that: {}", end.to_string());
    result.text += quote(child.output());
    return give_up(info, std::move(result), started);
  }

  bool confused(const CaseInfo& info, const std::string& line) {
    CaseResult result;
    result.outcome = Outcome::kHarnessError;
    result.text = fmt::format("the child process answered with '{}'", line.substr(0, 200));
    return give_up(info, std::move(result), Clock::now());
  }

  bool give_up(const CaseInfo& info, CaseResult result, Clock::time_point started) {
    result.id = info.id;
    result.seed = seed_of_case(target_.seed, info.id);
    result.duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started);
    hold(std::move(result));
    release();
    return false;
  }

  const Launcher& launcher_;
  const CaseTarget& target_;
  std::span<const CaseInfo* const> cases_;
  const std::function<void(CaseResult)>& done_;
  std::optional<CaseResult> held_;
  size_t finished_ = 0;
};

}  // namespace

size_t run_batch(const Launcher& launcher, const CaseTarget& target, std::span<const CaseInfo* const> cases,
                 const std::function<void(CaseResult)>& done) {
  return cases.empty() ? 0 : Batch(launcher, target, cases, done).run();
}

}  // namespace bp::conformance
