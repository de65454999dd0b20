// StringConcat and StringSplit; RegexFullMatch is same_dims_bool.
#include "ops/inference/families.hpp"

namespace bp::inference {

Status string_concat(InferenceCall& call) { return broadcast(call); }

// Substrings of each string along a new last dim, and how many there are.
Status string_split(InferenceCall& call) {
  call.set(0, ElementType::kString);
  call.set(1, ElementType::kInt64);
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  Dims out = *in;
  out.emplace_back();
  call.set(0, ElementType::kString, std::move(out));
  call.set(1, ElementType::kInt64, *in);
  return {};
}

}  // namespace bp::inference
