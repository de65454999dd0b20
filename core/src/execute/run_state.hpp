// Everything mutable of one run of a segment: arenas, contexts, streams, bound addresses. Leased for a run and
// given back; one run at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "execute/idle_states.hpp"
#include "execute/runtime_value.hpp"
#include "provider/memory.hpp"
#include "provider/program.hpp"
#include "provider/stream.hpp"

namespace bp {

struct SegmentInstance;

class RunState {
 public:
  // Allocates arenas and creates contexts. OUT_OF_*_MEMORY.
  static Result<std::unique_ptr<RunState>> create(const SegmentInstance& instance);
  ~RunState();
  RunState(const RunState&) = delete;
  RunState& operator=(const RunState&) = delete;

  // Fixes the memory of inputs (as Segment::inputs) and of graph outputs (as SegmentInstance::graph_outputs;
  // those made during the run are ignored). Contexts are bound anew only where an address changed.
  Status bind(std::span<const RuntimeValue> inputs, std::span<const RuntimeValue> outputs);

  // Walks the steps; complete on return. After an error the state must not be used again.
  Status run(const RunEnvironment& environment);
  // The same in two halves: everything enqueued; everything complete. Runs may be started one behind the other
  // before the last is finished; memory that was bound stays as it is until then.
  Status start(const RunEnvironment& environment);
  Status finish(const RunEnvironment& environment);
  bool is_unfinished() const noexcept { return unfinished_; }

  // After a run: the value at a location. Valid as long as the lease.
  Result<RuntimeValue> value_at(uint32_t location) const;
  bool is_broken() const noexcept { return broken_; }
  const std::shared_ptr<IdleStates>& idle() const noexcept { return idle_; }

 private:
  class Token;
  explicit RunState(const SegmentInstance& instance);

  Status walk(uint32_t begin, uint32_t end, const RunEnvironment& environment);
  Slice slice_of(uint32_t location) const;
  Status bind_item(uint32_t item);
  Status run_item(uint32_t item, const RunEnvironment& environment);
  Status copy(uint32_t src, uint32_t dst, uint32_t device);
  Status wait(uint32_t device);
  Status collect_spans();
  void abandon_streams();

  const SegmentInstance& instance_;
  std::shared_ptr<IdleStates> idle_;                // where arenas come from and go to
  std::vector<Buffer> arenas_;                      // by space
  std::vector<Token> tokens_;                       // by item; providers hold them until the run's event
  std::vector<std::unique_ptr<Context>> contexts_;  // by item
  std::vector<std::vector<TensorBinding>> inputs_;  // by item
  std::vector<std::vector<TensorBinding>> outputs_;
  std::vector<bool> dirty_;             // by item: bind before the next run
  std::vector<Stream> streams_;         // by device; empty where synchronous
  std::vector<Slice> external_inputs_;  // current addresses
  std::vector<Slice> external_strings_;
  std::vector<Slice> external_outputs_;
  struct Staging {
    uint32_t external = 0;  // index of the input or output
    Slice outside{};
    Buffer inside;  // aligned as the kind asks
  };
  std::vector<Staging> staged_inputs_;
  std::vector<Staging> staged_outputs_;
  std::vector<RuntimeValue> dynamic_;  // by slot
  bool broken_ = false;
  bool unfinished_ = false;
};

// Gives the state back to its instance, unless it broke or was left in the middle of a run.
class RunStateLease {
 public:
  RunStateLease() = default;
  RunStateLease(std::shared_ptr<const SegmentInstance> instance, std::unique_ptr<RunState> state)
      : instance_(std::move(instance)), state_(std::move(state)) {}
  RunStateLease(RunStateLease&&) noexcept = default;
  RunStateLease& operator=(RunStateLease&& other) noexcept;
  ~RunStateLease() { give_back(); }

  RunState* operator->() const noexcept { return state_.get(); }
  explicit operator bool() const noexcept { return state_ != nullptr; }
  const SegmentInstance& instance() const noexcept { return *instance_; }
  void give_back() noexcept;

 private:
  std::shared_ptr<const SegmentInstance> instance_;
  std::unique_ptr<RunState> state_;
};

}  // namespace bp
