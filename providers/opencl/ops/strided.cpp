#include "ops/strided.hpp"

#include <algorithm>

namespace bp::opencl {

namespace {

// Without axes of one element, and with neighbours that are one longer axis joined.
std::vector<Stride> collapse(const std::vector<Stride>& axes) {
  std::vector<Stride> result;
  for (const Stride& axis : axes) {
    if (axis.size == 1) continue;
    if (!result.empty() && result.back().from == axis.from * axis.size &&
        result.back().to == axis.to * axis.size) {
      result.back() = {result.back().size * axis.size, axis.from, axis.to};
    } else {
      result.push_back(axis);
    }
  }
  if (result.empty()) result.push_back({1, 0, 0});
  return result;
}

}  // namespace

Launch strided_kernel(Ref src, Ref dst, Type type, std::vector<Stride> axes, int64_t from, int64_t to) {
  axes = collapse(axes);
  const Stride inner = axes.back();
  axes.pop_back();
  std::reverse(axes.begin(), axes.end());  // innermost first, as the kernel takes them apart
  std::string parameters;
  std::string steps;
  int64_t rows = 1;
  for (size_t i = 0; i < axes.size(); ++i) {
    parameters += text(" BP_AXIS(", i, ")");
    steps += text(" BP_STEP(", i, ")");
    rows *= axes[i].size;
  }
  constexpr int64_t kShortRow = 16;
  const bool scattered = inner.size < kShortRow && rows > 1;
  Launch launch("strided", scattered ? "scattered" : "strided");
  launch.define("BP_BITS", bits_name(type));
  launch.define("BP_AXES", parameters);
  launch.define("BP_STEPS", steps);
  launch.memory(src, type).memory(dst, type);
  launch.integer(from).integer(to).integer(inner.size).integer(inner.from).integer(inner.to);
  for (const Stride& axis : axes) launch.integer(axis.size).integer(axis.from).integer(axis.to);
  constexpr int64_t kGroup = 256;
  if (scattered) {
    const int64_t total = rows * inner.size;
    launch.integer(total);
    launch.work(total, total >= kGroup ? kGroup : 16);
  } else {
    const int64_t group = inner.size >= kGroup ? kGroup : inner.size >= 64 ? 64 : 16;
    launch.work({inner.size, rows, 1}, {group, 1, 1});
  }
  return launch;
}

Launch copy_kernel(Ref src, Ref dst, int64_t count, Type type) {
  Launch launch = strided_kernel(src, dst, type, {{count, 1, 1}});
  launch.name = "copy";
  return launch;
}

Dims row_major(const Dims& dims) {
  Dims strides(dims.size(), 1);
  for (size_t axis = dims.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * dims[axis];
  return strides;
}

}  // namespace bp::opencl
