// What every wrapper of one opened provider shares: its tables, copied and checked, and its host table. Closing
// the provider is this object's end, after every device, program, buffer and stream that holds it.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backplane/provider/provider.h"
#include "provider/host_table.hpp"
#include "provider/options.hpp"
#include "provider/provider.hpp"

namespace bp {

class ProviderCore {
 public:
  // Calls open and checks the table of tables; lists no devices.
  static Result<std::shared_ptr<ProviderCore>> open(const std::shared_ptr<HostServices>& services,
                                                    OpenArgs args, OpenFailure* failure);
  ~ProviderCore();
  ProviderCore(const ProviderCore&) = delete;
  ProviderCore& operator=(const ProviderCore&) = delete;

  // Runs `function`, which calls the provider and returns its bp_status, and takes that over. An exception that
  // crosses is misbehaviour. `what` and `where` say it for messages: "compile", "CUDA:0". Builds no text when
  // all is well.
  template <class Function>
  Status call(std::string_view what, std::string_view where, Function&& function) const {
    bp_status status = nullptr;
    try {
      status = function();
    } catch (const std::exception& exception) {
      return threw(what, exception.what());
    } catch (...) {
      return threw(what, "an unknown exception");
    }
    return host_->take_status(status, what, where);
  }
  // Runs a function without a status (a release).
  template <class Function>
  void call_void(std::string_view what, Function&& function) const noexcept {
    try {
      function();
    } catch (...) {
      log_threw(what);
    }
  }
  Status threw(std::string_view call, std::string_view what) const;
  void log_threw(std::string_view call) const noexcept;
  Status misbehaves(std::string_view what) const { return host_->misbehaves(what); }
  HostTable& host() const noexcept { return *host_; }

  bp_provider* handle = nullptr;
  bp_provider table{};  // the provider's own struct, fields that it did not know are zero
  // Copies of the tables, in which a function that is not there is NULL.
  bp_device_api device{};
  bp_capability_api capability{};
  bp_program_api program{};
  bp_memory_api memory{};
  bp_stream_api stream{};
  bp_event_api event{};
  bp_artifact_api artifact{};

  std::string id;
  std::string name;
  std::string version;
  std::vector<OptionInfo> options;
  std::vector<NamedOption> option_defaults;

 private:
  ProviderCore(HostTable& host, std::shared_ptr<HostServices> services)
      : host_(&host), services_(std::move(services)) {}
  Status check_table(const OpenArgs& args, OpenFailure* failure);
  Status copy_tables();
  Status read_options();

  HostTable* host_;
  std::shared_ptr<HostServices> services_;  // a session may outlive its Environment
  std::shared_ptr<const void> library_;
};

// Functions that a device with memory of its own, or with streams, needs. Empty: all are there.
std::string missing_memory_function(const bp_memory_api& memory);
std::string missing_stream_function(const bp_stream_api& stream, const bp_event_api& event);

}  // namespace bp
