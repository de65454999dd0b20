// TensorProto and SparseTensorProto become Tensors: dims and sizes checked, bytes referred to where they
// lie (lifted, external) or copied when small, typed fields narrowed to the element type.
#pragma once

#include <onnx/onnx_pb.h>

#include "graph/tensor.hpp"
#include "load/load_context.hpp"

namespace bp {

Result<TensorPtr> convert_tensor(LoadContext& context, const onnx::TensorProto& proto);
// As a dense tensor.
Result<TensorPtr> convert_sparse_tensor(LoadContext& context, const onnx::SparseTensorProto& proto);
// Negative dims and products beyond int64 are errors.
Result<ConcreteDims> convert_dims(const google::protobuf::RepeatedField<int64_t>& dims);

}  // namespace bp
