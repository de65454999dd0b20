// Who is judged: what manifest, library and device say of themselves.
#pragma once

#include "drive/batch.hpp"
#include "report/report.hpp"

namespace bp::conformance {

// The device's part comes from a child process of its own; it stays empty when the provider does not open
// there, which the cases will tell. Throws std::runtime_error when the files cannot be read.
ProviderFacts describe_provider(const Launcher& launcher, const CaseTarget& target);

// That child: reads the target from stdin, answers on descriptor 3.
int serve_description();

}  // namespace bp::conformance
