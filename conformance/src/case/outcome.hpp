// What can become of a planned case. Every planned case has exactly one outcome; together they add up to the
// plan.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bp::conformance {

enum class Outcome : uint8_t {
  kPass,            // the provider under test ran every node, and all was as promised
  kFail,            // a promise was broken; the text says which
  kCrash,           // the case's process died: a signal, or an exit that nobody asked for
  kTimeout,         // the case's process was killed after its time
  kUnsupported,     // the provider rejected a node, with reasons
  kHost,            // some nodes are the core's to run (control flow, sequences): nothing to judge
  kNotApplicable,   // all nodes are the core's, or the provider lacks the optional part that the case is about
  kWaived,          // failed as a waiver says
  kUnexpectedPass,  // passed though a waiver says that it fails: the waiver has to go
  kFlake,           // failed once and passed when repeated with the same seed
  kMissing,         // planned, and no result came
  kHarnessError,    // the runner itself could not do its part
};
inline constexpr size_t kOutcomeCount = 12;

// "Pass", "NotApplicable", ...: as reports spell it.
std::string_view outcome_name(Outcome outcome) noexcept;
std::optional<Outcome> outcome_of(std::string_view name) noexcept;

// Outcomes that make a run fail: Fail, Crash, Timeout, UnexpectedPass, Flake, Missing, HarnessError.
bool is_bad(Outcome outcome) noexcept;

// How many cases had each outcome, by the enumerator's number.
using OutcomeCounts = std::array<uint64_t, kOutcomeCount>;

}  // namespace bp::conformance
