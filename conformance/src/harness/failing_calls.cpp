#include "harness/failing_calls.hpp"

#include <fmt/format.h>

namespace bp::conformance {
namespace {

// Results that a failing call must leave alone.
template <class Handle>
Handle untouched() {
  return reinterpret_cast<Handle>(uintptr_t{0x10});
}

template <class Handle>
void expect_untouched(const char* what, Handle handle) {
  if (handle != untouched<Handle>()) {
    fail(fmt::format("{} failed and wrote its result: expected it as it was", what));
  }
}

}  // namespace

FailingCalls::FailingCalls(Opened& opened) : opened_(opened) {
  add_structs();
  add_memory();
  add_compile();
  add_programs();
}

void FailingCalls::add_structs() {
  const RawProvider& provider = opened_.provider;
  calls_.push_back({"info with a bp_device_info of 8 bytes", {BP_STATUS_INVALID_ARGUMENT}, [&provider] {
                      CanaryStruct<bp_device_info> info(8);
                      const bp_status status = provider->device->info(provider.device(), info.get());
                      if (const std::string damage = info.damage(); !damage.empty()) fail("info: " + damage);
                      return status;
                    }});
}

void FailingCalls::add_memory() {
  const RawProvider& provider = opened_.provider;
  if (provider->memory == nullptr) return;
  const auto allocate = [&provider](const char* what, uint32_t kind, uint64_t size) {
    auto buffer = untouched<bp_buffer>();
    uint64_t address = 0x10;
    const bp_status status =
        provider->memory->allocate(provider.device(), kind, size, nullptr, &buffer, &address);
    if (status != nullptr) expect_untouched(what, buffer);
    return status;
  };
  calls_.push_back({"allocate of a memory kind that the device does not list",
                    {BP_STATUS_INVALID_ARGUMENT, BP_STATUS_UNSUPPORTED},
                    [allocate] { return allocate("allocate", 4'000'000'000u, 64); }});
  const bp_device_info info = provider.info();
  for (uint64_t i = 0; i < info.memory_kinds.count; ++i) {
    const uint32_t kind = BP_AT(bp_memory_kind_info, info.memory_kinds, i)->kind;
    if (kind == BP_MEMORY_HOST) continue;
    calls_.push_back(
        {fmt::format("allocate of 2^60 bytes of kind {}", kind),
         {BP_STATUS_OUT_OF_DEVICE_MEMORY, BP_STATUS_OUT_OF_HOST_MEMORY, BP_STATUS_INVALID_ARGUMENT},
         [allocate, kind] { return allocate("allocate", kind, uint64_t{1} << 60); }});
    if (const auto import = BP_FUNCTION(provider->memory, bp_memory_api, import_memory)) {
      calls_.push_back({fmt::format("import_memory of an unknown handle type as kind {}", kind),
                        {BP_STATUS_UNSUPPORTED},
                        [&provider, import, kind] {
                          bp_external_memory external{};
                          external.struct_size = BP_STRUCT_SIZE(bp_external_memory, reserved);
                          external.handle_type = 4'000'000'000u;
                          external.size = 64;
                          auto buffer = untouched<bp_buffer>();
                          uint64_t address = 0x10;
                          const bp_status status =
                              import(provider.device(), kind, &external, &buffer, &address);
                          if (status != nullptr) expect_untouched("import_memory", buffer);
                          return status;
                        }});
    }
  }
}

void FailingCalls::add_compile() {
  const RawProvider& provider = opened_.provider;
  const auto compile = [this, &provider](const RawView* view, bool cancelled) {
    bp_compile_args args{};
    args.struct_size = BP_STRUCT_SIZE(bp_compile_args, progress);
    args.thread_count = opened_.args.thread_count;
    args.partition = view->get();
    args.options = opened_.options.abi();
    args.cancel = cancelled ? cancelled_.handle() : nullptr;
    auto program = untouched<bp_program>();
    const bp_status status = provider->program->compile(provider.device(), &args, &program);
    if (status != nullptr) {
      expect_untouched("compile", program);
    } else {
      provider->program->release_program(program);
    }
    return status;
  };
  // A compile without its constants; providers that read them later succeed here.
  for (const Probe& probe : supported_probes(provider, opened_.options, opened_.seed)) {
    bool reads = false;
    for (const RawGraph::Value& value : probe.graph.values()) reads |= (value.flags & BP_VALUE_CONSTANT) != 0;
    if (!reads) continue;
    views_.push_back(std::make_unique<RawView>(probe.graph));
    const RawView* view = views_.back().get();
    opened_.host.take(compile(view, false));
    if (view->constants().acquires() == 0) continue;
    calls_.push_back({fmt::format("compile of {} whose constants cannot be read", probe.name),
                      {BP_STATUS_IO},
                      [this, compile, view] {
                        opened_.host.failing_acquire = opened_.host.acquire_calls() + 1;
                        const bp_status status = compile(view, false);
                        opened_.host.failing_acquire = 0;
                        if (const uint64_t open = view->constants().outstanding(); open > 0) {
                          fail(fmt::format("compile failed and kept {} constants", open));
                        }
                        return status;
                      }});
    break;
  }
}

void FailingCalls::add_programs() {
  const RawProvider& provider = opened_.provider;
  const std::vector<Probe> probes = supported_probes(provider, opened_.options, opened_.seed);
  if (probes.empty()) return;
  const Probe& probe = probes.front();
  partition_ = std::make_unique<RawPartition>(provider, probe.graph, opened_.options, opened_.args);
  instance_ = std::make_unique<OwnedInstance>(specialize(*partition_, probe.inputs));
  context_ = std::make_unique<OwnedContext>(create_context(*instance_));
  calls_.push_back(
      {"specialize with a bp_instance_info of 8 bytes", {BP_STATUS_INVALID_ARGUMENT}, [this, &provider, probe] {
         const SpecializeArgs args(*partition_, probe.inputs, stated_output_dims(probe.graph));
         CanaryStruct<bp_instance_info> info(8);
         auto instance = untouched<bp_instance>();
         const bp_status status =
             provider->program->specialize(partition_->program().get(), &args.get(), &instance, info.get());
         if (status != nullptr) expect_untouched("specialize", instance);
         if (const std::string damage = info.damage(); !damage.empty()) fail("specialize: " + damage);
         return status;
       }});
  calls_.push_back({"bind with a bp_binding of 8 bytes", {BP_STATUS_INVALID_ARGUMENT}, [this, &provider] {
                      bp_binding binding{};
                      binding.struct_size = 8;
                      return provider->program->bind(context_->get(), &binding);
                    }});
}

}  // namespace bp::conformance
