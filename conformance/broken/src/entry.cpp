// The entry point: tables, options, nothing of the device.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "event.hpp"
#include "provider.hpp"

namespace broken {
namespace {

using bp::sdk::entry;

bp_status list(void* self, uint32_t capacity, bp_device* devices, uint32_t* count, bp_string*) {
  static int calls = 0;
  if (capacity > 0) devices[0] = bp::sdk::handle_of(*static_cast<Provider*>(self));
  *count = has(Fault::forgets_its_device) && ++calls > 2 ? 0 : 1;
  return nullptr;
}

constexpr bp_device_api kDeviceApi = {.struct_size = BP_STRUCT_SIZE(bp_device_api, sample_clock),
                                      .reserved = 0,
                                      .list = list,
                                      .info = entry<&Provider::info>,
                                      .sample_clock = entry<&Provider::sample_clock>};

constexpr bp_capability_api kCapabilityApi = {.struct_size = BP_STRUCT_SIZE(bp_capability_api, query_partition),
                                              .reserved = 0,
                                              .query = entry<&Provider::query>,
                                              .query_partition = entry<&Provider::query_partition>};

const void* get_extension(bp_provider*, bp_string, uint32_t) {
  return has(Fault::answers_every_extension) ? &kDeviceApi : nullptr;
}

void close(bp_provider* table) {
  if (table == nullptr || has(Fault::opens_one_object_for_all)) return;
  delete static_cast<Provider*>(table->self);
}

// A thread that nobody ends.
void leave_a_thread() {
  std::thread([] { std::this_thread::sleep_for(std::chrono::minutes(10)); }).detach();
}

// The faults of open itself.
uint32_t misbehave_in_open(const bp_host*, uint32_t host_max_minor) {
  if (has(Fault::crashes_in_open)) std::raise(SIGSEGV);
  if (has(Fault::hangs_in_open)) {
    for (;;) pause();
  }
  if (has(Fault::is_slow_to_open)) std::this_thread::sleep_for(std::chrono::seconds(1));
  if (has(Fault::leaves_a_thread) || has(Fault::unloads_under_a_thread)) leave_a_thread();
  if (has(Fault::demands_an_equal_version) && host_max_minor != 0) return BP_STATUS_INCOMPATIBLE;
  return BP_STATUS_OK;
}

}  // namespace

Provider::Provider(Host host)
    : host_(host), clock_base_ns_(monotonic_ns()), fingerprint_("reference-device-1") {
  static const bp_program_api program = program_api();
  if (has(Fault::fingerprints_the_process)) fingerprint_ += "-" + std::to_string(getpid());
  table_.struct_size = BP_STRUCT_SIZE(bp_provider, close);
  table_.abi_minor = 0;
  table_.self = this;
  table_.id = bp::sdk::abi(has(Fault::has_another_id) ? std::string_view("org.example.other") : kId);
  table_.version = bp::sdk::abi(kVersion);
  table_.canonical_level = has(Fault::states_a_level_that_is_none) ? 7 : 22;
  table_.flags = has(Fault::leaves_a_thread) ? 0 : BP_PROVIDER_MAY_UNLOAD;
  table_.device = &kDeviceApi;
  table_.capability = &kCapabilityApi;
  table_.program = &program;
  if (!kSynchronous) {
    table_.memory = &kMemoryApi;
    table_.stream = &kStreamApi;
    table_.event = &kEventApi;
  }
  table_.artifact = &kArtifactApi;
  table_.options = list_options();
  table_.get_extension = get_extension;
  table_.close = close;
}

Provider::~Provider() = default;

}  // namespace broken

BP_EXPORT uint32_t bp_provider_open_v1(const bp_host* host, uint32_t host_min_minor, uint32_t host_max_minor,
                                       bp_provider** provider) {
  using namespace broken;
  *provider = nullptr;
  if (const uint32_t code = misbehave_in_open(host, host_max_minor); code != BP_STATUS_OK) return code;
  if (host_min_minor > 0) return BP_STATUS_INCOMPATIBLE;  // this provider speaks minor 0
  const Host sdk_host(host);
  return bp::sdk::guard_open(sdk_host, [&] {
    if (has(Fault::opens_one_object_for_all)) {
      static auto* const shared = new Provider(sdk_host);
      *provider = shared->table();
      return;
    }
    *provider = std::make_unique<Provider>(sdk_host).release()->table();
  });
}
