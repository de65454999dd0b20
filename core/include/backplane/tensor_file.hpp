// Values in files: ONNX's .pb (TensorProto, SequenceProto, MapProto, OptionalProto) as in the backend-test
// layout.
#pragma once

#include <string>

#include "backplane/export.hpp"
#include "backplane/model.hpp"
#include "backplane/status.hpp"
#include "backplane/value.hpp"

namespace bp {

// Reads a .pb file as the kind that `info` announces (a tensor when it is kUnknown).
// NOT_FOUND, IO, INVALID_MODEL (damaged, or of another kind).
BP_API Result<Value> read_value_file(const std::string& path, const ValueInfo& info = {});
// Writes a value as .pb. IO when it cannot be written.
BP_API Status write_value_file(const std::string& path, const Value& value, const std::string& name = {});

}  // namespace bp
