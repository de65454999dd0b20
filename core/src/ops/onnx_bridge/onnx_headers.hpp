// The one place of the bridge that includes libonnx and protobuf headers. They do not compile without warnings,
// and their names are kept in the alias `onnx_ns`. Only .cpp files of this folder include it.
#pragma once

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <onnx/defs/schema.h>
#include <onnx/defs/shape_inference.h>
#include <onnx/onnx_pb.h>
#pragma GCC diagnostic pop

namespace bp {
namespace onnx_ns = ONNX_NAMESPACE;
}  // namespace bp
