// A constant tensor: initializers, Constant nodes' values, tensor attributes, folded results.
// Bytes are never copied by the core: they stay in the mapped file, in the parsed message or in a
// folded buffer, and `owner` keeps that alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backplane/element_type.hpp"
#include "graph/type.hpp"

namespace bp {

// Where bytes lie in a file, so that a saved program may refer to them instead of copying.
struct FileRange {
  std::string path;  // empty: not from a file
  uint64_t offset = 0;
  uint64_t version = 0;  // MappedFile::version: equal only where the file holds the same bytes; 0: not known
};

struct Tensor {
  ElementType type = ElementType::kUndefined;
  ConcreteDims dims;  // every dim >= 0
  // Contiguous elements, little endian, sub-byte types packed low bits first; any alignment.
  // Strings: uint64 offsets[n+1], native alignment, into `string_bytes`.
  std::span<const std::byte> bytes;
  std::span<const char> string_bytes;  // strings only: UTF-8, no terminators
  std::shared_ptr<const void> owner;
  FileRange file;

  int64_t count() const noexcept { return element_count(dims); }
  // A tensor with its own aligned copy of `bytes`.
  static std::shared_ptr<Tensor> copy_of(ElementType type, ConcreteDims dims, std::span<const std::byte> bytes);
  static std::shared_ptr<Tensor> of_int64(ConcreteDims dims, std::span<const int64_t> values);
  static std::shared_ptr<Tensor> of_float(ConcreteDims dims, std::span<const float> values);
  static std::shared_ptr<Tensor> of_strings(ConcreteDims dims, std::span<const std::string> values);
  // Integers and bools of any width widened to int64; empty for every other type.
  std::vector<int64_t> to_int64() const;
  std::string string_at(uint64_t index) const;
};

using TensorPtr = std::shared_ptr<const Tensor>;

}  // namespace bp
