#include "ops/sets.hpp"

#include <algorithm>

#include "ops/strided.hpp"

namespace bp::opencl {

Sets make_sets(const Dims& dims, const Dims& axes) {
  const Dims strides = row_major(dims);
  Sets sets;
  bool last_gone = false;
  bool any = false;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    const bool gone =
        axes.empty() || std::find(axes.begin(), axes.end(), static_cast<int64_t>(axis)) != axes.end();
    (gone ? sets.size : sets.count) *= dims[axis];
    if (dims[axis] == 1) continue;
    std::vector<Sets::Axis>& list = gone ? sets.gone : sets.kept;
    if (any && gone == last_gone) {
      list.back() = {list.back().size * dims[axis], strides[axis]};
    } else {
      list.push_back({dims[axis], strides[axis]});
    }
    any = true;
    last_gone = gone;
  }
  if (sets.gone.empty()) sets.gone.push_back({1, 1});
  return sets;
}

void walk_sets(Launch& launch, const Sets& sets) {
  const auto list = [&](std::string_view prefix, const std::vector<Sets::Axis>& axes, size_t count) {
    std::string parameters;
    std::string steps;
    for (size_t i = count; i-- > 0;) {  // innermost first, as the kernel takes them apart
      parameters += text(", const int ", prefix, "_size", i, ", const int ", prefix, "_stride", i);
      steps += text(" offset += rest % ", prefix, "_size", i, " * ", prefix, "_stride", i, "; rest /= ", prefix,
                    "_size", i, ";");
      launch.integer(axes[i].size).integer(axes[i].stride);
    }
    return std::pair(parameters, steps);
  };
  launch.integer(sets.count).integer(sets.size);
  const auto [kept, kept_steps] = list("kept", sets.kept, sets.kept.size());
  const auto [gone, gone_steps] = list("gone", sets.gone, sets.gone.size() - 1);
  const Sets::Axis inner = sets.gone.back();
  launch.integer(inner.size).integer(inner.stride).integer(sets.size / std::max<int64_t>(inner.size, 1));
  launch.define("BP_SET_PARAMETERS", text("const int sets, const int set_size", kept, gone,
                                          ", const int inner_size, const int inner_stride, const int runs"));
  launch.define("BP_KEPT_STEPS", kept_steps).define("BP_GONE_STEPS", gone_steps);
  if (inner.stride == 1) launch.define("BP_DENSE", 1);
  launch.work(sets.count, sets.count >= 1024 && inner.stride != 1 ? 64 : 1);
}

}  // namespace bp::opencl
