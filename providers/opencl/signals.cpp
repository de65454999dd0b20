#include "signals.hpp"

namespace bp::opencl {

namespace {

std::mutex& mutex() {
  static std::mutex one;
  return one;
}

bool same(const struct sigaction& a, const struct sigaction& b) {
  return a.sa_flags == b.sa_flags && a.sa_handler == b.sa_handler && a.sa_sigaction == b.sa_sigaction;
}

}  // namespace

KeptSignals::KeptSignals() : lock_(mutex()) {
  for (int number = 1; number < kCount; ++number)
    sigaction(number, nullptr, &before_[static_cast<size_t>(number)]);
}

KeptSignals::~KeptSignals() {
  for (int number = 1; number < kCount; ++number) {
    struct sigaction now {};
    const struct sigaction& before = before_[static_cast<size_t>(number)];
    if (sigaction(number, nullptr, &now) == 0 && !same(now, before)) sigaction(number, &before, nullptr);
  }
}

}  // namespace bp::opencl
