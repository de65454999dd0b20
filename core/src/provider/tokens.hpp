// Tokens of the host that cross the ABI as opaque pointers: a provider hands them back to the host
// table, which asks the objects here. They live as long as the call or run they were given to.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "backplane/provider/memory.h"
#include "backplane/status.hpp"

namespace bp {

// "Please stop": set by another thread, or by a deadline that has passed. [any-thread]
class CancelToken {
 public:
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  // Before the token is handed out.
  void set_deadline(std::chrono::steady_clock::time_point deadline) noexcept {
    deadline_ = deadline;
    has_deadline_ = true;
  }
  // A flag of the caller's that cancels too; it outlives the token. Before the token is handed out.
  void watch(const std::atomic<bool>* flag) noexcept { watched_ = flag; }
  bool cancelled() const noexcept {
    return cancelled_.load(std::memory_order_relaxed) ||
           (watched_ != nullptr && watched_->load(std::memory_order_relaxed));
  }
  bool expired() const noexcept { return has_deadline_ && std::chrono::steady_clock::now() >= deadline_; }
  bool requested() const noexcept { return cancelled() || expired(); }
  // CANCELLED, TIMEOUT or ok.
  Status status() const;

 private:
  std::atomic<bool> cancelled_{false};
  const std::atomic<bool>* watched_ = nullptr;
  bool has_deadline_ = false;
  std::chrono::steady_clock::time_point deadline_{};
};

// Hears the progress of one compile. The function may be called from any thread.
struct ProgressToken {
  std::function<void(double fraction, std::string_view what)> report;
};

// A span reported by a provider during a run. `name` is valid for the call only.
struct TraceSpan {
  bp_device device = nullptr;  // as the provider gave it
  std::string_view name;
  uint64_t begin_ns = 0;
  uint64_t end_ns = 0;
  bool device_clock = false;  // times are on the device's clock, see Device::sample_clock
};

// Memory for an output whose size is known only during the run.
struct AllocatedOutput {
  bp_slice data{};
  bp_slice string_bytes{};
};

// One run of one context, as its provider sees it. Implemented by execute.
class RunToken {
 public:
  virtual ~RunToken() = default;
  // [any-thread]; may be called until the run's event.
  virtual void trace_span(const TraceSpan& span) = 0;
  // Called on the stack of run().
  virtual Result<AllocatedOutput> allocate_output(uint32_t output, std::span<const int64_t> dims,
                                                  uint64_t size_bytes, uint64_t string_size_bytes) = 0;
};

}  // namespace bp
