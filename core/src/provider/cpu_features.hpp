// The features of this CPU by the names that /proc/cpuinfo and manifests use: "avx512f", "fma", "asimd".
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace bp {

// `cpuinfo`: the text of /proc/cpuinfo. Features of the first processor that lists any.
std::set<std::string> parse_cpu_features(std::string_view cpuinfo);
// Of this machine; empty when it does not tell. The system lists what it has switched on, so that a feature
// named here can be used.
std::set<std::string> read_cpu_features();

}  // namespace bp
