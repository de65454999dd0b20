// The constants of one program: read from the host on demand, kept in place where they are aligned, packed
// copies made once and shared by all instances.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "constant_memory.hpp"
#include "graph.hpp"
#include "saved_packs.hpp"

namespace bp::cpu {

class Constants {
 public:
  // `saved`: packed copies of a saved program, used instead of packing; may be null.
  Constants(const bp_host* host, bp_constants constants, std::unique_ptr<const SavedPacks> saved)
      : host_(host), constants_(constants), saved_(std::move(saved)) {}
  ~Constants();
  Constants(const Constants&) = delete;
  Constants& operator=(const Constants&) = delete;

  // The id under which the elements of a 16-bit float constant are read as float32.
  static constexpr uint64_t widened(uint64_t constant_id) { return constant_id | kWidened; }

  bp_constants source() const noexcept { return constants_; }
  // Row-major bytes, aligned for their type, valid as long as this object. [any-thread]
  const HostTensor& tensor(uint64_t constant_id);
  // Calls `use` with the bytes as the host has them (any alignment), held only for that long. No strings.
  // [any-thread]
  void with_bytes(uint64_t constant_id, const std::function<void(const HostTensor&)>& use);
  // Memory that `fill` writes once per `key`, 64-byte aligned, or that was saved under this key. It is there
  // when somebody called Packed::fill, which every user of the memory does before its first run: packing is
  // slow, and several threads share it. Throws IO when what was saved has another size. [any-thread]
  class Packed;
  Packed& packed(const std::string& key, uint64_t size_bytes, std::function<void(void*)> fill);
  // All that is packed by now, with what was saved and not used yet. Valid as long as this object. [any-thread]
  std::vector<Pack> packs();

 private:
  static constexpr uint64_t kWidened = uint64_t{1} << 63;
  struct Kept {
    HostTensor tensor;
    bool acquired = false;  // in place, released with this object; else a copy
  };

  void with_host_bytes(uint64_t constant_id, const std::function<void(const HostTensor&)>& use);

  const bp_host* host_;
  bp_constants constants_;
  std::unique_ptr<const SavedPacks> saved_;
  ConstantMemory memory_;
  std::mutex mutex_;
  std::map<uint64_t, Kept> kept_;
  std::map<std::string, std::unique_ptr<Packed>> packed_;
};

class Constants::Packed {
 public:
  // nullptr before fill() returned.
  const void* data() const noexcept { return data_.load(std::memory_order_acquire); }
  // Returns when the memory is filled, by this or another thread. Throws what the filler throws. [any-thread]
  void fill();

 private:
  friend class Constants;
  // Gives the filled memory, which lives as long as the Constants.
  using Source = std::function<const void*()>;
  Packed(uint64_t size_bytes, Source source) : size_bytes_(size_bytes), source_(std::move(source)) {}
  uint64_t size_bytes_;
  std::atomic<const void*> data_ = nullptr;
  Source source_;
  std::once_flag filled_;
};

}  // namespace bp::cpu
