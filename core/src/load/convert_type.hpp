// TypeProto becomes ValueType.
#pragma once

#include <onnx/onnx_pb.h>

#include "backplane/status.hpp"
#include "graph/type.hpp"

namespace bp {

Result<ValueType> convert_type(const onnx::TypeProto& proto, SymbolTable& symbols);

}  // namespace bp
