// conformance.toml beside a provider's manifest: cases that fail for a known reason, each with a date on which
// that has to be looked at again.
//
//   provider = "com.acme.npu"
//
//   [[waiver]]
//   case = "ops.Erf.float16.plain"
//   reason = "the table of the unit has 8 bits"
//   issue = "https://example.com/issues/17"
//   expires = 2026-12-31
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "case/case_result.hpp"
#include "report/report.hpp"

namespace bp::conformance {

struct WaiverFile {
  std::string provider_id;
  std::vector<Waiver> waivers;
};

// Throws std::runtime_error that names the line and what is wrong: unknown keys, missing ones, two for one
// case.
WaiverFile read_waivers(const std::string& path);

// "2026-12-31", in UTC.
std::string today();

// What becomes of a result under a waiver that names its case: a failure is Waived, a pass UnexpectedPass; past
// its date a waiver changes nothing but the text.
void apply_waiver(const Waiver& waiver, std::string_view today, CaseResult& result);

}  // namespace bp::conformance
