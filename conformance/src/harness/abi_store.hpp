// Where the structs lie that a case hands to a provider: arrays laid out as an older or a newer host would, and
// a sum over all bytes that shows whether somebody wrote to them.
#pragma once

#include <backplane/provider/base.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace bp::conformance {

// How a host lays structs out. The default is this runner's own way.
struct AbiLayout {
  uint32_t stride_extra = 0;  // bytes between the elements of every array; a multiple of 8
  uint32_t size_extra = 0;    // fields of later minors: struct_size grows by it; at most stride_extra
  uint8_t filler = 0xA5;      // what is in them; 0: a newer host that does not use its new fields
};

class AbiStore {
 public:
  explicit AbiStore(AbiLayout layout = {}) : layout_(layout) {}
  AbiStore(const AbiStore&) = delete;
  AbiStore& operator=(const AbiStore&) = delete;

  const AbiLayout& layout() const { return layout_; }

  bp_string text(std::string_view text) {
    const std::span<std::byte> bytes = take(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return {reinterpret_cast<const char*>(bytes.data()), text.size()};
  }

  // Frozen structs and numbers.
  template <class T>
  bp_array array(const std::vector<T>& elements) {
    static_assert(std::is_trivially_copyable_v<T>);
    return lay(elements.data(), elements.size(), sizeof(T), 0);
  }
  // Structs with struct_size, which is set here; `size`: BP_STRUCT_SIZE with the last field.
  template <class T>
  bp_array structs(const std::vector<T>& elements, uint32_t size) {
    static_assert(std::is_trivially_copyable_v<T>);
    return lay(elements.data(), elements.size(), sizeof(T), size);
  }
  // One struct, kept.
  template <class T>
  T* one(const T& value, uint32_t size) {
    return reinterpret_cast<T*>(const_cast<void*>(structs(std::vector<T>{value}, size).data));
  }

  // Overwrites all that was stored: whoever kept a pointer finds rubbish.
  void scribble();
  // A sum over all that was stored.
  uint64_t fingerprint() const;

 private:
  std::span<std::byte> take(uint64_t size);
  bp_array lay(const void* elements, uint64_t count, uint64_t element_bytes, uint32_t struct_size);

  AbiLayout layout_;
  std::deque<std::vector<std::byte>> blocks_;
};

// One struct that the callee fills, at the end of what the caller knows: behind it lie canaries. `size`: the
// struct_size that the caller sets.
template <class T>
class CanaryStruct {
 public:
  explicit CanaryStruct(uint32_t size) : size_(size) {
    std::memset(bytes_, kCanary, sizeof bytes_);
    std::memset(bytes_, 0, size);
    std::memcpy(bytes_, &size, sizeof size);
  }
  T* get() { return reinterpret_cast<T*>(bytes_); }
  T* operator->() { return get(); }
  // Empty, or what is wrong.
  std::string damage() const {
    for (size_t i = size_; i < sizeof bytes_; ++i) {
      if (static_cast<unsigned char>(bytes_[i]) != kCanary) {
        return "byte " + std::to_string(i) + " was written, struct_size is " + std::to_string(size_);
      }
    }
    uint32_t now = 0;
    std::memcpy(&now, bytes_, sizeof now);
    if (now != size_)
      return "struct_size was changed from " + std::to_string(size_) + " to " + std::to_string(now);
    return "";
  }

 private:
  static constexpr unsigned char kCanary = 0xC5;
  uint32_t size_;
  alignas(T) std::byte bytes_[sizeof(T) + 256];
};

}  // namespace bp::conformance
