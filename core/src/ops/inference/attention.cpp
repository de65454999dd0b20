// Attention: ONNX's own, and the three of com.microsoft.
#include "ops/inference/families.hpp"

#include <algorithm>

namespace bp::inference {
namespace {

Dim plus(DimMath& math, const Dim& a, const Dim& b) {
  return math.add(ShapeElement::of(a), ShapeElement::of(b)).dim();
}

Dim times(DimMath& math, const Dim& a, int64_t b) {
  return math.mul(ShapeElement::of(a), ShapeElement::of(b)).dim();
}

Dim parts(DimMath& math, const Dim& whole, int64_t count) {
  if (count < 1) return {};
  return math.exact_div(ShapeElement::of(whole), ShapeElement::of(count)).dim();
}

// Keys or values as [batch, heads, length, size per head]; nothing while the rank is not known.
std::optional<Dims> by_heads(InferenceCall& call, size_t i, int64_t heads) {
  const Dims* in = call.dims(i);
  if (in == nullptr) return std::nullopt;
  if (in->size() == 4) return *in;
  if (in->size() != 3) return std::nullopt;
  return Dims{(*in)[0], heads > 0 ? Dim::of(heads) : Dim{}, (*in)[1], parts(call.math, (*in)[2], heads)};
}

// The present state: what came before and what is new, along the length.
Dims joined(InferenceCall& call, Dims fresh, size_t past) {
  if (call.has(past)) {
    const Dims* before = call.dims(past);
    fresh[2] = before != nullptr && before->size() == 4 ? plus(call.math, (*before)[2], fresh[2]) : Dim{};
  }
  return fresh;
}

Status check_rank(const InferenceCall& call, size_t i, size_t least, size_t most) {
  const Dims* dims = call.dims(i);
  if (dims == nullptr || (dims->size() >= least && dims->size() <= most)) return {};
  return inference_error("input {} must have {} to {} dims, has {}", i, least, most, dims->size());
}

}  // namespace

// Q, K, V, mask, past key, past value -> Y, present key, present value, scores.
Status attention(InferenceCall& call) {
  for (size_t i = 0; i < 4; ++i) call.set(i, call.element(i == 2 && call.has(2) ? 2 : 0));
  for (size_t i = 0; i < 3; ++i) BP_RETURN_IF_ERROR(check_rank(call, i, 3, 4));
  const int64_t kv_heads = call.node.int_or("kv_num_heads", 0);
  const int64_t q_heads = call.node.int_or("q_num_heads", 0);
  const Dims* q_in = call.dims(0);
  if (q_in != nullptr && q_in->size() == 3 && (q_heads < 1 || kv_heads < 1)) {
    return inference_error(
        "attributes 'q_num_heads' and 'kv_num_heads' are needed where the inputs have 3 dims");
  }
  const auto q = by_heads(call, 0, q_heads), k = by_heads(call, 1, kv_heads), v = by_heads(call, 2, kv_heads);
  if (k) call.set(1, call.element(1), joined(call, *k, 4));
  if (v) call.set(2, call.element(2), joined(call, *v, 5));
  if (q && k) call.set(3, call.element(0), {(*q)[0], (*q)[1], (*q)[2], joined(call, *k, 4)[2]});
  if (q && v) {
    if (q_in->size() == 4) {
      call.set(0, call.element(0), {(*q)[0], (*q)[1], (*q)[2], (*v)[3]});
    } else {
      call.set(0, call.element(0), {(*q)[0], (*q)[2], times(call.math, (*v)[3], q_heads)});
    }
  }
  return {};
}

// query, key, value [B, T, heads * size], past state -> [B, T, q_heads * value size], state [B, kv_heads, size,
// value size].
Status linear_attention(InferenceCall& call) {
  call.set(0, call.element(0));
  call.set(1, call.element(call.has(3) ? 3 : 0));
  for (size_t i = 0; i < 3; ++i) BP_RETURN_IF_ERROR(check_rank(call, i, 3, 3));
  const int64_t q_heads = call.node.int_or("q_num_heads", 0), kv_heads = call.node.int_or("kv_num_heads", 0);
  const Dims *q = call.dims(0), *k = call.dims(1), *v = call.dims(2);
  if (q == nullptr || k == nullptr || v == nullptr) return {};
  const Dim size = parts(call.math, (*k)[2], kv_heads), value_size = parts(call.math, (*v)[2], kv_heads);
  call.set(0, call.element(0), {(*q)[0], (*q)[1], times(call.math, value_size, q_heads)});
  call.set(1, call.outputs.size() > 1 ? call.outputs[1].element : call.element(0),
           {(*q)[0], kv_heads > 0 ? Dim::of(kv_heads) : Dim{}, size, value_size});
  return {};
}

// input [B, C, L], weights [C, 1, k] -> [B, C, L], state [B, C, k - 1].
Status causal_convolution(InferenceCall& call) {
  BP_RETURN_IF_ERROR(same_as_first(call));
  call.set(1, call.element(0));
  BP_RETURN_IF_ERROR(check_rank(call, 0, 3, 3));
  BP_RETURN_IF_ERROR(check_rank(call, 1, 3, 3));
  const Dims *x = call.dims(0), *weights = call.dims(1);
  if (x == nullptr || weights == nullptr) return {};
  const Dim kept = call.math.sub(ShapeElement::of((*weights)[2]), ShapeElement::of(1)).dim();
  call.set(1, call.element(0), {(*x)[0], (*x)[1], kept});
  return {};
}

// input [B, S, H], weights [H, Q+K+V], bias, mask, past [2, B, N, P, D] -> [B, S, V], present [2, B, N, P+S,
// D].
Status ms_attention(InferenceCall& call) {
  call.set(0, call.element(0));
  call.set(1, call.element(0));
  BP_RETURN_IF_ERROR(check_rank(call, 0, 3, 3));
  BP_RETURN_IF_ERROR(check_rank(call, 1, 2, 2));
  const Dims* in = call.dims(0);
  const Dims* weights = call.dims(1);
  if (in == nullptr || weights == nullptr) return {};
  const int64_t heads = call.node.int_or("num_heads", 0);
  const std::vector<int64_t>* sizes = call.node.ints("qkv_hidden_sizes");
  const Dim hidden =
      sizes != nullptr && sizes->size() == 3 ? Dim::of((*sizes)[2]) : parts(call.math, (*weights)[1], 3);
  call.set(0, call.element(0), {(*in)[0], (*in)[1], hidden});
  Dim total = (*in)[1];
  if (call.has(4)) {
    const Dims* past = call.dims(4);
    total = past != nullptr && past->size() == 5 ? plus(call.math, (*past)[3], total) : Dim{};
  }
  call.set(1, call.element(0), {Dim::of(2), (*in)[0], Dim::of(heads), total, parts(call.math, hidden, heads)});
  return {};
}

// query, key, value, bias, padding mask, attention bias, past key, past value -> Y, present key, present value,
// scores. Packed forms: query [B, S, N, 3, D], key [B, L, N, 2, D].
Status ms_multi_head_attention(InferenceCall& call) {
  for (size_t i = 0; i < 4; ++i) call.set(i, call.element(0));
  const int64_t heads = call.node.int_or("num_heads", 0);
  const Dims* q = call.dims(0);
  if (q == nullptr) return {};
  BP_RETURN_IF_ERROR(check_rank(call, 0, 3, 5));
  std::optional<Dims> k, v;
  Dim hidden;
  if (q->size() == 5) {
    k = Dims{(*q)[0], (*q)[2], (*q)[1], (*q)[4]};
    v = k;
    hidden = times(call.math, (*q)[4], heads);
  } else if (const Dims* packed = call.dims(1); packed != nullptr && packed->size() == 5) {
    k = Dims{(*packed)[0], (*packed)[2], (*packed)[1], (*packed)[4]};
    v = k;
    hidden = (*q)[2];
  } else {
    k = by_heads(call, 1, heads);
    v = by_heads(call, 2, heads);
    if (v) hidden = call.dims(2)->size() == 3 ? (*call.dims(2))[2] : times(call.math, (*v)[3], heads);
  }
  call.set(0, call.element(0), {(*q)[0], (*q)[1], hidden});
  if (v) call.set(2, call.element(0), joined(call, *v, 7));
  if (!k) return {};
  const Dims present = joined(call, *k, 6);
  call.set(3, call.element(0), {(*q)[0], Dim::of(heads), (*q)[1], present[2]});
  call.set(1, call.element(0), present);
  return {};
}

// query (packed: query, key and value in one), key, value, past key, past value, seqlens_k, total length, ...
// -> Y, present key, present value. The states have room for the longest of what was and what is.
Status ms_group_query_attention(InferenceCall& call) {
  for (size_t i = 0; i < 4; ++i) call.set(i, call.element(0));
  BP_RETURN_IF_ERROR(check_rank(call, 0, 3, 3));
  const int64_t heads = call.node.int_or("num_heads", 0), kv_heads = call.node.int_or("kv_num_heads", 0);
  const Dims* q = call.dims(0);
  if (q == nullptr) return {};
  const Dim size = parts(call.math, (*q)[2], call.has(1) ? heads : heads + 2 * kv_heads);
  call.set(0, call.element(0), {(*q)[0], (*q)[1], times(call.math, size, heads)});
  const auto total = call.elements(6);
  Dim length;
  if (total && total->size() == 1) length = total->front().dim();
  const Dims* past = call.dims(3);
  if (past != nullptr && past->size() == 4) {
    const Dim& room = (*past)[2];
    length = length.known() && room.known() ? Dim::of(std::max(length.size, room.size)) : Dim{};
  }
  for (const size_t i : {1, 2}) call.set(i, call.element(0), {(*q)[0], Dim::of(kv_heads), length, size});
  return {};
}

}  // namespace bp::inference
