// Bodies of ai.onnx.preview.training's optimizers. Inside ops only.
#pragma once

#include "ops/bodies/body_builder.hpp"

namespace bp::bodies {

bool adagrad(BodyBuilder& b);
bool adam(BodyBuilder& b);
bool momentum(BodyBuilder& b);

}  // namespace bp::bodies
