// Quantized operators of com.microsoft: those of the standard with scales and zero points between the operands.
#include "ops/inference/families.hpp"

namespace bp::inference {
namespace {

// `infer` on the chosen inputs.
Status as_if(InferenceCall& call, InferenceFunction infer, std::initializer_list<size_t> inputs) {
  std::vector<KnownInput> operands;
  for (const size_t i : inputs) operands.push_back(i < call.inputs.size() ? call.inputs[i] : KnownInput{});
  InferenceCall plain{call.node, operands, call.outputs, call.math};
  return infer(plain);
}

// [N, spatial..., C] as [N, C, spatial...], `infer`, and back.
Status with_channels_first(InferenceCall& call, InferenceFunction infer) {
  if (call.node.int_or("channels_last", 0) == 0) return as_if(call, infer, {0});
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr || in->size() < 3) return {};
  Dims first{in->front(), in->back()};
  first.insert(first.end(), in->begin() + 1, in->end() - 1);
  const ValueType type = ValueType::tensor(call.element(0), std::move(first));
  const KnownInput operand{&type};
  InferenceCall plain{call.node, {&operand, 1}, call.outputs, call.math};
  BP_RETURN_IF_ERROR(infer(plain));
  if (call.outputs.empty() || !call.outputs[0].has_rank) return {};
  Dims out = call.outputs[0].dims;
  out.push_back(out[1]);
  out.erase(out.begin() + 1);
  call.set(0, call.element(0), std::move(out));
  return {};
}

}  // namespace

Status ms_qlinear_binary(InferenceCall& call) { return as_if(call, broadcast, {0, 3}); }
Status ms_qlinear_where(InferenceCall& call) { return as_if(call, where, {0, 1, 4}); }
Status ms_qlinear_pool(InferenceCall& call) { return with_channels_first(call, pool); }
Status ms_qlinear_global_pool(InferenceCall& call) { return with_channels_first(call, global_pool); }
Status ms_qlinear_reduce(InferenceCall& call) { return as_if(call, reduce, {0}); }

Status ms_qlinear_concat(InferenceCall& call) {
  std::vector<KnownInput> parts;
  for (size_t i = 2; i < call.inputs.size(); i += 3) parts.push_back(call.inputs[i]);
  InferenceCall plain{call.node, parts, call.outputs, call.math};
  return concat(plain);
}

Status ms_qlinear_conv(InferenceCall& call) {
  if (call.node.int_or("channels_last", 0) == 0) return qlinear_conv(call);
  call.set(0, call.element(7));  // dims: from its body
  return {};
}

Status ms_qgemm(InferenceCall& call) {
  BP_RETURN_IF_ERROR(as_if(call, gemm, {0, 3}));
  const ElementType element = call.has(8)   ? call.element(8)
                              : call.has(7) ? call.element(0)
                                            : ElementType::kFloat32;
  if (!call.outputs.empty()) call.outputs[0].element = element;
  return {};
}

Status ms_dynamic_quantize_matmul(InferenceCall& call) { return as_if(call, matmul, {0, 1}); }

Status ms_matmul_integer_to_float(InferenceCall& call) {
  BP_RETURN_IF_ERROR(as_if(call, matmul, {0, 1}));
  if (!call.outputs.empty()) call.outputs[0].element = call.element(2);
  return {};
}

}  // namespace bp::inference
