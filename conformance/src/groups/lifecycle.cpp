#include "groups/lifecycle.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "groups/contract.hpp"
#include "harness/opened.hpp"
#include "harness/process.hpp"

namespace bp::conformance {
namespace {

using Clock = std::chrono::steady_clock;

// ---- open and close ----

void open_quick(const CaseTarget& target, CaseResult&) {
  RawHost host;
  const RawLibrary library(target.library_path);
  const std::vector<int> before = thread_ids();
  bp_provider* provider = nullptr;
  const Clock::time_point begin = Clock::now();
  const uint32_t code =
      guarded("open", [&] { return library.open()(host.table(), 0, BP_ABI_MINOR, &provider); });
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  if (code != BP_STATUS_OK || provider == nullptr) {
    fail(fmt::format("open: expected success, got {}", status_code_name(code)));
  }
  if (const std::vector<int> now = thread_ids(); now.size() > before.size()) {
    fail(fmt::format("open started {} threads", now.size() - before.size()));
  }
  if (static_cast<double>(took.count()) > 100 * target.time_factor) {
    fail(fmt::format("open took {} ms, expected at most 100", took.count()));
  }
  guarded("close", [&] { return provider->close(provider), 0; });
  host.expect_no_breach();
}

// The outputs of a probe, or nothing where the provider supports none.
std::vector<RawTensor> run_any(const RawProvider& provider, const CaseTarget& target) {
  const RawOptions options(provider, target.options);
  MakeArgs args;
  args.thread_count = target.thread_count;
  for (const Probe& probe : supported_probes(provider, options, target.seed)) {
    return run_probe_graph(provider, probe.graph, options, probe.inputs, args);
  }
  return {};
}

void open_twice(const CaseTarget& target, CaseResult&) {
  RawHost first_host, second_host, third_host;
  std::optional<RawProvider> first(std::in_place, target, first_host);
  std::optional<RawProvider> second(std::in_place, target, second_host);
  if (first->get() == second->get()) {
    second->forget();
    fail("two opens gave the same object");
  }
  for (const bp_device device : first->devices()) {
    for (const bp_device other : second->devices()) {
      if (device == other) fail("two opens gave the same device");
    }
  }
  const std::vector<RawTensor> alone = run_any(*first, target);
  if (run_any(*second, target) != alone) fail("two opened objects give different results");
  first.reset();
  if (run_any(*second, target) != alone)
    fail("after one of two opened objects was closed, the other's results changed");
  RawProvider third(target, third_host);
  second.reset();
  if (run_any(third, target) != alone) fail("an object that was opened after a close gives other results");
  for (RawHost* host : {&first_host, &second_host, &third_host}) host->expect_no_breach();

  // A refusal leaves nothing behind.
  RawHost host;
  const RawLibrary library(target.library_path);
  auto* const rubbish = reinterpret_cast<bp_provider*>(uintptr_t{0x10});
  bp_provider* provider = rubbish;
  const uint32_t code =
      guarded("open", [&] { return library.open()(host.table(), 0xFFFFFFF0u, 0xFFFFFFFFu, &provider); });
  if (code == BP_STATUS_OK) fail("open with minors 4294967280 to 4294967295 succeeded");
  if (provider != nullptr) fail("open failed and left *provider as it was, expected NULL");
  if (code != BP_STATUS_INCOMPATIBLE && !host.logged(BP_LOG_ERROR)) {
    fail(fmt::format("open answered {} and logged no reason at ERROR", status_code_name(code)));
  }
}

void id(const CaseTarget& target, CaseResult&) {
  RawHost host;
  const RawProvider provider(target, host);
  const std::string found = to_text(provider->id);
  if (found != target.provider_id) {
    fail(fmt::format("the manifest says '{}', the library '{}'", target.provider_id, found));
  }
  if (provider->version.size == 0) fail("bp_provider::version is empty");
}

// A thread that runs what it is told and lives until it is told to end: its thread-local objects of the library
// die after the library was unloaded.
class Companion {
 public:
  explicit Companion(std::function<void()> work)
      : thread_([this, work = std::move(work)] {
          try {
            work();
          } catch (...) {
            error_ = std::current_exception();
          }
          std::unique_lock lock(mutex_);
          worked_ = true;
          changed_.notify_all();
          changed_.wait(lock, [&] { return end_; });
        }) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return worked_; });
  }
  ~Companion() { end(); }
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }
  void end() {
    {
      const std::lock_guard lock(mutex_);
      end_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool worked_ = false;
  bool end_ = false;
  std::exception_ptr error_;
  std::thread thread_;  // last: it uses the others
};

void unload(const CaseTarget& target, CaseResult&) {
  const std::vector<int> before = thread_ids();
  const auto expect_no_thread = [&] {
    if (const auto left = threads_beside(before); !left.empty()) {
      fail(fmt::format("may be unloaded, and threads are left after close: {}", fmt::join(left, ", ")));
    }
  };
  const auto expect_gone = [](RawProvider& provider) {
    if (!provider.library().unload()) {
      fail(
          "the library says that it may be unloaded, and dlclose leaves it in the process: a unique symbol or "
          "a "
          "thread-local destructor holds it");
    }
  };
  RawHost host;
  {
    RawProvider provider(target, host);
    if (!(provider->flags & BP_PROVIDER_MAY_UNLOAD)) {
      not_applicable("the provider does not say that it may be unloaded");
    }
    run_any(provider, target);
    provider.close();
    expect_no_thread();
    expect_gone(provider);
  }
  RawProvider provider(target, host);
  Companion companion([&] { run_any(provider, target); });
  companion.rethrow();
  run_any(provider, target);
  provider.close();
  expect_gone(provider);
  companion.end();
  expect_no_thread();
  host.expect_no_breach();
}

void threads_left(const CaseTarget& target, CaseResult&) {
  const std::vector<int> before = thread_ids();
  with_provider(target, [&](Opened& opened) {
    opened.args.thread_count = std::max(2u, target.thread_count);
    for (const bool large : {false, true}) {
      for (const Probe& probe : supported_probes(opened.provider, opened.options, opened.seed, large)) {
        run_probe_graph(opened.provider, probe.graph, opened.options, probe.inputs, opened.args);
      }
    }
  });
  if (const auto left = threads_beside(before); !left.empty()) {
    fail(fmt::format("a second after close {} threads are left: {}", left.size(), fmt::join(left, ", ")));
  }
}

// ---- devices ----

std::vector<std::string> texts(const bp_device_info& info) {
  std::vector<std::string> all = {to_text(info.name), to_text(info.vendor), to_text(info.uuid),
                                  to_text(info.driver), to_text(info.fingerprint)};
  for (uint64_t i = 0; i < info.properties.count; ++i) {
    all.push_back(to_text(BP_AT(bp_property, info.properties, i)->name));
    all.push_back(to_text(BP_AT(bp_property, info.properties, i)->value));
  }
  for (uint64_t i = 0; i < info.memory_kinds.count; ++i) {
    const auto* kind = BP_AT(bp_memory_kind_info, info.memory_kinds, i);
    all.push_back(fmt::format("kind {} {} {} {} {} {} {}", kind->kind, to_text(kind->name), kind->flags,
                              kind->alignment, kind->granularity, kind->max_allocation, kind->total));
  }
  all.push_back(fmt::format("{} {} {} {} {} {} {}", info.kind, info.flags, info.index, info.memory_bytes,
                            info.copy_bytes_per_second, info.copy_latency_ns, info.launch_ns));
  return all;
}

std::vector<std::vector<std::string>> all_infos(const RawProvider& provider) {
  std::vector<std::vector<std::string>> infos;
  for (const bp_device device : provider.devices()) {
    bp_device_info info{};
    info.struct_size = BP_STRUCT_SIZE(bp_device_info, launch_ns);
    provider.must("info", [&] { return provider->device->info(device, &info); });
    infos.push_back(texts(info));
  }
  return infos;
}

void check_partial_list(const RawProvider& provider) {
  const size_t count = provider.devices().size();
  auto* const untouched = reinterpret_cast<bp_device>(uintptr_t{0x10});
  for (size_t capacity = 0; capacity <= count + 2; ++capacity) {
    std::vector<bp_device> devices(count + 3, untouched);
    uint32_t found = 0;
    provider.must("list", [&] {
      return provider->device->list(provider->self, static_cast<uint32_t>(capacity), devices.data(), &found,
                                    nullptr);
    });
    if (found != count)
      fail(fmt::format("list with room for {} counts {} devices, else {}", capacity, found, count));
    for (size_t i = 0; i < devices.size(); ++i) {
      const bp_device expected = i < std::min(capacity, count) ? provider.devices()[i] : untouched;
      if (devices[i] != expected) fail(fmt::format("list with room for {}: entry {} is wrong", capacity, i));
    }
  }
}

void devices_stable(const CaseTarget& target, CaseResult&) {
  RawHost host;
  RawProvider provider(target, host);
  std::string reason;
  const std::vector<bp_device> devices = list_devices(*provider.get(), host, &reason);
  if (devices.empty() && reason.empty()) fail("list: no device, and no reason either");
  const auto infos = all_infos(provider);
  for (size_t i = 0; i < infos.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (devices[i] == devices[j]) fail(fmt::format("list: devices {} and {} are the same", j, i));
    }
  }
  check_partial_list(provider);
  if (!devices.empty()) {
    const bp_device_info info = provider.info();
    if (info.kind < BP_DEVICE_CPU || info.kind > BP_DEVICE_OTHER)
      fail(fmt::format("info: kind is {}", info.kind));
    if (info.index != target.device)
      fail(fmt::format("info: index is {}, listed at {}", info.index, target.device));
    if (info.name.size == 0) fail("info: the device has no name");
    run_any(provider, target);
  }
  if (list_devices(*provider.get(), host, nullptr) != devices) fail("list: other devices after a run");
  if (all_infos(provider) != infos) fail("info: another answer after a run");
  provider.close();
  host.expect_no_breach();
}

// ---- objects ----

void release_null(const CaseTarget& target, CaseResult&) {
  RawHost host;
  RawProvider provider(target, host);
  guarded("release of NULL", [&] {
    provider->program->release_program(nullptr);
    provider->program->release_instance(nullptr);
    provider->program->release_context(nullptr);
    if (provider->stream != nullptr) provider->stream->release(nullptr);
    if (provider->event != nullptr) provider->event->release(nullptr);
    if (provider->memory != nullptr && !provider.devices().empty())
      provider->memory->release(provider.device(), nullptr);
    return 0;
  });
  provider.close();
  host.expect_no_breach();
}

// All that is lent for one call is overwritten when the call is over.
std::vector<RawTensor> run_forgetful(Opened& opened, const Probe& probe) {
  const RawProvider& provider = opened.provider;
  RawPartition partition(provider, probe.graph, opened.options, opened.args);
  partition.view().scribble();
  auto args = std::make_unique<SpecializeArgs>(partition, probe.inputs, stated_output_dims(probe.graph));
  bp_instance_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_instance_info, context_bytes);
  bp_instance handle = nullptr;
  provider.must("specialize", [&] {
    return provider->program->specialize(partition.program().get(), &args->get(), &handle, &info);
  });
  const OwnedInstance instance(provider, handle, info);
  args->scribble();
  args.reset();
  RawRun run(partition, instance, probe.inputs);
  if (const TakenStatus status = run.bind(); !status.ok()) fail("bind: " + status.to_string());
  run.scribble_binding();
  if (const TakenStatus status = run.start(); !status.ok()) fail("run: " + status.to_string());
  if (const TakenStatus status = run.wait(); !status.ok()) fail("wait: " + status.to_string());
  return run.outputs();
}

void borrowed(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const std::vector<Probe> probes = supported_probes(opened.provider, opened.options, opened.seed);
    if (probes.empty()) not_applicable("the provider supports none of the graphs that this case knows");
    for (const Probe& probe : probes) {
      const auto expected =
          run_probe_graph(opened.provider, probe.graph, opened.options, probe.inputs, opened.args);
      if (run_forgetful(opened, probe) != expected) {
        fail(fmt::format("{}: other results when what a call received is overwritten after the call",
                         probe.name));
      }
    }
  });
}

// Every order that the host may use.
void release_order(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const RawProvider& provider = opened.provider;
    const Probe probe = any_probe(provider, opened.options, opened.seed);
    const auto expected = run_probe_graph(provider, probe.graph, opened.options, probe.inputs, opened.args);
    std::optional<RawPartition> first(std::in_place, provider, probe.graph, opened.options, opened.args);
    std::optional<RawPartition> second(std::in_place, provider, probe.graph, opened.options, opened.args);
    std::optional<OwnedInstance> first_instance(specialize(*first, probe.inputs));
    std::optional<OwnedInstance> other_instance(specialize(*first, probe.inputs));
    std::optional<OwnedInstance> second_instance(specialize(*second, probe.inputs));
    std::optional<RawRun> a(std::in_place, *first, *first_instance, probe.inputs);
    std::optional<RawRun> b(std::in_place, *first, *first_instance, probe.inputs);
    std::optional<RawRun> c(std::in_place, *second, *second_instance, probe.inputs);
    const auto expect = [&](RawRun& run, const char* when) {
      if (run.run() != expected) fail(fmt::format("other results {}", when));
    };
    expect(*a, "with three contexts alive");
    a.reset();
    expect(*b, "after another context of the instance was released");
    other_instance.reset();
    expect(*b, "after another instance of the program was released");
    b.reset();
    first_instance.reset();
    first.reset();
    expect(*c, "after another program was released");
    c.reset();
    std::optional<RawRun> d(std::in_place, *second, *second_instance, probe.inputs);
    expect(*d, "in a context that was made after the first was released");
  });
}

void constants_balanced(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const RawProvider& provider = opened.provider;
    const Probe chosen = probe_with_constant(provider, opened.options, opened.seed);
    for (const Probe& probe : supported_probes(provider, opened.options, opened.seed)) {
      RawPartition partition(provider, probe.graph, opened.options, opened.args);
      {
        const OwnedInstance instance = specialize(partition, probe.inputs);
        RawRun run(partition, instance, probe.inputs);
        run.run();
      }
      RawView& view = partition.view();
      partition.program().reset();
      if (const uint64_t open = view.constants().outstanding(); open > 0) {
        fail(fmt::format("{}: after the program was released {} acquires of constants have no release",
                         probe.name, open));
      }
    }
    // Queries give back at once.
    const RawView asked(chosen.graph);
    query(provider, asked, opened.options);
    query_partition(provider, asked, opened.options);
    if (const uint64_t open = asked.constants().outstanding(); open > 0) {
      fail(fmt::format("after a query {} acquires of constants have no release", open));
    }
    // A constant that cannot be had.
    const RawView view(chosen.graph);
    bp_compile_args args{};
    args.struct_size = BP_STRUCT_SIZE(bp_compile_args, progress);
    args.thread_count = opened.args.thread_count;
    args.partition = view.get();
    args.options = opened.options.abi();
    opened.host.failing_acquire = opened.host.acquire_calls() + 1;
    bp_program program = nullptr;
    const TakenStatus status = provider.call(
        "compile", [&] { return provider->program->compile(provider.device(), &args, &program); });
    opened.host.failing_acquire = 0;
    if (status.ok()) provider->program->release_program(program);
    if (const uint64_t open = view.constants().outstanding(); open > 0) {
      fail(fmt::format("after a compile without its constants {} acquires have no release", open));
    }
  });
}

const std::vector<ContractCase>& cases() {
  static const std::vector<ContractCase> kCases = {
      {"lifecycle.open_quick",
       Level::kContract,
       {4},
       "open starts no thread and returns within 100 ms.",
       open_quick},
      {"lifecycle.open_twice",
       Level::kContract,
       {5},
       "Each open gives an object of its own; one that fails leaves NULL and a reason.",
       open_twice,
       20'000},
      {"lifecycle.id", Level::kContract, {13}, "The library's id is the manifest's.", id},
      {"lifecycle.unload",
       Level::kContract,
       {14},
       "A provider that may be unloaded goes with dlclose, and threads that used it end well.",
       unload},
      {"lifecycle.release_null", Level::kContract, {27}, "Release functions accept NULL.", release_null},
      {"lifecycle.devices_stable",
       Level::kContract,
       {32},
       "list and info answer the same until close; no device is a success with a reason.",
       devices_stable},
      {"lifecycle.threads_left",
       Level::kContract,
       {34},
       "close ends all threads that the provider started.",
       threads_left,
       20'000},
      {"lifecycle.borrowed",
       Level::kContract,
       {35},
       "What a call received is not used after it: views, specs and bindings are overwritten.",
       borrowed,
       20'000},
      {"lifecycle.release_order",
       Level::kContract,
       {36},
       "Objects are released in every order that a host may use.",
       release_order},
      {"lifecycle.constants_balanced",
       Level::kContract,
       {47},
       "Each acquire of a constant has its release when the program is gone, also after errors.",
       constants_balanced},
  };
  return kCases;
}

}  // namespace

Group lifecycle_group() {
  return {"lifecycle", "Opening, closing, and the objects between them.",
          [](const PlanRequest&) { return plan_contract("lifecycle", cases()); },
          [](const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
            run_contract(cases(), info, target, result);
          }};
}

}  // namespace bp::conformance
