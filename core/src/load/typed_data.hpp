// The typed fields of TensorProto (int32_data, float_data, ...) as the element type's own bytes.
#pragma once

#include <onnx/onnx_pb.h>

#include "backplane/status.hpp"
#include "graph/tensor.hpp"

namespace bp {

// How many fields of `proto` hold data, raw_data included: more than one contradict each other.
int data_field_count(const onnx::TensorProto& proto);

// `count` elements of `type` from the field where ONNX keeps that type.
Result<TensorPtr> convert_typed_data(const onnx::TensorProto& proto, ElementType type, ConcreteDims dims,
                                     uint64_t count);

}  // namespace bp
