// Drivers bring handlers of signals along (LLVM's for fatal ones); those of the process are the host's. While
// this lives, what is installed is taken back at its end. Not for several threads at once: it takes a lock.
#pragma once

#include <array>
#include <csignal>
#include <mutex>

namespace bp::opencl {

class KeptSignals {
 public:
  KeptSignals();
  ~KeptSignals();
  KeptSignals(const KeptSignals&) = delete;
  KeptSignals& operator=(const KeptSignals&) = delete;

 private:
  static constexpr int kCount = 32;  // the standard ones
  std::unique_lock<std::mutex> lock_;
  std::array<struct sigaction, kCount> before_{};
};

}  // namespace bp::opencl
