// Collecting spans is a lock and a push; text is interned. Writing happens once, at the end.
#include "execute/profile.hpp"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "provider/provider_core.hpp"

namespace bp {
namespace {

constexpr uint32_t kFirstStream = 1u << 30;       // above all thread numbers
constexpr uint64_t kSampleAgeNs = 1'000'000'000;  // clocks drift apart

uint32_t this_thread() {
  thread_local const auto thread = static_cast<uint32_t>(syscall(SYS_gettid));
  return thread;
}

}  // namespace

uint64_t Profile::now_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

uint32_t Profile::intern(std::string_view text) {
  const auto at = id_at_.find(text.data());
  if (at != id_at_.end() && names_[at->second] == text) return at->second;
  const auto [found, is_new] = ids_.try_emplace(std::string(text), static_cast<uint32_t>(names_.size()));
  if (is_new) names_.emplace_back(text);
  id_at_[text.data()] = found->second;
  return found->second;
}

void Profile::add(std::string_view name, std::string_view track, uint32_t row, uint64_t begin_ns,
                  uint64_t end_ns, bool is_step) {
  const std::lock_guard lock(mutex_);
  spans_.push_back({is_step, intern(name), intern(track), row, begin_ns, end_ns});
}

void Profile::add_span(std::string_view name, std::string_view track, uint64_t begin_ns, uint64_t end_ns) {
  add(name, track, this_thread(), begin_ns, end_ns, false);
}

void Profile::add_provider_span(const TraceSpan& span, const Device& device, const void* stream) {
  if (!span.device_clock)
    return add(span.name, device.label(), this_thread(), span.begin_ns, span.end_ns, true);
  const std::optional<int64_t> offset = offset_of(device);
  if (!offset) return;
  uint32_t row = kFirstStream;
  {
    const std::lock_guard lock(mutex_);
    row += streams_.try_emplace(stream, static_cast<uint32_t>(streams_.size())).first->second;
  }
  add(span.name, device.label(), row, span.begin_ns + static_cast<uint64_t>(*offset),
      span.end_ns + static_cast<uint64_t>(*offset), true);
}

// The device is asked without the lock: it may report a span meanwhile.
std::optional<int64_t> Profile::offset_of(const Device& device) {
  const uint64_t now = now_ns();
  {
    const std::lock_guard lock(mutex_);
    const auto found = clocks_.find(&device);
    if (found != clocks_.end() && now - found->second.sampled_ns < kSampleAgeNs) return found->second.offset_ns;
  }
  Clock clock;
  clock.sampled_ns = now;
  if (const auto sample = device.sample_clock(); sample.ok())
    clock.offset_ns = static_cast<int64_t>(sample->host_ns - sample->device_ns);
  else
    (void)device.core().misbehaves("spans on the device's clock are dropped: " + sample.status().message());
  const std::lock_guard lock(mutex_);
  clocks_[&device] = clock;
  return clock.offset_ns;
}

std::vector<RunSpan> Profile::spans() const {
  const std::lock_guard lock(mutex_);
  std::vector<RunSpan> spans;
  for (const Span& span : spans_)
    spans.push_back({names_[span.name], names_[span.track], span.is_step, span.begin_ns, span.end_ns});
  return spans;
}

Status Profile::write(const std::string& path) const {
  std::ofstream file(path, std::ios::trunc);
  const std::lock_guard lock(mutex_);
  file << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  std::vector<bool> named(names_.size(), false);
  bool first = true;
  const auto put = [&](const nlohmann::json& event) {
    // Names are a provider's or a file's: any bytes.
    file << (first ? "\n" : ",\n") << event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    first = false;
  };
  std::set<std::pair<uint32_t, uint32_t>> rows;
  for (const Span& span : spans_) {
    if (span.row >= kFirstStream && rows.emplace(span.track, span.row).second)
      put({{"ph", "M"},
           {"name", "thread_name"},
           {"pid", span.track},
           {"tid", span.row},
           {"args", {{"name", "stream " + std::to_string(span.row - kFirstStream)}}}});
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
         {"tid", span.row},
         {"ts", static_cast<double>(span.begin_ns) / 1000.0},
         {"dur", static_cast<double>(span.end_ns - span.begin_ns) / 1000.0}});
  }
  file << "\n]}\n";
  file.flush();
  if (!file) return {ErrorCode::kIo, "profile '" + path + "' cannot be written"};
  return {};
}

}  // namespace bp
