// Memory that contract cases hand to a provider: host blocks between pages that nobody may touch, and buffers
// of the provider's own kinds.
#pragma once

#include <backplane/provider/provider.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "harness/raw_provider.hpp"

namespace bp::conformance {

// Host memory whose last byte lies against a page that may not be touched, as far as `alignment` allows; what
// is left between the block and the pages holds canaries. `address` % alignment is 0; `offset` shifts it.
class HostBlock {
 public:
  HostBlock(uint64_t size, uint64_t alignment, uint64_t offset = 0);
  ~HostBlock();
  HostBlock(const HostBlock&) = delete;
  HostBlock& operator=(const HostBlock&) = delete;

  std::span<std::byte> bytes() const { return {block_, size_}; }
  bp_slice slice() const { return {nullptr, reinterpret_cast<uintptr_t>(block_), 0, size_}; }
  void write(std::string_view text) const;
  std::string read() const { return {reinterpret_cast<const char*>(block_), size_}; }
  // A write kills the process that does it.
  void make_read_only() const;
  // Empty, or which byte outside of the block was written.
  std::string damage() const;

 private:
  std::byte* mapped_ = nullptr;
  uint64_t mapped_bytes_ = 0;
  std::byte* block_ = nullptr;
  uint64_t size_ = 0;
};

// A memory kind of a device, by its number. Throws CaseEnd(Fail) when the device does not list it.
bp_memory_kind_info memory_kind(const RawProvider& provider, uint32_t kind);

// Memory of any kind of the provider's device: a guarded block for BP_MEMORY_HOST, else a buffer. The host
// reaches it by copies that are complete on return.
class KindMemory {
 public:
  // `alignment`: of host memory, more than the kind asks for; 0: what the kind asks for.
  KindMemory(const RawProvider& provider, uint32_t kind, uint64_t size, uint64_t alignment = 0);
  ~KindMemory();
  KindMemory(const KindMemory&) = delete;
  KindMemory& operator=(const KindMemory&) = delete;

  bp_slice slice() const { return slice_; }
  void write(std::string_view bytes);
  std::string read();
  std::string damage() const { return block_ ? block_->damage() : ""; }
  HostBlock* block() const { return block_.get(); }

 private:
  const RawProvider& provider_;
  std::unique_ptr<HostBlock> block_;
  bp_slice slice_{};
};

}  // namespace bp::conformance
