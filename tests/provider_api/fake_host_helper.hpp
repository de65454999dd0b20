// A host table for tests of providers without the core: statuses are counted, logs kept, services are the
// simplest that obey the ABI. Constants are what a test puts in.
#pragma once

#include <backplane/provider/provider.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace bp::test {

class FakeHost {
 public:
  FakeHost();
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  [[nodiscard]] const bp_host* table() const { return &table_.host; }

  // Statuses that were made and not yet released.
  int live_statuses = 0;
  // Constants that were acquired and not yet released.
  int acquired_constants = 0;
  // Severity and text of each log line.
  std::vector<std::pair<uint32_t, std::string>> logs;
  uint32_t log_level = BP_LOG_TRACE;
  bool cancelled = false;
  std::vector<std::pair<double, std::string>> progress;
  // What constants_acquire finds; the tensors' struct_size need not be set.
  std::map<uint64_t, bp_tensor> constants;

  // Releases `status` and gives its code and message; {0, ""} for NULL.
  std::pair<uint32_t, std::string> take(bp_status status);

 private:
  struct Table {
    bp_host host;
    FakeHost* self;
  };
  static FakeHost& self(const bp_host* host) {
    return *reinterpret_cast<const Table*>(host)->self;  // host is Table's first member
  }
  Table table_{};
};

}  // namespace bp::test
