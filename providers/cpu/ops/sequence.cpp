// ReverseSequence, Trilu and OneHot: rows whose elements are kept, turned or set by their position.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/sized.hpp"
#include "kernels/strided_copy.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_reverse_sequence(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kMovable);
  check.types(1, mask(Type::kInt64));
  check.rank_between(1, 1, 1);
}

void build_reverse_sequence(Builder& b) {
  const Dims& dims = b.input_dims(0);
  const int64_t time_axis = b.attributes().int_or("time_axis", 0);
  const int64_t batch_axis = b.attributes().int_or("batch_axis", 1);
  if (dims.size() < 2 || std::min(time_axis, batch_axis) != 0 || std::max(time_axis, batch_axis) != 1) {
    b.fail(text("time_axis ", time_axis, " and batch_axis ", batch_axis, " must be 0 and 1, in any order"));
  }
  const int64_t times = dims[static_cast<size_t>(time_axis)];
  const int64_t batches = dims[static_cast<size_t>(batch_axis)];
  if (b.input_dims(1)[0] != batches) {
    b.fail(text("sequence_lens must have ", batches, " elements, has ", b.input_dims(1)[0]));
  }
  b.output(0, dims);
  const Dims strides = row_major_strides(dims);
  const int64_t block = element_count(Dims(dims.begin() + 2, dims.end())) * element_size(b.input_type(0));
  const int64_t time_stride = time_axis == 0 ? block * dims[1] : block;
  const int64_t batch_stride = batch_axis == 0 ? block * dims[1] : block;
  b.run([=](const Call& call) -> RunError {
    const auto* source = call.in<std::byte>(0);
    const auto* lengths = call.in<int64_t>(1);
    auto* target = call.out<std::byte>(2);
    for (int64_t batch = 0; batch < batches; ++batch) {
      const int64_t length = lengths[batch];
      if (length < 0 || length > times) return "a sequence length is outside [0, length of the time axis]";
      for (int64_t time = 0; time < times; ++time) {
        const int64_t from = time < length ? length - 1 - time : time;
        std::memcpy(target + time * time_stride + batch * batch_stride,
                    source + from * time_stride + batch * batch_stride, static_cast<size_t>(block));
      }
    }
    return nullptr;
  });
}

void check_trilu(Check& check) {
  check.required(0);
  check.types(0, kMovable);
  check.types(1, mask(Type::kInt64));
}

void build_trilu(Builder& b) {
  const Dims& dims = b.input_dims(0);
  if (dims.size() < 2) b.fail(text("input 0 must have at least 2 dims, has ", dims.size()));
  if (b.has_input(1) && element_count(b.input_dims(1)) != 1) b.fail("k must be one element");
  b.output(0, dims);
  const int64_t columns = dims.back();
  const int64_t rows = dims[dims.size() - 2];
  const int64_t total = element_count(dims);
  const int64_t all_rows = columns == 0 ? 0 : total / columns;
  const int64_t size = element_size(b.input_type(0));
  const bool upper = b.attributes().int_or("upper", 1) != 0;
  const bool has_k = b.has_input(1);
  const size_t output = b.input_count();
  const int threads = b.threads();
  b.run([=](const Call& call) {
    const int64_t k = has_k ? std::clamp(*call.in<int64_t>(1), -rows, columns) : 0;
    const auto* source = call.in<std::byte>(0);
    auto* target = call.out<std::byte>(output);
    parallel_for(threads, all_rows, total, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        // Columns [first, last) are kept: from the diagonal on, or up to it.
        const int64_t diagonal = row % rows + k;
        const int64_t first = upper ? std::clamp<int64_t>(diagonal, 0, columns) : 0;
        const int64_t last = upper ? columns : std::clamp<int64_t>(diagonal + 1, 0, columns);
        std::byte* to = target + row * columns * size;
        std::memset(to, 0, static_cast<size_t>(first * size));
        std::memcpy(to + first * size, source + (row * columns + first) * size,
                    static_cast<size_t>((last - first) * size));
        std::memset(to + last * size, 0, static_cast<size_t>((columns - last) * size));
      }
    });
  });
}

void check_one_hot(Check& check) {
  for (size_t i = 0; i < 3; ++i) check.required(i);
  check.types(0, kNumbers);
  check.types(1, kNumbers);
  check.types(2, kMovable);
  check.want_value(1);
}

// An index that is no position (too far, or none) gives a row of off values.
void build_one_hot(Builder& b) {
  const Dims& from = b.input_dims(0);
  const HostTensor& depth_value = b.needed_value(1);
  if (depth_value.count() != 1) b.fail(text("depth must be one element, has ", depth_value.count()));
  const auto depth = static_cast<int64_t>(depth_value.floats()[0]);
  if (depth < 1) b.fail(text("depth must be at least 1, is ", depth));
  if (b.input_dims(2) != Dims{2}) b.fail(text("values must have dims [2], has ", dims_text(b.input_dims(2))));
  const int64_t axis = b.axis(b.attributes().int_or("axis", -1), b.rank(0) + 1);
  Dims to = from;
  to.insert(to.begin() + axis, depth);
  b.output(0, to);
  const int64_t outer = element_count(Dims(from.begin(), from.begin() + axis));
  const int64_t inner = element_count(Dims(from.begin() + axis, from.end()));
  const int threads = b.threads();
  const auto add = [&]<class T, class U>(Tag<T>, Tag<U>) {
    b.run([=](const Call& call) {
      const T* indices = call.in<T>(0);
      const U* values = call.in<U>(2);
      U* target = call.out<U>(3);
      parallel_for(threads, outer, outer * inner * depth, [&](int64_t begin, int64_t end) {
        const U off = values[0], on = values[1];
        for (int64_t o = begin; o < end; ++o) {
          U* block = target + o * depth * inner;
          std::fill_n(block, depth * inner, off);
          for (int64_t i = 0; i < inner; ++i) {
            const auto stated = static_cast<double>(static_cast<Compute<T>>(indices[o * inner + i]));
            const double at = stated < 0 ? stated + static_cast<double>(depth) : stated;
            if (!(at >= 0) || at >= static_cast<double>(depth)) continue;
            block[static_cast<int64_t>(at) * inner + i] = on;
          }
        }
      });
    });
  };
  dispatch<kNumbers>(b.input_type(0), [&](auto index) {
    with_size(element_size(b.input_type(2)), [&](auto element) { add(index, element); });
  });
}

constexpr Row kRows[] = {
    {"ReverseSequence", check_reverse_sequence, build_reverse_sequence, 10},
    {"Trilu", check_trilu, build_trilu, 14},
    {"OneHot", check_one_hot, build_one_hot, 9},
};

}  // namespace

std::span<const Row> sequence_rows() { return kRows; }

}  // namespace bp::cpu
