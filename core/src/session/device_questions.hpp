// A device as the partitioner asks it: views are built, refusals learnt earlier are remembered.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "compile/compile_graph.hpp"
#include "partition/partition.hpp"

namespace bp {

// Nodes that a device must not get again, by name, with why: claims that broke, shapes that it refused.
using RefusedNodes = std::unordered_map<std::string, std::string>;

class DeviceQuestions : public DeviceQuery {
 public:
  // `level`: the core's canonical level. All outlive this.
  DeviceQuestions(const CompileDevice& device, int32_t level,
                  const std::unordered_map<SymbolId, DimRange>& ranges, const RefusedNodes& refused)
      : device_(device), level_(level), ranges_(ranges), refused_(refused) {}

  std::string name() const override { return device_.device->label(); }
  int32_t canonical_level() const override { return device_.device->canonical_level(); }
  bool works_in_host_memory() const override {
    return device_.device->info().preferred_memory().kind == kHostMemory;
  }
  // A query that fails leaves the device without nodes; failure() then says why.
  Result<std::vector<Verdict>> query(const Graph& graph, const NodeFacts& facts) override;
  Result<PartitionAnswer> query_partition(const Graph& graph, const NodeFacts& facts,
                                          const Partition& partition) override;

  const Status& failure() const noexcept { return failure_; }

 private:
  Result<std::vector<Verdict>> ask(const Graph& graph, const NodeFacts& facts);
  GraphViewOptions view_options(const Graph& graph, const NodeFacts& facts) const;

  const CompileDevice& device_;
  int32_t level_;
  const std::unordered_map<SymbolId, DimRange>& ranges_;
  const RefusedNodes& refused_;
  Status failure_;
};

}  // namespace bp
