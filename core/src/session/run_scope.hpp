// What goes with one run that a caller asked for: its ways to stop, and its span in the profile.
#pragma once

#include <optional>

#include "backplane/session.hpp"
#include "execute/profile.hpp"
#include "execute/runtime_value.hpp"
#include "provider/tokens.hpp"

namespace bp {

class RunScope {
 public:
  // `profile` may be null. Both outlive the scope. With RunOptions::spans the run has a profile of its own, so
  // it must be over when the scope ends.
  RunScope(const RunOptions& options, Profile* profile);
  RunScope(const RunScope&) = delete;
  RunScope& operator=(const RunScope&) = delete;

  const RunEnvironment& environment() const noexcept { return environment_; }
  // Ends the span; `status` as the caller sees it, with the run's tag.
  Status finish(const Status& status) const;

 private:
  const RunOptions& options_;
  CancelToken cancel_;
  RunEnvironment environment_;
  std::optional<Profile> own_;
  uint64_t begin_ns_ = 0;
};

}  // namespace bp
