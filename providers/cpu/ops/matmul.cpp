// MatMul and Gemm: dense for float32 with constant weights, oneDNN for other float32 (both with what follows
// fused), matmul_panels for the other types.
#include <algorithm>

#include "fusion.hpp"
#include "onednn_step.hpp"
#include "ops/dense.hpp"
#include "ops/matmul_panels.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

Dims row_major(const Dims& dims) {
  Dims strides(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * std::max<int64_t>(dims[i], 1);
  return strides;
}

void check_matmul(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kMatmulTypes);
  check.types(1, kMatmulTypes);
}

// --- oneDNN ---

void append_binary(ChainOperands& operands, dnnl::algorithm how, const Dims& dims, uint32_t value,
                   Builder::Ref constant) {
  const auto desc = plain_desc(dims, Type::kFloat32);
  const int id = DNNL_ARG_ATTR_MULTIPLE_POST_OP(operands.post_ops.len()) | DNNL_ARG_SRC_1;
  operands.post_ops.append_binary(how, desc);
  operands.extras.push_back({id, desc, value, Layout::kPlain, constant});
}

// What Gemm does before what follows it: alpha * product + beta * C, as beta * (alpha / beta * product + C).
// Not two linear functions: oneDNN 2.6 runs the second with the first one's factor.
void append_epilogue(Builder& b, const Product& product, const Epilogue& epilogue, ChainOperands& operands) {
  const float first = epilogue.has_c ? epilogue.alpha / epilogue.beta : epilogue.alpha;
  if (first != 1) append_eltwise(operands.post_ops, dnnl::algorithm::eltwise_linear, first, 0);
  if (!epilogue.has_c) return;
  append_binary(operands, dnnl::algorithm::binary_add,
                {epilogue.row_stride != 0 ? product.dst_dims[0] : 1,
                 epilogue.column_stride != 0 ? product.dst_dims[1] : 1},
                b.node().inputs[2], {});
  if (epilogue.beta == 1) return;
  const float beta = epilogue.beta;
  const auto ref = b.packed_ref(text("beta/", b.node_index()), sizeof(float),
                                [beta](void* bytes) { *static_cast<float*>(bytes) = beta; });
  append_binary(operands, dnnl::algorithm::binary_mul, {1, 1}, BP_NONE, ref);
}

// The bias that oneDNN adds at no cost: Gemm's C as a row, or nothing.
bool is_bias(const Epilogue& epilogue) {
  return epilogue.has_c && epilogue.row_stride == 0 && epilogue.column_stride != 0 && epilogue.alpha == 1 &&
         epilogue.beta == 1;
}

// An addition of a constant row directly behind the product is its bias.
uint32_t take_bias(Builder& b, const FusedChain& chain, const Dims& dims) {
  if (chain.ops.empty() || chain.ops[0].kind != FusedOp::Kind::kBinary ||
      chain.ops[0].algorithm != dnnl::algorithm::binary_add) {
    return BP_NONE;
  }
  const Dims& other = b.value_dims(chain.ops[0].value);
  if (other.empty() || other.back() != dims.back() || element_count(other) != dims.back()) return BP_NONE;
  return chain.ops[0].value;
}

// dims are the node's own output dims; the product may see them with other ones in front.
void onednn_product(Builder& b, const Product& product, const Dims& dims, const Epilogue& epilogue) {
  const uint32_t output = b.node().outputs[0];
  const auto src = strided_desc(product.a_dims, Type::kFloat32, product.a_strides);
  const auto plain_weights = strided_desc(product.b_dims, Type::kFloat32, product.b_strides);
  const auto dst = plain_desc(product.dst_dims, Type::kFloat32);
  const bool pack = b.is_constant(1) &&
                    element_count(product.b_dims) ==
                        product.b_dims[product.b_dims.size() - 1] * product.b_dims[product.b_dims.size() - 2];
  const auto weights = pack ? any_desc(product.b_dims, Type::kFloat32) : plain_weights;
  Dims bias_dims(product.dst_dims.size(), 1);
  bias_dims.back() = product.dst_dims.back();
  const auto bias = plain_desc(bias_dims, Type::kFloat32);

  FusedChain chain;
  chain.start = output;
  // No chain behind a scaled product: see append_epilogue.
  if (epilogue.alpha == 1 && epilogue.beta == 1) chain = find_chain(b, output, dims);
  ChainOperands operands;
  Primitive primitive;
  uint32_t bias_value = BP_NONE;
  while (true) {
    bias_value = is_bias(epilogue) ? b.node().inputs[2] : BP_NONE;
    operands = {};
    FusedChain rest = chain;
    if (bias_value == BP_NONE) {
      append_epilogue(b, product, epilogue, operands);
      if (!epilogue.has_c && epilogue.alpha == 1) {
        bias_value = take_bias(b, chain, dims);
        if (bias_value != BP_NONE) rest.ops.erase(rest.ops.begin());
      }
    }
    try {
      append_chain(b, rest, dims, product.dst_dims, Layout::kPlain, operands);
      primitive = describe_matmul(src, weights, bias_value != BP_NONE ? &bias : nullptr, dst,
                                  attributes_with(operands.post_ops));
      break;
    } catch (const Error&) {
      if (chain.ops.empty()) throw;
      chain.cut_last_node();
    }
  }

  OnednnStep step(b);
  step.add_input(DNNL_ARG_SRC, b.node().inputs[0], src, Layout::kPlain);
  step.add_packed(DNNL_ARG_WEIGHTS, b.node().inputs[1], plain_weights,
                  pack ? primitive.weights : plain_weights);
  if (bias_value != BP_NONE) step.add_input(DNNL_ARG_BIAS, bias_value, bias, Layout::kPlain);
  step.add_chain(operands);
  step.add(DNNL_ARG_DST, dst, finish_chain(b, chain, operands, dims, Layout::kPlain));
  step.finish(primitive, step_name(b, chain), step_nodes(b, chain));
}

void build_product(Builder& b, const Product& product, const Dims& dims, const Epilogue& epilogue) {
  const bool empty = element_count(dims) == 0;
  const bool no_depth = element_count(product.a_dims) == 0 || element_count(product.b_dims) == 0;
  const bool onednn = b.input_type(0) == Type::kFloat32 && !empty && !no_depth && dims.size() <= 6;
  if (onednn && build_dense(b, product, dims, epilogue)) return;
  if (onednn) return onednn_product(b, product, dims, epilogue);
  b.output(0, dims);
  if (!empty) build_panel_matmul(b, product, epilogue);
}

void build_matmul(Builder& b) {
  Product product;
  product.a_dims = b.input_dims(0);
  product.b_dims = b.input_dims(1);
  if (product.a_dims.empty() || product.b_dims.empty()) b.fail("inputs must have at least one dim");
  // Vectors count as matrices with one row or one column, which the output then lacks.
  const bool a_vector = product.a_dims.size() == 1;
  const bool b_vector = product.b_dims.size() == 1;
  if (a_vector) product.a_dims.insert(product.a_dims.begin(), 1);
  if (b_vector) product.b_dims.push_back(1);
  const size_t rank = std::max(product.a_dims.size(), product.b_dims.size());
  product.a_dims.insert(product.a_dims.begin(), rank - product.a_dims.size(), 1);
  product.b_dims.insert(product.b_dims.begin(), rank - product.b_dims.size(), 1);
  if (product.a_dims[rank - 1] != product.b_dims[rank - 2]) {
    b.fail(
        text("inputs ", dims_text(b.input_dims(0)), " and ", dims_text(b.input_dims(1)), " do not multiply"));
  }
  for (size_t i = 0; i + 2 < rank; ++i) {
    const int64_t a = product.a_dims[i];
    const int64_t c = product.b_dims[i];
    if (a != c && a != 1 && c != 1) {
      b.fail(text("the batch dims of ", dims_text(b.input_dims(0)), " and ", dims_text(b.input_dims(1)),
                  " do not broadcast"));
    }
    product.dst_dims.push_back(a == 1 ? c : a);
  }
  product.dst_dims.push_back(product.a_dims[rank - 2]);
  product.dst_dims.push_back(product.b_dims[rank - 1]);
  Dims dims = product.dst_dims;
  if (b_vector) dims.pop_back();
  if (a_vector) dims.erase(dims.end() - (b_vector ? 1 : 2));
  // One weight for the whole batch: the batch is rows of one product.
  if (rank > 2 && b.input_dims(1).size() <= 2 && !a_vector && !b_vector) {
    Product flat;
    const int64_t depth = product.a_dims[rank - 1];
    const int64_t rows = element_count(dims) / std::max<int64_t>(dims.back(), 1);
    flat.a_dims = {rows, depth};
    flat.b_dims = {depth, product.b_dims[rank - 1]};
    flat.dst_dims = {rows, dims.back()};
    flat.a_strides = row_major(flat.a_dims);
    flat.b_strides = row_major(flat.b_dims);
    return build_product(b, flat, dims, {});
  }
  product.a_strides = row_major(product.a_dims);
  product.b_strides = row_major(product.b_dims);
  build_product(b, product, dims, {});
}

void check_gemm(Check& check) {
  check_matmul(check);
  check.types(2, kMatmulTypes);
  check.rank_between(0, 2, 2);
  check.rank_between(1, 2, 2);
}

void build_gemm(Builder& b) {
  const bool a_turned = b.attributes().int_or("transA", 0) != 0;
  const bool b_turned = b.attributes().int_or("transB", 0) != 0;
  const Dims& a = b.input_dims(0);
  const Dims& w = b.input_dims(1);
  Product product;
  product.a_dims = a_turned ? Dims{a[1], a[0]} : a;
  product.b_dims = b_turned ? Dims{w[1], w[0]} : w;
  product.a_strides = a_turned ? Dims{1, std::max<int64_t>(a[1], 1)} : row_major(a);
  product.b_strides = b_turned ? Dims{1, std::max<int64_t>(w[1], 1)} : row_major(w);
  if (product.a_dims[1] != product.b_dims[0]) {
    b.fail(text("inputs ", dims_text(a), " and ", dims_text(w), " do not multiply"));
  }
  product.dst_dims = {product.a_dims[0], product.b_dims[1]};
  Epilogue epilogue;
  epilogue.alpha = b.attributes().float_or("alpha", 1);
  epilogue.beta = b.attributes().float_or("beta", 1);
  epilogue.has_c = b.has_input(2) && epilogue.beta != 0;
  if (!epilogue.has_c) epilogue.beta = 1;
  if (epilogue.has_c) {
    Dims c = b.input_dims(2);
    if (c.size() > 2) b.fail(text("input 2 must have at most 2 dims, has ", c.size()));
    c.insert(c.begin(), 2 - c.size(), 1);
    for (size_t i = 0; i < 2; ++i) {
      if (c[i] != 1 && c[i] != product.dst_dims[i]) {
        b.fail(text("input 2 ", dims_text(b.input_dims(2)), " does not broadcast to ",
                    dims_text(product.dst_dims)));
      }
    }
    epilogue.row_stride = c[0] == 1 ? 0 : c[1];
    epilogue.column_stride = c[1] == 1 ? 0 : 1;
  }
  const Dims dims = product.dst_dims;
  build_product(b, product, dims, epilogue);
}

constexpr Row kRows[] = {
    {"MatMul", check_matmul, build_matmul, 1, LayoutUse::kOwn},
    {"Gemm", check_gemm, build_gemm, 7, LayoutUse::kOwn},
};

}  // namespace

std::span<const Row> matmul_rows() { return kRows; }

}  // namespace bp::cpu
