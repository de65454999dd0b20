// OpenCL's C interface: owned objects, and its numbers as errors. The floor is OpenCL 1.2.
#pragma once

#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>

#include <string>
#include <utility>

#include "support.hpp"

namespace bp::opencl {

// One reference to an OpenCL object.
template <class T, auto Retain, auto Release>
class Owned {
 public:
  Owned() = default;
  explicit Owned(T object) : object_(object) {}  // takes the reference over
  static Owned share(T object) {
    if (object != nullptr) Retain(object);
    return Owned(object);
  }
  Owned(Owned&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { reset(); }

  void reset() noexcept {
    if (object_ != nullptr) Release(std::exchange(object_, nullptr));
  }
  // For calls that return an object through a pointer.
  T* out() noexcept {
    reset();
    return &object_;
  }
  [[nodiscard]] T get() const noexcept { return object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  T object_ = nullptr;
};

using ClContext = Owned<cl_context, &clRetainContext, &clReleaseContext>;
using ClQueue = Owned<cl_command_queue, &clRetainCommandQueue, &clReleaseCommandQueue>;
using ClMem = Owned<cl_mem, &clRetainMemObject, &clReleaseMemObject>;
using ClProgram = Owned<cl_program, &clRetainProgram, &clReleaseProgram>;
using ClKernel = Owned<cl_kernel, &clRetainKernel, &clReleaseKernel>;
using ClEvent = Owned<cl_event, &clRetainEvent, &clReleaseEvent>;

// "CL_OUT_OF_RESOURCES", or "error -9999".
std::string cl_error_name(cl_int error);
// The BP_STATUS_ code for an OpenCL error.
uint32_t status_of(cl_int error) noexcept;
[[noreturn]] void throw_cl(cl_int error, const char* call);
inline void check(cl_int error, const char* call) {
  if (error != CL_SUCCESS) [[unlikely]]
    throw_cl(error, call);
}

// A property of a device, by value; of kind string.
template <class T>
T device_value(cl_device_id device, cl_device_info name, T fallback = {}) {
  T value{};
  return clGetDeviceInfo(device, name, sizeof value, &value, nullptr) == CL_SUCCESS ? value : fallback;
}
std::string device_text(cl_device_id device, cl_device_info name);
std::string platform_text(cl_platform_id platform, cl_platform_info name);

}  // namespace bp::opencl
