// The index is: u64 count; per pack u64 size of the key, the key, u64 size of the pack. Native byte order, as
// all that is packed.
#include "saved_packs.hpp"

#include <cstring>

namespace bp::cpu {

namespace {

class Reader {
 public:
  Reader(const void* data, uint64_t size) : next_(static_cast<const char*>(data)), left_(size) {}
  uint64_t number() {
    uint64_t value = 0;
    std::memcpy(&value, take(sizeof(value)), sizeof(value));
    return value;
  }
  std::string bytes() {
    const uint64_t size = number();
    return {take(size), size};
  }
  bool at_end() const noexcept { return left_ == 0; }

 private:
  const char* take(uint64_t size) {
    if (size > left_) throw Error(BP_STATUS_IO, "the saved program's list of packed constants is cut off");
    const char* taken = next_;
    next_ += size;
    left_ -= size;
    return taken;
  }
  const char* next_;
  uint64_t left_;
};

}  // namespace

SavedPacks::SavedPacks(const bp_host* host, const bp_artifact_reader* reader) : host_(host), reader_(reader) {
  Reader index(reader->code, reader->code_size);
  const uint64_t count = index.number();
  for (uint64_t id = 0; id < count; ++id) {
    std::string key = index.bytes();
    const uint64_t size_bytes = index.number();
    if (!entries_.emplace(std::move(key), Entry{id, size_bytes}).second) {
      throw Error(BP_STATUS_IO, text("the saved program lists packed constant ", id, " twice"));
    }
  }
  if (!index.at_end()) {
    throw Error(BP_STATUS_IO, text("the saved program has bytes behind its ", count, " packed constants"));
  }
}

const void* SavedPacks::read(const Entry& entry) const {
  const void* data = nullptr;
  uint64_t size = 0;
  throw_status(host_, reader_->weight(reader_->user, entry.weight_id, &data, &size));
  if (size != entry.size_bytes) {
    throw Error(BP_STATUS_IO, text("packed constant ", entry.weight_id, " of the saved program must have ",
                                   entry.size_bytes, " bytes, has ", size));
  }
  if (reinterpret_cast<uintptr_t>(data) % 64 != 0) {
    throw Error(BP_STATUS_IO, text("packed constant ", entry.weight_id,
                                   " of the saved program is not mapped at a multiple of 64 bytes"));
  }
  return data;
}

std::string SavedPacks::characters(std::string_view key) const {
  const auto entry = entries_.find(std::string(key));
  if (entry == entries_.end()) return {};
  return {static_cast<const char*>(read(entry->second)), entry->second.size_bytes};
}

std::string pack_index(const std::vector<Pack>& packs) {
  std::string index;
  const auto number = [&](uint64_t value) {
    index.append(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  number(packs.size());
  for (const Pack& pack : packs) {
    number(pack.key.size());
    index += pack.key;
    number(pack.size_bytes);
  }
  return index;
}

}  // namespace bp::cpu
