// Fills the table of tables, and asks the ICD loader for platforms and devices.
#include "provider.hpp"

#include "artifact.hpp"
#include "capability.hpp"
#include "memory.hpp"
#include "options.hpp"
#include "program.hpp"
#include "signals.hpp"
#include "stream.hpp"

namespace bp::opencl {

namespace {

// The canonical level for which the operator rows were written.
constexpr uint32_t kCanonicalLevel = 28;
// What the ICD loader answers without any driver (cl_khr_icd).
constexpr cl_int kPlatformNotFound = -1001;

void close(bp_provider* provider) { delete static_cast<Provider*>(provider->self); }

}  // namespace

Provider::Provider(const bp_host* host) : host_(host) {
  table.struct_size = BP_STRUCT_SIZE(bp_provider, close);
  table.abi_minor = 0;
  table.self = this;
  table.id = abi("backplane.opencl");
  table.version = abi(BP_OPENCL_VERSION);
  table.canonical_level = kCanonicalLevel;
  table.device = &kDeviceApi;
  table.capability = &kCapabilityApi;
  table.program = &kProgramApi;
  table.memory = &kMemoryApi;
  table.stream = &kStreamApi;
  table.event = &kEventApi;
  table.artifact = &kArtifactApi;
  const auto options = option_infos();
  table.options = {options.data(), options.size(), sizeof(bp_option_info)};
  table.close = close;
}

const std::vector<std::unique_ptr<Device>>& Provider::devices() {
  std::call_once(found_, [this] { find_devices(); });
  return devices_;
}

const std::string& Provider::no_device_reason() {
  static_cast<void>(devices());
  return reason_;
}

void Provider::find_devices() {
  const KeptSignals kept;
  cl_uint count = 0;
  const cl_int error = clGetPlatformIDs(0, nullptr, &count);
  if (error == kPlatformNotFound || (error == CL_SUCCESS && count == 0)) {
    reason_ = "the ICD loader knows no OpenCL driver; install one (Debian: pocl-opencl-icd, or the GPU's)";
    return;
  }
  check(error, "clGetPlatformIDs");
  std::vector<cl_platform_id> platforms(count);
  check(clGetPlatformIDs(count, platforms.data(), nullptr), "clGetPlatformIDs");
  for (const cl_platform_id platform : platforms) {
    cl_uint found = 0;
    const cl_int status = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &found);
    if (status != CL_SUCCESS || found == 0) {
      reason_ += text(reason_.empty() ? "" : "; ", "platform '", platform_text(platform, CL_PLATFORM_NAME),
                      "' has no device");
      continue;
    }
    std::vector<cl_device_id> ids(found);
    check(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, found, ids.data(), nullptr), "clGetDeviceIDs");
    for (const cl_device_id id : ids) {
      const bool usable = device_value<cl_bool>(id, CL_DEVICE_AVAILABLE) == CL_TRUE &&
                          device_value<cl_bool>(id, CL_DEVICE_COMPILER_AVAILABLE) == CL_TRUE &&
                          device_value<cl_bool>(id, CL_DEVICE_ENDIAN_LITTLE) == CL_TRUE;
      if (!usable) {
        reason_ += text(reason_.empty() ? "" : "; ", "'", device_text(id, CL_DEVICE_NAME),
                        "' is not available, has no compiler or is not little endian");
        continue;
      }
      const auto index = static_cast<uint32_t>(devices_.size());
      devices_.push_back(std::make_unique<Device>(host_, notifier_, platform, id, index));
    }
  }
  if (!devices_.empty()) reason_.clear();
}

}  // namespace bp::opencl
