// Element types of tensors, by ONNX's numbers (onnx.proto, TensorProto.DataType).
#pragma once

#include <cstdint>
#include <string_view>

#include "backplane/export.hpp"

namespace bp {

enum class ElementType : uint32_t {
  kUndefined = 0,
  kFloat32 = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kFloat64 = 11,
  kUint32 = 12,
  kUint64 = 13,
  kComplex64 = 14,
  kComplex128 = 15,
  kBfloat16 = 16,
  kFloat8E4M3FN = 17,
  kFloat8E4M3FNUZ = 18,
  kFloat8E5M2 = 19,
  kFloat8E5M2FNUZ = 20,
  kUint4 = 21,
  kInt4 = 22,
  kFloat4E2M1 = 23,
  kFloat8E8M0 = 24,
  kUint2 = 25,
  kInt2 = 26,
};

// "float32", "int64", "bfloat16", ...; "undefined" for an unknown number.
BP_API std::string_view element_type_name(ElementType type) noexcept;
// Bits of one element: 32 for float32, 4 for int4; 0 for strings and undefined.
BP_API uint32_t element_bits(ElementType type) noexcept;
// Bytes of `count` contiguous elements: ceil(count * bits / 8); 0 for strings.
BP_API uint64_t storage_bytes(ElementType type, uint64_t count) noexcept;

}  // namespace bp
