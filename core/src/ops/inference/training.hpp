// Domain ai.onnx.preview.training. Inside ops only.
#pragma once

#include "ops/inference/inference_call.hpp"

namespace bp::inference {

Status adagrad(InferenceCall& call);
Status adam(InferenceCall& call);
Status momentum(InferenceCall& call);
Status gradient(InferenceCall& call);

}  // namespace bp::inference
