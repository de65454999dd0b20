// Which operator is inferred how: by a function of ours, by libonnx's function for another operator or version,
// or (no entry) by libonnx's function for the newest version that it knows. The last serves every newer form
// that only takes more element types.
#pragma once

#include <cstdint>
#include <string_view>

#include "ops/inference/inference_call.hpp"

namespace bp {

struct InferenceEntry {
  std::string_view op_type;
  int32_t since_version = 1;  // the oldest form that the entry serves
  InferenceFunction function = nullptr;
  // Used when `function` is nullptr: an operator of libonnx's whose outputs follow in the same way.
  const char* library_op = nullptr;
  int32_t library_version = 0;
  bool may_lack_first_input = false;
};

// The entry in force for the form of `op_type` at `opset`; nullptr: libonnx's own.
const InferenceEntry* find_inference_entry(std::string_view domain, std::string_view op_type,
                                           int64_t opset) noexcept;

}  // namespace bp
