#include "provider/constant_store.hpp"

#include <fmt/format.h>

#include <utility>

#include "provider/abi.hpp"

namespace bp {

bp_tensor to_abi(const Tensor& tensor) noexcept {
  bp_tensor abi{};
  abi.struct_size = BP_STRUCT_SIZE(bp_tensor, string_size_bytes);
  abi.element_type = static_cast<uint32_t>(tensor.type);
  abi.dims = array_of(tensor.dims.data(), tensor.dims.size());
  abi.data = tensor.bytes.data();
  abi.size_bytes = tensor.bytes.size();
  abi.string_bytes = tensor.string_bytes.data();
  abi.string_size_bytes = tensor.string_bytes.size();
  return abi;
}

uint64_t ConstantStore::add(TensorPtr tensor) {
  entries_.push_back({std::move(tensor), 0});
  return entries_.size() - 1;
}

const Tensor* ConstantStore::find(uint64_t id) const noexcept {
  return id < entries_.size() ? entries_[id].tensor.get() : nullptr;
}

Status ConstantStore::acquire(uint64_t id, bp_tensor* tensor) {
  if (id >= entries_.size()) {
    return Status(ErrorCode::kInvalidArgument,
                  fmt::format("there is no constant {}; ids are 0 to {}", id, entries_.size()));
  }
  *tensor = to_abi(*entries_[id].tensor);
  const std::lock_guard lock(mutex_);
  ++entries_[id].users;
  return {};
}

Status ConstantStore::release(uint64_t id) {
  bool last = false;
  {
    const std::lock_guard lock(mutex_);
    if (id >= entries_.size() || entries_[id].users == 0) {
      return Status(ErrorCode::kInvalidArgument,
                    fmt::format("released constant {} more often than acquired", id));
    }
    last = --entries_[id].users == 0;
  }
  if (last && released_) released_(*entries_[id].tensor);
  return {};
}

uint64_t ConstantStore::outstanding() const {
  const std::lock_guard lock(mutex_);
  uint64_t users = 0;
  for (const Entry& entry : entries_) users += entry.users;
  return users;
}

}  // namespace bp
