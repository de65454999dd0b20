#include "groups/threads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>

#include "groups/contract.hpp"
#include "harness/compare_raw.hpp"
#include "harness/opened.hpp"
#include "harness/raw_stream.hpp"

namespace bp::conformance {
namespace {

void need_runs(const RawProvider& provider) {
  if (provider.info().flags & BP_DEVICE_COMPILE_ONLY) not_applicable("the device compiles only");
}

bool is_deterministic(const RawProvider& provider) {
  return (provider.info().flags & BP_DEVICE_DETERMINISTIC) != 0;
}

// body(i) on `count` threads at once; throws the first thing that one of them threw.
template <class Body>
void at_once(int count, Body&& body) {
  std::mutex mutex;
  std::exception_ptr first;
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      ++ready;
      while (ready < count) std::this_thread::yield();
      try {
        body(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (first == nullptr) first = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (first != nullptr) std::rethrow_exception(first);
}

// Everything that is [any-thread], by six callers at once, each from query to run.
void tags(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const RawProvider& provider = opened.provider;
    need_runs(provider);
    const Probe probe = any_probe(provider, opened.options, opened.seed);
    const std::vector<RawTensor> expected =
        run_probe_graph(provider, probe.graph, opened.options, probe.inputs, opened.args);
    at_once(6, [&](int) {
      for (int round = 0; round < 8; ++round) {
        const std::vector<RawTensor> found =
            run_probe_graph(provider, probe.graph, opened.options, probe.inputs, opened.args);
        const std::string difference = difference_of(expected, found, Match::kNearly);
        if (!difference.empty())
          fail(probe.name + " by several callers at once is another result: " + difference);
      }
    });
  });
}

// One instance, a context for each caller, other data for each.
void shared_instance(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const RawProvider& provider = opened.provider;
    need_runs(provider);
    std::vector<Probe> probes = supported_probes(provider, opened.options, opened.seed);
    if (probes.empty()) not_applicable("the provider supports none of the graphs that this case knows");
    if (probes.size() > 4) probes.erase(probes.begin() + 4, probes.end());
    for (const Probe& probe : probes) {
      RawPartition partition(provider, probe.graph, opened.options, opened.args);
      const OwnedInstance instance = specialize(partition, probe.inputs);
      at_once(4, [&](int caller) {
        std::vector<RawTensor> inputs = probe.inputs;
        for (size_t i = 0; i < inputs.size() && partition.want(i) != BP_WANT_VALUE_AT_SPECIALIZE; ++i) {
          inputs[i] = random_tensor(inputs[i].element_type, inputs[i].dims,
                                    opened.seed + 100 * static_cast<uint64_t>(caller) + i);
        }
        RawRun run(partition, instance, inputs);
        std::vector<RawTensor> expected;
        {
          // What is right for these data: from an instance that nobody else uses.
          const OwnedInstance own = specialize(partition, inputs);
          expected = RawRun(partition, own, inputs).run();
        }
        for (int round = 0; round < 40; ++round) {
          const std::string difference = difference_of(expected, run.run(), Match::kNearly);
          if (!difference.empty()) {
            fail(fmt::format("{}: caller {} of a shared instance got another result: {}", probe.name, caller,
                             difference));
          }
        }
      });
    }
  });
}

void deterministic(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    const RawProvider& provider = opened.provider;
    need_runs(provider);
    if (!is_deterministic(provider)) not_applicable("the device does not promise the same bits");
    std::vector<Probe> probes = supported_probes(provider, opened.options, opened.seed, true);
    if (probes.empty()) not_applicable("the provider supports none of the graphs that this case knows");
    if (probes.size() > 8) probes.erase(probes.begin() + 8, probes.end());
    for (const Probe& probe : probes) {
      std::vector<RawTensor> expected;
      for (const uint32_t threads : {opened.args.thread_count, 1u, 3u}) {
        MakeArgs args = opened.args;
        args.thread_count = threads;
        RawPartition partition(provider, probe.graph, opened.options, args);
        const OwnedInstance instance = specialize(partition, probe.inputs);
        RawRun run(partition, instance, probe.inputs);
        for (int round = 0; round < 4; ++round) {
          std::vector<RawTensor> found = run.run();
          if (expected.empty()) expected = found;
          const std::string difference = difference_of(expected, found, Match::kBits);
          if (!difference.empty()) {
            fail(fmt::format("{} with {} threads, run {}: the same inputs gave other bits: {}", probe.name,
                             threads, round + 1, difference));
          }
        }
      }
    }
  });
}

size_t thread_count_now() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

// The most threads that there were at once while it lived, its own not counted.
class ThreadSampler {
 public:
  ThreadSampler()
      : thread_([this] {
          while (!ends_) {
            most_ = std::max(most_.load(), thread_count_now() - 1);
            std::this_thread::sleep_for(std::chrono::microseconds(300));
          }
        }) {}
  ~ThreadSampler() { stop(); }
  ThreadSampler(const ThreadSampler&) = delete;
  ThreadSampler& operator=(const ThreadSampler&) = delete;
  size_t stop() {
    ends_ = true;
    if (thread_.joinable()) thread_.join();
    return most_;
  }

 private:
  std::atomic<bool> ends_{false};
  std::atomic<size_t> most_{0};
  std::thread thread_;
};

void run_team(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const RawProvider& provider = opened.provider;
    need_runs(provider);
    const Probe probe = any_probe(provider, opened.options, opened.seed, true);
    RawPartition partition(provider, probe.graph, opened.options, opened.args);
    const OwnedInstance instance = specialize(partition, probe.inputs);
    RawRun run(partition, instance, probe.inputs);
    if (const TakenStatus status = run.bind(); !status.ok()) fail("bind: " + status.to_string());
    const size_t before = thread_count_now();
    const uint64_t loops_before = opened.host.host_loops();
    ThreadSampler sampler;
    for (int round = 0; round < 10; ++round) {
      for (const TakenStatus& status : {run.start(), run.wait()}) {
        if (!status.ok()) fail("run: " + status.to_string());
      }
    }
    const size_t most = sampler.stop();
    if (opened.host.host_loops() != loops_before) fail("run used the host's parallel_for");
    if (most > before + opened.args.thread_count) {
      fail(fmt::format("run had {} threads beside the {} from before it, thread_count is {}", most - before,
                       before, opened.args.thread_count));
    }
  });
}

const std::array kCases = {
    ContractCase{"threads.tags",
                 Level::kClaims,
                 {30},
                 "Functions for any thread stand several callers at once.",
                 tags,
                 60'000},
    ContractCase{"threads.shared_instance",
                 Level::kClaims,
                 {31},
                 "Contexts of one instance run at once and do not mix their data.",
                 shared_instance,
                 60'000},
    ContractCase{
        "threads.deterministic",
        Level::kClaims,
        {78},
        "A device flagged DETERMINISTIC gives the same bits for the same inputs, whatever the threads.",
        deterministic,
        60'000},
    ContractCase{"threads.run_team",
                 Level::kClaims,
                 {33},
                 "run has no more threads than it was given, and not the host's.",
                 run_team,
                 60'000},
};

}  // namespace

Group threads_group() {
  return {"threads", "Many callers at once: of the provider, of one instance; teams and determinism.",
          [](const PlanRequest&) { return plan_contract("threads", kCases); },
          [](const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
            run_contract(kCases, info, target, result);
          }};
}

}  // namespace bp::conformance
