// Calls that have to fail whatever the provider supports, and the codes that they may fail with.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/opened.hpp"

namespace bp::conformance {

struct FailingCall {
  std::string what;                 // "compile without its constants"
  std::vector<uint32_t> allowed;    // codes
  std::function<bp_status()> make;  // returns the status as the provider made it
};

// Valid as long as `opened` and this object.
class FailingCalls {
 public:
  explicit FailingCalls(Opened& opened);
  const std::vector<FailingCall>& all() const { return calls_; }

 private:
  void add_structs();
  void add_memory();
  void add_compile();
  void add_programs();

  Opened& opened_;
  std::vector<std::unique_ptr<RawView>> views_;
  std::unique_ptr<RawPartition> partition_;
  std::unique_ptr<OwnedInstance> instance_;
  std::unique_ptr<OwnedContext> context_;
  RawCancel cancelled_;
  std::vector<FailingCall> calls_;
};

}  // namespace bp::conformance
