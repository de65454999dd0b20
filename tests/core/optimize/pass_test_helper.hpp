// Runs one pass and fails the test on an error.
#pragma once

#include <gtest/gtest.h>

#include "optimize/pass.hpp"

namespace bp::test {

struct PassRun {
  size_t changes = 0;
  PassReport report;
};

inline PassRun run_pass(Result<size_t> (*pass)(Graph&, optimize_passes::PassContext&), Graph& graph,
                        const OptimizeOptions& options = {}) {
  PassRun run;
  optimize_passes::PassContext context{options, run.report};
  const auto changes = pass(graph, context);
  EXPECT_TRUE(changes.ok()) << changes.status().to_string();
  run.changes = changes.ok() ? *changes : 0;
  return run;
}

}  // namespace bp::test
