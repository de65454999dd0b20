// The bp_host of one opened provider, and the status objects that it made. Every function of the table catches
// what would be thrown and checks what it is given. A table is never freed: the ABI promises it for the life of
// the process, and a provider's thread may still log when its Environment is gone.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "backplane/provider/host.h"
#include "backplane/status.hpp"
#include "provider/host_services.hpp"

// What bp_status points at.
struct bp_status_object {
  uint32_t code = 0;
  int64_t provider_code = 0;
  std::string message;
};

namespace bp {

class HostTable : public bp_host {
 public:
  static HostTable& create(const std::shared_ptr<HostServices>& services);
  HostTable(const HostTable&) = delete;
  HostTable& operator=(const HostTable&) = delete;

  // Under which name lines are logged; before open the name of the library.
  void set_source(std::string source);
  std::string source() const;
  // nullptr once the Environment is gone.
  std::shared_ptr<HostServices> services() const { return services_.lock(); }
  // Keeps a library until the process ends.
  void keep(std::shared_ptr<const void> library);

  // Lines at ERROR between the two, for the reason of a failed open.
  void begin_capture();
  std::string end_capture();

  // A status object for a provider.
  bp_status make_status(uint32_t code, std::string_view message, int64_t provider_code) noexcept;
  bp_status make_status(const Status& status) noexcept;
  // Takes over what a provider returned from `call` on the device `place`; NULL is ok. What is no status of
  // this table, or has no known code, is misbehaviour.
  Status take_status(bp_status status, std::string_view call, std::string_view place = {});
  // Logs and makes the error: "provider 'x' misbehaves: ...".
  Status misbehaves(std::string_view what) const;
  void log_misbehaviour(std::string_view what) const;

  // The functions of the table.
  bool owns(bp_status status) const;
  void release_status(bp_status status) noexcept;
  void log_line(uint32_t severity, std::string_view message);

 private:
  explicit HostTable(const std::shared_ptr<HostServices>& services);
  Status describe(bp_status status, std::string_view call, std::string_view place);

  std::weak_ptr<HostServices> services_;
  mutable std::mutex mutex_;
  std::string source_;
  bool capturing_ = false;
  std::string captured_;
  std::unordered_set<bp_status> statuses_;  // alive
  std::vector<std::shared_ptr<const void>> kept_;
};

}  // namespace bp
