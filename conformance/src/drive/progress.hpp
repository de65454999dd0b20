// What a person sees of a run: failures at once, how far it is, how long it will take.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "case/case_info.hpp"
#include "case/case_result.hpp"

namespace bp::conformance {

class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  // `known` of the `total` cases are done already. On a terminal the last line is rewritten, elsewhere a line
  // comes every ten seconds.
  Progress(std::FILE* out, bool is_terminal, size_t total, size_t known);
  void add(const CaseInfo& info, const CaseResult& result);
  // Clears the line.
  void end();

  const OutcomeCounts& counts() const { return counts_; }
  // "120/4604  118 Pass  2 Fail  1 min 12 s left"
  std::string line(Clock::duration elapsed) const;

 private:
  void count(Outcome outcome) { ++counts_[static_cast<size_t>(outcome)]; }

  std::FILE* out_;
  bool is_terminal_;
  size_t total_;
  size_t known_;
  size_t done_ = 0;
  OutcomeCounts counts_{};
  Clock::time_point begin_;
  Clock::time_point told_;
};

// "12 s", "3 min 5 s", "2 h 10 min".
std::string time_text(std::chrono::seconds time);
// "118 Pass, 2 Fail"
std::string counts_text(const OutcomeCounts& counts);

}  // namespace bp::conformance
