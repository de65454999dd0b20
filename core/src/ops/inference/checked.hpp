// Operators whose output is like their first input, but whose other operands or attributes must fit it. Inside
// ops only.
#pragma once

#include "ops/inference/inference_call.hpp"

namespace bp::inference {

Status like_first_along_axis(InferenceCall& call);  // attribute 'axis'
Status cumulative(InferenceCall& call);             // input 1 is the axis
Status instance_normalization(InferenceCall& call);
Status group_normalization(InferenceCall& call);

}  // namespace bp::inference
