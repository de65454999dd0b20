// Operators that put windows back into the image that they were taken from: Col2Im and MaxUnpool.
#include <algorithm>
#include <numeric>

#include "kernels/strided_copy.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_col2im(Check& check) {
  for (size_t i = 0; i < 3; ++i) check.required(i);
  check.types(0, kNumbers);
  check.want_value(1);
  check.want_value(2);
}

struct Window {
  Dims image, block, steps, strides, dilations, pads;
};

// Blocks along one axis.
int64_t steps_along(Builder& b, const Window& window, size_t axis) {
  const size_t rank = window.image.size();
  const int64_t reach = window.dilations[axis] * (window.block[axis] - 1) + 1;
  const int64_t room = window.image[axis] + window.pads[axis] + window.pads[axis + rank] - reach;
  if (window.block[axis] < 1 || window.strides[axis] < 1 || window.dilations[axis] < 1 || room < 0) {
    b.fail(text("blocks of ", dims_text(window.block), " do not fit an image of ", dims_text(window.image)));
  }
  return room / window.strides[axis] + 1;
}

Window read_window(Builder& b) {
  Window window;
  window.image = b.needed_value(1).ints();
  window.block = b.needed_value(2).ints();
  const size_t rank = window.image.size();
  window.strides = b.attributes().ints_or("strides", Dims(rank, 1));
  window.dilations = b.attributes().ints_or("dilations", Dims(rank, 1));
  window.pads = b.attributes().ints_or("pads", Dims(2 * rank, 0));
  if (rank == 0 || window.block.size() != rank || window.strides.size() != rank ||
      window.dilations.size() != rank || window.pads.size() != 2 * rank) {
    b.fail(text("image_shape, block_shape, strides, dilations and pads must be for ", rank, " axes each"));
  }
  for (size_t axis = 0; axis < rank; ++axis) window.steps.push_back(steps_along(b, window, axis));
  return window;
}

// columns: [N, C * block elements, steps] is added up into [N, C, image].
void build_col2im(Builder& b) {
  const Dims& from = b.input_dims(0);
  const Window window = read_window(b);
  const size_t rank = window.image.size();
  const int64_t block = element_count(window.block);
  const int64_t steps = element_count(window.steps);
  if (from.size() != 3 || from[1] % block != 0 || from[2] != steps) {
    b.fail(text("input 0 with dims ", dims_text(from), " must have dims [N, C*", block, ", ", steps, "]"));
  }
  const int64_t channels = from[1] / block;
  Dims to = {from[0], channels};
  to.insert(to.end(), window.image.begin(), window.image.end());
  b.output(0, to);
  const Dims strides = row_major_strides(window.image);
  const int64_t area = element_count(window.image);
  const int64_t units = from[0] * channels;
  const int threads = b.threads();
  dispatch<kNumbers>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      parallel_for(threads, units, units * block * steps, [&](int64_t begin, int64_t end) {
        for (int64_t unit = begin; unit < end; ++unit) {
          const T* source = call.in<T>(0) + unit * block * steps;
          T* target = call.out<T>(3) + unit * area;
          std::fill_n(target, area, T(0));
          for (int64_t index = 0; index < block * steps; ++index, ++source) {
            int64_t in_block = index / steps;
            int64_t step = index % steps;
            int64_t offset = 0;
            bool inside = true;
            for (size_t axis = rank; axis-- > 0;) {
              const int64_t at = step % window.steps[axis] * window.strides[axis] - window.pads[axis] +
                                 in_block % window.block[axis] * window.dilations[axis];
              step /= window.steps[axis];
              in_block /= window.block[axis];
              inside = inside && at >= 0 && at < window.image[axis];
              offset += at * strides[axis];
            }
            if (inside) {
              using C = Compute<T>;
              target[offset] = static_cast<T>(static_cast<C>(target[offset]) + static_cast<C>(*source));
            }
          }
        }
      });
    });
  });
}

void check_max_unpool(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kFloats);
  check.types(1, mask(Type::kInt64));
  check.want_value(2);
}

// What the pooling took in, as far as its attributes tell.
Dims unpooled_dims(Builder& b) {
  const Dims& from = b.input_dims(0);
  const size_t spatial = from.size() < 2 ? 0 : from.size() - 2;
  const Dims kernel = b.attributes().ints_or("kernel_shape", {});
  const Dims strides = b.attributes().ints_or("strides", Dims(spatial, 1));
  const Dims pads = b.attributes().ints_or("pads", Dims(2 * spatial, 0));
  if (spatial == 0 || kernel.size() != spatial || strides.size() != spatial || pads.size() != 2 * spatial) {
    b.fail(text("kernel_shape, strides and pads must be for the ", spatial, " axes of ", dims_text(from)));
  }
  Dims to = {from[0], from[1]};
  for (size_t i = 0; i < spatial; ++i) {
    to.push_back((from[2 + i] - 1) * strides[i] + kernel[i] - pads[i] - pads[i + spatial]);
  }
  return to;
}

// Indices count through the dims that the attributes tell; a larger output_shape has these in its corner.
void build_max_unpool(Builder& b) {
  if (b.input_dims(1) != b.input_dims(0)) {
    b.fail(text("indices must have dims ", dims_text(b.input_dims(0)), ", have ", dims_text(b.input_dims(1))));
  }
  const Dims inner = unpooled_dims(b);
  const Dims to = b.has_input(2) ? b.needed_value(2).ints() : inner;
  bool fits = to.size() == inner.size();
  for (size_t axis = 0; fits && axis < to.size(); ++axis) fits = to[axis] >= inner[axis] && inner[axis] >= 0;
  if (!fits) b.fail(text("output_shape ", dims_text(to), " does not hold ", dims_text(inner)));
  b.output(0, to);
  const Dims strides = row_major_strides(to);
  const int64_t count = element_count(b.input_dims(0));
  const int64_t total = element_count(to);
  const int64_t limit = element_count(inner);
  const size_t output = b.input_count();
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) -> RunError {
      const T* source = call.in<T>(0);
      const auto* indices = call.in<int64_t>(1);
      T* target = call.out<T>(output);
      std::fill_n(target, total, T(0));
      for (int64_t i = 0; i < count; ++i) {
        int64_t left = indices[i];
        if (left < 0 || left >= limit) return "an index is outside the output";
        int64_t offset = 0;
        for (size_t axis = inner.size(); axis-- > 0;) {
          offset += left % inner[axis] * strides[axis];
          left /= inner[axis];
        }
        target[offset] = source[i];
      }
      return nullptr;
    });
  });
}

constexpr Row kRows[] = {
    {"Col2Im", check_col2im, build_col2im, 18},
    {"MaxUnpool", check_max_unpool, build_max_unpool, 9},
};

}  // namespace

std::span<const Row> unfold_rows() { return kRows; }

}  // namespace bp::cpu
