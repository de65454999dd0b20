#include "infer/host_tensor.hpp"

#include <cstring>

namespace bp {
namespace {

template <class T>
std::vector<double> read_reals(const Tensor& tensor) {
  std::vector<double> values(static_cast<size_t>(tensor.count()));
  for (size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, tensor.bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<double>(value);
  }
  return values;
}

template <class T, class Source>
TensorPtr write(ElementType element, const ConcreteDims& dims, const std::vector<Source>& values) {
  std::vector<T> narrow(values.size());
  for (size_t i = 0; i < values.size(); ++i) narrow[i] = static_cast<T>(values[i]);
  return Tensor::copy_of(element, dims, std::as_bytes(std::span(narrow)));
}

}  // namespace

bool is_host_element(ElementType type) noexcept {
  switch (type) {
    case ElementType::kBool:
    case ElementType::kInt8:
    case ElementType::kInt16:
    case ElementType::kInt32:
    case ElementType::kInt64:
    case ElementType::kUint8:
    case ElementType::kUint16:
    case ElementType::kUint32:
    case ElementType::kUint64:
    case ElementType::kFloat32:
    case ElementType::kFloat64:
      return true;
    default:
      return false;
  }
}

std::optional<HostTensor> read_host_tensor(const Tensor& tensor) {
  if (!is_host_element(tensor.type)) return std::nullopt;
  HostTensor host;
  host.element = tensor.type;
  host.dims = tensor.dims;
  if (tensor.type == ElementType::kFloat32) {
    host.reals = read_reals<float>(tensor);
  } else if (tensor.type == ElementType::kFloat64) {
    host.reals = read_reals<double>(tensor);
  } else {
    host.ints = tensor.to_int64();
  }
  return host;
}

TensorPtr to_tensor(const HostTensor& host) {
  switch (host.element) {
    case ElementType::kFloat32:
      return write<float>(host.element, host.dims, host.reals);
    case ElementType::kFloat64:
      return write<double>(host.element, host.dims, host.reals);
    case ElementType::kBool:
    case ElementType::kUint8:
      return write<uint8_t>(host.element, host.dims, host.ints);
    case ElementType::kInt8:
      return write<int8_t>(host.element, host.dims, host.ints);
    case ElementType::kInt16:
      return write<int16_t>(host.element, host.dims, host.ints);
    case ElementType::kUint16:
      return write<uint16_t>(host.element, host.dims, host.ints);
    case ElementType::kInt32:
      return write<int32_t>(host.element, host.dims, host.ints);
    case ElementType::kUint32:
      return write<uint32_t>(host.element, host.dims, host.ints);
    case ElementType::kUint64:
      return write<uint64_t>(host.element, host.dims, host.ints);
    default:
      return write<int64_t>(host.element, host.dims, host.ints);
  }
}

int64_t wrapped(int64_t value, ElementType type) noexcept {
  switch (type) {
    case ElementType::kBool:
      return value != 0 ? 1 : 0;
    case ElementType::kInt8:
      return static_cast<int8_t>(value);
    case ElementType::kInt16:
      return static_cast<int16_t>(value);
    case ElementType::kInt32:
      return static_cast<int32_t>(value);
    case ElementType::kUint8:
      return static_cast<uint8_t>(value);
    case ElementType::kUint16:
      return static_cast<uint16_t>(value);
    case ElementType::kUint32:
      return static_cast<uint32_t>(value);
    default:
      return value;
  }
}

double rounded(double value, ElementType type) noexcept {
  return type == ElementType::kFloat32 ? static_cast<double>(static_cast<float>(value)) : value;
}

HostTensor zeros(ElementType element, ConcreteDims dims) {
  HostTensor tensor;
  tensor.element = element;
  const auto count = static_cast<size_t>(element_count(dims));
  tensor.dims = std::move(dims);
  if (tensor.is_real()) {
    tensor.reals.resize(count);
  } else {
    tensor.ints.resize(count);
  }
  return tensor;
}

}  // namespace bp
