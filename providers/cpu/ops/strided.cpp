// Strided views of a node's first input.
#include "ops/strided.hpp"

#include <utility>

#include "kernels/strided_copy.hpp"

namespace bp::cpu {

namespace {

// Element i of the output is element offset + i of the input.
bool is_contiguous(const Dims& dims, const Dims& strides) {
  const Dims expected = row_major_strides(dims);
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (dims[axis] != 1 && strides[axis] != expected[axis]) return false;
  }
  return true;
}

}  // namespace

void strided_output(Builder& b, const Dims& dims, const Dims& strides, int64_t offset) {
  strided_output(b, dims, strides, offset, dims);
}

void strided_output(Builder& b, const Dims& dims, const Dims& strides, int64_t offset, Dims to) {
  const uint32_t size = element_size(b.input_type(0));
  const int64_t offset_bytes = offset * size;
  if (element_count(dims) == 0) {
    b.output(0, std::move(to));
    return;
  }
  if (is_contiguous(dims, strides)) {
    b.alias(0, 0, std::move(to), static_cast<uint64_t>(offset_bytes));
    return;
  }
  b.output(0, std::move(to));
  const StridedCopy copy(dims, strides, row_major_strides(dims), size);
  const size_t output = b.input_count();
  const int threads = b.threads();
  b.run([copy, output, offset_bytes, threads](const Call& call) {
    copy.run(call.in<std::byte>(0) + offset_bytes, call.out<std::byte>(output), threads);
  });
}

}  // namespace bp::cpu
