// The constants of one program: read from the host on demand, kept in place where they are aligned, packed
// copies made once and shared by all instances.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

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
  // Memory that `fill` writes once per `key`, 64-byte aligned. It is filled when somebody calls Packed::fill,
  // which every user of the memory does before its first run: packing is slow, and several threads share it.
  // [any-thread]
  class Packed;
  Packed& packed(const std::string& key, uint64_t size_bytes, std::function<void(void*)> fill);

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
  std::map<std::string, std::unique_ptr<Packed>> packed_;
};

class Constants::Packed {
 public:
  const void* data() const noexcept { return bytes_.get(); }
  // Returns when the memory is filled, by this or another thread. [any-thread]
  void fill();

 private:
  friend class Constants;
  Packed(uint64_t size_bytes, std::function<void(void*)> filler)
      : bytes_(allocate(size_bytes)), filler_(std::move(filler)) {}
  AlignedBytes bytes_;
  std::function<void(void*)> filler_;
  std::once_flag filled_;
};

}  // namespace bp::cpu
