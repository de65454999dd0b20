// The host table that contract cases hand to a provider: it counts and remembers what a host cannot afford to,
// and notes each rule of host.h that the provider breaks.
#pragma once

#include <backplane/provider/provider.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bp::conformance {

std::string to_text(bp_string string);
bp_string to_abi(std::string_view text);  // points into `text`
std::string_view status_code_name(uint32_t code);

// A status that was taken from a provider.
struct TakenStatus {
  uint32_t code = BP_STATUS_OK;
  std::string message;
  bool ok() const { return code == BP_STATUS_OK; }
  // "INVALID_ARGUMENT 'relu: ...'", "success".
  std::string to_string() const;
};

// A cancel token: hand it over with handle().
struct RawCancel {
  std::atomic<bool> requested{false};
  std::atomic<uint64_t> asked{0};  // how often the provider looked
  bp_cancel handle() { return reinterpret_cast<bp_cancel>(this); }
};

// Who gives the memory of ALLOCATED outputs; handle() is a run's token.
class RawOutputs {
 public:
  virtual ~RawOutputs() = default;
  virtual bool allocate(uint32_t output, std::vector<int64_t> dims, uint64_t size, uint64_t string_size,
                        bp_slice* data, bp_slice* string_bytes) = 0;
  bp_run_token handle() { return reinterpret_cast<bp_run_token>(this); }
};

// Constants of a view by id; handle() is bp_graph::constants. Each first acquire maps a copy of the bytes at an
// odd address, each last release unmaps it: who reads on dies there.
class RawConstants {
 public:
  RawConstants() = default;
  ~RawConstants();
  RawConstants(const RawConstants&) = delete;
  RawConstants& operator=(const RawConstants&) = delete;

  void add(uint64_t id, uint32_t element_type, std::vector<int64_t> dims, std::string bytes);
  uint64_t outstanding() const;  // acquires without a release
  uint64_t acquires() const;
  bp_constants handle() { return reinterpret_cast<bp_constants>(this); }

  // nullptr: an unknown id.
  bool acquire(uint64_t id, bp_tensor* tensor);
  bool release(uint64_t id);

 private:
  struct Entry {
    uint32_t element_type = 0;
    std::vector<int64_t> dims;
    std::string bytes;
    uint64_t users = 0;
    void* mapped = nullptr;
    uint64_t mapped_bytes = 0;
  };
  mutable std::mutex mutex_;
  std::map<uint64_t, Entry> entries_;
  uint64_t acquires_ = 0;
};

class RawHost {
 public:
  // `newer`: the table is that of a newer host: longer, with functions that nobody knows behind get_extension.
  explicit RawHost(bool newer = false);
  RawHost(const RawHost&) = delete;
  RawHost& operator=(const RawHost&) = delete;

  const bp_host* table() const { return &table_.host; }

  // Takes what a provider returned over and releases it. A status that this host did not make, or that was
  // released before, is a breach.
  TakenStatus take(bp_status status);

  // Rules that the provider broke in its calls, in order.
  std::vector<std::string> breaches() const;
  // Throws CaseEnd(Fail) with all of them.
  void expect_no_breach() const;

  uint64_t live_statuses() const;
  uint64_t created_statuses() const { return created_; }
  std::vector<std::pair<uint32_t, std::string>> log_lines() const;
  bool logged(uint32_t severity) const;
  std::vector<std::pair<double, std::string>> progress() const;
  uint64_t trace_spans() const { return spans_; }
  uint64_t host_loops() const { return loops_; }  // calls of parallel_for

  std::atomic<uint32_t> log_level{BP_LOG_TRACE};
  // parallel_for starts that many threads beside the caller.
  std::atomic<unsigned> loop_threads{1};
  // Calls of constants_acquire from the n-th on answer IO; 0: none.
  std::atomic<uint64_t> failing_acquire{0};
  uint64_t acquire_calls() const { return acquire_calls_; }

  void breach(std::string text) const;

 private:
  struct Table {
    bp_host host;
    // Where a newer host has functions: a provider that calls one of them jumps to nowhere.
    void* newer[8];
    RawHost* self;
  };
  struct Status {
    uint32_t code;
    std::string message;
    int64_t provider_code;
  };
  static RawHost& self(const bp_host* host);
  void fill_status_functions();
  void fill_services();
  void fill_constants();
  bp_status make(uint32_t code, std::string message, int64_t provider_code);
  const Status* find(bp_status status) const;
  bp_status run_loop(uint64_t count, uint64_t grain, bp_loop_body body, void* user);

  Table table_{};
  mutable std::mutex mutex_;
  mutable std::vector<std::string> breaches_;
  std::set<const Status*> live_;
  std::vector<std::pair<uint32_t, std::string>> log_;
  std::vector<std::pair<double, std::string>> progress_;
  std::atomic<uint64_t> created_{0};
  std::atomic<uint64_t> spans_{0};
  std::atomic<uint64_t> loops_{0};
  std::atomic<uint64_t> acquire_calls_{0};
};

}  // namespace bp::conformance
