// What nearly every contract case begins with: a host, the provider opened with it, the run's options.
#pragma once

#include "harness/probes.hpp"

namespace bp::conformance {

struct Opened {
  explicit Opened(const CaseTarget& target, bool newer_host = false)
      : host(newer_host), provider(target, host), options(provider, target.options), seed(target.seed) {
    args.thread_count = target.thread_count;
    provider.device();
  }

  // Closes the provider; throws CaseEnd(Fail) when it broke a rule of the host's functions or left statuses.
  void finish() {
    provider.close();
    host.expect_no_breach();
    if (host.live_statuses() > 0) {
      fail(std::to_string(host.live_statuses()) + " statuses were made and neither returned nor released");
    }
  }

  RawHost host;
  RawProvider provider;
  RawOptions options;
  MakeArgs args;
  uint64_t seed;
};

// Opens, runs `body(Opened&)`, closes when all that the body made is gone, and checks what is left.
template <class Body>
void with_provider(const CaseTarget& target, Body&& body) {
  Opened opened(target);
  body(opened);
  opened.finish();
}

}  // namespace bp::conformance
