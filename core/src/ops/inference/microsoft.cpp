// Operators of com.microsoft whose outputs follow in ways of their own.
#include "ops/inference/families.hpp"

#include <algorithm>

namespace bp::inference {

// [B, S] word numbers -> the normalized sum [B, S, H], the length of each text [B], the sum itself.
Status ms_embed_layer_normalization(InferenceCall& call) {
  const ElementType element = call.element(2);
  call.set(0, element);
  call.set(1, ElementType::kInt32);
  call.set(2, element);
  const Dims* words = call.dims(0);
  const Dims* table = call.dims(2);
  if (words == nullptr || table == nullptr) return {};
  if (words->size() != 2) return inference_error("input 0 must have 2 dims, has {}", words->size());
  if (table->size() != 2) return inference_error("input 2 must have 2 dims, has {}", table->size());
  call.set(0, element, {(*words)[0], (*words)[1], (*table)[1]});
  call.set(1, ElementType::kInt32, {(*words)[0]});
  call.set(2, element, {(*words)[0], (*words)[1], (*table)[1]});
  return {};
}

// Y, mean and inverse deviation per row (float32), the sum that was normalized.
Status ms_skip_layer_normalization(InferenceCall& call) {
  BP_RETURN_IF_ERROR(same_as_first(call));
  call.set(1, ElementType::kFloat32);
  call.set(2, ElementType::kFloat32);
  if (call.outputs.size() > 3) call.outputs[3] = *call.inputs[0].type;
  const Dims* in = call.dims(0);
  if (in == nullptr || in->empty()) return {};
  Dims rows = *in;
  rows.back() = Dim::of(1);
  call.set(1, ElementType::kFloat32, rows);
  call.set(2, ElementType::kFloat32, std::move(rows));
  return {};
}

Status ms_fused_matmul(InferenceCall& call) {
  call.set(0, call.element(0));
  if (call.dims(0) == nullptr || call.dims(1) == nullptr) return {};
  // The operands as MatMul takes them. transBatch: [1, ..., last of the batch dims moved behind].
  const auto turned = [](Dims dims, bool inner, bool batch) {
    const auto rank = static_cast<int64_t>(dims.size());
    if (rank > 2 && batch) std::rotate(dims.begin(), dims.begin() + 1, dims.begin() + rank - 1);
    if (rank > 1 && inner) std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
    return dims;
  };
  const auto flag = [&](const char* name) { return call.node.int_or(name, 0) != 0; };
  const ValueType a =
      ValueType::tensor(call.element(0), turned(*call.dims(0), flag("transA"), flag("transBatchA")));
  const ValueType b =
      ValueType::tensor(call.element(1), turned(*call.dims(1), flag("transB"), flag("transBatchB")));
  const KnownInput operands[] = {{&a}, {&b}};
  InferenceCall plain{call.node, operands, call.outputs, call.math};
  return matmul(plain);
}

// A [..., K] times a packed matrix of N columns.
Status ms_matmul_nbits(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* a = call.dims(0);
  if (a == nullptr) return {};
  if (a->empty()) return inference_error("input 0 must have at least 1 dim");
  const int64_t inner = call.node.int_or("K", 0);
  if (a->back().known() && a->back().size != inner)
    return inference_error("the last dim of input 0 must be K = {}, is {}", inner, a->back().size);
  Dims out = *a;
  out.back() = Dim::of(call.node.int_or("N", 0));
  call.set(0, call.element(0), std::move(out));
  return {};
}

// Half of the last dim gates the other.
Status ms_bias_split_gelu(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr || in->empty()) return {};
  Dims out = *in;
  out.back() = call.math.exact_div(ShapeElement::of(out.back()), ShapeElement::of(2)).dim();
  call.set(0, call.element(0), std::move(out));
  return {};
}

}  // namespace bp::inference
