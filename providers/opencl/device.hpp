// A device behind an ICD: what it is, and the OpenCL objects that all of its users share, made when it is first
// used.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cl.hpp"
#include "programs.hpp"
#include "staging.hpp"

namespace bp::opencl {

class Notifier;

// What kernels and verdicts ask about a device.
struct Traits {
  bool is_cpu = false;
  bool unified = false;  // host and device share one memory
  bool fp64 = false;
  bool fp16 = false;  // arithmetic; storage of float16 works everywhere
  uint32_t units = 1;
  uint32_t max_group = 1;  // work-items in a work-group
  uint64_t max_allocation = 0;
  uint64_t memory_bytes = 0;
  uint64_t base_alignment = 64;  // bytes, of memory that is used in place
};

// The only memory kind of its own: cl_mem, without an address.
inline constexpr uint32_t kDeviceMemory = 1;
inline constexpr uint64_t kAlignment = 128;  // bytes, of all slices

class Device {
 public:
  using Handle = bp_device;

  Device(Host host, Notifier& notifier, cl_platform_id platform, cl_device_id id, uint32_t index);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] Host host() const noexcept { return host_; }
  [[nodiscard]] Notifier& notifier() const noexcept { return notifier_; }
  [[nodiscard]] const Traits& traits() const noexcept { return traits_; }
  [[nodiscard]] cl_device_id id() const noexcept { return id_; }
  void info(bp_device_info* out) const;
  void sample_clock(uint64_t* device_ns, uint64_t* host_ns);

  cl_context context();
  // A queue for work that is complete when a call returns; one user at a time.
  template <class Body>
  void with_queue(Body&& body) {
    ready();
    const std::lock_guard lock(queue_mutex_);
    body(queue_.get());
  }
  [[nodiscard]] ClQueue make_queue();
  [[nodiscard]] ClMem make_buffer(uint64_t size, cl_mem_flags flags = CL_MEM_READ_WRITE, void* host = nullptr);
  // Stands for tensors without elements.
  cl_mem dummy();
  Programs& programs();
  Staging& staging();
  std::atomic<uint64_t> bytes_in_use = 0;

 private:
  void ready();  // makes the shared objects once

  Host host_;
  Notifier& notifier_;
  cl_platform_id platform_;
  cl_device_id id_;
  uint32_t index_;
  Traits traits_;
  std::string name_, vendor_, driver_, fingerprint_;
  std::vector<std::string> texts_;  // of the properties
  std::vector<bp_property> properties_;
  bp_memory_kind_info memory_{};

  std::mutex ready_mutex_;
  std::atomic<bool> is_ready_ = false;
  ClContext context_;
  std::mutex queue_mutex_;
  ClQueue queue_;
  ClMem dummy_;
  std::unique_ptr<Programs> programs_;
  std::unique_ptr<Staging> staging_;
};

extern const bp_device_api kDeviceApi;

}  // namespace bp::opencl
