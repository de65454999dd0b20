#include "oracle/array.hpp"

#include <algorithm>
#include <stdexcept>

namespace bp::conformance {

Array::Array(ElementType element, ConcreteDims sizes) : type(element), dims(std::move(sizes)) {
  const auto size = static_cast<size_t>(element_count(dims));
  if (type == ElementType::kString) {
    strings.resize(size);
  } else if (is_float_type(type)) {
    reals.resize(size);
  } else {
    ints.resize(size);
  }
}

Wide Array::wide(int64_t index) const {
  const auto at = static_cast<size_t>(index);
  if (is_real()) return static_cast<Wide>(reals[at]);
  return type == ElementType::kUint64 ? static_cast<Wide>(static_cast<uint64_t>(ints[at])) : ints[at];
}

double Array::real(int64_t index) const {
  if (is_real()) return reals[static_cast<size_t>(index)];
  return static_cast<double>(wide(index));
}

void Array::set(int64_t index, double value) {
  if (is_real()) {
    reals[static_cast<size_t>(index)] = value;
  } else {
    set_wide(index, static_cast<Wide>(value));
  }
}

void Array::set_wide(int64_t index, Wide value) {
  if (is_real()) {
    reals[static_cast<size_t>(index)] = static_cast<double>(value);
    return;
  }
  int64_t& place = ints[static_cast<size_t>(index)];
  const auto low = static_cast<uint64_t>(value);
  const uint32_t bits = element_bits(type);
  if (type == ElementType::kBool) {
    place = value != 0 ? 1 : 0;
  } else if (bits >= 64) {
    place = static_cast<int64_t>(low);
  } else {
    const uint64_t cut = low & ((uint64_t{1} << bits) - 1);
    const bool is_signed = type == ElementType::kInt8 || type == ElementType::kInt16 ||
                           type == ElementType::kInt32 || type == ElementType::kInt4 ||
                           type == ElementType::kInt2;
    const bool negative = is_signed && (cut >> (bits - 1)) != 0;
    place = static_cast<int64_t>(negative ? cut - (uint64_t{1} << bits) : cut);
  }
}

void Array::copy_element(int64_t index, const Array& from, int64_t at) {
  const auto to = static_cast<size_t>(index), source = static_cast<size_t>(at);
  if (type == ElementType::kString) {
    strings[to] = from.strings[source];
  } else if (is_real()) {
    reals[to] = from.reals[source];
  } else {
    ints[to] = from.ints[source];
  }
}

Array to_array(const Tensor& tensor) {
  Array array(tensor.type, tensor.dims);
  for (int64_t index = 0; index < array.count(); ++index) {
    const auto at = static_cast<size_t>(index);
    if (tensor.type == ElementType::kString) {
      array.strings[at] = tensor.string_at(at);
    } else if (array.is_real()) {
      array.reals[at] = real_at(tensor, index);
    } else {
      array.ints[at] = integer_at(tensor, index);
    }
  }
  return array;
}

TensorPtr to_tensor(const Array& array) {
  if (array.type == ElementType::kString) return Tensor::of_strings(array.dims, array.strings);
  std::vector<std::byte> bytes(storage_bytes(array.type, static_cast<uint64_t>(array.count())));
  for (int64_t index = 0; index < array.count(); ++index) {
    if (array.is_real()) {
      store_real(array.type, bytes.data(), index, array.reals[static_cast<size_t>(index)]);
    } else {
      store_integer(array.type, bytes.data(), index, array.ints[static_cast<size_t>(index)]);
    }
  }
  return Tensor::copy_of(array.type, array.dims, bytes);
}

std::vector<int64_t> strides_of(const ConcreteDims& dims) {
  std::vector<int64_t> strides(dims.size(), 1);
  for (size_t axis = dims.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * dims[axis];
  return strides;
}

int64_t product(std::span<const int64_t> dims) {
  int64_t count = 1;
  for (const int64_t dim : dims) count *= dim;
  return count;
}

void for_each_index(const ConcreteDims& dims,
                    const std::function<void(const std::vector<int64_t>&, int64_t)>& visit) {
  const int64_t count = product(dims);
  std::vector<int64_t> index(dims.size(), 0);
  for (int64_t flat = 0; flat < count; ++flat) {
    visit(index, flat);
    for (size_t axis = dims.size(); axis-- > 0;) {
      if (++index[axis] < dims[axis]) break;
      index[axis] = 0;
    }
  }
}

ConcreteDims broadcast(const ConcreteDims& a, const ConcreteDims& b) {
  ConcreteDims dims(std::max(a.size(), b.size()), 1);
  for (const ConcreteDims* one : {&a, &b}) {
    const size_t missing = dims.size() - one->size();
    for (size_t axis = 0; axis < one->size(); ++axis) {
      int64_t& size = dims[missing + axis];
      if ((*one)[axis] == 1 || (*one)[axis] == size) continue;
      if (size != 1) throw std::runtime_error("oracle: shapes that do not broadcast");
      size = (*one)[axis];
    }
  }
  return dims;
}

int64_t broadcast_place(const std::vector<int64_t>& index, const ConcreteDims& dims) {
  const size_t missing = index.size() - dims.size();
  int64_t place = 0;
  for (size_t axis = 0; axis < dims.size(); ++axis)
    place = place * dims[axis] + (dims[axis] == 1 ? 0 : index[missing + axis]);
  return place;
}

Array gather(const Array& source, ConcreteDims dims,
             const std::function<int64_t(const std::vector<int64_t>&)>& place, const Array* fill) {
  Array result(source.type, std::move(dims));
  for_each_index(result.dims, [&](const std::vector<int64_t>& index, int64_t flat) {
    const int64_t at = place(index);
    if (at >= 0) {
      result.copy_element(flat, source, at);
    } else if (fill != nullptr) {
      result.copy_element(flat, *fill, 0);
    }
  });
  return result;
}

}  // namespace bp::conformance
