// What a run may touch: its slices, all of its outputs, nothing else.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "groups/memory.hpp"
#include "harness/compare_raw.hpp"
#include "harness/opened.hpp"
#include "harness/raw_stream.hpp"

namespace bp::conformance {
namespace {

constexpr size_t kMostProbes = 12;  // the rest says nothing new

std::vector<Probe> probes_of(Opened& opened) {
  if (opened.provider.info().flags & BP_DEVICE_COMPILE_ONLY) not_applicable("the device compiles only");
  std::vector<Probe> probes = supported_probes(opened.provider, opened.options, opened.seed);
  if (probes.empty()) not_applicable("the provider supports none of the graphs that this case knows");
  if (probes.size() > kMostProbes) probes.erase(probes.begin() + kMostProbes, probes.end());
  return probes;
}

// Calls body(probe, partition, instance) for probes of the provider; failures name the probe.
template <class Body>
void for_each_probe(const CaseTarget& target, Body&& body) {
  with_provider(target, [&](Opened& opened) {
    for (const Probe& probe : probes_of(opened)) {
      try {
        RawPartition partition(opened.provider, probe.graph, opened.options, opened.args);
        const OwnedInstance instance = specialize(partition, probe.inputs);
        body(probe, partition, instance);
      } catch (const CaseEnd& end) {
        throw CaseEnd(end.outcome(), probe.name + ": " + end.what());
      }
    }
  });
}

void must_run(RawRun& run) {
  for (const TakenStatus& status : {run.start(), run.wait()}) {
    if (!status.ok()) fail("run: expected success, got " + status.to_string());
  }
}

// A slice in the middle of a buffer, with bytes on both sides that nobody may write.
class Slot {
 public:
  Slot(const RawProvider& provider, uint32_t kind, uint64_t size)
      : lead_(std::max<uint64_t>(memory_kind(provider, kind).alignment, 256)),
        size_(size),
        memory_(provider, kind, lead_ + size + 512) {
    memory_.write(std::string(lead_ + size + 512, kAround));
  }
  bp_slice slice() const { return part_of(memory_.slice(), lead_, size_); }
  void write(const std::string& bytes) {
    memory_.write(std::string(lead_, kAround) + bytes + std::string(512, kAround));
  }
  void check(const std::string& what) {
    const std::string all = memory_.read();
    for (uint64_t i = 0; i < all.size(); ++i) {
      if (i >= lead_ && i < lead_ + size_) continue;
      if (all[i] == kAround) continue;
      fail(i < lead_ ? fmt::format("{}: a byte was written, {} before the slice", what, lead_ - i)
                     : fmt::format("{}: a byte was written, {} behind the slice of {} bytes", what,
                                   i - lead_ - size_ + 1, size_));
    }
  }

 private:
  static constexpr char kAround = '\x7E';
  uint64_t lead_;
  uint64_t size_;
  KindMemory memory_;
};

// The same run with slices in the middle of buffers of the device's own kinds.
void run_in_slots(const Probe& probe, RawPartition& partition, const OwnedInstance& instance) {
  const RawProvider& provider = partition.provider();
  const uint32_t kind = need_own_memory(provider);
  RawRun run(partition, instance, probe.inputs);
  std::vector<std::pair<std::string, std::unique_ptr<Slot>>> slots;
  const auto place = [&](std::string what, const bp_slice& slice, uint32_t slot_kind,
                         const std::string* bytes) {
    if (slice.buffer == nullptr || slice.size == 0) return slice;
    auto slot = std::make_unique<Slot>(provider, slot_kind, slice.size);
    if (bytes != nullptr) slot->write(*bytes);
    slots.emplace_back(std::move(what), std::move(slot));
    return slots.back().second->slice();
  };
  const auto patch = [&](const bp_array& list, const char* what, bool are_inputs) {
    for (uint64_t i = 0; i < list.count; ++i) {
      auto* binding = const_cast<bp_tensor_binding*>(BP_AT(bp_tensor_binding, list, i));
      const uint32_t slot_kind = are_inputs ? kind : instance.output(i).memory_kind;
      binding->data = place(fmt::format("{} {}", what, i), binding->data, slot_kind,
                            are_inputs ? &probe.inputs[i].bytes : nullptr);
    }
  };
  patch(run.binding().inputs, "input", true);
  patch(run.binding().outputs, "output", false);
  run.binding().workspace =
      place("workspace", run.binding().workspace, instance.info().workspace_kind, nullptr);
  if (const TakenStatus status = run.bind(); !status.ok()) fail("bind: " + status.to_string());
  must_run(run);
  for (const auto& [what, slot] : slots) slot->check(what);
}

void guard_pages(const CaseTarget& target, CaseResult&) {
  for_each_probe(target, [](const Probe& probe, RawPartition& partition, const OwnedInstance& instance) {
    {
      RawRun run(partition, instance, probe.inputs);
      run.run();
      run.expect_no_damage();
    }
    if (has_own_memory(partition.provider(), nullptr)) run_in_slots(probe, partition, instance);
  });
}

void inputs_const(const CaseTarget& target, CaseResult&) {
  for_each_probe(target, [](const Probe& probe, RawPartition& partition, const OwnedInstance& instance) {
    RawRun run(partition, instance, probe.inputs);
    run.run();
    run.expect_no_damage();  // compares the inputs
    // Once more, so that even a write of the same value is seen.
    for (size_t i = 0; i < probe.inputs.size(); ++i) {
      if (HostBlock* block = run.input(i).block()) block->make_read_only();
    }
    must_run(run);
  });
}

void outputs_complete(const CaseTarget& target, CaseResult&) {
  for_each_probe(target, [](const Probe& probe, RawPartition& partition, const OwnedInstance& instance) {
    RawRun run(partition, instance, probe.inputs);
    const std::vector<RawTensor> first = run.run(nullptr, '\xEE');
    const std::vector<RawTensor> second = run.run(nullptr, '\x31');
    for (size_t o = 0; o < first.size(); ++o) {
      const uint64_t width = std::max<uint64_t>(bits_of(first[o].element_type) / 8, 1);
      const std::string was_first(width, '\xEE');
      const std::string was_second(width, '\x31');
      for (uint64_t at = 0; at + width <= std::min(first[o].bytes.size(), second[o].bytes.size());
           at += width) {
        if (first[o].bytes.substr(at, width) == was_first && second[o].bytes.substr(at, width) == was_second) {
          fail(fmt::format("output {}: element {} of {} was not written", o, at / width, first[o].count()));
        }
      }
    }
  });
}

void check_info(const OwnedInstance& instance, const RawGraph& graph, const Probe& probe) {
  const bp_instance_info& info = instance.info();
  if (info.workspace_alignment != 0 && (info.workspace_alignment & (info.workspace_alignment - 1)) != 0) {
    fail(fmt::format("workspace_alignment must be a power of two, is {}", info.workspace_alignment));
  }
  const std::vector<uint32_t> outputs = graph.outputs();
  for (size_t o = 0; o < outputs.size(); ++o) {
    const RawGraph::Value& value = graph.values()[outputs[o]];
    uint64_t count = 1;
    for (const int64_t dim : value.dims) count *= static_cast<uint64_t>(dim);
    const bp_output_info& output = instance.output(o);
    if (output.mode == BP_OUTPUT_FIXED && output.size_bytes != bytes_of(value.element_type, count)) {
      fail(fmt::format("output {}: size_bytes must be {}, is {}", o, bytes_of(value.element_type, count),
                       output.size_bytes));
    }
    if (output.in_place_input != BP_NONE && output.in_place_input >= probe.inputs.size()) {
      fail(fmt::format("output {}: in_place_input must be below {}, is {}", o, probe.inputs.size(),
                       output.in_place_input));
    }
  }
}

void expect_same_info(const OwnedInstance& a, const OwnedInstance& b) {
  bool same =
      a.info().workspace_bytes == b.info().workspace_bytes && a.info().outputs.count == b.info().outputs.count;
  for (uint64_t o = 0; same && o < a.info().outputs.count; ++o) {
    same = a.output(o).mode == b.output(o).mode && a.output(o).size_bytes == b.output(o).size_bytes &&
           a.output(o).in_place_input == b.output(o).in_place_input;
  }
  if (!same) fail("two instances for the same shapes state another workspace, size or in_place_input");
}

// Output `o` in the memory of the input that the instance names.
void run_in_place(const Probe& probe, RawPartition& partition, const OwnedInstance& instance, size_t o,
                  const RawTensor& expected) {
  RawRun run(partition, instance, probe.inputs);
  const uint32_t input = instance.output(o).in_place_input;
  auto* binding = const_cast<bp_tensor_binding*>(BP_AT(bp_tensor_binding, run.binding().outputs, o));
  binding->data = BP_AT(bp_tensor_binding, run.binding().inputs, input)->data;
  binding->data.size = std::max(binding->data.size, instance.output(o).size_bytes);
  if (binding->data.size > probe.inputs[input].bytes.size()) {
    fail(fmt::format("output {} of {} bytes is said to fit in place of input {} of {} bytes", o,
                     binding->data.size, input, probe.inputs[input].bytes.size()));
  }
  if (const TakenStatus status = run.bind(); !status.ok()) fail("bind in place: " + status.to_string());
  must_run(run);
  RawTensor found = expected;
  found.bytes = run.input(input).read().substr(0, expected.bytes.size());
  const std::string difference = difference_of(expected, found, Match::kNearly);
  if (!difference.empty()) {
    fail(fmt::format("output {} in place of input {} is another result: {}", o, input, difference));
  }
}

void instance_info(const CaseTarget& target, CaseResult&) {
  for_each_probe(target, [](const Probe& probe, RawPartition& partition, const OwnedInstance& instance) {
    check_info(instance, probe.graph, probe);
    const OwnedInstance again = specialize(partition, probe.inputs);
    expect_same_info(instance, again);
    RawRun plain(partition, instance, probe.inputs);
    const std::vector<RawTensor> expected = plain.run();
    for (size_t o = 0; o < expected.size(); ++o) {
      if (instance.output(o).in_place_input != BP_NONE && instance.output(o).mode == BP_OUTPUT_FIXED) {
        run_in_place(probe, partition, instance, o, expected[o]);
      }
    }
    expect_same_info(instance, again);
  });
}

// The raw host maps constants at odd addresses.
void constant_alignment(const CaseTarget& target, CaseResult&) {
  size_t with_constants = 0;
  for_each_probe(target, [&](const Probe& probe, RawPartition& partition, const OwnedInstance& instance) {
    if (partition.view().constants().acquires() == 0) return;
    ++with_constants;
    RawRun run(partition, instance, probe.inputs);
    run.run();
  });
  if (with_constants == 0)
    not_applicable("the provider acquires no constant of the graphs that this case knows");
}

}  // namespace

std::vector<ContractCase> touch_cases() {
  return {
      {"memory.guard_pages",
       Level::kContract,
       {61},
       "Nothing is read or written outside of a slice: inputs, outputs, workspace.",
       guard_pages,
       30'000},
      {"memory.inputs_const",
       Level::kContract,
       {62},
       "A run does not write to its inputs.",
       inputs_const,
       30'000},
      {"memory.outputs_complete",
       Level::kContract,
       {63},
       "A run writes every element of its outputs.",
       outputs_complete,
       30'000},
      {"memory.instance_info",
       Level::kContract,
       {75},
       "Workspace, output sizes and in_place_input are as stated, and stay so.",
       instance_info,
       30'000},
      {"memory.constant_alignment",
       Level::kContract,
       {48},
       "Constants are read wherever they lie.",
       constant_alignment,
       30'000},
  };
}

}  // namespace bp::conformance
