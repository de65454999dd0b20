// A session whose outputs become inputs of its next run, as a text generator's caches do; nothing is copied.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backplane/session.hpp"

namespace bp::cli {

class FedLoop {
 public:
  // feeds: "OUTPUT=INPUT". The session must outlive the loop.
  static Result<FedLoop> create(const Session& session, std::span<const NamedValue> inputs,
                                std::span<const std::string> feeds);

  // Runs `steps` times, the first time with the inputs given to create(); the duration of each run in ns.
  Result<std::vector<int64_t>> run(uint64_t steps) const;

 private:
  explicit FedLoop(const Session& session) : session_(&session) {}
  const Session* session_;
  std::vector<Value> inputs_;                     // in the model's order
  std::vector<std::pair<size_t, size_t>> feeds_;  // (output, input)
};

}  // namespace bp::cli
