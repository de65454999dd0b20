// The one place that knows oneDNN's version: 2.6 and 3.x differ in how primitive descriptors are made and
// post-ops set. Callers use dnnl's memory descriptors and attributes, which are the same in both. Everything
// here throws Error (UNSUPPORTED where oneDNN has no implementation).
#pragma once

#include <functional>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <vector>

#include "ops/op.hpp"

namespace bp::cpu {

std::string onednn_version();  // "oneDNN 2.6.3"
// What oneDNN compiles for, which the environment may lower below what the processor has: "isa 63".
std::string onednn_instruction_set();

const dnnl::engine& cpu_engine();

// A primitive that is described but not yet made: making it compiles code (milliseconds) and may happen on
// another thread. Descriptors that do not apply are zero.
struct Primitive {
  std::function<dnnl::primitive()> make;
  std::string implementation;  // "jit:avx512_core"
  bool alone = false;          // to be made and run by one thread: see SameBits
  dnnl::memory::desc src;
  dnnl::memory::desc weights;
  dnnl::memory::desc dst;
  dnnl::memory::desc scratchpad;
};

// While one lives with `wanted`, what this thread describes gives the same bits whatever its team: code that
// oneDNN generated for the shape adds in one order (compared for convolutions and matrix products on 1 to 16
// threads). What it chooses otherwise for a team, and all that rests on gemm or is not generated, is described
// for one thread.
class SameBits {
 public:
  explicit SameBits(bool wanted) noexcept;
  ~SameBits();
  SameBits(const SameBits&) = delete;
  SameBits& operator=(const SameBits&) = delete;

 private:
  bool before_;
};

// Sliding windows over the spatial dims. `dilations` as in ONNX: 1 = dense.
struct Window {
  Dims kernel;
  Dims strides;
  Dims dilations;
  Dims pads_begin;
  Dims pads_end;
};

enum class ConvolutionKind { kDirect, kTransposed };

Primitive describe_convolution(ConvolutionKind kind, const dnnl::memory::desc& src,
                               const dnnl::memory::desc& weights, const dnnl::memory::desc* bias,
                               const dnnl::memory::desc& dst, const Window& window,
                               const dnnl::primitive_attr& attributes);
Primitive describe_pooling(dnnl::algorithm algorithm, const dnnl::memory::desc& src,
                           const dnnl::memory::desc& dst, const Window& window,
                           const dnnl::primitive_attr& attributes);
Primitive describe_matmul(const dnnl::memory::desc& src, const dnnl::memory::desc& weights,
                          const dnnl::memory::desc* bias, const dnnl::memory::desc& dst,
                          const dnnl::primitive_attr& attributes);
Primitive describe_lrn(const dnnl::memory::desc& src, int64_t size, float alpha, float beta, float bias);
Primitive describe_softmax(const dnnl::memory::desc& src, int axis, bool logarithm);
Primitive describe_reorder(const dnnl::memory::desc& src, const dnnl::memory::desc& dst);
Primitive describe_binary(dnnl::algorithm algorithm, const dnnl::memory::desc& first,
                          const dnnl::memory::desc& second, const dnnl::memory::desc& dst,
                          const dnnl::primitive_attr& attributes);
Primitive describe_eltwise(dnnl::algorithm algorithm, float alpha, float beta, const dnnl::memory::desc& src);

void append_eltwise(dnnl::post_ops& post_ops, dnnl::algorithm algorithm, float alpha, float beta);
// x * clip(x + 3, 0, 6) / 6
void append_hardswish(dnnl::post_ops& post_ops);

// Attributes with the scratchpad given by the caller.
dnnl::primitive_attr attributes_with(const dnnl::post_ops& post_ops);

// The same for a primitive whose sums, with the bias, take the scales (one, or one per channel), then the
// post-ops, then the zero point. False where this version has no such thing: 3.x adds the bias behind the
// scales.
bool quantizing_attributes(const dnnl::post_ops& post_ops, const std::vector<float>& scales, int32_t zero,
                           dnnl::primitive_attr* attributes);

// Descriptors of tensors that this provider keeps.
dnnl::memory::data_type onednn_type(Type type);
dnnl::memory::desc plain_desc(const Dims& dims, Type type);
dnnl::memory::desc strided_desc(const Dims& dims, Type type, const Dims& strides);
dnnl::memory::desc any_desc(const Dims& dims, Type type);
dnnl::memory::desc layout_desc(const Dims& dims, Type type, Layout layout);
// The layout of `desc`; false when it is none of ours.
bool find_layout(const dnnl::memory::desc& desc, const Dims& dims, Type type, Layout* layout);
// The same descriptor text for equal descriptors, for keys.
std::string desc_key(const dnnl::memory::desc& desc);

}  // namespace bp::cpu
