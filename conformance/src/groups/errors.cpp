#include "groups/errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "groups/contract.hpp"
#include "harness/failing_calls.hpp"
#include "harness/process.hpp"

namespace bp::conformance {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

milliseconds since(Clock::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
}

// ---- the boundary ----

void expect_same_handlers(const std::vector<std::pair<int, const void*>>& before, const char* when) {
  for (const auto& [number, handler] : signal_handlers()) {
    const auto was =
        std::find_if(before.begin(), before.end(), [&](const auto& one) { return one.first == number; });
    if (was != before.end() && was->second != handler) {
      fail(fmt::format("the handler of signal {} was changed {}", number, when));
    }
  }
}

// What a host does not ask for: any status will do.
void compile_nonsense(Opened& opened) {
  const RawProvider& provider = opened.provider;
  RawGraph graph(provider->canonical_level);
  graph.node("NoSuchOperator", {graph.input("x", BP_TYPE_FLOAT32, {2})}, BP_TYPE_FLOAT32, {2}, {},
             "org.example.nobody");
  const RawView view(graph);
  bp_compile_args args{};
  args.struct_size = BP_STRUCT_SIZE(bp_compile_args, progress);
  args.thread_count = 1;
  args.partition = view.get();
  args.options = opened.options.abi();
  bp_program program = nullptr;
  const TakenStatus status = provider.call("compile of an operator that nobody has", [&] {
    return provider->program->compile(provider.device(), &args, &program);
  });
  if (status.ok()) provider->program->release_program(program);
}

// Sizes at which a careless provider runs out of something. Of probes whose tensors all have one shape, so that
// the dims fit together as a host's do.
void specialize_enormous(const RawProvider& provider, RawPartition& partition, const Probe& probe) {
  for (const RawGraph::Value& value : probe.graph.values()) {
    if (value.dims != probe.graph.values()[0].dims || (value.flags & BP_VALUE_CONSTANT)) return;
  }
  for (const int64_t size : {int64_t{1} << 31, int64_t{1} << 40, int64_t{1} << 62}) {
    std::vector<RawTensor> inputs = probe.inputs;
    for (RawTensor& input : inputs) {
      if (!input.dims.empty()) input.dims[0] = size;
    }
    std::vector<std::vector<int64_t>> outputs = stated_output_dims(probe.graph);
    for (std::vector<int64_t>& dims : outputs) {
      if (!dims.empty()) dims[0] = size;
    }
    const SpecializeArgs args(partition, inputs, outputs);
    bp_instance instance = nullptr;
    bp_instance_info info{};
    info.struct_size = BP_STRUCT_SIZE(bp_instance_info, context_bytes);
    const TakenStatus status = provider.call(fmt::format("specialize at a size of {}", size), [&] {
      return provider->program->specialize(partition.program().get(), &args.get(), &instance, &info);
    });
    if (status.ok()) provider->program->release_instance(instance);
  }
}

void boundary(const CaseTarget& target, CaseResult&) {
  const auto before = signal_handlers();
  with_provider(target, [&](Opened& opened) {
    expect_same_handlers(before, "by open");
    const RawProvider& provider = opened.provider;
    compile_nonsense(opened);
    {
      const FailingCalls calls(opened);
      for (const FailingCall& call : calls.all()) provider.call(call.what, call.make);
    }
    for (const Probe& probe : supported_probes(provider, opened.options, opened.seed)) {
      RawPartition partition(provider, probe.graph, opened.options, opened.args);
      specialize_enormous(provider, partition, probe);
      const OwnedInstance instance = specialize(partition, probe.inputs);
      RawRun run(partition, instance, probe.inputs);
      run.run();
    }
    expect_same_handlers(before, "by compiling and running");
  });
  expect_same_handlers(before, "and not restored by close");
}

// ---- statuses ----

void status_owner(const CaseTarget& target, CaseResult&) {
  Opened opened(target);
  std::vector<bp_status> kept;
  {
    const FailingCalls calls(opened);
    for (const FailingCall& call : calls.all()) {
      const uint64_t created = opened.host.created_statuses();
      for (int i = 0; i < 2; ++i) {
        const bp_status status = guarded(call.what, call.make);
        if (status == nullptr) fail(fmt::format("{}: expected an error, got success", call.what));
        if (std::find(kept.begin(), kept.end(), status) != kept.end()) {
          fail(fmt::format("{}: the status of an earlier call was returned again", call.what));
        }
        kept.push_back(status);
      }
      if (opened.host.created_statuses() < created + 2) {
        fail(fmt::format("{}: two errors, and status_create was called less than twice", call.what));
      }
    }
  }
  opened.provider.close();
  // Statuses outlive the provider.
  for (const bp_status status : kept) opened.host.take(status);
  opened.finish();
}

bool is_utf8(const std::string& text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t more = lead < 0x80 ? 0 : lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : lead >> 3 == 30 ? 3 : 9;
    if (more == 9 || i + more >= text.size()) return false;
    for (size_t k = 1; k <= more; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    i += more + 1;
  }
  return true;
}

void codes(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const FailingCalls calls(opened);
    for (const FailingCall& call : calls.all()) {
      const TakenStatus status = opened.provider.call(call.what, call.make);
      if (std::find(call.allowed.begin(), call.allowed.end(), status.code) == call.allowed.end()) {
        std::string expected;
        for (const uint32_t code : call.allowed) {
          expected += expected.empty() ? "" : " or ";
          expected += status_code_name(code);
        }
        fail(fmt::format("{}: expected {}, got {}", call.what, expected, status.to_string()));
      }
      if (status.message.size() < 8) {
        fail(fmt::format("{}: the text '{}' does not say what was expected and what was found", call.what,
                         status.message));
      }
      if (!is_utf8(status.message)) fail(fmt::format("{}: the text is no UTF-8", call.what));
    }
  });
}

void nothing_taken(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const RawProvider& provider = opened.provider;
    const std::vector<Probe> probes = supported_probes(provider, opened.options, opened.seed);
    std::vector<RawTensor> before;
    if (!probes.empty()) {
      before = run_probe_graph(provider, probes[0].graph, opened.options, probes[0].inputs, opened.args);
    }
    {
      const FailingCalls calls(opened);
      for (const FailingCall& call : calls.all()) {
        // Each checks by itself that no result was written and nothing kept.
        for (int i = 0; i < 3; ++i) {
          if (provider.call(call.what, call.make).ok())
            fail(fmt::format("{}: expected an error, got success", call.what));
        }
      }
    }
    if (probes.empty()) return;
    if (run_probe_graph(provider, probes[0].graph, opened.options, probes[0].inputs, opened.args) != before) {
      fail("after calls that failed a run gives other results");
    }
  });
}

// ---- cancel ----

// Slow machines and sanitizers included; a provider that does not look takes longer than this on purpose only.
constexpr milliseconds kSlack{150};

// Who has been asked to stop from the start either stops or is done soon.
void check_cancelled(const Opened& opened, const char* what, const RawCancel& cancel, const TakenStatus& status,
                     milliseconds took, double time_factor) {
  if (!status.ok() && status.code != BP_STATUS_CANCELLED) {
    fail(fmt::format("{} under cancel: expected CANCELLED or success, got {}", what, status.to_string()));
  }
  const auto limit =
      static_cast<int64_t>(static_cast<double>((milliseconds{100} + kSlack).count()) * time_factor);
  if (took.count() > limit) {
    fail(fmt::format(
        "{} under cancel took {} ms and asked {} times whether to stop, expected at least every 100 ms", what,
        took.count(), cancel.asked.load()));
  }
  opened.host.expect_no_breach();
}

void cancel_compile(const CaseTarget& target, CaseResult&) {
  with_provider(target, [&](Opened& opened) {
    const RawProvider& provider = opened.provider;
    for (const bool large : {false, true}) {
      for (const Probe& probe : supported_probes(provider, opened.options, opened.seed, large)) {
        RawCancel cancel;
        cancel.requested = true;
        const RawView view(probe.graph);
        bp_compile_args args{};
        args.struct_size = BP_STRUCT_SIZE(bp_compile_args, progress);
        args.thread_count = opened.args.thread_count;
        args.partition = view.get();
        args.options = opened.options.abi();
        args.cancel = cancel.handle();
        bp_program program = nullptr;
        Clock::time_point begin = Clock::now();
        TakenStatus status = provider.call(
            "compile", [&] { return provider->program->compile(provider.device(), &args, &program); });
        check_cancelled(opened, "compile", cancel, status, since(begin), target.time_factor);
        if (status.ok()) provider->program->release_program(program);

        RawPartition partition(provider, probe.graph, opened.options, opened.args);
        SpecializeArgs specs(partition, probe.inputs, stated_output_dims(probe.graph));
        specs.get().cancel = cancel.handle();
        bp_instance instance = nullptr;
        bp_instance_info info{};
        info.struct_size = BP_STRUCT_SIZE(bp_instance_info, context_bytes);
        begin = Clock::now();
        status = provider.call("specialize", [&] {
          return provider->program->specialize(partition.program().get(), &specs.get(), &instance, &info);
        });
        check_cancelled(opened, "specialize", cancel, status, since(begin), target.time_factor);
        if (status.ok()) provider->program->release_instance(instance);
      }
    }
  });
}

const std::vector<ContractCase>& cases() {
  static const std::vector<ContractCase> kCases = {
      {"errors.boundary",
       Level::kContract,
       {20},
       "No exception crosses, no signal handler is left, nobody exits: failing calls, enormous sizes.",
       boundary},
      {"errors.status_owner",
       Level::kContract,
       {21},
       "Each failing call gives a new status of this host, which may outlive the provider.",
       status_owner},
      {"errors.codes", Level::kContract, {22}, "Codes say what to do next; texts say something.", codes},
      {"errors.nothing_taken",
       Level::kContract,
       {23},
       "A failed call took nothing and wrote no result.",
       nothing_taken},
      {"errors.cancel_compile",
       Level::kContract,
       {77},
       "compile and specialize stop within 100 ms when asked to.",
       cancel_compile,
       20'000},
  };
  return kCases;
}

}  // namespace

Group errors_group() {
  return {"errors", "Errors: their codes, their owner, and what a failed call leaves behind.",
          [](const PlanRequest&) { return plan_contract("errors", cases()); },
          [](const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
            run_contract(cases(), info, target, result);
          }};
}

}  // namespace bp::conformance
