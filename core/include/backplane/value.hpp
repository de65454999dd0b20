// Value: what goes into a run and comes out of it. A tensor, in host memory or in a device's (made by
// backplane/device_memory.hpp), a sequence, a map or an optional.
// Values are cheap handles: copying one shares the memory behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backplane/element_type.hpp"
#include "backplane/export.hpp"
#include "backplane/status.hpp"
#include "backplane/value_kind.hpp"

namespace bp {

// The element type of a C++ type: ElementTypeOf<float>::value == ElementType::kFloat32.
template <class T>
struct ElementTypeOf;
template <>
struct ElementTypeOf<float> {
  static constexpr ElementType value = ElementType::kFloat32;
};
template <>
struct ElementTypeOf<double> {
  static constexpr ElementType value = ElementType::kFloat64;
};
template <>
struct ElementTypeOf<int8_t> {
  static constexpr ElementType value = ElementType::kInt8;
};
template <>
struct ElementTypeOf<int16_t> {
  static constexpr ElementType value = ElementType::kInt16;
};
template <>
struct ElementTypeOf<int32_t> {
  static constexpr ElementType value = ElementType::kInt32;
};
template <>
struct ElementTypeOf<int64_t> {
  static constexpr ElementType value = ElementType::kInt64;
};
template <>
struct ElementTypeOf<uint8_t> {
  static constexpr ElementType value = ElementType::kUint8;
};
template <>
struct ElementTypeOf<uint16_t> {
  static constexpr ElementType value = ElementType::kUint16;
};
template <>
struct ElementTypeOf<uint32_t> {
  static constexpr ElementType value = ElementType::kUint32;
};
template <>
struct ElementTypeOf<uint64_t> {
  static constexpr ElementType value = ElementType::kUint64;
};
template <>
struct ElementTypeOf<bool> {
  static constexpr ElementType value = ElementType::kBool;
};

class BP_API Value {
 public:
  // An empty value: kind kUnknown. As an optional's content it means "none".
  Value() noexcept;

  // A tensor with memory of its own, 64-byte aligned, contents undefined. dims: every one >= 0.
  // INVALID_ARGUMENT for negative dims, strings or an unknown type; OUT_OF_HOST_MEMORY.
  static Result<Value> tensor(ElementType type, std::vector<int64_t> dims);
  // A tensor over the caller's memory, which must stay alive as long as any copy of the Value.
  // size_bytes must be at least storage_bytes(type, product of dims).
  static Result<Value> borrow(ElementType type, std::vector<int64_t> dims, void* data, uint64_t size_bytes);
  // The same, never written to: it may be an input, not an output.
  static Result<Value> borrow_const(ElementType type, std::vector<int64_t> dims, const void* data,
                                    uint64_t size_bytes);
  // A tensor over memory that `owner` keeps alive.
  static Result<Value> share(ElementType type, std::vector<int64_t> dims, const void* data, uint64_t size_bytes,
                             std::shared_ptr<const void> owner);
  // A tensor with a copy of `elements`; their number must be the product of dims.
  template <class T>  // NOLINTNEXTLINE(performance-unnecessary-value-param): it is moved
  static Result<Value> copy_of(std::vector<int64_t> dims, std::span<const T> elements) {
    return copy_bytes(ElementTypeOf<T>::value, std::move(dims), std::as_bytes(elements));
  }
  static Result<Value> copy_bytes(ElementType type, std::vector<int64_t> dims,
                                  std::span<const std::byte> bytes);
  // A tensor of UTF-8 strings, row-major.
  static Result<Value> strings(std::vector<int64_t> dims, std::span<const std::string> elements);
  // A sequence. Elements are tensors, or sequences and maps of one kind.
  static Value sequence(std::vector<Value> elements);
  // A map. keys: a rank-1 tensor of integers or strings; values: a rank-1 tensor, or a sequence, of equal
  // length.
  static Result<Value> map(Value keys, Value values);
  // An optional; an empty Value means that there is no content.
  static Value optional(Value content);

  ValueKind kind() const noexcept;
  bool is_tensor() const noexcept { return kind() == ValueKind::kTensor; }
  explicit operator bool() const noexcept { return kind() != ValueKind::kUnknown; }

  // Tensors; for every other kind: kUndefined, no dims, 0, nullptr.
  ElementType element_type() const noexcept;
  const std::vector<int64_t>& dims() const noexcept;
  int64_t count() const noexcept;
  uint64_t size_bytes() const noexcept;
  // Elements, row-major. Strings: uint64 offsets[count + 1] into string_data(). nullptr where the elements are
  // not on the host.
  const void* data() const noexcept;
  // The same for writing; nullptr for borrow_const, share and strings, and where data() is.
  void* mutable_data() noexcept;
  const char* string_data() const noexcept;
  // The elements as T; INVALID_ARGUMENT when the element type is another one or they are not on the host.
  template <class T>
  Result<std::span<const T>> as() const {
    if (element_type() != ElementTypeOf<T>::value || !is_on_host()) return wrong_type(ElementTypeOf<T>::value);
    return std::span<const T>(static_cast<const T*>(data()), static_cast<size_t>(count()));
  }
  Result<std::vector<std::string>> to_strings() const;

  // Where the elements lie: "host", or a memory of a device, "OPENCL:0 device".
  const std::string& memory() const noexcept;
  bool is_on_host() const noexcept;
  // The tensor in host memory: this one where it is there already, else a copy, complete on return. Statuses of
  // the device; OUT_OF_HOST_MEMORY.
  Result<Value> to_host() const;
  // Writes the elements of `source`, on the host or on any device, over this tensor's; complete on return.
  // INVALID_ARGUMENT: another type or other dims, or memory that may not be written.
  Status copy_from(const Value& source);

  // Sequences: the elements. Optionals: one element or none. Maps: keys, values. Tensors: empty.
  std::span<const Value> elements() const noexcept;

  // "float32[1,3,224,224]", "seq(3)", "none".
  std::string type_string() const;

  struct Impl;

 private:
  Status wrong_type(ElementType asked) const;
  std::shared_ptr<Impl> impl_;
};

}  // namespace bp
