// Operators of ai.onnx.preview.training. The optimizers take, after learning rate and count, groups of as many
// tensors as there are weights (weights, gradients, states) and give the new weights and states in groups too.
#include "ops/inference/training.hpp"

namespace bp::inference {
namespace {

// `groups`: how many groups go in; the gradients, group 1, do not come out.
Status optimizer(InferenceCall& call, size_t groups) {
  const size_t tensors = call.inputs.size() < 2 ? 0 : call.inputs.size() - 2;
  if (tensors == 0 || tensors % groups != 0) {
    return inference_error("must have 2 inputs and then {} for each weight, has {}", groups,
                           call.inputs.size());
  }
  const size_t weights = tensors / groups;
  const size_t outputs = weights * (groups - 1);
  if (call.outputs.size() != outputs)
    return inference_error("must have {} outputs for {} weights, has {}", outputs, weights,
                           call.outputs.size());
  for (size_t i = 0; i < 2; ++i) {
    const Dims* dims = call.dims(i);
    if (dims != nullptr && !dims->empty())
      return inference_error("input {} must have 0 dims, has {}", i, dims->size());
  }
  for (size_t i = 0; i < tensors; ++i) {
    if (!call.has(2 + i)) return inference_error("input {} is required, but empty", 2 + i);
    const Dims* dims = call.dims(2 + i);
    const Dims* weight = call.dims(2 + i % weights);
    if (dims == nullptr || weight == nullptr) continue;
    if (dims->size() != weight->size())
      return inference_error("input {} must have {} dims like its weight, has {}", 2 + i, weight->size(),
                             dims->size());
    for (size_t axis = 0; axis < dims->size(); ++axis) {
      const Dim& found = (*dims)[axis];
      const Dim& expected = (*weight)[axis];
      if (found.known() && expected.known() && found.size != expected.size)
        return inference_error("input {} must have {} at dim {} like its weight, has {}", 2 + i, expected.size,
                               axis, found.size);
    }
    const size_t group = i / weights;
    if (group == 1) continue;
    call.outputs[(group == 0 ? 0 : group - 1) * weights + i % weights] = *call.inputs[2 + i % weights].type;
  }
  return {};
}

}  // namespace

Status adagrad(InferenceCall& call) { return optimizer(call, 3); }
Status adam(InferenceCall& call) { return optimizer(call, 4); }
Status momentum(InferenceCall& call) { return optimizer(call, 3); }

Status gradient(InferenceCall& call) {
  if (call.outputs.size() > call.inputs.size())
    return inference_error("has {} outputs for {} inputs", call.outputs.size(), call.inputs.size());
  for (size_t i = 0; i < call.outputs.size(); ++i) {
    if (call.has(i)) call.outputs[i] = *call.inputs[i].type;
  }
  return {};
}

}  // namespace bp::inference
