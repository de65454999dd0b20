#include "oracle/window.hpp"

#include <algorithm>

namespace bp::conformance {

ConcreteDims spatial(const ConcreteDims& dims) { return {dims.begin() + 2, dims.end()}; }

Window Window::of(const OracleCall& call, std::vector<int64_t> kernel, const ConcreteDims& sizes) {
  Window window;
  const size_t rank = sizes.size();
  window.kernel = std::move(kernel);
  window.strides = call.list_attribute("strides");
  window.dilations = call.list_attribute("dilations");
  std::vector<int64_t> pads = call.list_attribute("pads");
  window.strides.resize(rank, 1);
  window.dilations.resize(rank, 1);
  window.ceil = call.attribute("ceil_mode", 0) != 0;
  const std::string automatic = call.text_attribute("auto_pad", "NOTSET");
  if (pads.empty()) pads.assign(2 * rank, 0);
  if (automatic.starts_with("SAME")) {
    for (size_t axis = 0; axis < rank; ++axis) {
      const int64_t reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
      const int64_t count = (sizes[axis] + window.strides[axis] - 1) / window.strides[axis];
      const int64_t total = std::max<int64_t>((count - 1) * window.strides[axis] + reach - sizes[axis], 0);
      const int64_t less = total / 2;
      pads[axis] = automatic == "SAME_UPPER" ? less : total - less;
      pads[axis + rank] = total - pads[axis];
    }
  }
  window.before.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(rank));
  window.after.assign(pads.begin() + static_cast<std::ptrdiff_t>(rank), pads.end());
  return window;
}

ConcreteDims Window::outputs(const ConcreteDims& sizes) const {
  ConcreteDims dims;
  for (size_t axis = 0; axis < sizes.size(); ++axis) {
    const int64_t reach = (kernel[axis] - 1) * dilations[axis] + 1;
    const int64_t room = sizes[axis] + before[axis] + after[axis] - reach;
    int64_t count = (ceil ? (room + strides[axis] - 1) / strides[axis] : room / strides[axis]) + 1;
    // With ceil_mode a window must still start inside the input or the padding before it.
    if (ceil && (count - 1) * strides[axis] >= sizes[axis] + before[axis]) --count;
    dims.push_back(room < 0 ? 0 : count);
  }
  return dims;
}

bool Window::place(const std::vector<int64_t>& output, const std::vector<int64_t>& element,
                   const ConcreteDims& sizes, std::vector<int64_t>& input) const {
  input.resize(sizes.size());
  for (size_t axis = 0; axis < sizes.size(); ++axis) {
    input[axis] = output[axis] * strides[axis] - before[axis] + element[axis] * dilations[axis];
    if (input[axis] < 0 || input[axis] >= sizes[axis]) return false;
  }
  return true;
}

}  // namespace bp::conformance
