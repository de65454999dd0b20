// Spans of runs, collected in memory and written as a trace that Perfetto and chrome://tracing open
// (Trace Event Format, complete events).
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "backplane/report.hpp"
#include "backplane/status.hpp"
#include "provider/device.hpp"

namespace bp {

class Profile {
 public:
  static uint64_t now_ns() noexcept;  // CLOCK_MONOTONIC

  // `track`: who did it ("CPU:0", "core"). Times as now_ns. [any-thread]
  void add_span(std::string_view name, std::string_view track, uint64_t begin_ns, uint64_t end_ns);
  // A span that a provider reported. Times on the device's clock are moved to the host's; such spans get a row
  // of their own per `stream`, as they overlap what the host's threads do. [any-thread]
  void add_provider_span(const TraceSpan& span, const Device& device, const void* stream);
  // IO when the file cannot be written.
  Status write(const std::string& path) const;
  std::vector<RunSpan> spans() const;

 private:
  struct Span {
    bool is_step = false;
    uint32_t name = 0;
    uint32_t track = 0;
    uint32_t row = 0;  // thread, or kFirstStream + n
    uint64_t begin_ns = 0;
    uint64_t end_ns = 0;
  };
  struct Clock {
    std::optional<int64_t> offset_ns;  // host minus device; none: it cannot be read
    uint64_t sampled_ns = 0;
  };
  uint32_t intern(std::string_view text);
  std::optional<int64_t> offset_of(const Device& device);
  void add(std::string_view name, std::string_view track, uint32_t row, uint64_t begin_ns, uint64_t end_ns,
           bool is_step);

  mutable std::mutex mutex_;
  std::vector<Span> spans_;
  std::map<std::string, uint32_t, std::less<>> ids_;
  std::vector<std::string> names_;
  // Most names come again from the same place: found without comparing with others.
  std::unordered_map<const char*, uint32_t> id_at_;
  std::map<const Device*, Clock> clocks_;
  std::map<const void*, uint32_t> streams_;
};

}  // namespace bp
