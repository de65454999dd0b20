// Loads a provider in a process of its own first, so that one that crashes, hangs or ends the process while it
// is opened becomes an outcome instead of the end of this program.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace bp {

inline constexpr std::chrono::seconds kProbeTimeout{30};

// Runs `command` with the manifest's path as its last argument and waits. The command loads the provider, says
// on its standard output what it found, and ends by itself. Empty: it did. Else a sentence that says what
// happened: a signal, an end without a word, no answer within `timeout` (it is killed), or no start.
std::string probe_provider(const std::vector<std::string>& command, const std::string& manifest_path,
                           std::chrono::milliseconds timeout = kProbeTimeout);

}  // namespace bp
