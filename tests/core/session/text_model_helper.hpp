// Models in ONNX's text form, with the types that the installed parser takes nowhere but alone: seq(...),
// optional(...) and map(...) in front of inputs and outputs.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

namespace bp::test {

// Fails the test where the text cannot be read.
onnx::ModelProto parse_model(const std::string& text);

}  // namespace bp::test
