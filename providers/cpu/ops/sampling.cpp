// GridSample and AffineGrid: reading an image at stated positions, and making such positions.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "kernels/strided_copy.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

constexpr size_t kMaxSpatial = 3;
constexpr size_t kMaxTaps = 4;

enum class Mode : uint8_t { kNearest, kLinear, kCubic };
enum class Padding : uint8_t { kZeros, kBorder, kReflection };

struct Grid {
  Mode mode = Mode::kLinear;
  Padding padding = Padding::kZeros;
  bool align_corners = false;
  size_t spatial = 2;
  int64_t batches = 0;
  int64_t channels = 0;
  int64_t positions = 0;  // per batch
  int64_t area = 1;       // elements of a channel
  std::array<int64_t, kMaxSpatial> dims{};
  std::array<int64_t, kMaxSpatial> strides{};

  size_t taps() const { return mode == Mode::kNearest ? 1 : mode == Mode::kCubic ? 4 : 2; }  // along an axis
};

// The elements along one axis that make up a position; index -1: outside, counts as 0.
struct AxisTaps {
  size_t count = 0;
  std::array<int64_t, kMaxTaps> index;
  std::array<double, kMaxTaps> weight;
};

// Folds x into [low, high] as between two mirrors.
double reflect(double x, double low, double high) {
  const double range = high - low;
  if (range <= 0) return low;
  const double beyond = x < low ? low - x : x > high ? x - high : -1;
  if (beyond < 0) return x;
  const double turns = std::floor(beyond / range);
  const double rest = beyond - turns * range;
  const bool from_low = (x < low) == (std::fmod(turns, 2) == 0);
  return from_low ? low + rest : high - rest;
}

struct Edges {
  double low;
  double high;
};

Edges edges(const Grid& grid, int64_t dim) {
  const auto last = static_cast<double>(dim - 1);
  return grid.align_corners ? Edges{0, last} : Edges{-0.5, last + 0.5};
}

int64_t element(const Grid& grid, int64_t index, int64_t dim) {
  if (index >= 0 && index < dim) return index;
  if (grid.padding == Padding::kZeros) return -1;
  if (grid.padding == Padding::kReflection) {
    const Edges edge = edges(grid, dim);
    index = static_cast<int64_t>(reflect(static_cast<double>(index), edge.low, edge.high));
  }
  return std::clamp<int64_t>(index, 0, dim - 1);
}

// Keys' cubic kernel with a = -0.75.
double cubic(double x) {
  constexpr double kA = -0.75;
  x = std::abs(x);
  if (x <= 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
  return ((kA * x - 5 * kA) * x + 8 * kA) * x - 4 * kA;
}

// `stated` runs from -1 to 1 over the axis.
AxisTaps taps_at(const Grid& grid, double stated, int64_t dim) {
  const auto length = static_cast<double>(dim);
  double at = grid.align_corners ? (stated + 1) / 2 * (length - 1) : ((stated + 1) * length - 1) / 2;
  constexpr double kFar = 1e12;  // keeps NaN and infinities away from integers
  at = at >= -kFar ? std::min(at, kFar) : -kFar;
  if (grid.mode == Mode::kLinear && at >= 0 && at < length - 1) {
    AxisTaps taps;
    taps.count = 2;
    taps.index[0] = static_cast<int64_t>(at);
    taps.index[1] = taps.index[0] + 1;
    taps.weight[1] = at - static_cast<double>(taps.index[0]);
    taps.weight[0] = 1 - taps.weight[1];
    return taps;
  }
  if (grid.mode == Mode::kNearest) at = std::nearbyint(at);
  const Edges edge = edges(grid, dim);
  if (at < edge.low || at > edge.high) {
    if (grid.padding == Padding::kBorder) at = std::clamp(at, 0.0, length - 1);
    if (grid.padding == Padding::kReflection) at = reflect(at, edge.low, edge.high);
  }
  AxisTaps taps;
  if (grid.mode == Mode::kNearest) {
    taps.count = 1;
    taps.index[0] = element(grid, static_cast<int64_t>(at), dim);
    taps.weight[0] = 1;
    return taps;
  }
  const bool is_cubic = grid.mode == Mode::kCubic;
  taps.count = is_cubic ? 4 : 2;
  auto first = static_cast<int64_t>(at);
  first -= (at < static_cast<double>(first) ? 1 : 0) + (is_cubic ? 1 : 0);
  for (size_t i = 0; i < taps.count; ++i) {
    const int64_t index = first + static_cast<int64_t>(i);
    const double distance = at - static_cast<double>(index);
    taps.index[i] = element(grid, index, dim);
    taps.weight[i] = is_cubic ? cubic(distance) : 1 - std::abs(distance);
  }
  return taps;
}

// All elements of one position and their weights, channels apart.
template <class C>
void combine(const Grid& grid, const std::array<AxisTaps, kMaxSpatial>& axes, int64_t* offsets, C* weights) {
  const size_t taps = axes[0].count;
  size_t count = taps;
  for (size_t i = 0; i < taps; ++i) {
    const bool outside = axes[0].index[i] < 0;
    offsets[i] = outside ? 0 : axes[0].index[i] * grid.strides[0];
    weights[i] = outside ? C(0) : static_cast<C>(axes[0].weight[i]);
  }
  for (size_t axis = 1; axis < grid.spatial; ++axis, count *= taps) {
    // Backwards, so that what was combined so far is read before it is overwritten.
    for (size_t old = count; old-- > 0;) {
      const int64_t offset = offsets[old];
      const C weight = weights[old];
      for (size_t i = 0; i < taps; ++i) {
        const int64_t index = axes[axis].index[i];
        offsets[old * taps + i] = index < 0 ? offset : offset + index * grid.strides[axis];
        weights[old * taps + i] = index < 0 ? C(0) : weight * static_cast<C>(axes[axis].weight[i]);
      }
    }
  }
}

void check_grid_sample(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kFloats);
  check.types(1, kFloats);
  check.rank_between(0, 3, 5);
  check.string_attribute("mode", "linear", {"nearest", "linear", "cubic"});
  check.string_attribute("padding_mode", "zeros", {"zeros", "border", "reflection"});
}

Grid read_grid(Builder& b) {
  const Dims& dims = b.input_dims(0);
  const Dims& positions = b.input_dims(1);
  const size_t spatial = dims.size() - 2;
  if (spatial < 1 || spatial > kMaxSpatial || positions.size() != dims.size() || positions[0] != dims[0] ||
      positions.back() != static_cast<int64_t>(spatial)) {
    b.fail(
        text("a grid with dims ", dims_text(positions), " does not fit input 0 with dims ", dims_text(dims)));
  }
  Grid grid;
  const std::string mode = b.attributes().string_or("mode", "linear");
  grid.mode = mode == "nearest" ? Mode::kNearest : mode == "cubic" ? Mode::kCubic : Mode::kLinear;
  const std::string padding = b.attributes().string_or("padding_mode", "zeros");
  grid.padding = padding == "border"       ? Padding::kBorder
                 : padding == "reflection" ? Padding::kReflection
                                           : Padding::kZeros;
  grid.align_corners = b.attributes().int_or("align_corners", 0) != 0;
  grid.spatial = spatial;
  grid.batches = dims[0];
  grid.channels = dims[1];
  grid.positions = element_count(Dims(positions.begin() + 1, positions.end() - 1));
  const Dims strides = row_major_strides(dims);
  for (size_t i = 0; i < spatial; ++i) {
    grid.dims[i] = dims[2 + i];
    grid.strides[i] = strides[2 + i];
    grid.area *= dims[2 + i];
  }
  return grid;
}

using Load = double (*)(const void* data, int64_t index);

Load loader(Type type) {
  Load load = nullptr;
  dispatch<kFloats>(type, [&]<class T>(Tag<T>) {
    load = [](const void* data, int64_t index) {
      return static_cast<double>(static_cast<Compute<T>>(static_cast<const T*>(data)[index]));
    };
  });
  return load;
}

// The elements and weights of neighbouring positions, which every channel uses again.
template <class C>
struct Stretch {
  static constexpr int64_t kRoom = 2048;
  std::array<int64_t, kRoom> offset;  // [position, tap]
  std::array<C, kRoom> weight;
};

constexpr int64_t kTogether = 4;  // channels

// `target` and `source` are of the first of kChannels channels. kTaps 0: any number.
template <class T, size_t kTaps, int64_t kChannels>
void sample_channels(const Grid& grid, const Stretch<Compute<T>>& stretch, int64_t count, size_t taps,
                     const T* source, T* target) {
  using C = Compute<T>;
  if constexpr (kTaps != 0) taps = kTaps;
  const int64_t* offset = stretch.offset.data();
  const C* weight = stretch.weight.data();
  for (int64_t i = 0; i < count; ++i, offset += taps, weight += taps) {
    C sums[kChannels] = {};
    for (size_t tap = 0; tap < taps; ++tap) {
      for (int64_t c = 0; c < kChannels; ++c) {
        const C part = weight[tap] * static_cast<C>(source[c * grid.area + offset[tap]]);
        sums[c] += weight[tap] != 0 ? part : C(0);
      }
    }
    for (int64_t c = 0; c < kChannels; ++c) target[c * grid.positions + i] = static_cast<T>(sums[c]);
  }
}

template <class T, size_t kTaps>
void sample_stretch(const Grid& grid, const Stretch<Compute<T>>& stretch, int64_t count, size_t taps,
                    const T* source, T* target) {
  int64_t channel = 0;
  for (; channel + kTogether <= grid.channels; channel += kTogether) {
    sample_channels<T, kTaps, kTogether>(grid, stretch, count, taps, source + channel * grid.area,
                                         target + channel * grid.positions);
  }
  for (; channel < grid.channels; ++channel) {
    sample_channels<T, kTaps, 1>(grid, stretch, count, taps, source + channel * grid.area,
                                 target + channel * grid.positions);
  }
}

template <class T>
void sample(const Grid& grid, const Call& call, Load load, int64_t begin, int64_t end) {
  using C = Compute<T>;
  constexpr int64_t kRoom = Stretch<C>::kRoom;
  Stretch<C> stretch;
  int64_t taps = 1;
  for (size_t i = 0; i < grid.spatial; ++i) taps *= static_cast<int64_t>(grid.taps());
  const auto sample_all = taps == 4 ? sample_stretch<T, 4> : sample_stretch<T, 0>;
  while (begin < end) {
    const int64_t batch = begin / grid.positions;
    const int64_t position = begin % grid.positions;
    const int64_t count = std::min({kRoom / taps, end - begin, grid.positions - position});
    for (int64_t unit = 0; unit < count; ++unit) {
      std::array<AxisTaps, kMaxSpatial> axes;
      for (size_t i = 0; i < grid.spatial; ++i) {
        // A position names the last axis first.
        const int64_t at =
            (begin + unit + 1) * static_cast<int64_t>(grid.spatial) - 1 - static_cast<int64_t>(i);
        axes[i] = taps_at(grid, load(call.args[1], at), grid.dims[i]);
      }
      combine(grid, axes, stretch.offset.data() + unit * taps, stretch.weight.data() + unit * taps);
    }
    const T* source = call.in<T>(0) + batch * grid.channels * grid.area;
    T* target = call.out<T>(2) + batch * grid.channels * grid.positions + position;
    sample_all(grid, stretch, count, static_cast<size_t>(taps), source, target);
    begin += count;
  }
}

void build_grid_sample(Builder& b) {
  const Grid grid = read_grid(b);
  const Dims& positions = b.input_dims(1);
  Dims to = {grid.batches, grid.channels};
  to.insert(to.end(), positions.begin() + 1, positions.end() - 1);
  b.output(0, to);
  if (grid.area == 0 && element_count(to) > 0) b.fail("an empty image cannot be sampled");
  const Load load = loader(b.input_type(1));
  const int threads = b.threads();
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      const int64_t units = grid.batches * grid.positions;
      parallel_for(threads, units, units * (8 + grid.channels),
                   [&](int64_t begin, int64_t end) { sample<T>(grid, call, load, begin, end); });
    });
  });
}

void check_affine_grid(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kFloats);
  check.types(1, kIndices);
  check.want_value(1);
}

// Output [N, (D,) H, W, r]: theta [N, r, r + 1] times (x, y, (z,) 1) of each element.
void build_affine_grid(Builder& b) {
  const Dims& theta = b.input_dims(0);
  const Dims size = b.needed_value(1).ints();
  const size_t spatial = size.size() < 2 ? 0 : size.size() - 2;
  const auto rank = static_cast<int64_t>(spatial);
  if (spatial < 2 || spatial > kMaxSpatial || theta != Dims{size[0], rank, rank + 1}) {
    b.fail(text("theta with dims ", dims_text(theta), " does not fit size ", dims_text(size)));
  }
  Dims to = {size[0]};
  to.insert(to.end(), size.begin() + 2, size.end());
  const Dims extents(size.begin() + 2, size.end());
  to.push_back(rank);
  b.output(0, to);
  const int64_t positions = element_count(extents);
  const int64_t batches = size[0];
  const bool align_corners = b.attributes().int_or("align_corners", 0) != 0;
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      using C = Compute<T>;
      T* target = call.out<T>(2);
      for (int64_t unit = 0; unit < batches * positions; ++unit) {
        const T* matrix = call.in<T>(0) + unit / positions * rank * (rank + 1);
        int64_t left = unit % positions;
        std::array<C, kMaxSpatial + 1> at{};  // x, y, (z,) 1
        for (size_t axis = spatial; axis-- > 0;) {
          const auto i = static_cast<C>(left % extents[axis]);
          const auto extent = static_cast<C>(extents[axis]);
          left /= extents[axis];
          at[spatial - 1 - axis] = !align_corners      ? (2 * i + 1) / extent - 1
                                   : extents[axis] > 1 ? 2 * i / (extent - 1) - 1
                                                       : C(-1);
        }
        at[spatial] = 1;
        for (size_t row = 0; row < spatial; ++row) {
          C sum = 0;
          for (size_t i = 0; i <= spatial; ++i) sum += static_cast<C>(matrix[row * (spatial + 1) + i]) * at[i];
          *target++ = static_cast<T>(sum);
        }
      }
    });
  });
}

constexpr Row kRows[] = {
    {"GridSample", check_grid_sample, build_grid_sample, 16},
    {"AffineGrid", check_affine_grid, build_affine_grid, 20},
};

}  // namespace

std::span<const Row> sampling_rows() { return kRows; }

}  // namespace bp::cpu
