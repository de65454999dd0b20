// MaxPool, AveragePool, LpPool and their global forms. oneDNN takes float32 where its arithmetic is ONNX's and
// its code fast, kernels/plane_pool what else is row-major, a plain loop the rest: other types, indices, 3-D.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/plane_pool.hpp"
#include "onednn_step.hpp"
#include "ops/table.hpp"
#include "ops/window.hpp"

namespace bp::cpu {

namespace {

using dnnl::algorithm;

enum class Pool { kMax, kAverage, kLp };

constexpr TypeMask kPoolTypes = kFloats | mask(Type::kInt8, Type::kUint8);

void check_pool(Check& check) {
  check.required(0);
  check.types(0, kPoolTypes);
  check.rank_between(0, 3, 5);
  check.string_attribute("auto_pad", "NOTSET", {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"});
  check.output_types(1, mask(Type::kInt64));
}

// What the plain loop needs, spatial dims padded in front to three.
struct Loop {
  int64_t planes = 0;  // N * C
  int64_t in[3] = {1, 1, 1};
  int64_t out[3] = {1, 1, 1};
  int64_t kernel[3] = {1, 1, 1};
  int64_t stride[3] = {1, 1, 1};
  int64_t dilation[3] = {1, 1, 1};
  int64_t pad_begin[3] = {0, 0, 0};
  int64_t pad_end[3] = {0, 0, 0};
  bool count_pad = false;
  bool column_major = false;  // indices of MaxPool with storage_order 1
  float power = 2;            // LpPool
};

Loop make_loop(const Dims& src, const Dims& dst, const Window& window) {
  Loop loop;
  loop.planes = src[0] * src[1];
  const size_t spatial = src.size() - 2;
  for (size_t i = 0; i < spatial; ++i) {
    const size_t to = 3 - spatial + i;
    loop.in[to] = src[i + 2];
    loop.out[to] = dst[i + 2];
    loop.kernel[to] = window.kernel[i];
    loop.stride[to] = window.strides[i];
    loop.dilation[to] = window.dilations[i];
    loop.pad_begin[to] = window.pads_begin[i];
    loop.pad_end[to] = window.pads_end[i];
  }
  return loop;
}

// Positions that lie inside the padded input: what a window that counts padding divides by.
int64_t padded_positions(const Loop& loop, const int64_t (&start)[3]) {
  int64_t count = 1;
  for (int d = 0; d < 3; ++d) {
    int64_t inside = 0;
    for (int64_t k = 0; k < loop.kernel[d]; ++k) {
      if (start[d] + k * loop.dilation[d] < loop.in[d] + loop.pad_end[d]) ++inside;
    }
    count *= inside;
  }
  return count;
}

// One window: calls visit(offset in the plane) for every position inside the input.
template <class Visit>
void walk(const Loop& loop, const int64_t (&start)[3], Visit&& visit) {
  for (int64_t i = 0; i < loop.kernel[0]; ++i) {
    const int64_t z = start[0] + i * loop.dilation[0];
    if (z < 0 || z >= loop.in[0]) continue;
    for (int64_t j = 0; j < loop.kernel[1]; ++j) {
      const int64_t y = start[1] + j * loop.dilation[1];
      if (y < 0 || y >= loop.in[1]) continue;
      for (int64_t k = 0; k < loop.kernel[2]; ++k) {
        const int64_t x = start[2] + k * loop.dilation[2];
        if (x < 0 || x >= loop.in[2]) continue;
        visit((z * loop.in[1] + y) * loop.in[2] + x);
      }
    }
  }
}

// Index of the maximum as MaxPool gives it: in the whole tensor, rows or columns first.
int64_t flat_index(const Loop& loop, int64_t plane, int64_t offset) {
  const int64_t area = loop.in[0] * loop.in[1] * loop.in[2];
  if (!loop.column_major) return plane * area + offset;
  const int64_t x = offset % loop.in[2];
  const int64_t y = offset / loop.in[2] % loop.in[1];
  const int64_t z = offset / (loop.in[2] * loop.in[1]);
  return plane * area + (x * loop.in[1] + y) * loop.in[0] + z;
}

template <class T, Pool kPool>
void pool_window(const Loop& loop, const int64_t (&start)[3], int64_t plane, const T* from, T* value,
                 int64_t* index) {
  using C = Compute<T>;
  if constexpr (kPool == Pool::kMax) {
    int64_t best = -1;
    C highest = std::numeric_limits<C>::lowest();
    walk(loop, start, [&](int64_t offset) {
      const C x = static_cast<C>(from[offset]);
      if (best < 0 || x > highest || x != x) {
        highest = x;
        best = offset;
      }
    });
    *value = static_cast<T>(highest);
    if (index != nullptr) *index = best < 0 ? -1 : flat_index(loop, plane, best);
  } else {
    double sum = 0;
    int64_t count = 0;
    walk(loop, start, [&](int64_t offset) {
      sum += static_cast<double>(static_cast<C>(from[offset]));
      ++count;
    });
    if (loop.count_pad) count = padded_positions(loop, start);
    *value = static_cast<T>(static_cast<C>(count == 0 ? 0.0 : sum / static_cast<double>(count)));
  }
}

// LpPool by rows: the powers of the rows under a window are added up once per column, padding included, then
// the columns of each window. Power 1 or 2; 0 stands for any other.
template <class T, int kPower>
class LpRows {
 public:
  LpRows(const Loop& loop, double* columns) : loop_(loop), columns_(columns) {}

  // Columns from the first of the first window to the last of the last.
  static int64_t column_count(const Loop& loop) {
    return (loop.out[2] - 1) * loop.stride[2] + (loop.kernel[2] - 1) * loop.dilation[2] + 1;
  }

  void run(const T* from, T* to) const {
    for (int64_t z = 0; z < loop_.out[0]; ++z) {
      for (int64_t y = 0; y < loop_.out[1]; ++y, to += loop_.out[2]) {
        std::fill_n(columns_, column_count(loop_), 0.0);
        add_rows(from, z * loop_.stride[0] - loop_.pad_begin[0], y * loop_.stride[1] - loop_.pad_begin[1]);
        for (int64_t x = 0; x < loop_.out[2]; ++x) {
          const double* first = columns_ + x * loop_.stride[2];
          double sum = 0;
          for (int64_t k = 0; k < loop_.kernel[2]; ++k) sum += first[k * loop_.dilation[2]];
          to[x] = static_cast<T>(static_cast<Compute<T>>(root(sum)));
        }
      }
    }
  }

 private:
  double power(double value) const {
    if constexpr (kPower == 1) return std::abs(value);
    if constexpr (kPower == 2) return value * value;
    return std::pow(std::abs(value), static_cast<double>(loop_.power));
  }
  double root(double sum) const {
    if constexpr (kPower == 1) return sum;
    if constexpr (kPower == 2) return std::sqrt(sum);
    return std::pow(sum, 1.0 / static_cast<double>(loop_.power));
  }

  void add_rows(const T* from, int64_t first_z, int64_t first_y) const {
    const int64_t pad = loop_.pad_begin[2];
    const int64_t begin = std::max<int64_t>(0, -pad);
    const int64_t end = std::min(loop_.in[2], column_count(loop_) - pad);
    for (int64_t i = 0; i < loop_.kernel[0]; ++i) {
      const int64_t z = first_z + i * loop_.dilation[0];
      if (z < 0 || z >= loop_.in[0]) continue;
      for (int64_t j = 0; j < loop_.kernel[1]; ++j) {
        const int64_t y = first_y + j * loop_.dilation[1];
        if (y < 0 || y >= loop_.in[1]) continue;
        const T* row = from + (z * loop_.in[1] + y) * loop_.in[2];
        double* columns = columns_ + pad;
        for (int64_t x = begin; x < end; ++x) {
          columns[x] += power(static_cast<double>(static_cast<Compute<T>>(row[x])));
        }
      }
    }
  }

  const Loop& loop_;
  double* columns_;
};

void lp_pool(Builder& b, const Loop& loop) {
  const int threads = b.threads();
  const int64_t width = LpRows<float, 2>::column_count(loop);
  const size_t columns = b.scratch(static_cast<uint64_t>(threads * width) * sizeof(double));
  dispatch<kPoolTypes>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([loop, threads, width, columns](const Call& call) {
      const int64_t in_area = loop.in[0] * loop.in[1] * loop.in[2];
      const int64_t out_area = loop.out[0] * loop.out[1] * loop.out[2];
      const int64_t work = loop.planes * out_area * loop.kernel[0] * loop.kernel[1] * loop.kernel[2];
      // As many pieces as there are sets of columns.
      parallel_for(threads, threads, work, [&](int64_t begin, int64_t end) {
        double* of_thread = call.out<double>(columns) + begin * width;
        const auto all = [&](const auto& rows) {
          for (int64_t plane = loop.planes * begin / threads; plane < loop.planes * end / threads; ++plane) {
            rows.run(call.in<T>(0) + plane * in_area, call.out<T>(1) + plane * out_area);
          }
        };
        if (loop.power == 1) return all(LpRows<T, 1>(loop, of_thread));
        if (loop.power == 2) return all(LpRows<T, 2>(loop, of_thread));
        all(LpRows<T, 0>(loop, of_thread));
      });
    });
  });
}

template <Pool kPool>
void plain_pool(Builder& b, const Loop& loop) {
  const int threads = b.threads();
  dispatch<kPoolTypes>(b.input_type(0), [&]<class T>(Tag<T>) {
    const bool has_index = kPool == Pool::kMax && b.has_output(1);
    b.run([loop, threads, has_index](const Call& call) {
      const int64_t in_area = loop.in[0] * loop.in[1] * loop.in[2];
      const int64_t out_area = loop.out[0] * loop.out[1] * loop.out[2];
      const int64_t work = loop.planes * out_area * loop.kernel[0] * loop.kernel[1] * loop.kernel[2];
      parallel_for(threads, loop.planes, work, [&](int64_t begin, int64_t end) {
        for (int64_t plane = begin; plane < end; ++plane) {
          const T* from = call.in<T>(0) + plane * in_area;
          T* to = call.out<T>(1) + plane * out_area;
          int64_t* index = has_index ? call.out<int64_t>(2) + plane * out_area : nullptr;
          for (int64_t at = 0; at < out_area; ++at) {
            const int64_t start[3] = {at / (loop.out[1] * loop.out[2]) * loop.stride[0] - loop.pad_begin[0],
                                      at / loop.out[2] % loop.out[1] * loop.stride[1] - loop.pad_begin[1],
                                      at % loop.out[2] * loop.stride[2] - loop.pad_begin[2]};
            pool_window<T, kPool>(loop, start, plane, from, to + at, index == nullptr ? nullptr : index + at);
          }
        }
      });
    });
  });
}

template <Pool kPool>
void any_pool(Builder& b, const Loop& loop) {
  if constexpr (kPool == Pool::kLp) {
    lp_pool(b, loop);
  } else {
    plain_pool<kPool>(b, loop);
  }
}

// Row-major planes of at most two spatial dims, float32, no indices. oneDNN has plain loops for them.
template <Pool kPool>
void plane_pool(Builder& b, const Loop& loop) {
  PlanePool pool;
  pool.height = loop.in[1], pool.width = loop.in[2];
  pool.out_height = loop.out[1], pool.out_width = loop.out[2];
  pool.kernel_y = loop.kernel[1], pool.kernel_x = loop.kernel[2];
  pool.stride_y = loop.stride[1], pool.stride_x = loop.stride[2];
  pool.dilation_y = loop.dilation[1], pool.dilation_x = loop.dilation[2];
  pool.pad_y = loop.pad_begin[1], pool.pad_x = loop.pad_begin[2];
  std::vector<float> scales[2];  // of rows, of columns
  for (int axis = 1; kPool == Pool::kAverage && axis < 3; ++axis) {
    for (int64_t at = 0; at < loop.out[axis]; ++at) {
      const int64_t start = at * loop.stride[axis] - loop.pad_begin[axis];
      int64_t count = 0;
      for (int64_t k = 0; k < loop.kernel[axis]; ++k) {
        const int64_t place = start + k * loop.dilation[axis];
        const int64_t end = loop.in[axis] + (loop.count_pad ? loop.pad_end[axis] : 0);
        if ((loop.count_pad || place >= 0) && place < end) ++count;
      }
      scales[axis - 1].push_back(count == 0 ? 0.0F : 1.0F / static_cast<float>(count));
    }
  }
  const int threads = b.threads();
  const int64_t planes = loop.planes;
  const size_t columns = b.scratch(static_cast<uint64_t>(threads * pool.columns()) * sizeof(float));
  b.run([=, row_scales = std::move(scales[0]), column_scales = std::move(scales[1])](const Call& call) {
    const PlanePools& pools = plane_pools();
    const int64_t in_area = pool.height * pool.width;
    const int64_t out_area = pool.out_height * pool.out_width;
    // As many pieces as there are rows of columns.
    parallel_for(threads, threads, planes * (in_area + out_area), [&](int64_t begin, int64_t end) {
      float* of_thread = call.out<float>(columns) + begin * pool.columns();
      for (int64_t plane = planes * begin / threads; plane < planes * end / threads; ++plane) {
        const float* from = call.in<float>(0) + plane * in_area;
        float* to = call.out<float>(1) + plane * out_area;
        if constexpr (kPool == Pool::kMax) {
          pools.max(pool, from, to, of_thread);
        } else {
          pools.average(pool, from, to, of_thread, row_scales.data(), column_scales.data());
        }
      }
    });
  });
}

// In the layout in which the input lies; false where oneDNN has no fast code.
bool onednn_pool(Builder& b, algorithm how, const Dims& dst, const Window& window) {
  const uint32_t input = b.node().inputs[0];
  const Type type = b.input_type(0);
  const bool bytes = type != Type::kFloat32;  // oneDNN's code for them has the channels last
  const Layout layout = bytes ? Layout::kChannelsLast : b.layout_of(input);
  const auto src_desc = layout_desc(b.input_dims(0), type, layout);
  const auto dst_desc = layout_desc(dst, type, layout);
  Primitive primitive;
  try {
    primitive = describe_pooling(how, src_desc, dst_desc, window, attributes_with({}));
  } catch (const Error&) {
    return false;
  }
  const bool has_other = bytes || (layout == Layout::kPlain && dst.size() <= 4);
  if (has_other && primitive.implementation.starts_with("ref")) return false;
  OnednnStep step(b);
  step.add_input(DNNL_ARG_SRC, input, src_desc, layout);
  step.add(DNNL_ARG_DST, dst_desc, b.write(b.node().outputs[0], dst, layout));
  step.finish(primitive, b.node().op_type, {b.node_index()});
  return true;
}

template <Pool kPool>
void build_pool(Builder& b) {
  const Dims& src = b.input_dims(0);
  const Dims spatial = spatial_dims(src);
  const Window window = read_window(b, spatial, b.attributes().ints_or("kernel_shape", {}));
  const bool ceil_mode = b.attributes().int_or("ceil_mode", 0) != 0;
  Dims dst = {src[0], src[1]};
  const Dims out = window_output(b, spatial, window, ceil_mode);
  dst.insert(dst.end(), out.begin(), out.end());
  if (b.has_output(1)) b.output(1, dst);
  const bool count_pad = kPool == Pool::kAverage && b.attributes().int_or("count_include_pad", 0) != 0;

  // oneDNN wants pads smaller than the kernel, and an end pad that makes the last window fit.
  Window fitted = window;
  bool inside = true;
  bool overhangs = false;
  for (size_t i = 0; i < spatial.size(); ++i) {
    const int64_t reach = (window.kernel[i] - 1) * window.dilations[i] + 1;
    fitted.pads_end[i] = (out[i] - 1) * window.strides[i] + reach - spatial[i] - window.pads_begin[i];
    inside = inside && window.pads_begin[i] < window.kernel[i] && fitted.pads_end[i] < window.kernel[i];
    overhangs = overhangs || fitted.pads_end[i] > window.pads_end[i];
  }
  const bool dense = element_count(window.dilations) == 1;
  constexpr TypeMask kSuited =
      mask(Type::kFloat32) | (kPool == Pool::kMax ? mask(Type::kInt8, Type::kUint8) : 0);
  const bool suits = (mask(b.input_type(0)) & kSuited) != 0 && !b.has_output(1) && element_count(src) > 0 &&
                     element_count(dst) > 0 && inside && kPool != Pool::kLp &&
                     (kPool == Pool::kMax || (dense && !(count_pad && overhangs)));
  if (suits) {
    const algorithm how = kPool == Pool::kMax ? algorithm::pooling_max
                          : count_pad         ? algorithm::pooling_avg_include_padding
                                              : algorithm::pooling_avg_exclude_padding;
    if (onednn_pool(b, how, dst, fitted)) return;
  }
  b.output(0, dst);
  Loop loop = make_loop(src, dst, window);
  loop.count_pad = count_pad;
  loop.column_major = b.attributes().int_or("storage_order", 0) != 0;
  loop.power = static_cast<float>(b.attributes().int_or("p", 2));
  if constexpr (kPool != Pool::kLp) {
    if (b.input_type(0) == Type::kFloat32 && !b.has_output(1) && dst.size() <= 4)
      return plane_pool<kPool>(b, loop);
  }
  any_pool<kPool>(b, loop);
}

// The greatest of each plane; NaN where there is one.
void global_max(Builder& b, const Dims& dst) {
  const Dims& src = b.input_dims(0);
  b.output(0, dst);
  const int64_t planes = element_count(dst);
  const int64_t area = element_count(src) / planes;
  const int threads = b.threads();
  b.run([=](const Call& call) {
    parallel_for(threads, planes, planes * area, [&](int64_t begin, int64_t end) {
      constexpr int64_t kLanes = 16;
      for (int64_t plane = begin; plane < end; ++plane) {
        const float* x = call.in<float>(0) + plane * area;
        float most[kLanes];
        int32_t unordered[kLanes] = {};
        std::fill_n(most, kLanes, x[0]);
        int64_t i = 0;
        for (; i + kLanes <= area; i += kLanes) {
#pragma omp simd
          for (int64_t lane = 0; lane < kLanes; ++lane) {
            const float value = x[i + lane];
            most[lane] = value > most[lane] ? value : most[lane];
            unordered[lane] |= value != value ? -1 : 0;
          }
        }
        float greatest = x[area - 1];
        for (int64_t lane = 0; lane < kLanes; ++lane) {
          greatest = std::max(greatest, most[lane]);
          unordered[0] |= unordered[lane];
        }
        for (; i < area; ++i) {
          greatest = std::max(greatest, x[i]);
          unordered[0] |= x[i] != x[i] ? -1 : 0;
        }
        call.out<float>(1)[plane] = unordered[0] != 0 ? std::numeric_limits<float>::quiet_NaN() : greatest;
      }
    });
  });
}

template <Pool kPool>
void build_global(Builder& b) {
  const Dims& src = b.input_dims(0);
  Window window;
  window.kernel = spatial_dims(src);
  const size_t count = window.kernel.size();
  window.strides.assign(count, 1);
  window.dilations.assign(count, 1);
  window.pads_begin.assign(count, 0);
  window.pads_end.assign(count, 0);
  Dims dst(src.size(), 1);
  dst[0] = src[0];
  dst[1] = src[1];
  const bool suits = b.input_type(0) == Type::kFloat32 && element_count(src) > 0 && kPool != Pool::kLp;
  const bool plain = b.layout_of(b.node().inputs[0]) == Layout::kPlain;
  if (suits && plain && kPool == Pool::kMax) return global_max(b, dst);
  const algorithm how = kPool == Pool::kMax ? algorithm::pooling_max : algorithm::pooling_avg_exclude_padding;
  if (suits && onednn_pool(b, how, dst, window)) return;
  b.output(0, dst);
  Loop loop = make_loop(src, dst, window);
  loop.power = static_cast<float>(b.attributes().int_or("p", 2));
  any_pool<kPool>(b, loop);
}

constexpr Row kRows[] = {
    {"MaxPool", check_pool, build_pool<Pool::kMax>, 1, LayoutUse::kOwn},
    {"AveragePool", check_pool, build_pool<Pool::kAverage>, 1, LayoutUse::kOwn},
    {"LpPool", check_pool, build_pool<Pool::kLp>, 2, LayoutUse::kOwn},
    {"GlobalMaxPool", check_pool, build_global<Pool::kMax>, 1, LayoutUse::kOwn},
    {"GlobalAveragePool", check_pool, build_global<Pool::kAverage>, 1, LayoutUse::kOwn},
    {"GlobalLpPool", check_pool, build_global<Pool::kLp>, 2, LayoutUse::kOwn},
};

}  // namespace

std::span<const Row> pooling_rows() { return kRows; }

}  // namespace bp::cpu
