// Operators that read at indices: Gather, GatherElements, GatherND.
#include <atomic>
#include <cstring>
#include <vector>

#include "kernels/sized.hpp"
#include "kernels/strided_copy.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

constexpr RunError kOutside = "an index is outside the axis that it points into";

void check_gather(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kMovable);
  check.types(1, kIndices);
}

// data: [outer, dim, block bytes], indices: [count], target: [outer, count, block bytes].
struct GatherPlan {
  int64_t outer;
  int64_t dim;
  int64_t count;
  int64_t block;
};

template <class Index>
RunError first_outside(const Index* indices, int64_t count, int64_t dim) {
  bool outside = false;
  for (int64_t i = 0; i < count; ++i) outside |= indices[i] < -dim || indices[i] >= dim;
  return outside ? kOutside : nullptr;
}

template <size_t kBytes, class Index>
void gather(const GatherPlan& plan, const std::byte* data, const Index* indices, std::byte* target,
            int64_t begin, int64_t end) {
  const auto block = kBytes > 0 ? kBytes : static_cast<size_t>(plan.block);
  int64_t outer = begin / plan.count;
  int64_t at = begin % plan.count;
  for (int64_t unit = begin; unit < end; ++unit) {
    const int64_t index = indices[at] < 0 ? indices[at] + plan.dim : indices[at];
    std::memcpy(target + unit * static_cast<int64_t>(block),
                data + (outer * plan.dim + index) * static_cast<int64_t>(block), block);
    if (++at == plan.count) {
      at = 0;
      ++outer;
    }
  }
}

template <class Index, size_t kBytes>
void add_gather(Builder& b, const GatherPlan& plan) {
  const size_t output = b.input_count();
  const int threads = b.threads();
  b.run([plan, output, threads](const Call& call) -> RunError {
    const Index* indices = call.in<Index>(1);
    if (const RunError error = first_outside(indices, plan.count, plan.dim)) return error;
    const auto* data = call.in<std::byte>(0);
    auto* target = call.out<std::byte>(output);
    const int64_t units = plan.outer * plan.count;
    parallel_for(threads, units, units * (1 + plan.block / 16),
                 [&](int64_t begin, int64_t end) { gather<kBytes>(plan, data, indices, target, begin, end); });
    return nullptr;
  });
}

void build_gather(Builder& b) {
  const Dims& from = b.input_dims(0);
  const Dims& indices = b.input_dims(1);
  const auto axis = b.axis(b.attributes().int_or("axis", 0), b.rank(0));
  const auto at = from.begin() + axis;
  Dims to(from.begin(), at);
  to.insert(to.end(), indices.begin(), indices.end());
  to.insert(to.end(), at + 1, from.end());
  const int64_t size = element_size(b.input_type(0));
  const GatherPlan plan{element_count(Dims(from.begin(), at)), *at, element_count(indices),
                        element_count(Dims(at + 1, from.end())) * size};

  // One known index into the outermost axis: a view.
  const HostTensor* known = b.value(1);
  if (known != nullptr && plan.outer == 1 && plan.count == 1) {
    const int64_t index = b.axis(known->ints()[0], plan.dim);
    b.alias(0, 0, to, static_cast<uint64_t>(index * plan.block));
    return;
  }
  b.output(0, to);
  dispatch<kIndices>(b.input_type(1), [&]<class Index>(Tag<Index>) {
    switch (plan.block) {
      case 1:
        return add_gather<Index, 1>(b, plan);
      case 2:
        return add_gather<Index, 2>(b, plan);
      case 4:
        return add_gather<Index, 4>(b, plan);
      case 8:
        return add_gather<Index, 8>(b, plan);
      default:
        return add_gather<Index, 0>(b, plan);
    }
  });
}

// One row of the output of GatherElements; strides in elements. The axis is the last one (strides 0 and 1), or
// another.
struct GatherLine {
  int64_t length;
  int64_t dim;
  int64_t stride;
  int64_t axis_stride;

  // False where an index is outside.
  template <class U, class Index>
  bool run(const U* data, const Index* indices, U* target) const {
    if (stride == 0 && axis_stride == 1) {
      return each(indices, target, [data](int64_t, int64_t index) { return data[index]; });
    }
    return each(indices, target,
                [=, this](int64_t i, int64_t index) { return data[i * stride + index * axis_stride]; });
  }

 private:
  template <class U, class Index, class Source>
  bool each(const Index* indices, U* target, Source source) const {
    const int64_t count = length, size = dim;
    for (int64_t i = 0; i < count; ++i) {
      int64_t index = indices[i];
      index += index < 0 ? size : 0;
      if (static_cast<uint64_t>(index) >= static_cast<uint64_t>(size)) return false;
      target[i] = source(i, index);
    }
    return true;
  }
};

// target[i,j,k] = data[i,index[i,j,k],k]: the target's strides in data, but for `axis`, where the index moves.
void build_gather_elements(Builder& b) {
  const Dims& from = b.input_dims(0);
  const Dims to = b.input_dims(1);
  const auto axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 0), b.rank(0)));
  bool fits = to.size() == from.size();
  for (size_t i = 0; fits && i < to.size(); ++i) fits = i == axis || to[i] <= from[i];
  if (!fits) {
    b.fail(text("indices with dims ", dims_text(to), " do not fit data with dims ", dims_text(from)));
  }
  b.output(0, to);
  Dims strides = row_major_strides(from);
  const int64_t axis_stride = strides[axis];
  strides[axis] = 0;
  const int64_t dim = from[axis];
  const int64_t length = to.back();
  const int64_t rows = length == 0 ? 0 : element_count(to) / length;
  const size_t output = b.input_count();
  const int threads = b.threads();
  with_size(element_size(b.input_type(0)), [&]<class U>(Tag<U>) {
    dispatch<kIndices>(b.input_type(1), [&]<class Index>(Tag<Index>) {
      b.run([=](const Call& call) -> RunError {
        const auto* indices = call.in<Index>(1);
        const auto* data = call.in<U>(0);
        auto* target = call.out<U>(output);
        std::atomic<bool> outside = false;
        parallel_for(threads, rows, rows * length, [&](int64_t begin, int64_t end) {
          for (int64_t row = begin; row < end; ++row) {
            int64_t left = row;
            int64_t offset = 0;
            for (size_t i = to.size() - 1; i-- > 0;) {
              offset += left % to[i] * strides[i];
              left /= to[i];
            }
            const GatherLine line{length, dim, strides.back(), axis_stride};
            if (!line.run(data + offset, indices + row * length, target + row * length)) {
              outside.store(true, std::memory_order_relaxed);
              return;
            }
          }
        });
        return outside ? kOutside : nullptr;
      });
    });
  });
}

// indices: [batch.., tuples.., length]; each tuple points at a block of data behind the batch axes.
void build_gather_nd(Builder& b) {
  const Dims& from = b.input_dims(0);
  const Dims& indices = b.input_dims(1);
  const auto batch_axes = static_cast<size_t>(b.attributes().int_or("batch_dims", 0));
  if (indices.empty() || batch_axes >= indices.size() || batch_axes > from.size()) {
    b.fail(text("batch_dims ", batch_axes, " does not fit data with dims ", dims_text(from),
                " and indices with dims ", dims_text(indices)));
  }
  const auto length = static_cast<size_t>(indices.back());
  if (batch_axes + length > from.size()) {
    b.fail(text("tuples of ", length, " indices behind ", batch_axes, " batch dims point deeper than ",
                from.size(), " dims"));
  }
  const auto block_begin = from.begin() + static_cast<std::ptrdiff_t>(batch_axes + length);
  Dims to(indices.begin(), indices.end() - 1);
  to.insert(to.end(), block_begin, from.end());
  b.output(0, to);

  const Dims all_strides = row_major_strides(from);
  const int64_t size = element_size(b.input_type(0));
  Dims strides;
  Dims limits;
  for (size_t i = batch_axes; i < batch_axes + length; ++i) {
    strides.push_back(all_strides[i] * size);
    limits.push_back(from[i]);
  }
  const auto batch_end = indices.begin() + static_cast<std::ptrdiff_t>(batch_axes);
  const int64_t batches = element_count(Dims(indices.begin(), batch_end));
  const int64_t tuples = element_count(Dims(batch_end, indices.end() - 1));
  const int64_t block = element_count(Dims(block_begin, from.end())) * size;
  const int64_t batch_bytes = element_count(from) * size / std::max<int64_t>(batches, 1);
  const size_t output = b.input_count();
  dispatch<kIndices>(b.input_type(1), [&]<class Index>(Tag<Index>) {
    b.run([=](const Call& call) -> RunError {
      const Index* at = call.in<Index>(1);
      const auto* data = call.in<std::byte>(0);
      auto* target = call.out<std::byte>(output);
      for (int64_t unit = 0; unit < batches * tuples; ++unit) {
        int64_t offset = unit / tuples * batch_bytes;
        for (size_t i = 0; i < length; ++i) {
          const int64_t index = at[i] < 0 ? at[i] + limits[i] : at[i];
          if (index < 0 || index >= limits[i]) return kOutside;
          offset += index * strides[i];
        }
        at += length;
        std::memcpy(target + unit * block, data + offset, static_cast<size_t>(block));
      }
      return nullptr;
    });
  });
}

constexpr Row kRows[] = {
    {"Gather", check_gather, build_gather},
    {"GatherElements", check_gather, build_gather_elements, 11},
    {"GatherND", check_gather, build_gather_nd, 11},
};

}  // namespace

std::span<const Row> gather_rows() { return kRows; }

}  // namespace bp::cpu
