// The services behind bp_host, the table that providers call: log, threads, the planner, ONNX bytes.
// One object per Environment; every opened provider gets its own bp_host over it (host_table.hpp).
// Knows neither the planner nor ONNX: whoever makes the Environment hands both in.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

#include "backplane/log.hpp"
#include "backplane/status.hpp"
#include "base/thread_pool.hpp"
#include "graph/tensor.hpp"

namespace bp {

class GraphView;

// `source`: the provider's id, or empty for the core itself. Called from any thread, one call at a time.
using LogSink = std::function<void(LogSeverity severity, std::string_view source, std::string_view message)>;

// One block for the planner: alive from step `first` to step `last`, both included.
struct MemoryInterval {
  uint32_t first = 0;
  uint32_t last = 0;
  uint64_t size = 0;
  uint64_t alignment = 1;
};

using ByteSink = std::function<Status(std::span<const std::byte>)>;

// What other folders do for a provider. An empty function makes the service UNIMPLEMENTED.
struct HostHooks {
  // Fills offsets (one per interval) and returns the bytes of the arena. [any-thread]
  std::function<Result<uint64_t>(std::span<const MemoryInterval> intervals, std::span<uint64_t> offsets)>
      plan_memory;
  // Writes the view as an ONNX ModelProto. [any-thread]
  std::function<Status(const GraphView& view, bool embed_constants, const ByteSink& sink)> graph_to_onnx;
  // The last user of a constant's bytes let go of them: mapped pages may be given back. [any-thread]
  std::function<void(const Tensor& tensor)> constant_released;
};

class HostServices {
 public:
  // thread_count: threads of the pool besides the callers; 0: none, loops run on the caller alone.
  static std::shared_ptr<HostServices> create(HostHooks hooks, unsigned thread_count);

  void set_log(LogSink sink, LogSeverity smallest);  // an empty sink listens to nothing
  void log(LogSeverity severity, std::string_view source, std::string_view message) const;
  LogSeverity log_level() const noexcept { return level_.load(std::memory_order_relaxed); }

  const HostHooks& hooks() const noexcept { return hooks_; }
  ThreadPool& threads() noexcept { return threads_; }

 private:
  HostServices(HostHooks hooks, unsigned thread_count);

  HostHooks hooks_;
  ThreadPool threads_;
  mutable std::mutex log_mutex_;
  LogSink sink_;
  std::atomic<LogSeverity> level_{LogSeverity::kWarning};
};

}  // namespace bp
