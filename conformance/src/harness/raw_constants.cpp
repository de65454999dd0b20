#include <sys/mman.h>

#include <cstring>
#include <new>

#include "harness/raw_host.hpp"

namespace bp::conformance {

RawConstants::~RawConstants() {
  for (auto& [id, entry] : entries_) {
    if (entry.mapped != nullptr) ::munmap(entry.mapped, entry.mapped_bytes);
  }
}

void RawConstants::add(uint64_t id, uint32_t element_type, std::vector<int64_t> dims, std::string bytes) {
  const std::lock_guard lock(mutex_);
  entries_[id] = {element_type, std::move(dims), std::move(bytes)};
}

uint64_t RawConstants::outstanding() const {
  const std::lock_guard lock(mutex_);
  uint64_t sum = 0;
  for (const auto& [id, entry] : entries_) sum += entry.users;
  return sum;
}

uint64_t RawConstants::acquires() const {
  const std::lock_guard lock(mutex_);
  return acquires_;
}

bool RawConstants::acquire(uint64_t id, bp_tensor* tensor) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || tensor == nullptr || !BP_HAS_FIELD(tensor, bp_tensor, string_size_bytes))
    return false;
  Entry& entry = found->second;
  ++acquires_;
  if (entry.users++ == 0) {
    entry.mapped_bytes = entry.bytes.size() + 1;
    entry.mapped =
        ::mmap(nullptr, entry.mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (entry.mapped == MAP_FAILED) throw std::bad_alloc();
    std::memcpy(static_cast<char*>(entry.mapped) + 1, entry.bytes.data(), entry.bytes.size());
    ::mprotect(entry.mapped, entry.mapped_bytes, PROT_READ);
  }
  const uint32_t struct_size = tensor->struct_size;
  *tensor = {};
  tensor->struct_size = struct_size;
  tensor->element_type = entry.element_type;
  tensor->dims = {entry.dims.data(), entry.dims.size(), sizeof(int64_t)};
  tensor->data = static_cast<const char*>(entry.mapped) + 1;
  tensor->size_bytes = entry.bytes.size();
  return true;
}

bool RawConstants::release(uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.users == 0) return false;
  if (--found->second.users == 0) {
    ::munmap(found->second.mapped, found->second.mapped_bytes);
    found->second.mapped = nullptr;
  }
  return true;
}

}  // namespace bp::conformance
