// Values: construction with checks, and read access.
#include "backplane/value.hpp"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

#include "base/host_bytes.hpp"
#include "base/value_impl.hpp"

namespace bp {
namespace {

constexpr uint64_t kAlignment = 64;

Status bad(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

// Checks type and dims of a fixed-size tensor and starts its Impl.
Result<std::shared_ptr<Value::Impl>> start_tensor(ElementType type, std::vector<int64_t> dims) {
  if (element_bits(type) == 0)
    return bad("tensor: element type must have a fixed size, is " + std::string(element_type_name(type)));
  const int64_t count = checked_count(dims);
  if (count < 0)
    return bad("tensor: dims must be >= 0 and their product fit 64 bits, are " +
               tensor_type_string(type, dims));
  auto impl = std::make_shared<Value::Impl>();
  impl->kind = ValueKind::kTensor;
  impl->type = type;
  impl->dims = std::move(dims);
  impl->count = count;
  impl->size_bytes = storage_bytes(type, static_cast<uint64_t>(count));
  return impl;
}

Status too_small(const Value::Impl& impl, uint64_t size_bytes) {
  return bad("tensor " + tensor_type_string(impl.type, impl.dims) + ": needs " +
             std::to_string(impl.size_bytes) + " bytes, was given " + std::to_string(size_bytes));
}

Status no_memory(uint64_t size_bytes) {
  return {ErrorCode::kOutOfHostMemory,
          "no " + std::to_string(size_bytes) + " bytes of host memory for a tensor"};
}

}  // namespace

std::shared_ptr<void> allocate_aligned(uint64_t size_bytes) {
  void* memory = allocate_host_bytes(size_bytes, kAlignment);
  if (memory == nullptr) return nullptr;
  return {memory, [](void* pointer) { std::free(pointer); }};
}

int64_t checked_count(std::span<const int64_t> dims) noexcept {
  int64_t count = 1;
  bool empty = false;
  for (const int64_t dim : dims) {
    if (dim < 0) return -1;
    empty = empty || dim == 0;
  }
  if (empty) return 0;
  for (const int64_t dim : dims)
    if (__builtin_mul_overflow(count, dim, &count) || count > std::numeric_limits<int64_t>::max() / 16)
      return -1;
  return count;
}

std::string tensor_type_string(ElementType type, std::span<const int64_t> dims) {
  std::string text(element_type_name(type));
  text += '[';
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (axis > 0) text += ',';
    text += std::to_string(dims[axis]);
  }
  return text + ']';
}

Value::Value() noexcept = default;

Result<Value> Value::tensor(ElementType type, std::vector<int64_t> dims) {
  BP_ASSIGN_OR_RETURN(auto impl, start_tensor(type, std::move(dims)));
  auto memory = allocate_aligned(impl->size_bytes);
  if (memory == nullptr) return no_memory(impl->size_bytes);
  impl->data = memory.get();
  impl->writable = true;
  impl->owner = std::move(memory);
  Value value;
  value.impl_ = std::move(impl);
  return value;
}

Result<Value> Value::borrow(ElementType type, std::vector<int64_t> dims, void* data, uint64_t size_bytes) {
  BP_ASSIGN_OR_RETURN(auto impl, start_tensor(type, std::move(dims)));
  if (size_bytes < impl->size_bytes) return too_small(*impl, size_bytes);
  if (data == nullptr && impl->size_bytes > 0) return bad("tensor: data must not be null");
  impl->data = data;
  impl->writable = true;
  Value value;
  value.impl_ = std::move(impl);
  return value;
}

Result<Value> Value::borrow_const(ElementType type, std::vector<int64_t> dims, const void* data,
                                  uint64_t size_bytes) {
  // Never written: `writable` stays false, and only mutable_data gives the pointer away for writing.
  BP_ASSIGN_OR_RETURN(Value value, borrow(type, std::move(dims), const_cast<void*>(data), size_bytes));
  value.impl_->writable = false;
  return value;
}

Result<Value> Value::share(ElementType type, std::vector<int64_t> dims, const void* data, uint64_t size_bytes,
                           std::shared_ptr<const void> owner) {
  BP_ASSIGN_OR_RETURN(Value value, borrow_const(type, std::move(dims), data, size_bytes));
  value.impl_->owner = std::move(owner);
  return value;
}

Result<Value> Value::copy_bytes(ElementType type, std::vector<int64_t> dims, std::span<const std::byte> bytes) {
  BP_ASSIGN_OR_RETURN(Value value, tensor(type, std::move(dims)));
  if (bytes.size() != value.impl_->size_bytes) return too_small(*value.impl_, bytes.size());
  if (!bytes.empty()) std::memcpy(value.impl_->data, bytes.data(), bytes.size());
  return value;
}

Result<Value> Value::strings(std::vector<int64_t> dims, std::span<const std::string> elements) {
  const int64_t count = checked_count(dims);
  if (count < 0 || static_cast<uint64_t>(count) != elements.size())
    return bad("strings: " + tensor_type_string(ElementType::kString, dims) + " was given " +
               std::to_string(elements.size()) + " elements");
  const uint64_t offsets_bytes = (elements.size() + 1) * sizeof(uint64_t);
  uint64_t text_bytes = 0;
  for (const std::string& element : elements) text_bytes += element.size();
  auto memory = allocate_aligned(offsets_bytes + text_bytes);
  if (memory == nullptr) return no_memory(offsets_bytes + text_bytes);
  auto* offsets = static_cast<uint64_t*>(memory.get());
  auto* text = static_cast<char*>(memory.get()) + offsets_bytes;
  uint64_t end = 0;
  for (size_t index = 0; index < elements.size(); ++index) {
    offsets[index] = end;
    if (!elements[index].empty()) std::memcpy(text + end, elements[index].data(), elements[index].size());
    end += elements[index].size();
  }
  offsets[elements.size()] = end;
  auto impl = std::make_shared<Impl>();
  impl->kind = ValueKind::kTensor;
  impl->type = ElementType::kString;
  impl->dims = std::move(dims);
  impl->count = count;
  impl->data = offsets;
  impl->size_bytes = offsets_bytes;
  impl->string_data = text;
  impl->string_bytes = text_bytes;
  impl->owner = std::move(memory);
  Value value;
  value.impl_ = std::move(impl);
  return value;
}

Result<Value> device_value(ElementType type, std::vector<int64_t> dims,
                           std::shared_ptr<DeviceStorage> storage) {
  BP_ASSIGN_OR_RETURN(auto impl, start_tensor(type, std::move(dims)));
  impl->device = std::move(storage);
  return Value::Impl::wrap(std::move(impl));
}

Value Value::sequence(std::vector<Value> elements) {
  Value value;
  value.impl_ = std::make_shared<Impl>();
  value.impl_->kind = ValueKind::kSequence;
  value.impl_->elements = std::move(elements);
  return value;
}

Result<Value> Value::map(Value keys, Value values) {
  if (!keys.is_tensor() || keys.dims().size() != 1)
    return bad("map: keys must be a tensor of rank 1, are " + keys.type_string());
  const auto size = static_cast<size_t>(keys.count());
  const bool tensor_fits = values.is_tensor() && values.dims().size() == 1 && values.count() == keys.count();
  const bool sequence_fits = values.kind() == ValueKind::kSequence && values.elements().size() == size;
  if (!tensor_fits && !sequence_fits)
    return bad("map: values must be a tensor of rank 1 or a sequence of length " + std::to_string(size) +
               ", are " + values.type_string());
  Value value;
  value.impl_ = std::make_shared<Impl>();
  value.impl_->kind = ValueKind::kMap;
  value.impl_->elements = {std::move(keys), std::move(values)};
  return value;
}

Value Value::optional(Value content) {
  Value value;
  value.impl_ = std::make_shared<Impl>();
  value.impl_->kind = ValueKind::kOptional;
  if (content) value.impl_->elements.push_back(std::move(content));
  return value;
}

ValueKind Value::kind() const noexcept { return impl_ ? impl_->kind : ValueKind::kUnknown; }
ElementType Value::element_type() const noexcept { return impl_ ? impl_->type : ElementType::kUndefined; }
const std::vector<int64_t>& Value::dims() const noexcept {
  static const std::vector<int64_t> kNone;
  return impl_ ? impl_->dims : kNone;
}
int64_t Value::count() const noexcept { return impl_ ? impl_->count : 0; }
uint64_t Value::size_bytes() const noexcept { return impl_ ? impl_->size_bytes : 0; }
const void* Value::data() const noexcept { return impl_ ? impl_->data : nullptr; }
void* Value::mutable_data() noexcept { return impl_ && impl_->writable ? impl_->data : nullptr; }
const char* Value::string_data() const noexcept { return impl_ ? impl_->string_data : nullptr; }
std::span<const Value> Value::elements() const noexcept {
  return impl_ ? std::span<const Value>(impl_->elements) : std::span<const Value>();
}

Result<std::vector<std::string>> Value::to_strings() const {
  if (element_type() != ElementType::kString) return wrong_type(ElementType::kString);
  const auto* offsets = static_cast<const uint64_t*>(impl_->data);
  std::vector<std::string> strings;
  strings.reserve(static_cast<size_t>(impl_->count));
  for (int64_t index = 0; index < impl_->count; ++index)
    strings.emplace_back(impl_->string_data + offsets[index], offsets[index + 1] - offsets[index]);
  return strings;
}

const std::string& Value::memory() const noexcept {
  static const std::string kHost = "host";
  return is_on_host() ? kHost : impl_->device->memory_name();
}

bool Value::is_on_host() const noexcept { return impl_ == nullptr || impl_->device == nullptr; }

Result<Value> Value::to_host() const {
  if (is_on_host()) return *this;
  BP_ASSIGN_OR_RETURN(Value copy, tensor(impl_->type, impl_->dims));
  BP_RETURN_IF_ERROR(impl_->device->read(copy.impl_->data, impl_->size_bytes));
  return copy;
}

Status Value::copy_from(const Value& source) {
  if (!is_tensor() || element_bits(element_type()) == 0)
    return bad("copy: expected a tensor of elements of fixed size to write to, found " + type_string());
  if (source.element_type() != element_type() || source.dims() != dims())
    return bad("copy: expected " + type_string() + ", found " + source.type_string());
  if (!is_on_host())
    return source.is_on_host() ? impl_->device->write(source.data(), impl_->size_bytes)
                               : impl_->device->copy_from(*source.impl_->device, impl_->size_bytes);
  if (mutable_data() == nullptr && size_bytes() > 0)
    return bad("copy: the memory of " + type_string() + " may not be written");
  if (!source.is_on_host()) return source.impl_->device->read(impl_->data, impl_->size_bytes);
  if (impl_->size_bytes > 0) std::memmove(impl_->data, source.data(), impl_->size_bytes);
  return {};
}

std::string Value::type_string() const {
  switch (kind()) {
    case ValueKind::kTensor:
      return tensor_type_string(impl_->type, impl_->dims);
    case ValueKind::kSequence:
      return "seq(" + std::to_string(impl_->elements.size()) + ")";
    case ValueKind::kMap:
      return "map(" + std::to_string(impl_->elements[0].count()) + ")";
    case ValueKind::kOptional:
      return "optional(" + (impl_->elements.empty() ? std::string("none") : impl_->elements[0].type_string()) +
             ")";
    default:
      return "none";
  }
}

Status Value::wrong_type(ElementType asked) const {
  if (!is_on_host())
    return bad("value " + type_string() + " lies in '" + memory() +
               "'; to_host() gives a copy that can be read");
  return bad("value is " + type_string() + ", asked for " + std::string(element_type_name(asked)));
}

}  // namespace bp
