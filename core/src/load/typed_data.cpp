// onnx.proto, TensorProto: which field holds which element type, and how narrow types are spelled in
// int32_data (float16 and float8 as their bits; sub-byte types packed, one byte per entry).
#include "load/typed_data.hpp"

#include <fmt/format.h>

namespace bp {
namespace {

Status wrong_count(const char* field, int found, uint64_t expected) {
  return {ErrorCode::kInvalidModel, fmt::format("{} has {} entries, the dims need {}", field, found, expected)};
}

// Entries that are already in the element type's own form.
template <class Field>
Result<TensorPtr> copy_entries(const Field& data, const char* field, ElementType type, const ConcreteDims& dims,
                               uint64_t expected) {
  if (static_cast<uint64_t>(data.size()) != expected) return wrong_count(field, data.size(), expected);
  const auto bytes = std::as_bytes(std::span(data.data(), static_cast<size_t>(data.size())));
  return TensorPtr(Tensor::copy_of(type, dims, bytes));
}

// Entries narrowed to T's width; a value that fits neither as signed nor as unsigned is an error.
template <class T, class Field>
Result<TensorPtr> narrow_entries(const Field& data, const char* field, ElementType type,
                                 const ConcreteDims& dims, uint64_t expected) {
  if (static_cast<uint64_t>(data.size()) != expected) return wrong_count(field, data.size(), expected);
  constexpr int64_t kLeast = -(int64_t{1} << (sizeof(T) * 8 - 1));
  constexpr int64_t kMost = static_cast<int64_t>((uint64_t{1} << (sizeof(T) * 8)) - 1);
  std::vector<T> out(static_cast<size_t>(data.size()));
  for (int i = 0; i < data.size(); ++i) {
    const auto value = static_cast<int64_t>(data.Get(i));
    if (value < kLeast || value > kMost) {
      return Status(ErrorCode::kInvalidModel,
                    fmt::format("{}[{}] is {}, which is no {}", field, i, value, element_type_name(type)));
    }
    out[static_cast<size_t>(i)] = static_cast<T>(value);
  }
  return TensorPtr(Tensor::copy_of(type, dims, std::as_bytes(std::span(out))));
}

Result<TensorPtr> copy_strings(const onnx::TensorProto& proto, ConcreteDims dims, uint64_t count) {
  if (static_cast<uint64_t>(proto.string_data_size()) != count) {
    return wrong_count("string_data", proto.string_data_size(), count);
  }
  const std::vector<std::string> strings(proto.string_data().begin(), proto.string_data().end());
  return TensorPtr(Tensor::of_strings(std::move(dims), strings));
}

}  // namespace

int data_field_count(const onnx::TensorProto& proto) {
  return (proto.has_raw_data() && !proto.raw_data().empty() ? 1 : 0) + (proto.float_data_size() > 0 ? 1 : 0) +
         (proto.int32_data_size() > 0 ? 1 : 0) + (proto.int64_data_size() > 0 ? 1 : 0) +
         (proto.string_data_size() > 0 ? 1 : 0) + (proto.double_data_size() > 0 ? 1 : 0) +
         (proto.uint64_data_size() > 0 ? 1 : 0);
}

Result<TensorPtr> convert_typed_data(const onnx::TensorProto& proto, ElementType type, ConcreteDims dims,
                                     uint64_t count) {
  // A complex element is two entries; the dims were checked, so twice the count fits.
  switch (type) {
    case ElementType::kString:
      return copy_strings(proto, std::move(dims), count);
    case ElementType::kFloat32:
      return copy_entries(proto.float_data(), "float_data", type, dims, count);
    case ElementType::kComplex64:
      return copy_entries(proto.float_data(), "float_data", type, dims, 2 * count);
    case ElementType::kFloat64:
      return copy_entries(proto.double_data(), "double_data", type, dims, count);
    case ElementType::kComplex128:
      return copy_entries(proto.double_data(), "double_data", type, dims, 2 * count);
    case ElementType::kInt64:
      return copy_entries(proto.int64_data(), "int64_data", type, dims, count);
    case ElementType::kUint64:
      return copy_entries(proto.uint64_data(), "uint64_data", type, dims, count);
    case ElementType::kUint32:
      return narrow_entries<uint32_t>(proto.uint64_data(), "uint64_data", type, dims, count);
    case ElementType::kInt32:
      return copy_entries(proto.int32_data(), "int32_data", type, dims, count);
    default:
      break;
  }
  const uint64_t bytes = storage_bytes(type, count);
  if (element_bits(type) == 16) {
    return narrow_entries<uint16_t>(proto.int32_data(), "int32_data", type, dims, count);
  }
  return narrow_entries<uint8_t>(proto.int32_data(), "int32_data", type, dims, bytes);
}

}  // namespace bp
