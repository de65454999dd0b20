#include "groups/streams.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <thread>

#include "groups/contract.hpp"
#include "harness/allocations.hpp"
#include "harness/compare_raw.hpp"
#include "harness/opened.hpp"
#include "harness/raw_stream.hpp"

namespace bp::conformance {
namespace {

constexpr int64_t kLong = 5'000'000'000;  // nanoseconds; what ought to come has come by then

int64_t scaled(const CaseTarget& target, int64_t time_ns) {
  return static_cast<int64_t>(static_cast<double>(time_ns) * target.time_factor);
}

// The simplest run that the provider does.
struct SimpleRun {
  explicit SimpleRun(Opened& opened, bool large = false)
      : probe(any_probe(opened.provider, opened.options, opened.seed, large)),
        partition(opened.provider, probe.graph, opened.options, opened.args),
        instance(specialize(partition, probe.inputs)),
        run(partition, instance, probe.inputs) {
    if (const TakenStatus status = run.bind(); !status.ok()) fail("bind: " + status.to_string());
  }
  // Enqueues on `stream`.
  TakenStatus enqueue(bp_stream stream, RawCancel* cancel = nullptr) {
    const RawProvider& provider = partition.provider();
    bp_run_args args = run.run_args(cancel);
    args.stream = stream;
    return provider.call("run", [&] { return provider->program->run(run.context(), &args); });
  }

  Probe probe;
  RawPartition partition;
  OwnedInstance instance;
  RawRun run;
};

void must(const TakenStatus& status, const char* what) {
  if (!status.ok()) fail(fmt::format("{}: expected success, got {}", what, status.to_string()));
}

void record_submits(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    need_streams(opened.provider);
    SimpleRun one(opened);
    const OwnedStream stream(opened.provider);
    must(stream.record().wait(scaled(target, kLong)), "the event of an empty stream");
    must(one.enqueue(stream.get()), "run");
    const OwnedEvent event = stream.record();
    const TakenStatus status = event.wait(scaled(target, kLong));
    if (status.code == BP_STATUS_TIMEOUT) {
      fail("the event of one run does not complete: the work was not submitted by record");
    }
    must(status, "the event of one run");
    if (!event.complete()) fail("poll says PENDING after wait said that the event is complete");
  });
}

// wait with a time that is too short, on a stream with plenty to do.
void check_short_waits(const RawProvider& provider, const Backlog& backlog) {
  for (int attempt = 0; attempt < 10; ++attempt) {
    const OwnedStream stream(provider);
    backlog.enqueue(stream.get(), 6);
    const OwnedEvent event = stream.record();
    for (const int64_t timeout_ns : {int64_t{0}, int64_t{100'000}}) {
      const TakenStatus status = event.wait(timeout_ns);
      if (status.code == BP_STATUS_TIMEOUT) continue;
      must(status, "wait with a short time");
      if (!event.complete()) {
        fail(fmt::format("wait for {} ns said that the event is complete, poll says PENDING", timeout_ns));
      }
    }
    must(event.wait(BP_UNKNOWN), "wait for ever");
  }
}

void wait_timeout(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    need_streams(opened.provider);
    check_short_waits(opened.provider, Backlog(opened.provider));
    // An error that travels with an event is never TIMEOUT.
    SimpleRun one(opened);
    RawCancel cancel;
    cancel.requested = true;
    const OwnedStream stream(opened.provider);
    static_cast<void>(one.enqueue(stream.get(), &cancel));
    if (const TakenStatus status = stream.finish(); status.code == BP_STATUS_TIMEOUT) {
      fail("the event of a cancelled run carries " + status.to_string());
    }
  });
}

// A run that was cancelled before it began: refused, ended by an error that travels, or done all the same.
void poisoned(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    const RawProvider& provider = opened.provider;
    need_streams(provider);
    SimpleRun one(opened);
    const OwnedStream clean(provider);
    must(one.enqueue(clean.get()), "run");
    must(clean.finish(), "the event of a run");
    const std::vector<RawTensor> expected = one.run.outputs();

    RawCancel cancel;
    cancel.requested = true;
    for (size_t o = 0; o < expected.size(); ++o)
      one.run.output(o).write(std::string(expected[o].bytes.size(), '\x77'));
    std::vector<RawTensor> before = one.run.outputs();
    const OwnedStream stream(provider);
    const TakenStatus refused = one.enqueue(stream.get(), &cancel);
    bp_event raw_event = nullptr;
    const TakenStatus recorded =
        provider.call("record", [&] { return provider->stream->record(stream.get(), &raw_event); });
    if (!recorded.ok())
      fail("record on the stream of a cancelled run must succeed, got " + recorded.to_string());
    const OwnedEvent event(provider, raw_event);
    const TakenStatus carried = event.wait(BP_UNKNOWN);
    if (refused.ok() && carried.ok()) {
      const std::string difference = difference_of(expected, one.run.outputs(), Match::kNearly);
      if (!difference.empty()) {
        fail("a cancelled run and its event say success, and the outputs are not there: " + difference);
      }
      return;
    }
    if (carried.ok()) return;  // refused before anything was enqueued
    if (stream.finish().ok())
      fail("an event carries " + carried.to_string() + ", the next one of the stream none");
    // It travels to whoever waits for it.
    const OwnedStream other(provider);
    provider.must("wait_event", [&] { return provider->stream->wait_event(other.get(), event.get()); });
    if (other.finish().ok()) fail("a stream that waited for an event with an error is not poisoned by it");
    before = one.run.outputs();
    let_time_pass(100 * target.time_factor);
    if (!difference_of(before, one.run.outputs(), Match::kBits).empty()) {
      fail("outputs were written after the last event of a poisoned stream");
    }
    const OwnedStream fresh(provider);
    must(one.enqueue(fresh.get()), "run on another stream");
    must(fresh.finish(), "the event of a run on another stream");
    const std::string difference = difference_of(expected, one.run.outputs(), Match::kNearly);
    if (!difference.empty()) fail("after an error a run on another stream is wrong: " + difference);
  });
}

void quiet_after_event(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    need_streams(opened.provider);
    SimpleRun one(opened);
    const OwnedStream stream(opened.provider);
    for (int round = 0; round < 3; ++round) {
      must(one.enqueue(stream.get()), "run");
      must(stream.finish(), "the event of a run");
      for (size_t o = 0; o < one.instance.info().outputs.count; ++o) {
        if (one.instance.output(o).mode != BP_OUTPUT_ALLOCATED) {
          one.run.output(o).write(std::string(one.instance.output(o).size_bytes, '\x77'));
        }
      }
      const std::vector<RawTensor> before = one.run.outputs();
      let_time_pass(150 * target.time_factor);
      const std::string difference = difference_of(before, one.run.outputs(), Match::kBits);
      if (!difference.empty()) fail("the provider wrote to an output after the run's event: " + difference);
    }
  });
}

// Who called back, and where.
struct CallbackRecord {
  const RawHost* host = nullptr;
  std::atomic<int> calls{0};
  std::atomic<bool> on_callers_stack{false};
  std::atomic<bool> carried_error{false};
};
thread_local int inside_on_complete = 0;

void note_callback(void* user, bp_status error) {
  auto& record = *static_cast<CallbackRecord*>(user);
  if (inside_on_complete > 0) record.on_callers_stack = true;
  if (error != nullptr) {
    record.carried_error = true;
    record.host->table()->status_release(record.host->table(), error);
  }
  ++record.calls;
}

void check_callback(const CaseTarget& target, const RawProvider& provider, bp_event event,
                    CallbackRecord& record) {
  record.host = &provider.host();
  provider.must("on_complete", [&] {
    ++inside_on_complete;
    const bp_status status = provider->event->on_complete(event, note_callback, &record);
    --inside_on_complete;
    return status;
  });
  static_cast<void>(target);
}

void expect_one_call(const CaseTarget& target, const CallbackRecord& record, const char* which) {
  for (int i = 0; i < 500 && record.calls == 0; ++i) let_time_pass(10 * target.time_factor);
  if (record.calls == 0) fail(fmt::format("the callback of {} was never called", which));
  if (record.on_callers_stack) fail(fmt::format("the callback of {} ran on the stack of on_complete", which));
  let_time_pass(20 * target.time_factor);
  if (record.calls != 1)
    fail(fmt::format("the callback of {} was called {} times", which, record.calls.load()));
  if (record.carried_error) fail(fmt::format("the callback of {} got an error", which));
}

void callback_stack(const CaseTarget& target, CaseResult&) {
  // They outlive the provider, which may still call when a case has failed.
  static std::array<CallbackRecord, 2> records;
  for (CallbackRecord& record : records) {
    record.calls = 0;
    record.on_callers_stack = false;
    record.carried_error = false;
  }
  with_provider(target, [&](Opened& opened) {
    const RawProvider& provider = opened.provider;
    need_streams(provider);
    if (BP_FUNCTION(provider->event, bp_event_api, on_complete) == nullptr) {
      not_applicable("the provider's events call nobody back");
    }
    const Backlog backlog(provider);
    const OwnedStream stream(provider);
    backlog.enqueue(stream.get(), 2);
    OwnedEvent pending = stream.record();
    check_callback(target, provider, pending.get(), records[0]);
    pending.reset();  // the callback comes all the same
    expect_one_call(target, records[0], "a pending event");
    const OwnedEvent complete = stream.record();
    must(complete.wait(BP_UNKNOWN), "wait");
    check_callback(target, provider, complete.get(), records[1]);
    expect_one_call(target, records[1], "a complete event");
  });
}

void wait_event(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const RawProvider& provider = opened.provider;
    need_streams(provider);
    const uint32_t kind = need_own_memory(provider);
    const Backlog backlog(provider);
    constexpr uint64_t kSize = 5000;
    for (int round = 0; round < 3; ++round) {
      KindMemory memory(provider, kind, kSize);
      memory.write(std::string(kSize, 'o'));
      const std::string text(kSize, 'n');
      std::string found(kSize, '.');
      const bp_slice source = host_slice(text.data(), kSize);
      const bp_slice device = memory.slice();
      const bp_slice target_slice = host_slice(found.data(), kSize);
      const OwnedStream first(provider);
      const OwnedStream second(provider);
      const auto copy = [&](bp_stream stream, const bp_slice& from, const bp_slice& to, uint32_t host_data) {
        provider.must("copy", [&] {
          return provider->memory->copy(provider.device(), stream, &from, &to, kSize, host_data);
        });
      };
      backlog.enqueue(first.get(), 4);
      copy(first.get(), source, device, BP_HOST_DATA_UNTIL_TRANSFER);
      OwnedEvent event = first.record();
      provider.must("wait_event", [&] { return provider->stream->wait_event(second.get(), event.get()); });
      event.reset();  // allowed as soon as wait_event has returned
      copy(second.get(), device, target_slice, 0);
      must(second.finish(), "the event of the waiting stream");
      if (found != text) fail("work after wait_event began before the event was complete");
      must(first.finish(), "the event of the other stream");
    }
  });
}

bool lists(const bp_array& handles, uint32_t type) {
  for (uint64_t i = 0; i < handles.count; ++i) {
    if (*BP_AT(uint32_t, handles, i) == type) return true;
  }
  return false;
}

void check_event_export(const CaseTarget& target, const RawProvider& provider, const OwnedEvent& event,
                        uint32_t type) {
  const bp_device_info info = provider.info();
  uint64_t handle = 0;
  const TakenStatus status = provider.call(
      "export_handle", [&] { return provider->event->export_handle(event.get(), type, &handle); });
  if (!lists(info.event_export_handles, type)) {
    if (status.code != BP_STATUS_UNSUPPORTED) {
      fail(fmt::format("export_handle as type {}, which the device does not list: expected UNSUPPORTED, got {}",
                       type, status.to_string()));
    }
    return;
  }
  if (!status.ok()) {
    fail(fmt::format("export_handle as type {}, which the device lists: {}", type, status.to_string()));
  }
  if (lists(info.event_import_handles, type)) {
    bp_event again = nullptr;
    provider.must("import_handle",
                  [&] { return provider->event->import_handle(provider.device(), type, handle, &again); });
    const OwnedEvent imported(provider, again);
    must(imported.wait(scaled(target, kLong)), "the event that was exported and imported");
  }
  if (type != BP_EVENT_HANDLE_SYNC_FD) return;
  pollfd waiting{static_cast<int>(handle), POLLIN, 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(scaled(target, kLong) / 1'000'000));
  ::close(static_cast<int>(handle));
  if (ready != 1 || !(waiting.revents & POLLIN))
    fail("an exported sync file descriptor does not become readable");
}

void handles(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    const RawProvider& provider = opened.provider;
    need_streams(provider);
    const bp_device_info info = provider.info();
    const auto export_handle = BP_FUNCTION(provider->event, bp_event_api, export_handle);
    const auto import_handle = BP_FUNCTION(provider->event, bp_event_api, import_handle);
    if (export_handle == nullptr && info.event_export_handles.count > 0) {
      fail("the device lists event handles for export, and export_handle is NULL");
    }
    if (import_handle == nullptr && info.event_import_handles.count > 0) {
      fail("the device lists event handles for import, and import_handle is NULL");
    }
    const Backlog backlog(provider);
    const OwnedStream stream(provider);
    for (const uint32_t type :
         {BP_EVENT_HANDLE_CUDA_EVENT, BP_EVENT_HANDLE_CL_EVENT, BP_EVENT_HANDLE_SYNC_FD, 4711u}) {
      if (export_handle != nullptr) {
        backlog.enqueue(stream.get(), 1);
        check_event_export(target, provider, stream.record(), type);
      }
      if (import_handle != nullptr && !lists(info.event_import_handles, type)) {
        bp_event event = nullptr;
        const TakenStatus status =
            provider.call("import_handle", [&] { return import_handle(provider.device(), type, 0, &event); });
        if (status.code != BP_STATUS_UNSUPPORTED) {
          fail(fmt::format(
              "import_handle of type {}, which the device does not list: expected UNSUPPORTED, got {}", type,
              status.to_string()));
        }
      }
    }
  });
}

void synchronous(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    if (!(opened.provider.info().flags & BP_DEVICE_SYNCHRONOUS)) {
      not_applicable("the device is not synchronous");
    }
    if (opened.provider.info().flags & BP_DEVICE_COMPILE_ONLY) not_applicable("the device compiles only");
    SimpleRun one(opened, true);
    for (int round = 0; round < 3; ++round) {
      for (size_t o = 0; o < one.instance.info().outputs.count; ++o) {
        one.run.output(o).write(std::string(one.instance.output(o).size_bytes, '\x77'));
      }
      must(one.enqueue(nullptr), "run");
      const std::vector<RawTensor> on_return = one.run.outputs();
      let_time_pass(200 * target.time_factor);
      const std::string difference = difference_of(on_return, one.run.outputs(), Match::kBits);
      if (!difference.empty()) fail("outputs were written after run had returned: " + difference);
    }
  });
}

uint64_t used_memory(const RawProvider& provider) {
  uint32_t kind = 0;
  const auto usage = BP_FUNCTION(provider->memory, bp_memory_api, usage);
  if (usage == nullptr || !has_own_memory(provider, &kind)) return 0;
  uint64_t used = 0;
  uint64_t available = 0;
  provider.must("usage", [&] { return usage(provider.device(), kind, &used, &available); });
  return used;
}

void run_allocates_nothing(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const RawProvider& provider = opened.provider;
    if (provider.info().flags & BP_DEVICE_COMPILE_ONLY) not_applicable("the device compiles only");
    if (!can_watch_allocations())
      not_applicable("this runner was built with a sanitizer: it cannot count malloc");
    SimpleRun one(opened);
    std::optional<OwnedStream> stream;
    if (!(provider.info().flags & BP_DEVICE_SYNCHRONOUS)) stream.emplace(provider);
    bp_run_args args = one.run.run_args();
    args.stream = stream ? stream->get() : nullptr;
    uint64_t before = 0;
    for (int round = 0; round < 5; ++round) {
      bp_status status = nullptr;
      uint64_t count = 0;
      guarded("run", [&] {
        const AllocationCount watch;
        status = provider->program->run(one.run.context(), &args);
        count = watch.count();
        return 0;
      });
      must(provider.host().take(status), "run");
      if (stream) must(stream->finish(), "the event of a run");
      if (round < 2) {  // teams and pools are made at the first runs
        before = used_memory(provider);
      } else if (count > 0) {
        fail(fmt::format("run allocated host memory {} times in round {} of the same binding", count,
                         round + 1));
      }
    }
    if (const uint64_t after = used_memory(provider); after > before) {
      fail(fmt::format("runs took device memory: {} bytes were in use before, {} after", before, after));
    }
  });
}

const std::array kCases = {
    ContractCase{"streams.record_submits",
                 Level::kContract,
                 {72},
                 "An event completes without a further call.",
                 record_submits,
                 30'000},
    ContractCase{"streams.wait_timeout",
                 Level::kContract,
                 {25},
                 "wait answers TIMEOUT for what is pending, and no event carries it.",
                 wait_timeout,
                 30'000},
    ContractCase{
        "streams.poisoned",
        Level::kContract,
        {24},
        "An error of enqueued work travels with the stream's events, and nothing is written after the last.",
        poisoned,
        30'000},
    ContractCase{"streams.quiet_after_event",
                 Level::kContract,
                 {71},
                 "Nothing is written to outputs after the run's event.",
                 quiet_after_event,
                 30'000},
    ContractCase{"streams.callback_stack",
                 Level::kContract,
                 {73},
                 "Callbacks come once, and never on the stack of on_complete.",
                 callback_stack,
                 30'000},
    ContractCase{"streams.wait_event",
                 Level::kContract,
                 {80},
                 "Work after wait_event begins when the event of the other stream is complete.",
                 wait_event,
                 30'000},
    ContractCase{"streams.handles",
                 Level::kContract,
                 {66},
                 "Event handle types that the device lists work; others get UNSUPPORTED.",
                 handles,
                 30'000},
    ContractCase{"streams.synchronous",
                 Level::kContract,
                 {79},
                 "A synchronous device is done when run returns.",
                 synchronous,
                 30'000},
    ContractCase{"streams.run_allocates_nothing",
                 Level::kContract,
                 {70},
                 "run allocates nothing on the host or the device.",
                 run_allocates_nothing,
                 30'000},
};

}  // namespace

Group streams_group() {
  return {"streams", "Streams and events: order, errors that travel, callbacks, silence after the event.",
          [](const PlanRequest&) { return plan_contract("streams", kCases); },
          [](const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
            run_contract(kCases, info, target, result);
          }};
}

}  // namespace bp::conformance
