// Runs a plan: several child processes at once, cases that fail once more, results in the plan's order.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "drive/batch.hpp"

namespace bp::conformance {

struct RunnerOptions {
  Launcher launcher;
  unsigned jobs = 1;        // processes at once
  unsigned batch_size = 1;  // cases in one process
  unsigned repeats = 1;     // how often a case that fails is tried again, with the same seed and alone
  // After so many crashes, or timeouts, of one group in a row its other cases are not run and get the same
  // outcome: a provider that always hangs would keep a run busy for days. 0: never.
  unsigned give_up = 20;
};

// Called for each case once, when its outcome is settled; never two calls at once.
using ResultSink = std::function<void(const CaseInfo& info, const CaseResult& result)>;

// One result per planned case, in order. `known`: results of an earlier run, by id; those cases are not run.
std::vector<CaseResult> run_cases(const std::vector<CaseInfo>& planned, const CaseTarget& target,
                                  const RunnerOptions& options, const std::map<std::string, CaseResult>& known,
                                  const ResultSink& sink);

}  // namespace bp::conformance
