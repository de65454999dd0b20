// Tensors that own their bytes, and reading small integer and string tensors element by element.
#include "graph/tensor.hpp"

#include <cstring>
#include <new>

namespace bp {
namespace {

constexpr size_t kAlignment = 64;

std::shared_ptr<std::byte> allocate(size_t size) {
  constexpr std::align_val_t alignment{kAlignment};
  auto* memory = static_cast<std::byte*>(::operator new(size == 0 ? 1 : size, alignment));
  return {memory, [](std::byte* p) { ::operator delete(p, alignment); }};
}

template <class T>
void widen(std::span<const std::byte> bytes, std::vector<int64_t>& out) {
  for (size_t i = 0; i < out.size(); ++i) {
    T element;
    std::memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
    out[i] = static_cast<int64_t>(element);
  }
}

// Elements of `bits` bits, low bits first.
void widen_packed(std::span<const std::byte> bytes, unsigned bits, bool is_signed, std::vector<int64_t>& out) {
  const unsigned per_byte = 8 / bits;
  for (size_t i = 0; i < out.size(); ++i) {
    const auto byte = std::to_integer<unsigned>(bytes[i / per_byte]);
    const unsigned raw = (byte >> (i % per_byte * bits)) & ((1U << bits) - 1U);
    const bool negative = is_signed && (raw >> (bits - 1)) != 0;
    out[i] = static_cast<int64_t>(raw) - (negative ? int64_t{1} << bits : 0);
  }
}

}  // namespace

std::shared_ptr<Tensor> Tensor::copy_of(ElementType type, ConcreteDims dims, std::span<const std::byte> bytes) {
  auto memory = allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(memory.get(), bytes.data(), bytes.size());
  auto tensor = std::make_shared<Tensor>();
  tensor->type = type;
  tensor->dims = std::move(dims);
  tensor->bytes = {memory.get(), bytes.size()};
  tensor->owner = std::move(memory);
  return tensor;
}

std::shared_ptr<Tensor> Tensor::of_int64(ConcreteDims dims, std::span<const int64_t> values) {
  return copy_of(ElementType::kInt64, std::move(dims), std::as_bytes(values));
}

std::shared_ptr<Tensor> Tensor::of_float(ConcreteDims dims, std::span<const float> values) {
  return copy_of(ElementType::kFloat32, std::move(dims), std::as_bytes(values));
}

std::shared_ptr<Tensor> Tensor::of_strings(ConcreteDims dims, std::span<const std::string> values) {
  const size_t offset_bytes = (values.size() + 1) * sizeof(uint64_t);
  size_t total = 0;
  for (const std::string& value : values) total += value.size();
  auto memory = allocate(offset_bytes + total);
  char* text = reinterpret_cast<char*>(memory.get() + offset_bytes);
  uint64_t offset = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    std::memcpy(memory.get() + i * sizeof offset, &offset, sizeof offset);
    if (!values[i].empty()) std::memcpy(text + offset, values[i].data(), values[i].size());
    offset += values[i].size();
  }
  std::memcpy(memory.get() + values.size() * sizeof offset, &offset, sizeof offset);

  auto tensor = std::make_shared<Tensor>();
  tensor->type = ElementType::kString;
  tensor->dims = std::move(dims);
  tensor->bytes = {memory.get(), offset_bytes};
  tensor->string_bytes = {text, total};
  tensor->owner = std::move(memory);
  return tensor;
}

std::vector<int64_t> Tensor::to_int64() const {
  const int64_t elements = count();
  if (elements < 0 || element_bits(type) == 0) return {};
  if (bytes.size() < storage_bytes(type, static_cast<uint64_t>(elements))) return {};
  std::vector<int64_t> out(static_cast<size_t>(elements));
  switch (type) {
    case ElementType::kInt64:
      widen<int64_t>(bytes, out);
      return out;
    case ElementType::kInt32:
      widen<int32_t>(bytes, out);
      return out;
    case ElementType::kInt16:
      widen<int16_t>(bytes, out);
      return out;
    case ElementType::kInt8:
      widen<int8_t>(bytes, out);
      return out;
    case ElementType::kUint64:
      widen<uint64_t>(bytes, out);
      return out;
    case ElementType::kUint32:
      widen<uint32_t>(bytes, out);
      return out;
    case ElementType::kUint16:
      widen<uint16_t>(bytes, out);
      return out;
    case ElementType::kUint8:
    case ElementType::kBool:
      widen<uint8_t>(bytes, out);
      return out;
    case ElementType::kInt4:
      widen_packed(bytes, 4, true, out);
      return out;
    case ElementType::kUint4:
      widen_packed(bytes, 4, false, out);
      return out;
    case ElementType::kInt2:
      widen_packed(bytes, 2, true, out);
      return out;
    case ElementType::kUint2:
      widen_packed(bytes, 2, false, out);
      return out;
    default:
      return {};
  }
}

std::string Tensor::string_at(uint64_t index) const {
  uint64_t bounds[2] = {0, 0};
  if (type != ElementType::kString || (index + 2) * sizeof(uint64_t) > bytes.size()) return {};
  std::memcpy(bounds, bytes.data() + index * sizeof(uint64_t), sizeof bounds);
  if (bounds[0] > bounds[1] || bounds[1] > string_bytes.size()) return {};
  return {string_bytes.data() + bounds[0], bounds[1] - bounds[0]};
}

}  // namespace bp
