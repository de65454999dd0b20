// Elements keep their value and change their place.
#include <algorithm>
#include <limits>
#include <numeric>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

using Index = std::vector<int64_t>;

int64_t flat_of(const Index& index, const std::vector<int64_t>& strides) {
  return std::inner_product(index.begin(), index.end(), strides.begin(), int64_t{0});
}

Array with_dims(Array x, ConcreteDims dims) {
  x.dims = std::move(dims);
  return x;
}

std::vector<Array> reshape(const OracleCall& call) {
  const Array& x = call.in(0);
  ConcreteDims dims = call.list_input(1);
  const bool zero_is_zero = call.attribute("allowzero", 0) != 0;
  int64_t known = 1;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (dims[axis] == 0 && !zero_is_zero) dims[axis] = x.dims.at(axis);
    if (dims[axis] >= 0) known *= dims[axis];
  }
  for (int64_t& dim : dims)
    if (dim < 0) dim = known == 0 ? 0 : x.count() / known;
  return {with_dims(x, dims)};
}

std::vector<Array> flatten(const OracleCall& call) {
  const Array& x = call.in(0);
  const int64_t axis = call.attribute("axis", 1);
  const auto split = static_cast<size_t>(axis < 0 ? axis + x.rank() : axis);
  return {with_dims(x, {product(std::span(x.dims).first(split)), product(std::span(x.dims).subspan(split))})};
}

std::vector<int64_t> axes_of(const OracleCall& call) {
  return call.has(1) ? call.list_input(1) : call.list_attribute("axes");
}

std::vector<Array> squeeze(const OracleCall& call) {
  const Array& x = call.in(0);
  std::vector<bool> gone(x.dims.size(), false);
  const std::vector<int64_t> axes = axes_of(call);
  for (const int64_t axis : axes) gone[static_cast<size_t>(axis_in(axis, x.rank()))] = true;
  ConcreteDims dims;
  for (size_t axis = 0; axis < gone.size(); ++axis)
    if (!(axes.empty() ? x.dims[axis] == 1 : gone[axis])) dims.push_back(x.dims[axis]);
  return {with_dims(x, dims)};
}

std::vector<Array> unsqueeze(const OracleCall& call) {
  const Array& x = call.in(0);
  const std::vector<int64_t> axes = axes_of(call);
  const int64_t rank = x.rank() + static_cast<int64_t>(axes.size());
  std::vector<bool> fresh(static_cast<size_t>(rank), false);
  for (const int64_t axis : axes) fresh[static_cast<size_t>(axis_in(axis, rank))] = true;
  ConcreteDims dims;
  size_t next = 0;
  for (size_t axis = 0; axis < fresh.size(); ++axis) dims.push_back(fresh[axis] ? 1 : x.dims[next++]);
  return {with_dims(x, dims)};
}

std::vector<Array> transpose(const OracleCall& call) {
  const Array& x = call.in(0);
  std::vector<int64_t> order = call.list_attribute("perm");
  if (order.empty())
    for (int64_t axis = x.rank(); axis-- > 0;) order.push_back(axis);
  const std::vector<int64_t> strides = strides_of(x.dims);
  ConcreteDims dims;
  std::vector<int64_t> steps;
  for (const int64_t axis : order) {
    dims.push_back(x.dims[static_cast<size_t>(axis)]);
    steps.push_back(strides[static_cast<size_t>(axis)]);
  }
  return {gather(x, dims, [&](const Index& index) { return flat_of(index, steps); })};
}

std::vector<Array> concat(const OracleCall& call) {
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", 1), call.in(0).rank()));
  ConcreteDims dims = call.in(0).dims;
  dims[axis] = 0;
  for (const Array* part : call.inputs) dims[axis] += part->dims[axis];
  Array y(call.out(0), dims);
  int64_t begin = 0;
  for (const Array* part : call.inputs) {
    const std::vector<int64_t> strides = strides_of(y.dims);
    for_each_index(part->dims, [&](const Index& index, int64_t flat) {
      y.copy_element(flat_of(index, strides) + begin * strides[axis], *part, flat);
    });
    begin += part->dims[axis];
  }
  return {y};
}

std::vector<Array> split(const OracleCall& call) {
  const Array& x = call.in(0);
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", 0), x.rank()));
  std::vector<int64_t> sizes = call.has(1) ? call.list_input(1) : call.list_attribute("split");
  const auto parts = static_cast<int64_t>(call.outputs.size());
  if (sizes.empty()) {
    const int64_t each = (x.dims[axis] + parts - 1) / parts;  // the last may be smaller
    for (int64_t part = 0; part < parts; ++part) sizes.push_back(std::min(each, x.dims[axis] - part * each));
  }
  const std::vector<int64_t> strides = strides_of(x.dims);
  std::vector<Array> results;
  int64_t begin = 0;
  for (const int64_t size : sizes) {
    ConcreteDims dims = x.dims;
    dims[axis] = size;
    results.push_back(
        gather(x, dims, [&](const Index& index) { return flat_of(index, strides) + begin * strides[axis]; }));
    begin += size;
  }
  return results;
}

std::vector<Array> slice(const OracleCall& call) {
  const Array& x = call.in(0);
  const std::vector<int64_t> starts = call.list_input(1), ends = call.list_input(2);
  std::vector<int64_t> axes = call.list_input(3), steps = call.list_input(4);
  if (axes.empty())
    for (size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  steps.resize(starts.size(), 1);
  ConcreteDims dims = x.dims;
  Index first(x.dims.size(), 0), step(x.dims.size(), 1);
  for (size_t i = 0; i < starts.size(); ++i) {
    const auto axis = static_cast<size_t>(axis_in(axes[i], x.rank()));
    const int64_t size = x.dims[axis];
    const bool back = steps[i] < 0;
    const auto place = [&](int64_t at, int64_t low, int64_t high) {
      return std::clamp(at < 0 ? at + size : at, low, std::max(low, high));
    };
    first[axis] = back ? place(starts[i], 0, size - 1) : place(starts[i], 0, size);
    const int64_t last = back ? place(ends[i], -1, size - 1) : place(ends[i], 0, size);
    step[axis] = steps[i];
    const int64_t length = back ? first[axis] - last : last - first[axis];
    const int64_t stride = back ? -std::max(steps[i], -std::numeric_limits<int64_t>::max()) : steps[i];
    dims[axis] = size == 0 || length <= 0 ? 0 : (length - 1) / stride + 1;
  }
  const std::vector<int64_t> strides = strides_of(x.dims);
  return {gather(x, dims, [&](const Index& index) {
    int64_t flat = 0;
    for (size_t axis = 0; axis < index.size(); ++axis)
      flat += (first[axis] + (index[axis] == 0 ? 0 : index[axis] * step[axis])) * strides[axis];
    return flat;
  })};
}

std::vector<Array> pad(const OracleCall& call) {
  const Array& x = call.in(0);
  const std::vector<int64_t> pads = call.list_input(1);
  std::vector<int64_t> axes = call.list_input(3);
  if (axes.empty())
    for (int64_t axis = 0; axis < x.rank(); ++axis) axes.push_back(axis);
  const std::string mode = call.text_attribute("mode", "constant");
  Index before(x.dims.size(), 0);
  ConcreteDims dims = x.dims;
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(axis_in(axes[i], x.rank()));
    before[axis] = pads[i];
    dims[axis] += pads[i] + pads[i + axes.size()];
  }
  const std::vector<int64_t> strides = strides_of(x.dims);
  const auto source = [&](const Index& index) -> int64_t {
    int64_t flat = 0;
    for (size_t axis = 0; axis < index.size(); ++axis) {
      const int64_t size = x.dims[axis];
      int64_t at = index[axis] - before[axis];
      if (at < 0 || at >= size) {
        if (mode == "constant" || size == 0) return -1;
        if (mode == "edge") at = std::clamp<int64_t>(at, 0, size - 1);
        if (mode == "wrap") at = (at % size + size) % size;
        if (mode == "reflect") {
          const int64_t period = std::max<int64_t>(2 * (size - 1), 1);
          at = (at % period + period) % period;
          if (at >= size) at = period - at;
        }
      }
      flat += at * strides[axis];
    }
    return flat;
  };
  const bool has_fill = call.has(2) && call.in(2).count() > 0;
  return {gather(x, dims, source, has_fill ? &call.in(2) : nullptr)};
}

std::vector<Array> expand(const OracleCall& call) {
  const Array& x = call.in(0);
  return {gather(x, broadcast(x.dims, call.list_input(1)),
                 [&](const Index& index) { return broadcast_place(index, x.dims); })};
}

std::vector<Array> tile(const OracleCall& call) {
  const Array& x = call.in(0);
  const std::vector<int64_t> repeats = call.list_input(1), strides = strides_of(x.dims);
  ConcreteDims dims = x.dims;
  for (size_t axis = 0; axis < dims.size(); ++axis) dims[axis] *= repeats[axis];
  return {gather(x, dims, [&](const Index& index) {
    int64_t flat = 0;
    for (size_t axis = 0; axis < index.size(); ++axis) flat += index[axis] % x.dims[axis] * strides[axis];
    return flat;
  })};
}

std::vector<Array> depth_to_space(const OracleCall& call) {
  const Array& x = call.in(0);
  const int64_t block = call.attribute("blocksize", 1);
  const bool depth_first = call.text_attribute("mode", "DCR") == "DCR";
  const int64_t channels = x.dims[1] / (block * block), height = x.dims[2], width = x.dims[3];
  return {gather(x, {x.dims[0], channels, height * block, width * block}, [&](const Index& at) {
    const int64_t row = at[2] % block, column = at[3] % block;
    const int64_t channel =
        depth_first ? (row * block + column) * channels + at[1] : (at[1] * block + row) * block + column;
    return ((at[0] * x.dims[1] + channel) * height + at[2] / block) * width + at[3] / block;
  })};
}

std::vector<Array> space_to_depth(const OracleCall& call) {
  const Array& x = call.in(0);
  const int64_t block = call.attribute("blocksize", 1), channels = x.dims[1];
  return {gather(x, {x.dims[0], channels * block * block, x.dims[2] / block, x.dims[3] / block},
                 [&](const Index& at) {
                   const int64_t cell = at[1] / channels, channel = at[1] % channels;
                   const int64_t row = at[2] * block + cell / block, column = at[3] * block + cell % block;
                   return ((at[0] * channels + channel) * x.dims[2] + row) * x.dims[3] + column;
                 })};
}

std::vector<Array> reverse_sequence(const OracleCall& call) {
  const Array& x = call.in(0);
  const auto batch = static_cast<size_t>(call.attribute("batch_axis", 1));
  const auto time = static_cast<size_t>(call.attribute("time_axis", 0));
  const std::vector<int64_t> lengths = call.list_input(1), strides = strides_of(x.dims);
  return {gather(x, x.dims, [&](Index at) {
    const int64_t length = lengths[static_cast<size_t>(at[batch])];
    if (at[time] < length) at[time] = length - 1 - at[time];
    return flat_of(at, strides);
  })};
}

std::vector<Array> trilu(const OracleCall& call) {
  const Array& x = call.in(0);
  const bool upper = call.attribute("upper", 1) != 0;
  const int64_t k = call.int_input(1, 0);
  const std::vector<int64_t> strides = strides_of(x.dims);
  return {gather(x, x.dims, [&](const Index& at) -> int64_t {
    const int64_t over = at[at.size() - 1] - at[at.size() - 2];
    return (upper ? over >= k : over <= k) ? flat_of(at, strides) : -1;
  })};
}

std::vector<Array> center_crop_pad(const OracleCall& call) {
  const Array& x = call.in(0);
  const std::vector<int64_t> sizes = call.list_input(1), strides = strides_of(x.dims);
  std::vector<int64_t> axes = call.list_attribute("axes");
  if (axes.empty())
    for (int64_t axis = 0; axis < x.rank(); ++axis) axes.push_back(axis);
  ConcreteDims dims = x.dims;
  Index shift(x.dims.size(), 0);  // where in the output the input begins
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(axis_in(axes[i], x.rank()));
    dims[axis] = sizes[i];
    const int64_t more = sizes[i] - x.dims[axis];
    shift[axis] = more >= 0 ? more / 2 : -(-more / 2);
  }
  return {gather(x, dims, [&](const Index& at) -> int64_t {
    int64_t flat = 0;
    for (size_t axis = 0; axis < at.size(); ++axis) {
      const int64_t place = at[axis] - shift[axis];
      if (place < 0 || place >= x.dims[axis]) return -1;
      flat += place * strides[axis];
    }
    return flat;
  })};
}

constexpr OracleRow kRows[] = {
    {"", "CenterCropPad", center_crop_pad},
    {"", "Concat", concat},
    {"", "DepthToSpace", depth_to_space},
    {"", "Expand", expand},
    {"", "Flatten", flatten},
    {"", "Pad", pad},
    {"", "Reshape", reshape},
    {"", "ReverseSequence", reverse_sequence},
    {"", "Slice", slice},
    {"", "SpaceToDepth", space_to_depth},
    {"", "Split", split},
    {"", "Squeeze", squeeze},
    {"", "Tile", tile},
    {"", "Transpose", transpose},
    {"", "Trilu", trilu},
    {"", "Unsqueeze", unsqueeze},
};

}  // namespace

std::span<const OracleRow> movement_rows() { return kRows; }

}  // namespace bp::conformance
