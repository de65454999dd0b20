// The partition phase: every device is asked about every node, the user's order (or cost) chooses,
// composites that nobody takes are lowered, and what one device got is cut into convex groups.
// No operator is known here by name, and no provider. What the phase needs of others comes as
// DeviceQuery objects (session wraps providers in them) and PartitionHooks (infer's knowledge).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"
#include "graph/verdict.hpp"
#include "partition/partitioned_graph.hpp"

namespace bp {

// What infer knows of the nodes of a graph; by NodeId.
struct NodeFacts {
  std::vector<bool> on_host;         // the outputs are host values: the core computes them
  std::vector<bool> data_dependent;  // dims of some output are known only after it has run
  // By ValueId: small integers made on a device on whose contents later dims depend.
  std::vector<bool> read_back;
  // By ValueId: contents that the host knows when shapes are settled. For devices' views; may be empty.
  std::vector<bool> known_to_host;
};

// A device as the partitioner sees it. Both questions are pure and repeatable.
class DeviceQuery {
 public:
  virtual ~DeviceQuery() = default;
  // "CPU:0", for messages.
  virtual std::string name() const = 0;
  // The canonical level that the provider was built for; nodes in a newer form are refused for it.
  virtual int32_t canonical_level() const = 0;
  // Does the device work in memory that the host reads too? Then copies to and from it are free.
  virtual bool works_in_host_memory() const { return true; }
  // One verdict per node, by NodeId (anything for holes, host nodes and core nodes).
  virtual Result<std::vector<Verdict>> query(const Graph& graph, const NodeFacts& facts) = 0;
  // Would it compile these nodes as one program? A split names a position in partition.nodes.
  virtual Result<PartitionAnswer> query_partition(const Graph& graph, const NodeFacts& facts,
                                                  const Partition& partition) = 0;
};

struct PartitionHooks {
  // Required.
  std::function<Result<NodeFacts>(const Graph&)> classify;
  // The function body of a composite, canonical and inferred, inputs and outputs in the order of the
  // node's; nullptr for a node that has none. May be empty. Node::replaced goes first and needs no hook.
  std::function<Result<std::shared_ptr<const Graph>>(const Graph&, NodeId)> function_body;
  // Infers the graph again after nodes were lowered: what a function body knew of its symbolic dims does not
  // travel. May be empty.
  std::function<Status(Graph&)> infer;
};

struct PartitionOptions {
  // false: the order of the devices decides. true: cost decides where devices state it.
  bool by_cost = false;
  // What was searched, for the message when no device is there at all.
  std::string looked_for;
  // What a copy between memories costs, for by_cost.
  int64_t copy_latency_ns = 10'000;
  int64_t copy_bytes_per_us = 10'000;
};

// Consumes `graph`, since composites are lowered in place. UNSUPPORTED names every node that nobody
// takes with the reasons of every device.
Result<PartitionedGraph> partition(std::shared_ptr<Graph> graph, std::span<DeviceQuery* const> devices,
                                   const PartitionHooks& hooks, const PartitionOptions& options);

}  // namespace bp
