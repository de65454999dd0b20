// The host table with C++ manners. Its loops and writers that call back are in services.hpp.
#ifndef BACKPLANE_PROVIDER_CPP_HOST_HPP
#define BACKPLANE_PROVIDER_CPP_HOST_HPP

#include <string>
#include <vector>

#include "../provider/host.h"
#include "error.hpp"
#include "view.hpp"

namespace bp::sdk {

// A copyable handle of the host table, which lives as long as the process.
class Host {
 public:
  Host() = default;
  explicit Host(const bp_host* host) : host_(host) {}

  [[nodiscard]] const bp_host* get() const { return host_; }

  // A new status object, for the caller to return. Never NULL.
  [[nodiscard]] bp_status make_status(uint32_t code, std::string_view text,
                                      int64_t provider_code = 0) const noexcept {
    return host_->status_create(host_, code, abi(text), provider_code);
  }

  // Takes a status that the host returned; throws Error unless it is NULL.
  void check(bp_status status) const {
    if (status == nullptr) return;
    const struct Release {
      const bp_host* host;
      bp_status status;
      ~Release() { host->status_release(host, status); }
    } release{host_, status};
    throw Error(host_->status_code(host_, status), std::string(view(host_->status_message(host_, status))),
                host_->status_provider_code(host_, status));
  }

  void log(uint32_t severity, std::string_view text) const noexcept { host_->log(host_, severity, abi(text)); }
  // False: nobody listens; spare the formatting.
  [[nodiscard]] bool logs(uint32_t severity) const noexcept { return severity >= host_->log_level(host_); }

  [[nodiscard]] bool cancelled(bp_cancel cancel) const noexcept {
    return host_->cancel_requested(host_, cancel) != 0;
  }
  // Throws CANCELLED once the caller wants to stop.
  void check_cancel(bp_cancel cancel) const {
    if (cancelled(cancel)) throw Error(BP_STATUS_CANCELLED, "cancelled by the caller");
  }
  void progress(bp_progress progress, double fraction, std::string_view what) const noexcept {
    host_->report_progress(host_, progress, fraction, abi(what));
  }

  // Offsets for `intervals`; *total is the arena's size in bytes.
  [[nodiscard]] std::vector<uint64_t> plan(const std::vector<bp_interval>& intervals, uint64_t* total) const {
    std::vector<uint64_t> offsets(intervals.size());
    check(host_->plan_memory(host_, abi(intervals), offsets.data(), total));
    return offsets;
  }

 private:
  const bp_host* host_ = nullptr;
};

}  // namespace bp::sdk

#endif
