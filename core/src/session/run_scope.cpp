#include "session/run_scope.hpp"

#include <chrono>

namespace bp {

RunScope::RunScope(const RunOptions& options, Profile* profile) : options_(options) {
  if (options.cancel != nullptr || options.timeout_ns >= 0) {
    cancel_.watch(options.cancel);
    if (options.timeout_ns >= 0)
      cancel_.set_deadline(std::chrono::steady_clock::now() + std::chrono::nanoseconds(options.timeout_ns));
    environment_.cancel = &cancel_;
  }
  if (options.spans != nullptr) own_.emplace();
  environment_.profile = own_ ? &*own_ : profile;
  if (environment_.profile != nullptr) begin_ns_ = Profile::now_ns();
}

Status RunScope::finish(const Status& status) const {
  const std::string& tag = options_.log_tag;
  if (environment_.profile != nullptr)
    environment_.profile->add_span(tag.empty() ? "run" : "run " + tag, "core", begin_ns_, Profile::now_ns());
  if (own_) *options_.spans = own_->spans();
  return tag.empty() ? status : status.at(tag);
}

}  // namespace bp
