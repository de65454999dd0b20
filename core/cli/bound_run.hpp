// A session with inputs and outputs bound once, ready to be timed by one caller.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backplane/session.hpp"

namespace bp::cli {

class BoundRun {
 public:
  // Runs once, so that shapes are settled and the outputs' memory is known and bound too. The session must
  // outlive it.
  static Result<BoundRun> create(const Session& session, std::span<const NamedValue> inputs);

  // Runs once more; its duration in ns.
  Result<int64_t> time_once();
  int64_t first_run_ns() const { return first_run_ns_; }

 private:
  BoundRun(const Session& session, IoBinding binding) : session_(&session), binding_(std::move(binding)) {}
  const Session* session_;
  IoBinding binding_;
  int64_t first_run_ns_ = 0;
};

}  // namespace bp::cli
