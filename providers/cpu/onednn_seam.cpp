// oneDNN's versions behind one interface.
#include "onednn_seam.hpp"

#include <string_view>
#include <utility>

#include "parallel.hpp"
#include "support.hpp"

#define BP_ONEDNN_3 (DNNL_VERSION_MAJOR >= 3)

namespace bp::cpu {

namespace {

using dnnl::algorithm;
using dnnl::memory;
using dnnl::prop_kind;

constexpr auto kInference = prop_kind::forward_inference;

// oneDNN counts dilation from 0.
Dims dense_is_zero(const Dims& dilations) {
  Dims result = dilations;
  for (int64_t& dilation : result) --dilation;
  return result;
}

thread_local bool same_bits = false;

bool adds_in_one_order(std::string_view implementation) {
  return implementation.starts_with("jit") || implementation.starts_with("brg");
}

// Makes a primitive descriptor with `make_desc`, says in our words when there is none.
template <class PrimitiveType, class MakeDesc>
Primitive describe(const char* what, MakeDesc&& make_desc) {
  try {
    auto desc = make_desc();
    Primitive result;
    result.implementation = desc.impl_info_str();
    if (same_bits && omp_get_max_threads() > 1) {
      const TeamSize alone(1);
      auto single = make_desc();
      if (!adds_in_one_order(result.implementation) || result.implementation != single.impl_info_str()) {
        desc = single;
        result.implementation = desc.impl_info_str();
        result.alone = true;
      }
    }
    result.src = desc.query_md(dnnl::query::src_md);
    result.weights = desc.query_md(dnnl::query::weights_md);
    result.dst = desc.query_md(dnnl::query::dst_md);
    result.scratchpad = desc.scratchpad_desc();
    result.make = [desc]() -> dnnl::primitive { return PrimitiveType(desc); };
    return result;
  } catch (const dnnl::error& error) {
    throw Error(BP_STATUS_UNSUPPORTED, text("oneDNN has no ", what, " for these shapes: ", error.message));
  }
}

}  // namespace

SameBits::SameBits(bool wanted) noexcept : before_(same_bits) { same_bits = wanted; }
SameBits::~SameBits() { same_bits = before_; }

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return text("oneDNN ", version->major, ".", version->minor, ".", version->patch);
}

std::string onednn_instruction_set() { return text("isa ", static_cast<int>(dnnl::get_effective_cpu_isa())); }

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

#if BP_ONEDNN_3

Primitive describe_convolution(ConvolutionKind kind, const memory::desc& src, const memory::desc& weights,
                               const memory::desc* bias, const memory::desc& dst, const Window& window,
                               const dnnl::primitive_attr& attributes) {
  const Dims dilations = dense_is_zero(window.dilations);
  const memory::desc no_bias;
  const memory::desc& bias_desc = bias != nullptr ? *bias : no_bias;
  if (kind == ConvolutionKind::kTransposed) {
    return describe<dnnl::deconvolution_forward>("transposed convolution", [&] {
      return dnnl::deconvolution_forward::primitive_desc(
          cpu_engine(), kInference, algorithm::deconvolution_direct, src, weights, bias_desc, dst,
          window.strides, dilations, window.pads_begin, window.pads_end, attributes);
    });
  }
  constexpr auto how = algorithm::convolution_direct;
  return describe<dnnl::convolution_forward>("convolution", [&] {
    return dnnl::convolution_forward::primitive_desc(cpu_engine(), kInference, how, src, weights, bias_desc,
                                                     dst, window.strides, dilations, window.pads_begin,
                                                     window.pads_end, attributes);
  });
}

Primitive describe_pooling(algorithm how, const memory::desc& src, const memory::desc& dst,
                           const Window& window, const dnnl::primitive_attr& attributes) {
  return describe<dnnl::pooling_forward>("pooling", [&] {
    return dnnl::pooling_forward::primitive_desc(cpu_engine(), kInference, how, src, dst, window.strides,
                                                 window.kernel, dense_is_zero(window.dilations),
                                                 window.pads_begin, window.pads_end, attributes);
  });
}

Primitive describe_matmul(const memory::desc& src, const memory::desc& weights, const memory::desc* bias,
                          const memory::desc& dst, const dnnl::primitive_attr& attributes) {
  const memory::desc no_bias;
  return describe<dnnl::matmul>("matrix product", [&] {
    return dnnl::matmul::primitive_desc(cpu_engine(), src, weights, bias != nullptr ? *bias : no_bias, dst,
                                        attributes);
  });
}

Primitive describe_lrn(const memory::desc& src, int64_t size, float alpha, float beta, float bias) {
  return describe<dnnl::lrn_forward>("local response normalization", [&] {
    return dnnl::lrn_forward::primitive_desc(cpu_engine(), kInference, algorithm::lrn_across_channels, src, src,
                                             size, alpha, beta, bias, attributes_with({}));
  });
}

Primitive describe_softmax(const memory::desc& src, int axis, bool logarithm) {
  return describe<dnnl::softmax_forward>("softmax", [&] {
    return dnnl::softmax_forward::primitive_desc(
        cpu_engine(), kInference, logarithm ? algorithm::softmax_log : algorithm::softmax_accurate, src, src,
        axis, attributes_with({}));
  });
}

Primitive describe_binary(algorithm how, const memory::desc& first, const memory::desc& second,
                          const memory::desc& dst, const dnnl::primitive_attr& attributes) {
  return describe<dnnl::binary>("binary operation", [&] {
    return dnnl::binary::primitive_desc(cpu_engine(), how, first, second, dst, attributes);
  });
}

Primitive describe_eltwise(algorithm how, float alpha, float beta, const memory::desc& src) {
  return describe<dnnl::eltwise_forward>("elementwise function", [&] {
    return dnnl::eltwise_forward::primitive_desc(cpu_engine(), kInference, how, src, src, alpha, beta,
                                                 attributes_with({}));
  });
}

void append_eltwise(dnnl::post_ops& post_ops, algorithm how, float alpha, float beta) {
  post_ops.append_eltwise(how, alpha, beta);
}

void append_hardswish(dnnl::post_ops& post_ops) {
  post_ops.append_eltwise(algorithm::eltwise_hardswish, 1.0f / 6.0f, 0.5f);
}

#else

Primitive describe_convolution(ConvolutionKind kind, const memory::desc& src, const memory::desc& weights,
                               const memory::desc* bias, const memory::desc& dst, const Window& window,
                               const dnnl::primitive_attr& attributes) {
  const Dims dilations = dense_is_zero(window.dilations);
  const memory::desc no_bias;
  const memory::desc& bias_desc = bias != nullptr ? *bias : no_bias;
  if (kind == ConvolutionKind::kTransposed) {
    return describe<dnnl::deconvolution_forward>("transposed convolution", [&] {
      const dnnl::deconvolution_forward::desc desc(kInference, algorithm::deconvolution_direct, src, weights,
                                                   bias_desc, dst, window.strides, dilations, window.pads_begin,
                                                   window.pads_end);
      return dnnl::deconvolution_forward::primitive_desc(desc, attributes, cpu_engine());
    });
  }
  constexpr auto how = algorithm::convolution_direct;
  return describe<dnnl::convolution_forward>("convolution", [&] {
    const dnnl::convolution_forward::desc desc(kInference, how, src, weights, bias_desc, dst, window.strides,
                                               dilations, window.pads_begin, window.pads_end);
    return dnnl::convolution_forward::primitive_desc(desc, attributes, cpu_engine());
  });
}

Primitive describe_pooling(algorithm how, const memory::desc& src, const memory::desc& dst,
                           const Window& window, const dnnl::primitive_attr& attributes) {
  const Dims dilations = dense_is_zero(window.dilations);
  if (element_count(window.dilations) == 1) {
    return describe<dnnl::pooling_forward>("pooling", [&] {
      const dnnl::pooling_forward::desc desc(kInference, how, src, dst, window.strides, window.kernel,
                                             window.pads_begin, window.pads_end);
      return dnnl::pooling_forward::primitive_desc(desc, attributes, cpu_engine());
    });
  }
  return describe<dnnl::pooling_v2_forward>("pooling", [&] {
    const dnnl::pooling_v2_forward::desc desc(kInference, how, src, dst, window.strides, window.kernel,
                                              dilations, window.pads_begin, window.pads_end);
    return dnnl::pooling_v2_forward::primitive_desc(desc, attributes, cpu_engine());
  });
}

Primitive describe_matmul(const memory::desc& src, const memory::desc& weights, const memory::desc* bias,
                          const memory::desc& dst, const dnnl::primitive_attr& attributes) {
  const memory::desc no_bias;
  return describe<dnnl::matmul>("matrix product", [&] {
    const dnnl::matmul::desc desc(src, weights, bias != nullptr ? *bias : no_bias, dst);
    return dnnl::matmul::primitive_desc(desc, attributes, cpu_engine());
  });
}

Primitive describe_lrn(const memory::desc& src, int64_t size, float alpha, float beta, float bias) {
  return describe<dnnl::lrn_forward>("local response normalization", [&] {
    const dnnl::lrn_forward::desc desc(kInference, algorithm::lrn_across_channels, src, size, alpha, beta,
                                       bias);
    return dnnl::lrn_forward::primitive_desc(desc, attributes_with({}), cpu_engine());
  });
}

Primitive describe_softmax(const memory::desc& src, int axis, bool logarithm) {
  return describe<dnnl::softmax_v2_forward>("softmax", [&] {
    const dnnl::softmax_v2_forward::desc desc(
        kInference, logarithm ? algorithm::softmax_log : algorithm::softmax_accurate, src, src, axis);
    return dnnl::softmax_v2_forward::primitive_desc(desc, attributes_with({}), cpu_engine());
  });
}

Primitive describe_binary(algorithm how, const memory::desc& first, const memory::desc& second,
                          const memory::desc& dst, const dnnl::primitive_attr& attributes) {
  return describe<dnnl::binary>("binary operation", [&] {
    const dnnl::binary::desc desc(how, first, second, dst);
    return dnnl::binary::primitive_desc(desc, attributes, cpu_engine());
  });
}

Primitive describe_eltwise(algorithm how, float alpha, float beta, const memory::desc& src) {
  return describe<dnnl::eltwise_forward>("elementwise function", [&] {
    const dnnl::eltwise_forward::desc desc(kInference, how, src, alpha, beta);
    return dnnl::eltwise_forward::primitive_desc(desc, attributes_with({}), cpu_engine());
  });
}

void append_eltwise(dnnl::post_ops& post_ops, algorithm how, float alpha, float beta) {
  post_ops.append_eltwise(1.0f, how, alpha, beta);
}

void append_hardswish(dnnl::post_ops& post_ops) {
  post_ops.append_eltwise(1.0f, algorithm::eltwise_hardswish, 0.0f, 0.0f);
}

#endif

Primitive describe_reorder(const memory::desc& src, const memory::desc& dst) {
  return describe<dnnl::reorder>("reorder", [&] {
    return dnnl::reorder::primitive_desc(cpu_engine(), src, cpu_engine(), dst, attributes_with({}));
  });
}

dnnl::primitive_attr attributes_with(const dnnl::post_ops& post_ops) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (post_ops.len() > 0) attributes.set_post_ops(post_ops);
  return attributes;
}

bool quantizing_attributes(const dnnl::post_ops& post_ops, const std::vector<float>& scales, int32_t zero,
                           dnnl::primitive_attr* attributes) {
#if BP_ONEDNN_3
  static_cast<void>(post_ops), static_cast<void>(scales), static_cast<void>(zero),
      static_cast<void>(attributes);
  return false;
#else
  constexpr int kPerChannel = 1 << 1;
  *attributes = attributes_with(post_ops);
  attributes->set_output_scales(scales.size() == 1 ? 0 : kPerChannel, scales);
  if (zero != 0) attributes->set_zero_points(DNNL_ARG_DST, 0, {zero});
  return true;
#endif
}

memory::data_type onednn_type(Type type) {
  switch (type) {
    case Type::kFloat32:
      return memory::data_type::f32;
    case Type::kFloat16:
      return memory::data_type::f16;
    case Type::kBfloat16:
      return memory::data_type::bf16;
    case Type::kInt32:
      return memory::data_type::s32;
    case Type::kInt8:
      return memory::data_type::s8;
    case Type::kUint8:
      return memory::data_type::u8;
    default:
      throw Error(BP_STATUS_UNSUPPORTED, text("oneDNN has no element type ", type_name(type)));
  }
}

memory::desc strided_desc(const Dims& dims, Type type, const Dims& strides) {
  return {dims, onednn_type(type), strides};
}

memory::desc plain_desc(const Dims& dims, Type type) {
  Dims strides(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * std::max<int64_t>(dims[i], 1);
  return strided_desc(dims, type, strides);
}

memory::desc any_desc(const Dims& dims, Type type) {
  return {dims, onednn_type(type), memory::format_tag::any};
}

memory::desc layout_desc(const Dims& dims, Type type, Layout layout) {
  using Tag = memory::format_tag;
  if (layout == Layout::kPlain) return plain_desc(dims, type);
  static constexpr Tag kTags[3][3] = {{Tag::acb, Tag::acdb, Tag::acdeb},
                                      {Tag::aBc8b, Tag::aBcd8b, Tag::aBcde8b},
                                      {Tag::aBc16b, Tag::aBcd16b, Tag::aBcde16b}};
  if (dims.size() < 3 || dims.size() > 5) {
    throw Error(BP_STATUS_INTERNAL, text("no blocked layout for ", dims.size(), " dims"));
  }
  const auto row = static_cast<size_t>(layout) - static_cast<size_t>(Layout::kChannelsLast);
  return {dims, onednn_type(type), kTags[row][dims.size() - 3]};
}

bool find_layout(const memory::desc& desc, const Dims& dims, Type type, Layout* layout) {
  if (desc == plain_desc(dims, type)) {
    *layout = Layout::kPlain;
    return true;
  }
  if (dims.size() < 3 || dims.size() > 5) return false;
  for (const Layout candidate : {Layout::kBlocked16, Layout::kBlocked8, Layout::kChannelsLast}) {
    if (desc == layout_desc(dims, type, candidate)) {
      *layout = candidate;
      return true;
    }
  }
  return false;
}

std::string desc_key(const memory::desc& desc) {
#if BP_ONEDNN_3
  const std::vector<uint8_t> blob = const_cast<memory::desc&>(desc).get_blob();
  return {blob.begin(), blob.end()};
#else
  // The C struct is zeroed before it is filled, so equal descriptors have equal bytes.
  return {reinterpret_cast<const char*>(&desc.data), sizeof(desc.data)};
#endif
}

}  // namespace bp::cpu
