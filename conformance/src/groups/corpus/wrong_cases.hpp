// Cases of released corpora that are wrong themselves: data/wrong_cases.csv, each known by the digest of a
// file, so that a mended one of the same name is judged.
#pragma once

#include <string>

namespace bp::conformance {

// Why the case in `folder` proves nothing; empty: it is judged.
std::string why_wrong(const std::string& folder);

}  // namespace bp::conformance
