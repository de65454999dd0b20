// All partitions of the graph and of its bodies are listed first, then compiled side by side.
#include "compile/compile_graph.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>

namespace bp {
namespace {

// One partition to compile, and where its program goes.
struct Job {
  const PartitionedGraph* graph = nullptr;
  uint32_t partition = 0;
  CompiledPartition* result = nullptr;
};

std::shared_ptr<CompiledGraph> list_jobs(std::shared_ptr<const PartitionedGraph> graph,
                                         std::vector<Job>& jobs) {
  auto compiled = std::make_shared<CompiledGraph>();
  compiled->graph = std::move(graph);
  compiled->partitions.resize(compiled->graph->partitions.size());
  for (uint32_t index = 0; index < compiled->partitions.size(); ++index)
    jobs.push_back({compiled->graph.get(), index, &compiled->partitions[index]});
  for (const auto& region : compiled->graph->regions) {
    std::vector<std::shared_ptr<const CompiledGraph>> bodies;
    for (const auto& body : region.bodies) bodies.push_back(list_jobs(body, jobs));
    compiled->bodies.push_back(std::move(bodies));
  }
  return compiled;
}

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

class Compiler {
 public:
  Compiler(const CompileSettings& settings, size_t job_count) : settings_(settings), job_count_(job_count) {}

  Status compile(const Job& job) {
    const Partition& partition = job.graph->partitions[job.partition];
    const CompileDevice& target = settings_.devices[partition.device];
    BP_ASSIGN_OR_RETURN(const auto view, view_of_partition(*job.graph, job.partition, settings_));
    ProgressToken progress;
    progress.report = [this](double fraction, std::string_view what) { report(fraction, what); };
    CompileOptions options;
    options.options = &target.options;
    options.thread_count = settings_.thread_count;
    options.cancel = settings_.cancel;
    options.progress = &progress;
    const int64_t begin = now_ns();
    if (settings_.load_saved) {
      BP_ASSIGN_OR_RETURN(job.result->program,
                          settings_.load_saved(*target.device, *view, options, &job.result->note));
    }
    if (job.result->program == nullptr) {
      BP_ASSIGN_OR_RETURN(job.result->program, target.device->compile(*view, options));
    }
    job.result->compile_ns = now_ns() - begin;
    ++done_;
    report(0, target.device->label());
    return {};
  }

 private:
  void report(double fraction, std::string_view what) {
    if (!settings_.progress) return;
    const std::lock_guard lock(mutex_);
    settings_.progress((done_.load() + std::min(fraction, 1.0)) / static_cast<double>(job_count_), what);
  }

  const CompileSettings& settings_;
  size_t job_count_;
  std::atomic<uint32_t> done_{0};
  std::mutex mutex_;
};

}  // namespace

Result<std::unique_ptr<GraphView>> view_of_partition(const PartitionedGraph& graph, uint32_t index,
                                                     const CompileSettings& settings) {
  const Partition& partition = graph.partitions[index];
  const Device& device = *settings.devices[partition.device].device;
  GraphViewOptions options;
  options.canonical_level = std::min(settings.canonical_level, device.canonical_level());
  options.ranges = settings.ranges;
  options.constant_released = settings.constant_released;
  if (settings.annotate) settings.annotate(*graph.graph, options);
  return GraphView::of_cut(*graph.graph, partition.nodes, partition.inputs, partition.outputs,
                           std::move(options));
}

Result<std::shared_ptr<const CompiledGraph>> compile_graph(std::shared_ptr<const PartitionedGraph> graph,
                                                           const CompileSettings& settings,
                                                           BrokenClaim* broken) {
  std::vector<Job> jobs;
  const auto compiled = list_jobs(std::move(graph), jobs);
  Compiler compiler(settings, jobs.size());
  std::vector<Status> outcomes(jobs.size());
  const auto body = [&](uint64_t begin, uint64_t end) -> Status {
    for (uint64_t index = begin; index < end; ++index) {
      outcomes[index] = compiler.compile(jobs[index]);
      BP_RETURN_IF_ERROR(outcomes[index]);
    }
    return {};
  };
  const Status status =
      settings.threads != nullptr ? settings.threads->parallel_for(jobs.size(), 1, body) : body(0, jobs.size());
  if (status.ok()) return std::shared_ptr<const CompiledGraph>(compiled);
  for (size_t index = 0; index < jobs.size(); ++index) {
    if (outcomes[index].ok()) continue;
    const Partition& partition = jobs[index].graph->partitions[jobs[index].partition];
    broken->device = partition.device;
    broken->status = outcomes[index];
    for (const NodeId node : partition.nodes)
      broken->nodes.push_back(jobs[index].graph->graph->node(node).name);
    break;
  }
  return status;
}

}  // namespace bp
