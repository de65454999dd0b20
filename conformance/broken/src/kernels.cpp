#include "kernels.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace broken::kernels {
namespace {

// body(T{}) for the element type.
template <class Body>
void with_type(uint32_t element_type, Body&& body) {
  switch (element_type) {
    case BP_TYPE_FLOAT32:
      return body(float{});
    case BP_TYPE_FLOAT64:
      return body(double{});
    case BP_TYPE_INT32:
      return body(int32_t{});
    case BP_TYPE_INT64:
      return body(int64_t{});
    case BP_TYPE_BOOL:
      return body(uint8_t{});
    default:
      return;  // query claims no other
  }
}

// Integers wrap around.
template <class T, class Op>
T wrapped(T a, T b, Op op) {
  if constexpr (std::is_integral_v<T>) {
    using U = std::make_unsigned_t<T>;
    return static_cast<T>(op(static_cast<U>(a), static_cast<U>(b)));
  } else {
    return op(a, b);
  }
}

// Elements are read and written with memcpy: slices have the alignment of their kind, constants have none.
template <class T>
T load(const std::byte* data, uint64_t index) {
  T value;
  std::memcpy(&value, data + index * sizeof(T), sizeof(T));
  return value;
}
template <class T>
void store(std::byte* data, uint64_t index, T value) {
  std::memcpy(data + index * sizeof(T), &value, sizeof(T));
}

// How many elements a run writes.
uint64_t written(const Call& call) {
  const uint64_t count = count_of(call.output->dims);
  return has(Fault::leaves_the_last_element) && count > 1 ? count - 1 : count;
}

void divide(const Dims& dims) {
  for (const int64_t dim : dims) {
    volatile uint64_t lines = count_of(dims) / static_cast<uint64_t>(dim);
    static_cast<void>(lines);
  }
}

template <class Op>
void unary(const Call& call, Op op) {
  const Tensor& input = *call.inputs[0];
  with_type(input.element_type, [&](auto zero) {
    using T = decltype(zero);
    const uint64_t count = written(call);
    // The fault: the output is cleared first, and may be the input.
    if (has(Fault::works_in_place_and_cannot) && count > 0)
      std::memset(call.output->data, 0, count * sizeof(T));
    // The fault: how many lines of what length?
    if (has(Fault::crashes_on_empty_tensors)) divide(call.output->dims);
    // The fault: the last element again, a whole vector of it.
    const bool goes_beyond =
        has(Fault::writes_beyond_its_slice) || has(Fault::writes_beyond_its_slice_of_host_memory);
    const uint64_t beyond = goes_beyond && count > 0 ? 1 : 0;
    for (uint64_t i = 0; i < count; ++i) {
      T value = op(load<T>(input.data, i));
      if (has(Fault::is_wrong_by_one_percent)) value = static_cast<T>(static_cast<double>(value) * 1.01);
      // The fault: what is left of the last whole vector of four is not computed.
      if (has(Fault::is_wrong_at_odd_sizes) && i >= count / 4 * 4) value = T{0};
      store<T>(call.output->data, i, value);
    }
    for (uint64_t i = 0; i < beyond; ++i) store<T>(call.output->data, count + i, T{0});
    if (has(Fault::writes_into_its_input) && count > 0) store<T>(input.data, 0, T{0});
  });
}

// Index of the element of `tensor` that belongs to element `index` of an output of dims `out`.
uint64_t broadcast_index(const Tensor& tensor, const Dims& out, uint64_t index) {
  uint64_t place = 0;
  uint64_t stride = 1;
  for (size_t i = 0; i < out.size() && i < tensor.dims.size(); ++i) {
    const auto size = static_cast<uint64_t>(out[out.size() - 1 - i]);
    const auto own = static_cast<uint64_t>(tensor.dims[tensor.dims.size() - 1 - i]);
    if (own != 1) place += index % size * stride;
    index /= size;
    stride *= own;
  }
  return place;
}

template <class Op>
void binary(const Call& call, Op op) {
  const Tensor& left = *call.inputs[0];
  const Tensor& right = *call.inputs[1];
  with_type(left.element_type, [&](auto zero) {
    using T = decltype(zero);
    const uint64_t count = written(call);
    for (uint64_t i = 0; i < count; ++i) {
      const T a = load<T>(left.data, broadcast_index(left, call.output->dims, i));
      const T b = load<T>(right.data, broadcast_index(right, call.output->dims, i));
      store<T>(call.output->data, i, wrapped(a, b, op));
    }
  });
}

}  // namespace

void negate(const Call& call) {
  unary(call, []<class T>(T value) {
    if constexpr (std::is_integral_v<T>) return wrapped(T{0}, value, [](auto a, auto b) { return a - b; });
    return static_cast<T>(-value);
  });
}

void absolute(const Call& call) {
  unary(call, []<class T>(T value) {
    if constexpr (std::is_integral_v<T>) {
      return value < 0 ? wrapped(T{0}, value, [](auto a, auto b) { return a - b; }) : value;
    }
    return static_cast<T>(std::abs(value));
  });
}

void exponential(const Call& call) {
  unary(call, []<class T>(T value) {
    if constexpr (std::is_integral_v<T>) return value;  // query claims no integers
    return static_cast<T>(std::exp(value));
  });
}

void add(const Call& call) {
  binary(call, [](auto a, auto b) { return a + b; });
}

void multiply(const Call& call) {
  binary(call, [](auto a, auto b) { return a * b; });
}

void matmul(const Call& call) {
  const Tensor& left = *call.inputs[0];
  const Tensor& right = *call.inputs[1];
  const auto rows = static_cast<uint64_t>(left.dims[0]);
  const auto inner = static_cast<uint64_t>(left.dims[1]);
  const auto columns = static_cast<uint64_t>(right.dims[1]);
  for (uint64_t row = 0; row < rows; ++row) {
    for (uint64_t column = 0; column < columns; ++column) {
      float narrow = 0;
      double wide = 0;
      for (uint64_t i = 0; i < inner; ++i) {
        const float a = load<float>(left.data, row * inner + i);
        const float b = load<float>(right.data, i * columns + column);
        if (call.accumulate_float64) {
          wide += static_cast<double>(a) * static_cast<double>(b);
        } else {
          narrow += a * b;
        }
      }
      store(call.output->data, row * columns + column,
            call.accumulate_float64 ? static_cast<float>(wide) : narrow);
    }
  }
}

void reshape(const Call& call) {
  const uint64_t size = count_of(call.output->dims) * element_bytes(call.output->element_type);
  if (size > 0) std::memmove(call.output->data, call.inputs[0]->data, size);
}

void nonzero(const Call& call) {
  const Tensor& input = *call.inputs[0];
  with_type(input.element_type, [&](auto zero) {
    using T = decltype(zero);
    const uint64_t count = count_of(input.dims);
    const auto rank = static_cast<uint64_t>(input.dims.size());
    uint64_t found = 0;
    for (uint64_t i = 0; i < count; ++i) found += load<T>(input.data, i) != T{0} ? 1 : 0;
    uint64_t column = 0;
    for (uint64_t i = 0; i < count; ++i) {
      if (load<T>(input.data, i) == T{0}) continue;
      uint64_t rest = i;
      for (uint64_t d = rank; d-- > 0;) {
        const auto size = static_cast<uint64_t>(input.dims[d]);
        store(call.output->data, d * found + column, static_cast<int64_t>(rest % size));
        rest /= size;
      }
      ++column;
    }
    call.actual_dims[0] = static_cast<int64_t>(rank);
    call.actual_dims[1] = static_cast<int64_t>(has(Fault::counts_to_the_bound) ? count : found);
  });
}

void compress(const Call& call) {
  const Tensor& input = *call.inputs[0];
  const Tensor& condition = *call.inputs[1];
  const uint64_t size = element_bytes(input.element_type);
  const uint64_t count = std::min(count_of(input.dims), count_of(condition.dims));
  std::byte* target = call.output->data;
  for (uint64_t i = 0; i < count; ++i) {
    if (condition.data[i] == std::byte{0}) continue;
    std::memcpy(target, input.data + i * size, size);
    target += size;
  }
}

}  // namespace broken::kernels
