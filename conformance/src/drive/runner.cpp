#include "drive/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "drive/serve.hpp"

namespace bp::conformance {
namespace {

class Runner {
 public:
  Runner(const std::vector<CaseInfo>& planned, const CaseTarget& target, const RunnerOptions& options,
         const std::map<std::string, CaseResult>& known, const ResultSink& sink)
      : planned_(planned), target_(target), options_(options), sink_(sink), results_(planned.size()) {
    for (size_t i = 0; i < planned.size(); ++i) {
      index_[planned[i].id] = i;
      const auto found = known.find(planned[i].id);
      if (found != known.end()) {
        results_[i] = found->second;
      } else {
        results_[i].id = planned[i].id;  // outcome Missing until one comes
        waiting_.push_back(i);
      }
    }
  }

  std::vector<CaseResult> run() {
    std::vector<std::thread> workers;
    const size_t count = std::min<size_t>(std::max(1u, options_.jobs), waiting_.size());
    for (size_t i = 0; i < count; ++i) workers.emplace_back([this] { work(); });
    for (std::thread& worker : workers) worker.join();
    if (error_) std::rethrow_exception(error_);
    return std::move(results_);
  }

 private:
  void work() {
    try {
      for (std::vector<const CaseInfo*> cases = take(); !cases.empty(); cases = take()) {
        const size_t finished = run_batch(options_.launcher, target_, cases,
                                          [this](CaseResult result) { settle(std::move(result)); });
        put_back(std::span(cases).subspan(finished));
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      waiting_.clear();
    }
  }

  std::vector<const CaseInfo*> take() {
    const std::lock_guard lock(mutex_);
    pass_over();
    std::vector<const CaseInfo*> cases;
    // Towards the end smaller portions, so that all processes end at about the same time.
    const size_t fair = waiting_.size() / std::max(1u, options_.jobs) + 1;
    const size_t count = std::min<size_t>({waiting_.size(), fair, std::max(1u, options_.batch_size)});
    for (size_t i = 0; i < count; ++i) {
      cases.push_back(&planned_[waiting_.front()]);
      waiting_.pop_front();
    }
    return cases;
  }

  // Settles the cases of groups that were given up. Under the lock.
  void pass_over() {
    std::deque<size_t> rest;
    for (const size_t index : waiting_) {
      const Streak& streak = streaks_[planned_[index].group];
      if (options_.give_up == 0 || streak.length < options_.give_up) {
        rest.push_back(index);
        continue;
      }
      CaseResult& result = results_[index];
      result.outcome = streak.outcome;
      result.text = fmt::format("not run: the last {} cases of the group had ended with {}", streak.length,
                                outcome_name(streak.outcome));
      result.seed = seed_of_case(target_.seed, result.id);
      sink_(planned_[index], result);
    }
    waiting_ = std::move(rest);
  }

  // Where three cases in a row have ended so, a fourth is no flake.
  bool is_usual(const CaseInfo& info, Outcome outcome) {
    const std::lock_guard lock(mutex_);
    const Streak& streak = streaks_[info.group];
    return streak.length >= 3 && streak.outcome == outcome;
  }

  // Under the lock.
  void follow(const CaseInfo& info, Outcome outcome) {
    // In these the provider computed nothing: they say nothing against a streak.
    for (const Outcome idle :
         {Outcome::kUnsupported, Outcome::kHost, Outcome::kNotApplicable, Outcome::kHarnessError}) {
      if (outcome == idle) return;
    }
    Streak& streak = streaks_[info.group];
    if (outcome != Outcome::kCrash && outcome != Outcome::kTimeout) {
      streak.length = 0;
    } else if (streak.length > 0 && streak.outcome == outcome) {
      ++streak.length;
    } else {
      streak = {outcome, 1};
    }
  }

  void put_back(std::span<const CaseInfo* const> cases) {
    const std::lock_guard lock(mutex_);
    if (error_) return;
    for (auto info = cases.rbegin(); info != cases.rend(); ++info) waiting_.push_front(index_.at((*info)->id));
  }

  // Tries a failed case again, then stores what became of it.
  void settle(CaseResult result) {
    const CaseInfo& info = planned_[index_.at(result.id)];
    const unsigned repeats = is_usual(info, result.outcome) ? 0 : options_.repeats;
    for (unsigned repeat = 0; repeat < repeats && is_bad(result.outcome) &&
                              result.outcome != Outcome::kHarnessError && result.outcome != Outcome::kFlake;
         ++repeat) {
      const CaseInfo* again[] = {&info};
      CaseResult other;
      run_batch(options_.launcher, target_, again, [&](CaseResult made) { other = std::move(made); });
      const uint32_t attempts = result.attempts + 1;
      if (!is_bad(other.outcome)) {
        result.text =
            fmt::format("{} at first, then {} with the same seed {}: {}", outcome_name(result.outcome),
                        outcome_name(other.outcome), other.seed, result.text);
        result.outcome = Outcome::kFlake;
      }
      result.attempts = attempts;
    }
    const std::lock_guard lock(mutex_);
    follow(info, result.outcome);
    CaseResult& stored = results_[index_.at(info.id)];
    stored = std::move(result);
    sink_(info, stored);
  }

  // Cases of a group that ended alike, one after the other.
  struct Streak {
    Outcome outcome = Outcome::kPass;
    unsigned length = 0;
  };

  const std::vector<CaseInfo>& planned_;
  const CaseTarget& target_;
  const RunnerOptions& options_;
  const ResultSink& sink_;
  std::map<std::string, size_t> index_;
  std::vector<CaseResult> results_;
  std::mutex mutex_;
  std::deque<size_t> waiting_;
  std::map<std::string, Streak> streaks_;
  std::exception_ptr error_;
};

}  // namespace

std::vector<CaseResult> run_cases(const std::vector<CaseInfo>& planned, const CaseTarget& target,
                                  const RunnerOptions& options, const std::map<std::string, CaseResult>& known,
                                  const ResultSink& sink) {
  return Runner(planned, target, options, known, sink).run();
}

}  // namespace bp::conformance
