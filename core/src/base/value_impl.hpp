// The inside of a public Value. Immutable once shared, except for the elements of owned tensors.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backplane/value.hpp"

namespace bp {

// Memory of a device that holds a tensor's elements; provider/device_tensor makes it. Copies are complete on
// return; work that uses the memory has been waited for before.
class DeviceStorage {
 public:
  virtual ~DeviceStorage() = default;
  virtual const std::string& memory_name() const noexcept = 0;  // "OPENCL:0 device"
  virtual Status read(void* to, uint64_t size_bytes) const = 0;
  virtual Status write(const void* from, uint64_t size_bytes) = 0;
  virtual Status copy_from(const DeviceStorage& source, uint64_t size_bytes) = 0;
};

struct Value::Impl {
  ValueKind kind = ValueKind::kUnknown;
  ElementType type = ElementType::kUndefined;
  std::vector<int64_t> dims;
  int64_t count = 0;
  void* data = nullptr;     // elements, or offsets of strings
  uint64_t size_bytes = 0;  // of the elements; of the offsets
  const char* string_data = nullptr;
  uint64_t string_bytes = 0;
  bool writable = false;
  std::shared_ptr<const void> owner;      // keeps `data` and `string_data`; null for borrowed memory
  std::vector<Value> elements;            // sequence; map: keys, values; optional: content
  std::shared_ptr<DeviceStorage> device;  // in place of `data`; null on the host

  static Value wrap(std::shared_ptr<Impl> impl) {
    Value value;
    value.impl_ = std::move(impl);
    return value;
  }
  static const Impl* of(const Value& value) noexcept { return value.impl_.get(); }
};

// A tensor whose elements lie in a device's memory, of storage_bytes(type, product of dims) bytes at least.
Result<Value> device_value(ElementType type, std::vector<int64_t> dims, std::shared_ptr<DeviceStorage> storage);

// Memory aligned to 64 bytes, freed by the pointer; null when there is none left. size 0 gives a valid pointer.
std::shared_ptr<void> allocate_aligned(uint64_t size_bytes);

// Elements described by `dims`, or kUnknownDim when a dim is negative or the product does not fit.
int64_t checked_count(std::span<const int64_t> dims) noexcept;

// "float32[1,3,224,224]".
std::string tensor_type_string(ElementType type, std::span<const int64_t> dims);

}  // namespace bp
