// The inside of a public Value. Immutable once shared, except for the elements of owned tensors.
#pragma once

#include <memory>
#include <vector>

#include "backplane/value.hpp"

namespace bp {

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
  std::shared_ptr<const void> owner;  // keeps `data` and `string_data`; null for borrowed memory
  std::vector<Value> elements;        // sequence; map: keys, values; optional: content
};

// Memory aligned to 64 bytes, freed by the pointer; null when there is none left. size 0 gives a valid pointer.
std::shared_ptr<void> allocate_aligned(uint64_t size_bytes);

// Elements described by `dims`, or kUnknownDim when a dim is negative or the product does not fit.
int64_t checked_count(std::span<const int64_t> dims) noexcept;

// "float32[1,3,224,224]".
std::string tensor_type_string(ElementType type, std::span<const int64_t> dims);

}  // namespace bp
