// Collects the nodes that nobody takes and words the error: every node, its operator and types, and
// every device's reasons.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "backplane/status.hpp"
#include "partition/partition.hpp"

namespace bp::partitioning {

class UnplacedNodes {
 public:
  UnplacedNodes(std::span<DeviceQuery* const> devices, std::string looked_for)
      : devices_(devices), looked_for_(std::move(looked_for)) {}

  // `place` says in which body the node is: "body 0 of If 'x', " or empty.
  void add(const Graph& graph, NodeId id, const Decision& decision, const std::string& place);
  Status status() const;  // ok when none was added

 private:
  std::span<DeviceQuery* const> devices_;
  std::string looked_for_;
  std::string lines_;
  size_t count_ = 0;
};

}  // namespace bp::partitioning
