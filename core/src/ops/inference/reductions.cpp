// Operators that reduce axes to one entry, and normalizations.
#include <algorithm>

#include "ops/inference/families.hpp"

namespace bp::inference {

// data, axes (omitted: all, or none with noop_with_empty_axes).
Status reduce(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  const bool keep = call.node.int_or("keepdims", 1) != 0;
  const auto operand = call.int_operand(1, "axes");
  const std::optional<std::vector<int64_t>> axes = operand.stated ? operand.values : std::vector<int64_t>{};
  if (!axes) {
    if (keep) call.set(0, call.element(0), Dims(in->size()));
    return {};
  }
  if (axes->empty() && call.node.int_or("noop_with_empty_axes", 0) != 0) {
    call.set(0, call.element(0), *in);
    return {};
  }
  std::vector<bool> reduced(in->size(), axes->empty());
  for (const int64_t axis : *axes) {
    BP_ASSIGN_OR_RETURN(const size_t checked, checked_axis(axis, in->size()));
    reduced[checked] = true;
  }
  Dims out;
  for (size_t i = 0; i < in->size(); ++i) {
    if (!reduced[i]) {
      out.push_back((*in)[i]);
    } else if (keep) {
      out.push_back(Dim::of(1));
    }
  }
  call.set(0, call.element(0), std::move(out));
  return {};
}

// ArgMax, ArgMin.
Status arg_reduce(InferenceCall& call) {
  call.set(0, ElementType::kInt64);
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  BP_ASSIGN_OR_RETURN(const size_t axis, checked_axis(call.node.int_or("axis", 0), in->size()));
  Dims out = *in;
  out[axis] = Dim::of(1);
  if (call.node.int_or("keepdims", 1) == 0) out.erase(out.begin() + static_cast<int64_t>(axis));
  call.set(0, ElementType::kInt64, std::move(out));
  return {};
}

Status global_pool(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  if (in->size() < 2) return inference_error("input 0 must have at least 2 dims, has {}", in->size());
  Dims out(in->size(), Dim::of(1));
  out[0] = (*in)[0];
  out[1] = (*in)[1];
  call.set(0, call.element(0), std::move(out));
  return {};
}

// Softmax, LogSoftmax, Hardmax over one axis.
Status softmax(InferenceCall& call) {
  BP_RETURN_IF_ERROR(same_as_first(call));
  if (call.dims(0) == nullptr) return {};
  const auto axis = checked_axis(call.node.int_or("axis", -1), call.dims(0)->size());
  return axis.ok() || call.dims(0)->empty() ? Status() : axis.status();
}

// Y, and the mean and inverse deviation with the normalized axes reduced to 1, in stash_type.
Status layer_normalization(InferenceCall& call) {
  BP_RETURN_IF_ERROR(same_as_first(call));
  const auto stash = static_cast<ElementType>(call.node.int_or("stash_type", 1));
  call.set(1, stash);
  call.set(2, stash);
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  BP_ASSIGN_OR_RETURN(const size_t axis, checked_axis(call.node.int_or("axis", -1), in->size()));
  Dims kept = *in;
  std::fill(kept.begin() + static_cast<int64_t>(axis), kept.end(), Dim::of(1));
  call.set(1, stash, kept);
  call.set(2, stash, std::move(kept));
  return {};
}

// Y, and in training the running mean and variance.
Status batch_normalization(InferenceCall& call) {
  BP_RETURN_IF_ERROR(same_as_first(call));
  const Dims* in = call.dims(0);
  for (size_t i = 1; i < call.outputs.size(); ++i) {
    if (in != nullptr && in->size() > 1) {
      call.set(i, call.element(3), {(*in)[1]});
    } else {
      call.set(i, call.element(3));
    }
  }
  for (size_t i = 1; i < 5 && in != nullptr && in->size() > 1; ++i) {
    const Dims* per_channel = call.dims(i);
    if (per_channel == nullptr) continue;
    if (per_channel->size() != 1)
      return inference_error("input {} must have 1 dim, has {}", i, per_channel->size());
    const Dim& channels = (*in)[1];
    if (channels.known() && (*per_channel)[0].known() && channels.size != (*per_channel)[0].size) {
      return inference_error("input {} must have {} entries, has {}", i, channels.size, (*per_channel)[0].size);
    }
  }
  return {};
}

}  // namespace bp::inference
