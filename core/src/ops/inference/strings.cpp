// StringConcat, StringSplit and com.microsoft's Tokenizer; RegexFullMatch is same_dims_bool.
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

// As many tokens along a new last dim as the row with the most has.
Status tokenizer(InferenceCall& call) {
  call.set(0, ElementType::kString);
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  if (in->empty() || in->size() > 2) {
    return inference_error("the input must have dims [C] or [N,C], has {} dims", in->size());
  }
  Dims out = *in;
  out.emplace_back();
  call.set(0, ElementType::kString, std::move(out));
  return {};
}

}  // namespace bp::inference
