// The constants of one program: read from the host on demand, kept in place where they are aligned, packed
// copies made once and shared by all instances.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "graph.hpp"

namespace bp::cpu {

class Constants {
 public:
  Constants(const bp_host* host, bp_constants constants) : host_(host), constants_(constants) {}
  ~Constants();
  Constants(const Constants&) = delete;
  Constants& operator=(const Constants&) = delete;

  // Row-major bytes, aligned for their type, valid as long as this object. [any-thread]
  const HostTensor& tensor(uint64_t constant_id);
  // Calls `use` with the bytes as the host has them (any alignment), held only for that long. [any-thread]
  void with_bytes(uint64_t constant_id, const std::function<void(const HostTensor&)>& use);
  // `size_bytes` of memory that `fill` wrote, made once per `key`. 64-byte aligned. [any-thread]
  const void* packed(const std::string& key, uint64_t size_bytes, const std::function<void(void*)>& fill);

 private:
  struct AlignedFree {
    void operator()(std::byte* bytes) const noexcept;
  };
  using AlignedBytes = std::unique_ptr<std::byte[], AlignedFree>;
  static AlignedBytes allocate(uint64_t size_bytes);
  struct Kept {
    HostTensor tensor;
    AlignedBytes copy;      // empty: in place, acquired from the host
    bool acquired = false;  // released with this object
  };

  const bp_host* host_;
  bp_constants constants_;
  std::mutex mutex_;
  std::map<uint64_t, Kept> kept_;
  std::map<std::string, AlignedBytes> packed_;
};

}  // namespace bp::cpu
