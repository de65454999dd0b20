// The inside of a Session. The placed graph is replaced as a whole when a device refuses shapes at run time;
// runs hold on to the one that they started with.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backplane/session.hpp"
#include "execute/profile.hpp"
#include "session/environment_impl.hpp"
#include "session/model_impl.hpp"
#include "session/placed_graph.hpp"

namespace bp {

class Session::Impl {
 public:
  // Runs all phases. `model_path` non-empty: for phases' report only.
  static Result<std::shared_ptr<Impl>> create(const Environment& environment, const Model& model,
                                              const SessionOptions& options);
  ~Impl();

  // One run; `outputs` as outputs(). When a device refuses the shapes, the nodes are placed anew and the run
  // is tried again.
  Status run(std::span<const RuntimeValue> inputs, std::span<OutputSlot> outputs, const RunOptions& options);

  // An input as a run sees it. INVALID_ARGUMENT: it lies on a device that the session does not use.
  Result<RuntimeValue> to_input(size_t position, const Value& value) const;

  std::shared_ptr<const PlacedGraph> placed() const {
    const std::lock_guard lock(mutex_);
    return placed_;
  }
  // Changes whenever placed() does.
  uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }
  // Takes nodes from a device and places the graph anew.
  Status place_elsewhere(const Refusal& refusal, const Status& why, uint64_t generation);

  const std::vector<ValueInfo>& inputs() const noexcept { return inputs_; }
  const std::vector<ValueInfo>& outputs() const noexcept { return outputs_; }
  Profile* profile() const noexcept { return profile_.get(); }
  SessionReport report() const;
  const Graph& optimized_graph() const noexcept { return *optimized_; }
  const SessionOptions& options() const noexcept { return options_; }
  const PlaceSettings& settings() const noexcept { return settings_; }

 private:
  Status build(const Environment& environment, const Model& model);
  Status choose_devices(const Environment& environment);
  Status apply_fixed_dims(Graph& graph) const;
  Status collect_ranges(const Graph& graph);
  Status prepare();

  SessionOptions options_;
  std::shared_ptr<Environment::Impl> environment_;
  std::shared_ptr<const Model::Impl> model_;
  PlaceSettings settings_;
  std::shared_ptr<Graph> optimized_;
  std::vector<ValueInfo> inputs_;
  std::vector<ValueInfo> outputs_;
  std::unique_ptr<Profile> profile_;
  std::vector<ReportPhase> phases_;
  std::vector<ReportPass> passes_;

  mutable std::mutex mutex_;
  std::shared_ptr<const PlacedGraph> placed_;
  std::atomic<uint64_t> generation_{1};
  std::vector<RefusedNodes> refused_;
  std::vector<std::string> notes_;
};

}  // namespace bp
