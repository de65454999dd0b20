// A provider's library driven through its tables, without the core: opened with a fake host, asked, compiled,
// run. For synchronous devices in host memory.
#pragma once

#include <backplane/provider/provider.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fake_host_helper.hpp"

namespace bp::test {

struct ReportedReason {
  uint32_t code;
  uint32_t input;
  std::string attribute;
  std::string text;
};

struct ReportedVerdict {
  uint32_t node;
  uint32_t kind;
  std::vector<ReportedReason> reasons;
  std::vector<uint32_t> wants;

  [[nodiscard]] std::vector<uint32_t> codes() const;
};

// A tensor of floats as a run's input or output.
struct FloatTensor {
  std::vector<int64_t> dims;
  std::vector<float> data;
};

// Closes and unloads at the end; statuses must be released by then (see FakeHost::live_statuses).
class LoadedProvider {
 public:
  LoadedProvider(const std::string& path, FakeHost& host);
  ~LoadedProvider();
  LoadedProvider(const LoadedProvider&) = delete;
  LoadedProvider& operator=(const LoadedProvider&) = delete;

  bp_provider_open_fn open = nullptr;  // NULL: the library did not load
  bp_provider* provider = nullptr;     // NULL: it did not open
  bp_device device = nullptr;          // its first

  std::vector<ReportedVerdict> query(const bp_graph& graph, bp_array options = {});
  // Compile, specialize, context, bind, run, and all released. The first error, else NULL.
  bp_status run(const bp_graph& partition, const std::vector<FloatTensor>& inputs,
                std::vector<FloatTensor>& outputs, bp_array options = {});

 private:
  void* library_ = nullptr;
};

}  // namespace bp::test
