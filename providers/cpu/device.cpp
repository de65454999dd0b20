// Lists the processor: name, instruction sets, memory. Finding out needs cpuid only.
#include "device.hpp"

#include <cpuid.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "onednn_seam.hpp"
#include "provider.hpp"
#include "struct_size.hpp"

namespace bp::cpu {

namespace {

std::string brand() {
  std::array<unsigned, 12> words{};
  unsigned highest = __get_cpuid_max(0x80000000u, nullptr);
  if (highest < 0x80000004u) return "x86-64 processor";
  for (unsigned leaf = 0; leaf < 3; ++leaf) {
    unsigned* word = words.data() + size_t{leaf} * 4;
    __get_cpuid(0x80000002u + leaf, word, word + 1, word + 2, word + 3);
  }
  std::string text(reinterpret_cast<const char*>(words.data()), sizeof(words));
  text.resize(std::strlen(text.c_str()));
  const size_t begin = text.find_first_not_of(' ');
  const size_t end = text.find_last_not_of(' ');
  return begin == std::string::npos ? "x86-64 processor" : text.substr(begin, end - begin + 1);
}

std::string vendor_name() {
  unsigned highest = 0;
  std::array<unsigned, 3> words{};
  if (__get_cpuid(0, &highest, &words[0], &words[2], &words[1]) == 0) return {};
  return {reinterpret_cast<const char*>(words.data()), sizeof(words)};
}

std::string instruction_sets() {
  std::string list;
  const auto add = [&](bool present, const char* name) {
    if (present) list += text(list.empty() ? "" : " ", name);
  };
  add(__builtin_cpu_supports("avx2"), "avx2");
  add(__builtin_cpu_supports("fma"), "fma");
  add(__builtin_cpu_supports("avx512f"), "avx512f");
  add(__builtin_cpu_supports("avx512bw"), "avx512bw");
  add(__builtin_cpu_supports("avx512vnni"), "avx512vnni");
  add(__builtin_cpu_supports("avx512bf16"), "avx512bf16");
  return list;
}

bp_status list(void* self, uint32_t capacity, bp_device* devices, uint32_t* count, bp_string*) {
  *count = 1;
  if (capacity > 0) devices[0] = reinterpret_cast<bp_device>(&static_cast<Provider*>(self)->device);
  return nullptr;
}

bp_status info(bp_device handle, bp_device_info* out) {
  const auto& device = *reinterpret_cast<const Device*>(handle);
  return guard(device.host, [&] {
    BP_EXPECT_STRUCT(out, bp_device_info, launch_ns);
    // What is not set here stays 0, as the caller made it.
    out->kind = BP_DEVICE_CPU;
    // Not BP_DEVICE_DETERMINISTIC, which holds for all teams: that takes the option, and no Winograd.
    out->flags = BP_DEVICE_SYNCHRONOUS;
    out->name = abi(device.name);
    out->vendor = abi(device.vendor);
    out->driver = abi(device.driver);
    out->fingerprint = abi(device.fingerprint);
    out->memory_kinds = {&device.memory, 1, sizeof(bp_memory_kind_info)};
    out->properties = {&device.property, 1, sizeof(bp_property)};
    out->memory_bytes = device.memory_bytes;
  });
}

}  // namespace

Device::Device(const bp_host* table)
    : host(table),
      name(brand()),
      vendor(vendor_name()),
      driver(onednn_version()),
      features(instruction_sets()),
      fingerprint(text(name, "; ", features, "; ", driver)) {
  memory.struct_size = BP_STRUCT_SIZE(bp_memory_kind_info, export_handles);
  memory.kind = BP_MEMORY_HOST;
  memory.name = abi("host");
  memory.flags = BP_MEMORY_HOST_VISIBLE | BP_MEMORY_HAS_ADDRESS;
  // Kernels take any element-aligned address; 16 is what every allocator gives. The granularity keeps planned
  // tensors on their own cache lines.
  memory.alignment = 16;
  memory.granularity = 64;
  memory_bytes = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  memory.total = memory_bytes;
  property = {abi("instruction_sets"), abi(features)};
}

std::string processor_and_versions() {
  return text(brand(), "; ", instruction_sets(), "; ", onednn_version(), " ", onednn_instruction_set(), "; ",
              BP_CPU_VERSION);
}

const bp_host* device_host(bp_device device) { return reinterpret_cast<const Device*>(device)->host; }

const bp_device_api kDeviceApi = {
    BP_STRUCT_SIZE(bp_device_api, sample_clock), 0, list, info, nullptr,
};

}  // namespace bp::cpu
