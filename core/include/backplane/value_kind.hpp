// What a value of a model can be (onnx.proto, TypeProto).
#pragma once

#include <cstdint>

namespace bp {

enum class ValueKind : uint8_t { kUnknown, kTensor, kSparseTensor, kSequence, kMap, kOptional };

}  // namespace bp
