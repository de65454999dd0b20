// The order of the passes and the levels. Nothing else decides what runs when.
#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "optimize/optimize.hpp"
#include "optimize/pass.hpp"
#include "optimize/raise.hpp"

namespace bp {
namespace optimize_passes {

void PassContext::note(std::string text) {
  if (std::find(report.notes.begin(), report.notes.end(), text) == report.notes.end()) {
    report.notes.push_back(std::move(text));
  }
}

namespace {

using PassFunction = Result<size_t> (*)(Graph&, PassContext&);

struct Pass {
  const char* name;
  PassFunction run;
  OptimizeLevel level;  // the lowest that includes it
};

// Repeated until nothing changes, at most kMaxRounds times: folding makes new no-ops and these make new
// constants. Each pass expects nothing of the others, so the order is a matter of few rounds.
constexpr Pass kRepeated[] = {
    {"settle_captures", settle_captures, OptimizeLevel::kBasic},
    {"fold_shapes", fold_shapes, OptimizeLevel::kBasic},
    {"inline_branches", inline_branches, OptimizeLevel::kBasic},
    {"remove_noops", remove_noops, OptimizeLevel::kBasic},
    {"remove_dead", remove_dead, OptimizeLevel::kBasic},
    {"drop_outputs", drop_outputs, OptimizeLevel::kBasic},
    {"fold_constants", fold_constants, OptimizeLevel::kBasic},
    {"share_common", share_common, OptimizeLevel::kBasic},
    {"clean_reshapes", clean_reshapes, OptimizeLevel::kAll},
    {"clean_transposes", clean_transposes, OptimizeLevel::kAll},
    {"fold_pads", fold_pads, OptimizeLevel::kAll},
    // A factor behind a BatchNormalization goes into its scale first: the large weights are made anew once.
    {"fold_affine", fold_affine, OptimizeLevel::kAll},
    {"fold_batch_norm", fold_batch_norm, OptimizeLevel::kAll},
};
constexpr int kMaxRounds = 4;

// Once, behind the others: a raised node keeps a copy of what it replaced, and a later pass that moved
// things around it would leave that copy behind.
constexpr Pass kFinishing[] = {
    {"flatten_transposes", flatten_transposes, OptimizeLevel::kAll},
    {"clean_reshapes", clean_reshapes, OptimizeLevel::kAll},
    {"remove_noops", remove_noops, OptimizeLevel::kAll},
    {"lift_quantize", lift_quantize, OptimizeLevel::kAll},
    {"quantize_biases", quantize_biases, OptimizeLevel::kAll},
    {"raise_quantized", raise_quantized, OptimizeLevel::kAll},
    {"raise_layer_norm", raise_layer_norm, OptimizeLevel::kAll},
    {"raise_softmax", raise_softmax, OptimizeLevel::kAll},
    {"raise_attention", raise_attention, OptimizeLevel::kAll},
    {"raise_gelu", raise_gelu, OptimizeLevel::kAll},
    {"raise_hard_swish", raise_hard_swish, OptimizeLevel::kAll},
    {"remove_dead", remove_dead, OptimizeLevel::kAll},
};

size_t count_nodes(const Graph& graph) {
  size_t count = 0;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (!node.alive) continue;
    ++count;
    for (const auto& body : node.regions) count += count_nodes(*body);
  }
  return count;
}

// Outer graphs first: what is settled there (constants, dims) can then flow into the bodies.
Result<size_t> run_everywhere(const Pass& pass, Graph& graph, PassContext& context) {
  BP_ASSIGN_OR_RETURN(size_t changes, pass.run(graph, context));
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (!graph.node(id).alive) continue;
    for (const auto& body : graph.node(id).regions) {
      BP_ASSIGN_OR_RETURN(const size_t inside, run_everywhere(pass, *body, context));
      changes += inside;
    }
  }
  return changes;
}

void compact_everywhere(Graph& graph) {
  graph.compact();
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    for (const auto& body : graph.node(id).regions) compact_everywhere(*body);
  }
}

// The report of a pass that runs again grows.
PassReport& report_for(OptimizeReport& report, const char* name) {
  const auto found = std::find_if(report.passes.begin(), report.passes.end(),
                                  [&](const PassReport& pass) { return pass.pass == name; });
  if (found != report.passes.end()) return *found;
  report.passes.push_back({name, 0, {}, {}});
  return report.passes.back();
}

size_t changes_of(const OptimizeReport& report, std::string_view name) {
  const auto found = std::find_if(report.passes.begin(), report.passes.end(),
                                  [&](const PassReport& pass) { return pass.pass == name; });
  return found == report.passes.end() ? 0 : found->changes;
}

// Runs passes and remembers how many changes there had been when each ran last: a pass that has seen the
// graph as it is need not look again.
class Runner {
 public:
  Runner(Graph& graph, const OptimizeOptions& options, OptimizeReport& report)
      : graph_(graph), options_(options), report_(report) {}

  // True when something changed.
  Result<bool> run(std::span<const Pass> passes) {
    const size_t before = changes_;
    for (const Pass& pass : passes) {
      if (pass.level > options_.level) continue;
      const auto [seen, is_first] = seen_.emplace(pass.name, changes_);
      if (!is_first && seen->second == changes_) continue;
      PassReport& entry = report_for(report_, pass.name);
      PassContext context{options_, entry};
      auto changed = run_everywhere(pass, graph_, context);
      if (!changed.ok()) return changed.status().at(pass.name);
      seen->second = changes_;  // its own changes may allow it more
      entry.changes += *changed;
      changes_ += *changed;
    }
    return changes_ != before;
  }

  // The graph changed outside of the passes: all of them may look again.
  void touch() { ++changes_; }

 private:
  Graph& graph_;
  const OptimizeOptions& options_;
  OptimizeReport& report_;
  size_t changes_ = 0;
  std::map<std::string, size_t> seen_;
};

}  // namespace
}  // namespace optimize_passes

Result<OptimizeReport> optimize(Graph& graph, const OptimizeOptions& options) {
  using namespace optimize_passes;  // NOLINT: the passes are this file's business alone
  OptimizeReport report;
  report.nodes_before = report.nodes_after = count_nodes(graph);
  if (options.level == OptimizeLevel::kNone) return report;
  Runner runner(graph, options, report);
  for (int round = 0; round < kMaxRounds; ++round) {
    const size_t inlined = changes_of(report, "inline_branches");
    BP_ASSIGN_OR_RETURN(const bool changed, runner.run(kRepeated));
    if (!changed) break;
    if (options.infer && changes_of(report, "inline_branches") > inlined) {
      BP_RETURN_IF_ERROR(options.infer(graph));
      runner.touch();
    }
  }
  BP_RETURN_IF_ERROR(runner.run(kFinishing).status());
  compact_everywhere(graph);
  report.nodes_after = count_nodes(graph);
  return report;
}

}  // namespace bp
