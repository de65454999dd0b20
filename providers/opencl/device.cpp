// What a device tells about itself, and its context and queue.
#include "device.hpp"

#include <algorithm>
#include <ctime>

#include "provider.hpp"
#include "signals.hpp"

namespace bp::opencl {

namespace {

constexpr uint32_t kMemoryHandles[] = {BP_HANDLE_CL_MEM, BP_HANDLE_HOST_POINTER};
constexpr uint32_t kExportHandles[] = {BP_HANDLE_CL_MEM};
constexpr uint32_t kEventHandles[] = {BP_EVENT_HANDLE_CL_EVENT};

template <size_t N>
bp_array list_of(const uint32_t (&items)[N], size_t count = N) {
  return {items, count, sizeof(uint32_t)};
}

uint32_t kind_of(cl_device_type type) {
  if ((type & CL_DEVICE_TYPE_CPU) != 0) return BP_DEVICE_CPU;
  if ((type & CL_DEVICE_TYPE_GPU) != 0) return BP_DEVICE_GPU;
  return BP_DEVICE_OTHER;
}

Traits read_traits(cl_device_id id) {
  Traits traits;
  const std::string extensions = " " + device_text(id, CL_DEVICE_EXTENSIONS) + " ";
  const auto has = [&](const char* name) { return extensions.find(text(" ", name, " ")) != std::string::npos; };
  traits.is_cpu = (device_value<cl_device_type>(id, CL_DEVICE_TYPE) & CL_DEVICE_TYPE_CPU) != 0;
  traits.unified = device_value<cl_bool>(id, CL_DEVICE_HOST_UNIFIED_MEMORY) == CL_TRUE;
  traits.fp64 = has("cl_khr_fp64") || device_value<cl_device_fp_config>(id, CL_DEVICE_DOUBLE_FP_CONFIG) != 0;
  traits.fp16 = has("cl_khr_fp16");
  traits.units = std::max(1u, device_value<cl_uint>(id, CL_DEVICE_MAX_COMPUTE_UNITS));
  traits.max_group =
      static_cast<uint32_t>(std::max<size_t>(1, device_value<size_t>(id, CL_DEVICE_MAX_WORK_GROUP_SIZE)));
  traits.max_allocation = device_value<cl_ulong>(id, CL_DEVICE_MAX_MEM_ALLOC_SIZE);
  traits.memory_bytes = device_value<cl_ulong>(id, CL_DEVICE_GLOBAL_MEM_SIZE);
  const auto bits = device_value<cl_uint>(id, CL_DEVICE_MEM_BASE_ADDR_ALIGN);
  traits.base_alignment = std::max<uint64_t>(64, bits / 8);
  return traits;
}

uint64_t host_now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(time.tv_nsec);
}

bp_status list(void* self, uint32_t capacity, bp_device* devices, uint32_t* count, bp_string* reason) {
  auto& provider = *static_cast<Provider*>(self);
  return guard(provider.host(), [&] {
    const auto& found = provider.devices();
    *count = static_cast<uint32_t>(found.size());
    for (uint32_t i = 0; i < std::min(capacity, *count); ++i) devices[i] = sdk::handle_of(*found[i]);
    if (reason != nullptr) *reason = abi(provider.no_device_reason());
  });
}

}  // namespace

Device::Device(Host host, Notifier& notifier, cl_platform_id platform, cl_device_id id, uint32_t index)
    : host_(host),
      notifier_(notifier),
      platform_(platform),
      id_(id),
      index_(index),
      traits_(read_traits(id)),
      name_(device_text(id, CL_DEVICE_NAME)),
      vendor_(device_text(id, CL_DEVICE_VENDOR)),
      driver_(text(platform_text(platform, CL_PLATFORM_NAME), " ", device_text(id, CL_DRIVER_VERSION))),
      fingerprint_(text(name_, "; ", device_text(id, CL_DEVICE_VERSION), "; ", driver_)) {
  const auto yes_no = [](bool value) { return std::string(value ? "yes" : "no"); };
  const std::string extensions = device_text(id, CL_DEVICE_EXTENSIONS);
  const auto subgroups = extensions.find("cl_khr_subgroups") != std::string::npos;
  const auto dot = extensions.find("cl_khr_integer_dot_product") != std::string::npos;
  texts_ = {platform_text(platform, CL_PLATFORM_NAME),
            device_text(id, CL_DEVICE_VERSION),
            std::to_string(traits_.units),
            std::to_string(traits_.max_group),
            yes_no(traits_.fp16),
            yes_no(traits_.fp64),
            yes_no(dot),
            yes_no(subgroups),
            yes_no(traits_.unified)};
  const char* const names[] = {"platform", "version",     "compute_units", "work_group",    "fp16",
                               "fp64",     "integer_dot", "sub_groups",    "unified_memory"};
  for (size_t i = 0; i < texts_.size(); ++i) properties_.push_back({abi(names[i]), abi(texts_[i])});

  memory_.struct_size = BP_STRUCT_SIZE(bp_memory_kind_info, export_handles);
  memory_.kind = kDeviceMemory;
  memory_.name = abi("device");
  memory_.flags = traits_.unified ? BP_MEMORY_HOST_VISIBLE | BP_MEMORY_MAP_ONLY : 0;
  memory_.alignment = kAlignment;
  memory_.granularity = kAlignment;
  memory_.max_allocation = traits_.max_allocation;
  memory_.total = traits_.memory_bytes;
  // Host memory is used in place only where device and host see one copy.
  memory_.import_handles = list_of(kMemoryHandles, traits_.is_cpu ? 2 : 1);
  memory_.export_handles = list_of(kExportHandles);
}

void Device::info(bp_device_info* out) const {
  BP_EXPECT_STRUCT(out, bp_device_info, launch_ns);
  out->kind = kind_of(device_value<cl_device_type>(id_, CL_DEVICE_TYPE));
  out->index = index_;
  out->name = abi(name_);
  out->vendor = abi(vendor_);
  out->driver = abi(driver_);
  out->fingerprint = abi(fingerprint_);
  out->memory_kinds = {&memory_, 1, sizeof memory_};
  out->properties = abi(properties_);
  out->memory_bytes = traits_.memory_bytes;
  out->event_import_handles = list_of(kEventHandles);
  out->event_export_handles = list_of(kEventHandles);
}

void Device::ready() {
  if (is_ready_.load(std::memory_order_acquire)) return;
  const std::lock_guard lock(ready_mutex_);
  if (is_ready_.load(std::memory_order_relaxed)) return;
  const KeptSignals kept;
  const cl_context_properties properties[] = {CL_CONTEXT_PLATFORM,
                                              reinterpret_cast<cl_context_properties>(platform_), 0};
  cl_int error = CL_SUCCESS;
  ClContext context(clCreateContext(properties, 1, &id_, nullptr, nullptr, &error));
  check(error, "clCreateContext");
  context_ = std::move(context);
  queue_ = make_queue();
  dummy_ = make_buffer(kAlignment);
  programs_ = std::make_unique<Programs>(host_, context_.get(), id_);
  staging_ = std::make_unique<Staging>(context_.get(), make_queue());
  is_ready_.store(true, std::memory_order_release);
}

cl_context Device::context() {
  ready();
  return context_.get();
}

cl_mem Device::dummy() {
  ready();
  return dummy_.get();
}

Programs& Device::programs() {
  ready();
  return *programs_;
}

Staging& Device::staging() {
  ready();
  return *staging_;
}

ClQueue Device::make_queue() {
  cl_int error = CL_SUCCESS;
  ClQueue queue(clCreateCommandQueue(context_.get(), id_, CL_QUEUE_PROFILING_ENABLE, &error));
  check(error, "clCreateCommandQueue");
  return queue;
}

ClMem Device::make_buffer(uint64_t size, cl_mem_flags flags, void* host) {
  cl_int error = CL_SUCCESS;
  ClMem memory(clCreateBuffer(context_.get(), flags, std::max<uint64_t>(size, 1), host, &error));
  if (error == CL_INVALID_BUFFER_SIZE) {
    throw Error(BP_STATUS_OUT_OF_DEVICE_MEMORY,
                text("a buffer of ", size, " bytes; the device's largest has ", traits_.max_allocation), error);
  }
  check(error, "clCreateBuffer");
  return memory;
}

// A marker's end on the device's clock against the host's; the narrowest of a few.
void Device::sample_clock(uint64_t* device_ns, uint64_t* host_ns) {
  with_queue([&](cl_command_queue queue) {
    uint64_t narrowest = ~uint64_t{0};
    for (int round = 0; round < 4; ++round) {
      ClEvent marker;
      const uint64_t before = host_now_ns();
      check(clEnqueueMarkerWithWaitList(queue, 0, nullptr, marker.out()), "clEnqueueMarkerWithWaitList");
      const cl_event event = marker.get();
      check(clWaitForEvents(1, &event), "clWaitForEvents");
      const uint64_t after = host_now_ns();
      cl_ulong end = 0;
      check(clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, nullptr),
            "clGetEventProfilingInfo");
      if (after - before >= narrowest) continue;
      narrowest = after - before;
      *device_ns = end;
      *host_ns = before + (after - before) / 2;
    }
  });
}

const bp_device_api kDeviceApi = {
    BP_STRUCT_SIZE(bp_device_api, sample_clock), 0, list, sdk::entry<&Device::info>,
    sdk::entry<&Device::sample_clock>,
};

}  // namespace bp::opencl
