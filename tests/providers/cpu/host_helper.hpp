// A host table for tests: statuses, a planner that never shares memory, constants at odd addresses.
#pragma once

#include <backplane/provider/provider.h>

#include <string>
#include <vector>

namespace bp::cpu::test {

// Constants by id, behind a bp_constants.
struct HostConstants {
  struct Entry {
    uint32_t type;
    std::vector<int64_t> dims;
    std::vector<unsigned char> bytes;  // one byte longer than the data, which starts at 1
    int acquired = 0;
  };
  std::vector<Entry> entries;
};

const bp_host* test_host();
// The message of a status ("" for NULL), which is released.
std::string take_message(bp_status status);

}  // namespace bp::cpu::test
