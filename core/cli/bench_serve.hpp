// `bench --serve`: a loaded session that runs on command, so that another program can alternate it with a peer.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>

#include "backplane/session.hpp"
#include "process_memory.hpp"

namespace bp::cli {

// What a run is given.
struct ServedRuns {
  std::span<const NamedValue> inputs;
  std::span<const std::string> feeds;  // "OUTPUT=INPUT"
  std::string device;                  // as in bind_inputs; not with feeds
};

// Prints {"ready":true,"load_ns":N,"idle_rss_bytes":N,"phases":{NAME:NS,...}}, then answers each line of `in`
// with one JSON line: "run N" -> {"ns":[N durations]} (the very first of all counts binding and settling of
// shapes too), "rss" -> {"rss_bytes":N,"peak_rss_bytes":N}, "quit" or the end -> returns; anything else, or a
// run that fails -> {"error":TEXT}. With feeds each "run N" starts with the inputs again and
// feeds outputs to inputs from run to run; a duration is then that of a run without binding.
Status serve(const Session& session, const ServedRuns& runs, int64_t load_ns, const ProcessMemory& idle,
             std::istream& in, std::ostream& out);

}  // namespace bp::cli
