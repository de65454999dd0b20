#include "case/outcome.hpp"

#include <algorithm>

namespace bp::conformance {
namespace {

constexpr std::array<std::string_view, kOutcomeCount> kNames = {
    "Pass",          "Fail",   "Crash",          "Timeout", "Unsupported", "Host",
    "NotApplicable", "Waived", "UnexpectedPass", "Flake",   "Missing",     "HarnessError"};

}  // namespace

std::string_view outcome_name(Outcome outcome) noexcept { return kNames[static_cast<size_t>(outcome)]; }

std::optional<Outcome> outcome_of(std::string_view name) noexcept {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Outcome>(found - kNames.begin());
}

bool is_bad(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kPass:
    case Outcome::kUnsupported:
    case Outcome::kHost:
    case Outcome::kNotApplicable:
    case Outcome::kWaived:
      return false;
    default:
      return true;
  }
}

}  // namespace bp::conformance
