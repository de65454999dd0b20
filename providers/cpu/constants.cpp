// Constants of a program.
#include "constants.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/convert.hpp"

namespace bp::cpu {

namespace {

// `half`, whose bytes may lie anywhere, as float32 in `target`.
HostTensor widen(const HostTensor& half, std::byte* target) {
  constexpr uint64_t kPiece = 4096;  // copied to where the elements are aligned
  alignas(64) std::byte piece[kPiece];
  const Conversion conversion(half.type, Type::kFloat32);
  const auto* source = static_cast<const std::byte*>(half.data);
  for (uint64_t begin = 0; begin < half.size_bytes; begin += kPiece) {
    const uint64_t bytes = std::min(kPiece, half.size_bytes - begin);
    std::memcpy(piece, source + begin, bytes);
    conversion.run(piece, target + 2 * begin, static_cast<int64_t>(bytes / 2));
  }
  return {Type::kFloat32, half.dims, target, 2 * half.size_bytes};
}

// Smaller constants are copied: a page of the model's file is not held for a few numbers.
constexpr uint64_t kCopyBelowBytes = 4096;
}  // namespace

Constants::~Constants() {
  for (const auto& [id, kept] : kept_) {
    if (kept.acquired) host_->constants_release(host_, constants_, id);
  }
}

void Constants::with_bytes(uint64_t constant_id, const std::function<void(const HostTensor&)>& use) {
  if ((constant_id & kWidened) == 0) return with_host_bytes(constant_id, use);
  with_host_bytes(constant_id & ~kWidened, [&](const HostTensor& half) {
    ConstantMemory memory;
    use(widen(half, memory.take(2 * half.size_bytes)));
  });
}

void Constants::with_host_bytes(uint64_t constant_id, const std::function<void(const HostTensor&)>& use) {
  bp_tensor raw{};
  raw.struct_size = BP_STRUCT_SIZE(bp_tensor, string_size_bytes);
  throw_status(host_, host_->constants_acquire(host_, constants_, constant_id, &raw));
  struct Release {
    Constants* owner;
    uint64_t id;
    ~Release() { owner->host_->constants_release(owner->host_, owner->constants_, id); }
  } release{this, constant_id};
  use(read_tensor(raw));
}

const HostTensor& Constants::tensor(uint64_t constant_id) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(constant_id);
  if (found != kept_.end()) return found->second.tensor;
  if ((constant_id & kWidened) != 0) {
    Kept wide;
    with_host_bytes(constant_id & ~kWidened, [&](const HostTensor& half) {
      wide.tensor = widen(half, memory_.take(2 * half.size_bytes));
    });
    return kept_.emplace(constant_id, std::move(wide)).first->second.tensor;
  }

  bp_tensor raw{};
  raw.struct_size = BP_STRUCT_SIZE(bp_tensor, string_size_bytes);
  throw_status(host_, host_->constants_acquire(host_, constants_, constant_id, &raw));
  Kept kept;
  kept.tensor = read_tensor(raw);
  kept.acquired = true;
  if (kept.tensor.type == Type::kString) {
    std::byte* copy = memory_.take(own_texts_bytes(raw));
    own_texts(raw, copy);
    kept.tensor.data = copy;
    host_->constants_release(host_, constants_, constant_id);
    kept.acquired = false;
    return kept_.emplace(constant_id, std::move(kept)).first->second.tensor;
  }
  const uint64_t alignment = std::max<uint64_t>(1, element_size(kept.tensor.type));
  const bool aligned = reinterpret_cast<uintptr_t>(kept.tensor.data) % alignment == 0;
  if (!aligned || kept.tensor.size_bytes < kCopyBelowBytes) {
    std::byte* copy = memory_.take(kept.tensor.size_bytes);
    if (kept.tensor.size_bytes > 0) std::memcpy(copy, kept.tensor.data, kept.tensor.size_bytes);
    kept.tensor.data = copy;
    host_->constants_release(host_, constants_, constant_id);
    kept.acquired = false;
  }
  return kept_.emplace(constant_id, std::move(kept)).first->second.tensor;
}

Constants::Packed& Constants::packed(const std::string& key, uint64_t size_bytes,
                                     std::function<void(void*)> fill) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Packed>& entry = packed_[key];
  if (entry != nullptr) return *entry;
  const SavedPacks::Entry* saved = nullptr;
  if (saved_ != nullptr) {
    const auto found = saved_->entries().find(key);
    if (found != saved_->entries().end()) saved = &found->second;
  }
  if (saved == nullptr) {
    entry.reset(new Packed(size_bytes, [this, size_bytes, fill = std::move(fill)]() -> const void* {
      std::byte* bytes = memory_.take(size_bytes);
      fill(bytes);
      return bytes;
    }));
    return *entry;
  }
  if (saved->size_bytes != size_bytes) {
    throw Error(BP_STATUS_IO, text("packed constant ", saved->weight_id, " of the saved program must have ",
                                   size_bytes, " bytes, has ", saved->size_bytes));
  }
  entry.reset(new Packed(size_bytes, [this, saved] { return saved_->read(*saved); }));
  return *entry;
}

std::vector<Pack> Constants::packs() {
  std::vector<Pack> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, packed] : packed_) {
    const void* data = packed == nullptr ? nullptr : packed->data();
    if (data != nullptr) all.push_back({key, data, packed->size_bytes_});
  }
  if (saved_ == nullptr) return all;
  for (const auto& [key, entry] : saved_->entries()) {
    const auto used = packed_.find(key);
    const bool listed = used != packed_.end() && used->second != nullptr && used->second->data() != nullptr;
    if (!listed) all.push_back({key, saved_->read(entry), entry.size_bytes});
  }
  return all;
}

void Constants::Packed::fill() {
  std::call_once(filled_, [this] {
    data_.store(source_(), std::memory_order_release);
    source_ = nullptr;
  });
}

}  // namespace bp::cpu
