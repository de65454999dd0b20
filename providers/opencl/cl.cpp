// Names of OpenCL's errors, what each means to the host, and texts of devices and platforms.
#include "cl.hpp"

namespace bp::opencl {

std::string cl_error_name(cl_int error) {
#define BP_CL_NAME(name) \
  case name:             \
    return #name;
  switch (error) {
    BP_CL_NAME(CL_DEVICE_NOT_FOUND)
    BP_CL_NAME(CL_DEVICE_NOT_AVAILABLE)
    BP_CL_NAME(CL_COMPILER_NOT_AVAILABLE)
    BP_CL_NAME(CL_MEM_OBJECT_ALLOCATION_FAILURE)
    BP_CL_NAME(CL_OUT_OF_RESOURCES)
    BP_CL_NAME(CL_OUT_OF_HOST_MEMORY)
    BP_CL_NAME(CL_PROFILING_INFO_NOT_AVAILABLE)
    BP_CL_NAME(CL_BUILD_PROGRAM_FAILURE)
    BP_CL_NAME(CL_MAP_FAILURE)
    BP_CL_NAME(CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST)
    BP_CL_NAME(CL_INVALID_VALUE)
    BP_CL_NAME(CL_INVALID_DEVICE)
    BP_CL_NAME(CL_INVALID_CONTEXT)
    BP_CL_NAME(CL_INVALID_COMMAND_QUEUE)
    BP_CL_NAME(CL_INVALID_HOST_PTR)
    BP_CL_NAME(CL_INVALID_MEM_OBJECT)
    BP_CL_NAME(CL_INVALID_BINARY)
    BP_CL_NAME(CL_INVALID_BUILD_OPTIONS)
    BP_CL_NAME(CL_INVALID_PROGRAM)
    BP_CL_NAME(CL_INVALID_PROGRAM_EXECUTABLE)
    BP_CL_NAME(CL_INVALID_KERNEL_NAME)
    BP_CL_NAME(CL_INVALID_KERNEL)
    BP_CL_NAME(CL_INVALID_ARG_INDEX)
    BP_CL_NAME(CL_INVALID_ARG_VALUE)
    BP_CL_NAME(CL_INVALID_ARG_SIZE)
    BP_CL_NAME(CL_INVALID_KERNEL_ARGS)
    BP_CL_NAME(CL_INVALID_WORK_DIMENSION)
    BP_CL_NAME(CL_INVALID_WORK_GROUP_SIZE)
    BP_CL_NAME(CL_INVALID_WORK_ITEM_SIZE)
    BP_CL_NAME(CL_INVALID_GLOBAL_OFFSET)
    BP_CL_NAME(CL_INVALID_EVENT_WAIT_LIST)
    BP_CL_NAME(CL_INVALID_EVENT)
    BP_CL_NAME(CL_INVALID_OPERATION)
    BP_CL_NAME(CL_INVALID_BUFFER_SIZE)
    BP_CL_NAME(CL_INVALID_GLOBAL_WORK_SIZE)
    default:
      return text("error ", error);
  }
#undef BP_CL_NAME
}

uint32_t status_of(cl_int error) noexcept {
  switch (error) {
    case CL_OUT_OF_HOST_MEMORY:
      return BP_STATUS_OUT_OF_HOST_MEMORY;
    case CL_OUT_OF_RESOURCES:
    case CL_MEM_OBJECT_ALLOCATION_FAILURE:
      return BP_STATUS_OUT_OF_DEVICE_MEMORY;
    case CL_DEVICE_NOT_AVAILABLE:
    case CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST:
      return BP_STATUS_DEVICE_LOST;
    case CL_COMPILER_NOT_AVAILABLE:
      return BP_STATUS_UNSUPPORTED;
    default:
      return BP_STATUS_INTERNAL;
  }
}

void throw_cl(cl_int error, const char* call) {
  throw Error(status_of(error), text(call, ": ", cl_error_name(error)), error);
}

namespace {

// `get(size, pointer, size_out)`; without the terminating zero and blanks around.
template <class Get>
std::string read_text(const Get& get) {
  size_t size = 0;
  if (get(0, nullptr, &size) != CL_SUCCESS || size == 0) return {};
  std::string value(size, '\0');
  if (get(size, value.data(), nullptr) != CL_SUCCESS) return {};
  value.resize(value.find_last_not_of(std::string_view(" \0", 2)) + 1);
  return value.substr(std::min(value.size(), value.find_first_not_of(' ')));
}

}  // namespace

std::string device_text(cl_device_id device, cl_device_info name) {
  return read_text(
      [&](size_t size, void* value, size_t* out) { return clGetDeviceInfo(device, name, size, value, out); });
}

std::string platform_text(cl_platform_id platform, cl_platform_info name) {
  return read_text([&](size_t size, void* value, size_t* out) {
    return clGetPlatformInfo(platform, name, size, value, out);
  });
}

}  // namespace bp::opencl
