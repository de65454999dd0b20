// Collecting spans is a lock and a push; text is interned. Writing happens once, at the end.
#include "execute/profile.hpp"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace bp {

uint64_t Profile::now_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

uint32_t Profile::intern(std::string_view text) {
  if (const auto found = ids_.find(text); found != ids_.end()) return found->second;
  const auto id = static_cast<uint32_t>(names_.size());
  names_.emplace_back(text);
  ids_.emplace(std::string(text), id);
  return id;
}

void Profile::add_span(std::string_view name, std::string_view track, uint64_t begin_ns, uint64_t end_ns) {
  thread_local const auto thread = static_cast<uint32_t>(syscall(SYS_gettid));
  const std::lock_guard lock(mutex_);
  spans_.push_back({intern(name), intern(track), thread, begin_ns, end_ns});
}

void Profile::add_provider_span(const TraceSpan& span, const Device& device) {
  int64_t offset = 0;
  if (span.device_clock) {
    const std::lock_guard lock(mutex_);
    auto found = offsets_ns_.find(device.handle());
    if (found == offsets_ns_.end()) {
      const auto sample = device.sample_clock();
      const int64_t made = sample.ok() ? static_cast<int64_t>(sample->host_ns - sample->device_ns) : 0;
      found = offsets_ns_.emplace(device.handle(), made).first;
    }
    offset = found->second;
  }
  add_span(span.name, device.label(), span.begin_ns + static_cast<uint64_t>(offset),
           span.end_ns + static_cast<uint64_t>(offset));
}

Status Profile::write(const std::string& path) const {
  std::ofstream file(path, std::ios::trunc);
  const std::lock_guard lock(mutex_);
  file << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  std::vector<bool> named(names_.size(), false);
  bool first = true;
  const auto put = [&](const nlohmann::json& event) {
    file << (first ? "\n" : ",\n") << event.dump();
    first = false;
  };
  for (const Span& span : spans_) {
    if (!named[span.track]) {
      named[span.track] = true;
      put({{"ph", "M"},
           {"name", "process_name"},
           {"pid", span.track},
           {"args", {{"name", names_[span.track]}}}});
    }
    put({{"ph", "X"},
         {"name", names_[span.name]},
         {"pid", span.track},
         {"tid", span.thread},
         {"ts", static_cast<double>(span.begin_ns) / 1000.0},
         {"dur", static_cast<double>(span.end_ns - span.begin_ns) / 1000.0}});
  }
  file << "\n]}\n";
  file.flush();
  if (!file) return {ErrorCode::kIo, "profile '" + path + "' cannot be written"};
  return {};
}

}  // namespace bp
