// A session with inputs and outputs bound once, ready to be timed by one caller.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "backplane/session.hpp"

namespace bp::cli {

// For the flag that gives the device.
inline constexpr const char* kOnDeviceText =
    "Copy the inputs to this device's memory before, and leave the outputs there (OPENCL, CUDA:1)";

// Inputs bound; with a `device` ("OPENCL", "CUDA:1") they are copied to its memory first, and the outputs stay
// there.
Result<IoBinding> bind_inputs(const Session& session, std::span<const NamedValue> inputs,
                              const std::string& device);

class BoundRun {
 public:
  // Runs once, so that shapes are settled and the outputs' memory is known and bound too. The session must
  // outlive it. `device` as in bind_inputs.
  static Result<BoundRun> create(const Session& session, std::span<const NamedValue> inputs,
                                 const std::string& device = {});

  // Runs once more; its duration in ns.
  Result<int64_t> time_once(const RunOptions& options = {});
  int64_t first_run_ns() const { return first_run_ns_; }

 private:
  BoundRun(const Session& session, IoBinding binding) : session_(&session), binding_(std::move(binding)) {}
  const Session* session_;
  IoBinding binding_;
  int64_t first_run_ns_ = 0;
};

}  // namespace bp::cli
