// A host table for tests: statuses, a planner that never shares memory, constants at odd addresses.
#pragma once

#include <backplane/provider/provider.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace bp::cpu::test {

// Constants by id, behind a bp_constants.
struct HostConstants {
  struct Entry {
    uint32_t type;
    std::vector<int64_t> dims;
    std::vector<unsigned char> bytes;  // one byte longer than the data, which starts at 1
    std::string characters;            // of strings
    int acquired = 0;
  };
  std::vector<Entry> entries;
};

// What a run asked of allocate_output, behind a bp_run_token.
struct HostRun {
  struct Output {
    std::vector<int64_t> dims;
    std::vector<std::byte> bytes;
    std::string characters;
  };
  std::map<uint32_t, Output> outputs;
};

const bp_host* test_host();
// The message of a status ("" for NULL), which is released.
std::string take_message(bp_status status);

}  // namespace bp::cpu::test
