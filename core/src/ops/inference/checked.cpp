#include "ops/inference/checked.hpp"

namespace bp::inference {
namespace {

Status like_first(InferenceCall& call) {
  if (!call.outputs.empty()) call.outputs[0] = *call.inputs[0].type;
  return {};
}

// Inputs `first` and `first + 1` have one dim, with an entry for each channel of input 0, where that is known.
Status check_per_channel(const InferenceCall& call, size_t first) {
  const Dims* in = call.dims(0);
  for (size_t i = first; i < first + 2; ++i) {
    const Dims* dims = call.dims(i);
    if (dims == nullptr) continue;
    if (dims->size() != 1) return inference_error("input {} must have 1 dim, has {}", i, dims->size());
    if (in == nullptr || in->size() < 2) continue;
    const Dim& channels = (*in)[1];
    if (channels.known() && (*dims)[0].known() && channels.size != (*dims)[0].size)
      return inference_error("input {} must have {} entries, has {}", i, channels.size, (*dims)[0].size);
  }
  return {};
}

}  // namespace

Status like_first_along_axis(InferenceCall& call) {
  BP_RETURN_IF_ERROR(like_first(call));
  const Dims* in = call.dims(0);
  const Attribute* axis = call.node.find_attribute("axis");
  if (in == nullptr || axis == nullptr) return {};
  return checked_axis(call.node.int_or("axis", -1), in->size()).status();
}

Status cumulative(InferenceCall& call) {
  BP_RETURN_IF_ERROR(like_first(call));
  const auto axis = call.ints(1);
  const Dims* in = call.dims(0);
  if (!axis || in == nullptr) return {};
  if (axis->size() != 1) return inference_error("input 1 (the axis) must be one element, has {}", axis->size());
  return checked_axis(axis->front(), in->size()).status();
}

Status instance_normalization(InferenceCall& call) {
  BP_RETURN_IF_ERROR(like_first(call));
  return check_per_channel(call, 1);
}

Status group_normalization(InferenceCall& call) {
  BP_RETURN_IF_ERROR(like_first(call));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  if (in->size() < 2) return inference_error("input 0 must have at least 2 dims, has {}", in->size());
  const int64_t groups = call.node.int_or("num_groups", 1);
  const Dim& channels = (*in)[1];
  if (channels.known() && channels.size % groups != 0) {
    return inference_error("attribute 'num_groups' is {}, but input 0 has {} channels", groups, channels.size);
  }
  return {};
}

}  // namespace bp::inference
