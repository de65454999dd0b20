// The inference functions of each family; table.cpp says which operator uses which.
#pragma once

#include "ops/inference/inference_call.hpp"

namespace bp::inference {

// elementwise.cpp
Status same_as_first(InferenceCall& call);  // any kind of value
Status broadcast(InferenceCall& call);      // the first operand's element type
Status broadcast_to_bool(InferenceCall& call);
Status where(InferenceCall& call);
Status same_dims_bool(InferenceCall& call);
Status cast(InferenceCall& call);
Status cast_like(InferenceCall& call);
Status quantize_linear(InferenceCall& call);
Status dequantize_linear(InferenceCall& call);

// windows.cpp: operators that slide a window over the spatial dims
Status conv(InferenceCall& call);
Status conv_transpose(InferenceCall& call);
Status pool(InferenceCall& call);
Status col2im(InferenceCall& call);

// movement.cpp: operators that move elements without changing them
Status reshape(InferenceCall& call);
Status flatten(InferenceCall& call);
Status concat(InferenceCall& call);
Status slice(InferenceCall& call);
Status split(InferenceCall& call);
Status expand(InferenceCall& call);
Status tile(InferenceCall& call);
Status pad(InferenceCall& call);
Status center_crop_pad(InferenceCall& call);

// generators.cpp: operators that make tensors of a demanded shape
Status constant_of_shape(InferenceCall& call);
Status range(InferenceCall& call);

// images.cpp
Status resize(InferenceCall& call);
Status grid_sample(InferenceCall& call);
Status affine_grid(InferenceCall& call);
Status image_decoder(InferenceCall& call);

// strings.cpp
Status string_concat(InferenceCall& call);
Status string_split(InferenceCall& call);

// misc.cpp
Status dft(InferenceCall& call);
Status optional_has_element(InferenceCall& call);
Status optional_get_element(InferenceCall& call);

}  // namespace bp::inference
