// A segment settled for one key: instances of its programs, the place of every value, the array of steps that a
// run walks. Immutable and shared; what changes during a run is in RunState.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "compile/compiled_graph.hpp"
#include "execute/memory_spaces.hpp"
#include "execute/run_state.hpp"
#include "plan/layout.hpp"
#include "plan/segments.hpp"
#include "plan/settled_shapes.hpp"

namespace bp {

// Where a value lies during a run.
enum class LocationKind : uint8_t {
  kInput,    // memory that enters the segment; `index` in Segment::inputs
  kOutput,   // memory of an output of the graph; `index` in SegmentInstance::graph_outputs
  kArena,    // block `index`
  kFixed,    // contents known when shapes were settled
  kDynamic,  // made during the run; slot `index`
};

struct Location {
  LocationKind kind = LocationKind::kArena;
  ValueId value = kNoId;
  uint32_t space = kHostSpace;
  uint32_t index = 0;
  uint64_t size = 0;  // bytes
  TensorPtr fixed;    // kFixed
};

enum class StepKind : uint8_t { kRun, kCopy, kWait };

struct Step {
  StepKind kind = StepKind::kRun;
  uint32_t item = 0;  // kRun: index in SegmentInstance::items
  uint32_t src = 0;   // kCopy: locations
  uint32_t dst = 0;
  uint32_t device = 0;  // kCopy: who copies, kNoIndex: the host; kWait: whose stream
};

// One partition of the segment.
struct SegmentItem {
  uint32_t partition = 0;
  uint32_t device = 0;
  std::shared_ptr<Instance> instance;
  std::vector<uint32_t> inputs;  // locations, in binding order
  std::vector<uint32_t> outputs;
  std::vector<uint32_t> actual_dims;  // per output: location of the dims that the run writes; kNoIndex
  uint32_t workspace = kNoIndex;      // location
  bool binds_late = false;            // some input is made during the run: bind each time
};

struct SegmentInstance : std::enable_shared_from_this<SegmentInstance> {
  const Segment* segment = nullptr;
  const Graph* graph = nullptr;
  const MemorySpaces* spaces = nullptr;
  SettledShapes shapes;
  std::vector<SegmentItem> items;
  std::vector<Location> locations;
  std::vector<Block> blocks;
  Layout layout;
  std::vector<Step> steps;
  std::vector<uint32_t> graph_outputs;   // positions in Graph::outputs() that this segment settles
  std::vector<uint32_t> output_sources;  // per graph output: the location of a value whose size or text is only
                                         // known after the run; kNoIndex: the steps write the output
  std::vector<uint32_t> escaping;        // per Segment::outputs: location
  uint32_t dynamic_count = 0;
  uint32_t last_waits = 0;  // from this step on the host only waits for streams
  bool uses_streams = false;
  bool one_stream = false;  // all steps before last_waits are work of one stream: runs may overlap

  // A state for one run: a used one, or a new one. [any-thread]
  Result<RunStateLease> lease() const;

  mutable std::mutex mutex;
  mutable std::vector<std::unique_ptr<RunState>> free_states;
};

// What settling needs to know that does not change from key to key.
struct SegmentContext {
  const CompiledGraph* compiled = nullptr;
  const Segment* segment = nullptr;
  const MemorySpaces* spaces = nullptr;
  SettleShapes settle_shapes;
  std::vector<uint32_t> graph_outputs;  // positions in Graph::outputs() that this segment settles
  uint32_t thread_count = 1;
  uint64_t memory_limit_bytes = 0;  // 0: none
};

// UNSUPPORTED from a provider names the partition through *refused (index in PartitionedGraph::partitions).
// `question`: what is known of shapes when the segment starts; `input_spaces`: where its inputs lie;
// `output_spaces`: where the outputs of SegmentContext::graph_outputs are wanted.
Result<std::shared_ptr<const SegmentInstance>> settle_segment(
    const SegmentContext& context, const ShapeQuestion& question, std::span<const uint32_t> input_spaces,
    std::span<const uint32_t> output_spaces, std::span<const std::shared_ptr<Instance>> reusable,
    const CancelToken* cancel, uint32_t* refused);

}  // namespace bp
