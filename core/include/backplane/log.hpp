// How grave a line of log is. Numbers equal the provider ABI's BP_LOG_*.
#pragma once

#include <cstdint>

#include "backplane/export.hpp"

namespace bp {

enum class LogSeverity : uint32_t {
  kTrace = 0,
  kDebug = 1,
  kInfo = 2,
  kWarning = 3,
  kError = 4,
  kHostMisbehaves = 5,      // a provider found the core breaking a rule of the ABI
  kProviderMisbehaves = 6,  // the core found a provider breaking one
};

// "TRACE", ..., "PROVIDER_MISBEHAVES".
BP_API const char* log_severity_name(LogSeverity severity) noexcept;

}  // namespace bp
