// The constants of one program: on the host on demand, on the device once, as they are or packed.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "device.hpp"
#include "graph.hpp"

namespace bp::opencl {

class Constants {
 public:
  Constants(Device& device, bp_constants source) : device_(device), source_(source) {}
  Constants(const Constants&) = delete;
  Constants& operator=(const Constants&) = delete;

  // Row-major bytes at any alignment, valid as long as this object. [any-thread]
  const HostTensor& tensor(uint64_t constant_id);
  // The same bytes on the device. [any-thread]
  cl_mem on_device(uint64_t constant_id);
  // Device memory of `size_bytes` that `fill` writes on the host once per `key`. [any-thread]
  cl_mem packed(const std::string& key, uint64_t size_bytes, const std::function<void(std::byte*)>& fill);

 private:
  struct Kept {
    std::unique_ptr<sdk::Constant> bytes;
    HostTensor tensor;
  };
  const HostTensor& tensor_locked(uint64_t constant_id);
  cl_mem upload(const std::string& key, const void* bytes, uint64_t size_bytes);

  Device& device_;
  bp_constants source_;
  std::mutex mutex_;
  std::map<uint64_t, Kept> kept_;
  std::map<std::string, ClMem> memories_;
};

}  // namespace bp::opencl
