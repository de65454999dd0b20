// Memory that is not there: failing allocations on the host, too large ones on the device.
#include <fmt/format.h>

#include "groups/memory.hpp"
#include "harness/allocations.hpp"
#include "harness/opened.hpp"
#include "harness/raw_stream.hpp"

namespace bp::conformance {
namespace {

constexpr uint64_t kMostAllocations = 400;  // per call; enough for the small graphs here

bool is_out_of_memory(const TakenStatus& status) {
  return status.code == BP_STATUS_OUT_OF_HOST_MEMORY || status.code == BP_STATUS_OUT_OF_DEVICE_MEMORY;
}

// Makes `call` (it returns a status) again and again, its n-th allocation failing; `undo` releases what a call
// made that succeeded all the same.
template <class Call, class Undo>
void fail_each(const RawProvider& provider, const std::string& library, const char* what, Call&& call,
               Undo&& undo) {
  for (uint64_t n = 1; n <= kMostAllocations; ++n) {
    bool happened = false;
    bp_status raw = nullptr;
    guarded(what, [&] {
      const AllocationFailure failure(library, n);
      raw = call();
      happened = failure.happened();
      return 0;
    });
    const TakenStatus status = provider.host().take(raw);
    if (status.ok()) {
      undo();
    } else if (!is_out_of_memory(status)) {
      fail(fmt::format("{}, allocation {} failing: expected success or an OUT_OF code, got {}", what, n,
                       status.to_string()));
    }
    if (!happened) return;
  }
}

void check_host_memory(Opened& opened, const std::string& library) {
  const RawProvider& provider = opened.provider;
  const bp_program_api& api = *provider->program;
  const Probe probe = any_probe(provider, opened.options, opened.seed);
  RawPartition partition(provider, probe.graph, opened.options,
                         opened.args);  // shows that it works with memory
  const RawView view(probe.graph);

  bp_compile_args compile{};
  compile.struct_size = BP_STRUCT_SIZE(bp_compile_args, progress);
  compile.thread_count = opened.args.thread_count;
  compile.partition = view.get();
  compile.options = opened.options.abi();
  bp_program program = nullptr;
  fail_each(
      provider, library, "compile", [&] { return api.compile(provider.device(), &compile, &program); },
      [&] { api.release_program(program); });

  const SpecializeArgs args(partition, probe.inputs, stated_output_dims(probe.graph));
  bp_instance instance = nullptr;
  bp_instance_info info{};
  fail_each(
      provider, library, "specialize",
      [&] {
        info = {};
        info.struct_size = BP_STRUCT_SIZE(bp_instance_info, context_bytes);
        return api.specialize(partition.program().get(), &args.get(), &instance, &info);
      },
      [&] { api.release_instance(instance); });

  const OwnedInstance good = specialize(partition, probe.inputs);
  bp_context context = nullptr;
  fail_each(
      provider, library, "create_context", [&] { return api.create_context(good.get(), &context); },
      [&] { api.release_context(context); });
  RawRun run(partition, good, probe.inputs);
  run.run();  // and all still works
}

void check_streams(const RawProvider& provider, const std::string& library) {
  if (provider.info().flags & BP_DEVICE_SYNCHRONOUS) return;
  bp_stream stream = nullptr;
  fail_each(
      provider, library, "stream create", [&] { return provider->stream->create(provider.device(), &stream); },
      [&] { provider->stream->release(stream); });
  const OwnedStream good(provider);
  bp_event event = nullptr;
  fail_each(
      provider, library, "record", [&] { return provider->stream->record(good.get(), &event); },
      [&] { provider->event->release(event); });
}

void check_device_memory(const RawProvider& provider) {
  uint32_t kind = 0;
  if (!has_own_memory(provider, &kind)) return;
  const uint64_t most = memory_kind(provider, kind).max_allocation;
  for (const uint64_t size : {most == 0 ? UINT64_MAX / 4 : most + 1, UINT64_MAX / 4, UINT64_MAX}) {
    bp_buffer buffer = nullptr;
    uint64_t address = 0;
    const TakenStatus status = provider.call("allocate", [&] {
      return provider->memory->allocate(provider.device(), kind, size, nullptr, &buffer, &address);
    });
    if (!is_out_of_memory(status)) {
      fail(fmt::format("allocate of {} bytes: expected an OUT_OF code, got {}", size, status.to_string()));
    }
  }
}

void allocation_fails(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    if (opened.provider.info().flags & BP_DEVICE_COMPILE_ONLY) not_applicable("the device compiles only");
    check_device_memory(opened.provider);
    if (!can_watch_allocations())
      not_applicable("this runner was built with a sanitizer: it cannot fail malloc");
    check_streams(opened.provider, target.library_path);
    check_host_memory(opened, target.library_path);
  });
}

}  // namespace

std::vector<ContractCase> allocation_cases() {
  return {{"memory.allocation_fails",
           Level::kRobust,
           {28},
           "A failing allocation, at the first as at the n-th call, gives an OUT_OF code, and all works "
           "afterwards.",
           allocation_fails,
           60'000}};
}

}  // namespace bp::conformance
