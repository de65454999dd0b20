#include "provider/host_services.hpp"

#include <utility>

namespace bp {

const char* log_severity_name(LogSeverity severity) noexcept {
  switch (severity) {
    case LogSeverity::kTrace:
      return "TRACE";
    case LogSeverity::kDebug:
      return "DEBUG";
    case LogSeverity::kInfo:
      return "INFO";
    case LogSeverity::kWarning:
      return "WARNING";
    case LogSeverity::kError:
      return "ERROR";
    case LogSeverity::kHostMisbehaves:
      return "HOST_MISBEHAVES";
    case LogSeverity::kProviderMisbehaves:
      return "PROVIDER_MISBEHAVES";
  }
  return "UNKNOWN";
}

HostServices::HostServices(HostHooks hooks, unsigned thread_count)
    : hooks_(std::move(hooks)), threads_(thread_count) {}

std::shared_ptr<HostServices> HostServices::create(HostHooks hooks, unsigned thread_count) {
  return std::shared_ptr<HostServices>(new HostServices(std::move(hooks), thread_count));
}

void HostServices::set_log(LogSink sink, LogSeverity smallest) {
  const std::lock_guard lock(log_mutex_);
  sink_ = std::move(sink);
  level_.store(smallest, std::memory_order_relaxed);
}

void HostServices::log(LogSeverity severity, std::string_view source, std::string_view message) const {
  if (severity < log_level()) return;
  const std::lock_guard lock(log_mutex_);
  if (sink_) sink_(severity, source, message);
}

}  // namespace bp
