#include "groups/abi_structs.hpp"

#include <fmt/format.h>

#include <cstring>

#include "harness/opened.hpp"

namespace bp::conformance {
namespace {

// ---- what the provider wrote ----

// `full`: the size of 1.0. A table may end behind its last mandatory function, at `least`.
void check_size(std::string_view what, uint32_t minor, uint32_t found, uint32_t least, uint32_t full) {
  if (found < least) fail(fmt::format("{}: struct_size is {}, expected at least {}", what, found, least));
  if (minor == 0 && found > full) {
    fail(fmt::format("{}: struct_size is {}, but minor 0 ends at {}", what, found, full));
  }
  if (found % 4 != 0) fail(fmt::format("{}: struct_size is {}: no field ends there", what, found));
}

void check_stride(std::string_view what, const bp_array& array, uint64_t least) {
  if (array.count == 0) return;
  if (array.data == nullptr) fail(fmt::format("{}: {} elements at NULL", what, array.count));
  if (array.stride < least) {
    fail(fmt::format("{}: the stride is {}, an element has {} bytes", what, array.stride, least));
  }
}

template <class T>
void check_structs(std::string_view what, uint32_t minor, const bp_array& array, uint32_t full) {
  check_stride(what, array, full);
  for (uint64_t i = 0; i < array.count; ++i) {
    const uint32_t size = BP_AT(T, array, i)->struct_size;
    check_size(fmt::format("{}[{}]", what, i), minor, size, full, full);
    if (size > array.stride) {
      fail(fmt::format("{}[{}]: struct_size is {}, the stride {}", what, i, size, array.stride));
    }
  }
}

void check_tables(const bp_provider& p) {
  const uint32_t minor = p.abi_minor;
  check_size("bp_provider", minor, p.struct_size, BP_STRUCT_SIZE(bp_provider, close),
             BP_STRUCT_SIZE(bp_provider, close));
  check_size("bp_device_api", minor, p.device->struct_size, BP_STRUCT_SIZE(bp_device_api, info),
             BP_STRUCT_SIZE(bp_device_api, sample_clock));
  check_size("bp_capability_api", minor, p.capability->struct_size, BP_STRUCT_SIZE(bp_capability_api, query),
             BP_STRUCT_SIZE(bp_capability_api, query_partition));
  check_size("bp_program_api", minor, p.program->struct_size, BP_STRUCT_SIZE(bp_program_api, run),
             BP_STRUCT_SIZE(bp_program_api, report_spans));
  if (p.memory != nullptr) {
    check_size("bp_memory_api", minor, p.memory->struct_size, BP_STRUCT_SIZE(bp_memory_api, copy),
               BP_STRUCT_SIZE(bp_memory_api, usage));
  }
  if (p.stream != nullptr) {
    check_size("bp_stream_api", minor, p.stream->struct_size, BP_STRUCT_SIZE(bp_stream_api, wait_event),
               BP_STRUCT_SIZE(bp_stream_api, export_native));
  }
  if (p.event != nullptr) {
    check_size("bp_event_api", minor, p.event->struct_size, BP_STRUCT_SIZE(bp_event_api, poll),
               BP_STRUCT_SIZE(bp_event_api, import_handle));
  }
  if (p.artifact != nullptr) {
    check_size("bp_artifact_api", minor, p.artifact->struct_size, BP_STRUCT_SIZE(bp_artifact_api, load),
               BP_STRUCT_SIZE(bp_artifact_api, load));
  }
}

// All arrays of structs that a provider shows; `check` gets name, array and the size of a 1.0 element.
void check_shown(Opened& opened) {
  const uint32_t minor = opened.provider->abi_minor;
  check_structs<bp_option_info>("options", minor, opened.provider->options,
                                BP_STRUCT_SIZE(bp_option_info, choices));
  const bp_device_info info = opened.provider.info();
  check_structs<bp_memory_kind_info>("memory_kinds", minor, info.memory_kinds,
                                     BP_STRUCT_SIZE(bp_memory_kind_info, export_handles));
  check_stride("properties", info.properties, sizeof(bp_property));
  check_stride("event_import_handles", info.event_import_handles, sizeof(uint32_t));
  check_stride("event_export_handles", info.event_export_handles, sizeof(uint32_t));
  for (uint64_t i = 0; i < info.memory_kinds.count; ++i) {
    const auto* kind = BP_AT(bp_memory_kind_info, info.memory_kinds, i);
    check_stride("import_handles", kind->import_handles, sizeof(uint32_t));
    check_stride("export_handles", kind->export_handles, sizeof(uint32_t));
  }
  for (const Probe& probe : all_probes(opened.provider->canonical_level, opened.seed)) {
    const RawView view(probe.graph);
    for (const RawVerdict& verdict : query(opened.provider, view, opened.options).verdicts) {
      check_size("bp_verdict", minor, verdict.struct_size, BP_STRUCT_SIZE(bp_verdict, workspace_bytes),
                 BP_STRUCT_SIZE(bp_verdict, workspace_bytes));
      for (const uint32_t size : verdict.reason_struct_sizes) {
        check_size("bp_reason", minor, size, BP_STRUCT_SIZE(bp_reason, text), BP_STRUCT_SIZE(bp_reason, text));
        if (size > verdict.raw_reasons.stride) {
          fail(fmt::format("reasons: struct_size is {}, the stride {}", size, verdict.raw_reasons.stride));
        }
      }
    }
  }
}

void report_step(void* user, const bp_step* step) {
  static_cast<std::vector<uint32_t>*>(user)->push_back(step->struct_size);
}

void check_instance(Opened& opened) {
  const uint32_t minor = opened.provider->abi_minor;
  for (const Probe& probe : supported_probes(opened.provider, opened.options, opened.seed)) {
    RawPartition partition(opened.provider, probe.graph, opened.options, opened.args);
    const OwnedInstance instance = specialize(partition, probe.inputs);
    check_structs<bp_output_info>("outputs", minor, instance.info().outputs,
                                  BP_STRUCT_SIZE(bp_output_info, reserved));
    check_stride("input_ranges", instance.info().input_ranges, sizeof(bp_array));
    const auto describe = BP_FUNCTION(opened.provider->program, bp_program_api, describe);
    if (describe == nullptr) continue;
    std::vector<uint32_t> sizes;
    bp_step_sink sink{BP_STRUCT_SIZE(bp_step_sink, report), 0, &sizes, report_step};
    opened.provider.must("describe", [&] { return describe(instance.get(), &sink); });
    for (const uint32_t size : sizes) {
      check_size("bp_step", minor, size, BP_STRUCT_SIZE(bp_step, note), BP_STRUCT_SIZE(bp_step, note));
    }
  }
}

void struct_size(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    check_tables(*opened.provider.get());
    check_shown(opened);
    check_instance(opened);
  });
}

// ---- structs that lack fields of 1.0 ----

// A struct of which the first `size` bytes exist, against a page that may not be touched.
template <class T>
class ShortStruct {
 public:
  ShortStruct(const T& value, uint32_t size) : block_(std::max<uint32_t>(size, sizeof(uint32_t)), alignof(T)) {
    std::memcpy(block_.bytes().data(), &value, size);
    std::memcpy(block_.bytes().data(), &size, sizeof size);
  }
  T* get() { return reinterpret_cast<T*>(block_.bytes().data()); }

 private:
  HostBlock block_;
};

// Calls with struct_size of 0, of the first fields, and of all but the last one.
template <class T, class Function>
void refuses_short(const Opened& opened, const char* what, const T& whole, uint32_t full, Function&& function) {
  for (const uint32_t size : {0u, 4u, 8u, 16u, full - 4}) {
    if (size >= full) continue;
    const auto expect_refusal = [&](T* part) {
      const TakenStatus status = opened.provider.call(what, [&] { return function(part); });
      if (status.code != BP_STATUS_INVALID_ARGUMENT) {
        fail(fmt::format("{} with struct_size {} instead of {}: expected INVALID_ARGUMENT, got {}", what, size,
                         full, status.to_string()));
      }
    };
    // At first all fields are there all the same: who does not look at struct_size is found, and does not
    // crash.
    T careless = whole;
    careless.struct_size = size;
    expect_refusal(&careless);
    expect_refusal(ShortStruct<T>(whole, size).get());
  }
}

void short_programs(Opened& opened) {
  const Probe probe = any_probe(opened.provider, opened.options, opened.seed);
  const RawView view(probe.graph);
  const bp_program_api& api = *opened.provider->program;
  bp_compile_args compile{};
  compile.thread_count = 1;
  compile.partition = view.get();
  bp_program no_program = nullptr;
  refuses_short(opened, "compile: bp_compile_args", compile, BP_STRUCT_SIZE(bp_compile_args, progress),
                [&](auto* args) { return api.compile(opened.provider.device(), args, &no_program); });

  RawPartition partition(opened.provider, probe.graph, opened.options, opened.args);
  const SpecializeArgs specs(partition, probe.inputs, stated_output_dims(probe.graph));
  bp_instance no_instance = nullptr;
  bp_instance_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_instance_info, context_bytes);
  const bp_program program = partition.program().get();
  refuses_short(opened, "specialize: bp_specialize_args", specs.get(),
                BP_STRUCT_SIZE(bp_specialize_args, progress),
                [&](auto* args) { return api.specialize(program, args, &no_instance, &info); });
  refuses_short(opened, "specialize: bp_instance_info", bp_instance_info{},
                BP_STRUCT_SIZE(bp_instance_info, context_bytes),
                [&](auto* out) { return api.specialize(program, &specs.get(), &no_instance, out); });

  const OwnedInstance instance = specialize(partition, probe.inputs);
  RawRun run(partition, instance, probe.inputs);
  refuses_short(opened, "bind: bp_binding", run.binding(), BP_STRUCT_SIZE(bp_binding, workspace),
                [&](auto* binding) { return api.bind(run.context(), binding); });
  run.run();
  refuses_short(opened, "run: bp_run_args", run.run_args(), BP_STRUCT_SIZE(bp_run_args, token),
                [&](auto* args) { return api.run(run.context(), args); });
}

void struct_size_old(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    refuses_short(opened, "info: bp_device_info", bp_device_info{}, BP_STRUCT_SIZE(bp_device_info, launch_ns),
                  [&](auto* info) { return opened.provider->device->info(opened.provider.device(), info); });
    short_programs(opened);
  });
}

// ---- nothing is written behind struct_size ----

void expect_whole(std::string_view what, const std::string& damage) {
  if (!damage.empty()) fail(fmt::format("{}: {}", what, damage));
}

void struct_size_guard(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    const RawProvider& provider = opened.provider;
    CanaryStruct<bp_device_info> info(BP_STRUCT_SIZE(bp_device_info, launch_ns));
    provider.must("info", [&] { return provider->device->info(provider.device(), info.get()); });
    expect_whole("info: bp_device_info", info.damage());

    const Probe probe = any_probe(provider, opened.options, opened.seed);
    RawPartition partition(provider, probe.graph, opened.options, opened.args);
    if (const auto ask = BP_FUNCTION(provider->capability, bp_capability_api, query_partition)) {
      CanaryStruct<bp_partition_answer> answer(BP_STRUCT_SIZE(bp_partition_answer, text));
      provider.must("query_partition", [&] {
        return ask(provider.device(), partition.view().get(), opened.options.abi(), answer.get());
      });
      expect_whole("query_partition: bp_partition_answer", answer.damage());
    }
    const SpecializeArgs args(partition, probe.inputs, stated_output_dims(probe.graph));
    CanaryStruct<bp_instance_info> instance_info(BP_STRUCT_SIZE(bp_instance_info, context_bytes));
    bp_instance instance = nullptr;
    provider.must("specialize", [&] {
      return provider->program->specialize(partition.program().get(), &args.get(), &instance,
                                           instance_info.get());
    });
    const OwnedInstance owner(provider, instance, *instance_info.get());
    expect_whole("specialize: bp_instance_info", instance_info.damage());

    const bp_device_info& device = *info.get();
    for (uint64_t i = 0; i < device.memory_kinds.count; ++i) {
      const auto* kind = BP_AT(bp_memory_kind_info, device.memory_kinds, i);
      const auto export_memory = BP_FUNCTION(provider->memory, bp_memory_api, export_memory);
      if (kind->kind == BP_MEMORY_HOST || kind->export_handles.count == 0 || export_memory == nullptr) continue;
      const KindMemory memory(provider, kind->kind, 256);
      CanaryStruct<bp_external_memory> external(BP_STRUCT_SIZE(bp_external_memory, reserved));
      provider.must("export_memory", [&] {
        return export_memory(provider.device(), memory.slice().buffer,
                             *BP_AT(uint32_t, kind->export_handles, 0), external.get());
      });
      expect_whole("export_memory: bp_external_memory", external.damage());
    }
  });
}

// ---- longer structs, other strides ----

struct Answers {
  std::vector<std::vector<RawVerdict>> verdicts;
  std::vector<RawPartitionAnswer> partitions;
  std::vector<std::vector<RawTensor>> outputs;
};

Answers all_answers(Opened& opened, AbiLayout layout, const CaseTarget& target) {
  Answers answers;
  const RawOptions options(opened.provider, target.options, layout);
  MakeArgs args = opened.args;
  args.layout = layout;
  for (const Probe& probe : all_probes(opened.provider->canonical_level, opened.seed)) {
    const RawView view(probe.graph, layout);
    const RawQuery answer = query(opened.provider, view, options);
    answers.verdicts.push_back(answer.verdicts);
    if (!answer.supports_all(probe.graph.nodes().size())) continue;
    answers.partitions.push_back(query_partition(opened.provider, view, options));
    if (answers.partitions.back().kind != BP_PARTITION_ACCEPT) continue;
    answers.outputs.push_back(
        run_probe_graph(opened.provider, probe.graph, options, probe.inputs, args, layout));
  }
  return answers;
}

void expect_same(const Answers& plain, const Answers& other, std::string_view how) {
  const auto what = [&](const char* part) { return fmt::format("{} differ {}", part, how); };
  if (plain.verdicts != other.verdicts) fail(what("the verdicts"));
  if (plain.partitions != other.partitions) fail(what("the answers of query_partition"));
  if (plain.outputs != other.outputs) fail(what("the results of runs"));
}

void array_stride(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    const Answers plain = all_answers(opened, {}, target);
    expect_same(plain, all_answers(opened, {8, 0, 0xA5}, target),
                "where the host's arrays have 8 bytes between the elements");
    expect_same(plain, all_answers(opened, {40, 0, 0x01}, target),
                "where the host's arrays have 40 bytes between the elements");
    check_shown(opened);
    check_instance(opened);
  });
}

void struct_size_new(const CaseTarget& target, CaseResult&) {
  Answers plain;
  with_provider(target, [&](Opened& opened) { plain = all_answers(opened, {}, target); });
  Opened opened(target, true);
  expect_same(plain, all_answers(opened, {24, 24, 0}, target),
              "where the host's structs have new fields that are 0");
  expect_same(plain, all_answers(opened, {24, 24, 0xA5}, target), "where the host's structs have new fields");

  const RawProvider& provider = opened.provider;
  constexpr uint32_t kLonger = sizeof(bp_device_info) + 64;
  CanaryStruct<bp_device_info> info(kLonger);
  provider.must("info", [&] { return provider->device->info(provider.device(), info.get()); });
  expect_whole("info of a newer host: bp_device_info", info.damage());
  const auto* bytes = reinterpret_cast<const unsigned char*>(info.get());
  for (uint32_t i = BP_STRUCT_SIZE(bp_device_info, launch_ns); provider->abi_minor == 0 && i < kLonger; ++i) {
    if (bytes[i] != 0)
      fail(fmt::format("info of a newer host: byte {} was written, minor 0 ends before it", i));
  }
  opened.finish();
}

}  // namespace

std::vector<ContractCase> abi_struct_cases() {
  return {
      {"abi.struct_size",
       Level::kContract,
       {6},
       "Every struct that the provider makes says how far its writer knew it.",
       struct_size},
      {"abi.struct_size_old",
       Level::kContract,
       {7},
       "A struct that lacks a field of 1.0 gets INVALID_ARGUMENT; what is not there is not read.",
       struct_size_old},
      {"abi.struct_size_guard",
       Level::kContract,
       {8},
       "Nothing is written behind the struct_size that the caller set, nor into the field itself.",
       struct_size_guard},
      {"abi.struct_size_new",
       Level::kContract,
       {10},
       "A newer host's longer structs and host table change nothing, zeroed or not.",
       struct_size_new,
       20'000},
      {"abi.array_stride",
       Level::kContract,
       {9},
       "Arrays are stepped through by their strides, the host's and the provider's.",
       array_stride,
       20'000},
  };
}

}  // namespace bp::conformance
