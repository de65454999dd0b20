// com.microsoft's QGemm: exact 32-bit sums of products of bytes with a bias, then the output's scale. By own
// kernels or one primitive of oneDNN where they are exact, else int16 from which the zero points are gone.
#include <algorithm>
#include <vector>

#include "byte_products.hpp"
#include "constants.hpp"
#include "kernels/integer_product.hpp"
#include "onednn_step.hpp"
#include "ops/own_step.hpp"
#include "ops/quantized_numbers.hpp"
#include "ops/quantized_output.hpp"
#include "ops/table.hpp"
#include "ops/tap_product.hpp"

namespace bp::cpu {

namespace {

constexpr size_t kA = 0, kAScale = 1, kAZero = 2, kB = 3, kBScale = 4, kBZero = 5, kC = 6, kYScale = 7,
                 kYZero = 8;

void check(Check& check) {
  check_quantized_input(check, kA, kAScale);
  check_quantized_input(check, kB, kBScale);
  check_quantized_output(check, kYScale);
  check.rank_between(kA, 2, 2);
  check.rank_between(kB, 2, 2);
  check.types(kC, mask(Type::kInt32));
  if (check.has_input(kB)) check.want_constant(kB);
  if (check.has_input(kC)) check.want_constant(kC);
  if (check.node.attributes.int_or("transA", 0) != 0) check.reject_attribute("transA", "expected 0");
}

struct Gemm {
  int64_t rows = 0;
  int64_t depth = 0;
  int64_t columns = 0;
  bool turned = false;  // b is [columns, depth]
  std::vector<float> scales;
  std::vector<int64_t> bias;  // one per column
  std::vector<int64_t> b_zeros;
  int32_t a_zero = 0;
  float zero = 0;

  int64_t b_zero(int64_t column) const {
    return b_zeros[b_zeros.size() == 1 ? 0 : static_cast<size_t>(column)];
  }
};

// [columns] as C broadcasts; fails for one that has more rows than one.
std::vector<int64_t> read_bias(const Builder& b, int64_t columns) {
  std::vector<int64_t> bias(static_cast<size_t>(columns), 0);
  if (!b.has_input(kC)) return bias;
  const std::vector<int64_t> given = b.needed_value(kC).ints();
  const auto count = static_cast<int64_t>(given.size());
  const Dims& dims = b.input_dims(kC);
  if ((count != 1 && count != columns) || (count == columns && !dims.empty() && dims.back() != columns)) {
    b.fail(text("input ", kC, " must be one element or one for each of ", columns, " columns, has dims ",
                dims_text(dims)),
           BP_STATUS_UNSUPPORTED);
  }
  for (size_t i = 0; i < bias.size(); ++i) bias[i] = given[count == 1 ? 0 : i];
  return bias;
}

Gemm read(const Builder& b) {
  Gemm gemm;
  const Dims& a = b.input_dims(kA);
  const Dims& w = b.input_dims(kB);
  gemm.turned = b.attributes().int_or("transB", 0) != 0;
  gemm.rows = a[0];
  gemm.depth = a[1];
  gemm.columns = gemm.turned ? w[0] : w[1];
  if ((gemm.turned ? w[1] : w[0]) != gemm.depth) {
    b.fail(text("inputs ", dims_text(a), " and ", dims_text(w), " do not multiply"));
  }
  const float x = scale_or_zero(b, kAScale, 1) * b.attributes().float_or("alpha", 1);
  const float y = scale_or_zero(b, kYScale, 1);
  for (const double scale : b.needed_value(kBScale).floats()) {
    gemm.scales.push_back(x * static_cast<float>(scale) / y);
  }
  gemm.b_zeros = b.has_input(kBZero) ? b.needed_value(kBZero).ints() : std::vector<int64_t>{0};
  for (const size_t count : {gemm.scales.size(), gemm.b_zeros.size()}) {
    if (count != 1 && static_cast<int64_t>(count) != gemm.columns) {
      b.fail(text("inputs ", kBScale, " and ", kBZero, " must have one element or ", gemm.columns));
    }
  }
  gemm.a_zero = static_cast<int32_t>(scale_or_zero(b, kAZero, 0));
  gemm.zero = scale_or_zero(b, kYZero, 0);
  gemm.bias = read_bias(b, gemm.columns);
  return gemm;
}

// The bias, and what a's zero point takes from every sum.
std::vector<int32_t> whole_bias(const Gemm& gemm, const HostTensor& weights) {
  const std::vector<int8_t> bytes = symmetric_bytes(weights);
  std::vector<int64_t> sums(gemm.bias.size(), 0);
  for (int64_t k = 0; k < gemm.depth; ++k) {
    for (int64_t i = 0; i < gemm.columns; ++i) {
      sums[static_cast<size_t>(i)] +=
          bytes[static_cast<size_t>(gemm.turned ? i * gemm.depth + k : k * gemm.columns + i)];
    }
  }
  std::vector<int32_t> whole;
  for (size_t i = 0; i < sums.size(); ++i) {
    whole.push_back(static_cast<int32_t>(gemm.bias[i] - gemm.a_zero * sums[i]));
  }
  return whole;
}

bool tap_gemm(Builder& b, const Gemm& gemm) {
  TapProduct product;
  product.rows = gemm.rows;
  product.depth = gemm.depth;
  product.columns = gemm.columns;
  product.a = kA;
  product.b = kB;
  product.column_stride = gemm.turned ? gemm.depth : 1;
  product.depth_stride = gemm.turned ? 1 : gemm.columns;
  product.a_zero = gemm.a_zero;
  product.scales = gemm.scales;
  product.bias = gemm.bias;
  if (b.has_input(kC)) product.bias_key = text(b.graph().values[b.node().inputs[kC]].constant_id);
  product.zero = static_cast<int32_t>(gemm.zero);
  return tap_product(b, product, kBZero, {gemm.rows, gemm.columns});
}

bool onednn_gemm(Builder& b, const Gemm& gemm) {
  if (!has_exact_byte_products() || !is_symmetric(b, kB, kBZero)) return false;
  if (adds_beyond_32_bits(gemm.bias, gemm.depth) || element_count({gemm.rows, gemm.columns, gemm.depth}) == 0) {
    return false;
  }
  const Type type = b.output_type(0);
  const Dims dims = {gemm.rows, gemm.columns};
  const auto src = plain_desc({gemm.rows, gemm.depth}, b.input_type(kA));
  const Dims b_dims = {gemm.depth, gemm.columns};
  const auto plain =
      strided_desc(b_dims, Type::kInt8, gemm.turned ? Dims{1, gemm.depth} : Dims{gemm.columns, 1});
  const auto bias = plain_desc({1, gemm.columns}, Type::kInt32);
  const auto dst = plain_desc(dims, type);
  Primitive primitive;
  try {
    dnnl::post_ops ops;
    if (gemm.zero != 0) append_eltwise(ops, dnnl::algorithm::eltwise_round, 0, 0);
    dnnl::primitive_attr attributes;
    if (!quantizing_attributes(ops, gemm.scales, static_cast<int32_t>(gemm.zero), &attributes)) return false;
    primitive = describe_matmul(src, any_desc(b_dims, Type::kInt8), &bias, dst, attributes);
  } catch (const Error&) {
    return false;
  }
  if (primitive.implementation.starts_with("ref")) return false;
  const auto id_of = [&](size_t input) { return b.graph().values[b.node().inputs[input]].constant_id; };
  const uint64_t id = id_of(kB);
  const std::string c = b.has_input(kC) ? text(id_of(kC)) : "none";
  Constants& constants = b.constants();
  const auto wanted = primitive.weights;
  OnednnStep step(b);
  step.add_input(DNNL_ARG_SRC, b.node().inputs[kA], src, Layout::kPlain);
  step.add(DNNL_ARG_WEIGHTS, wanted,
           b.packed_ref(text("bytes/", id, "/") + desc_key(plain) + desc_key(wanted), wanted.get_size(),
                        [=, &constants](void* target) {
                          constants.with_bytes(id, [&](const HostTensor& source) {
                            const std::vector<int8_t> bytes = symmetric_bytes(source);
                            reorder_now(plain, bytes.data(), wanted, target);
                          });
                        }));
  step.add(
      DNNL_ARG_BIAS, bias,
      b.packed_ref(text("bias/", id, "/", c, "/", gemm.a_zero), bias.get_size(), [=, &constants](void* target) {
        constants.with_bytes(id, [&](const HostTensor& source) {
          const std::vector<int32_t> whole = whole_bias(gemm, source);
          std::copy(whole.begin(), whole.end(), static_cast<int32_t*>(target));
        });
      }));
  step.add(DNNL_ARG_DST, dst, b.write(b.node().outputs[0], dims, Layout::kPlain));
  step.finish(primitive, b.node().op_type, {b.node_index()});
  return true;
}

// A line of bytes as int16 without its zero point.
void widen(Type type, const void* bytes, int64_t at, int64_t step, int64_t depth, int64_t zero, int16_t* to) {
  const int64_t padded = padded_depth(depth);
  type == Type::kInt8
      ? widen_row(static_cast<const int8_t*>(bytes) + at, step, depth, static_cast<int32_t>(zero), padded, to)
      : widen_row(static_cast<const uint8_t*>(bytes) + at, step, depth, static_cast<int32_t>(zero), padded, to);
}

void plain_gemm(Builder& b, const Gemm& gemm) {
  OwnStep step(b, {gemm.rows, gemm.columns});
  const auto padded = static_cast<uint64_t>(padded_depth(gemm.depth));
  const uint64_t id = b.graph().values[b.node().inputs[kB]].constant_id;
  const Type b_type = b.input_type(kB);
  const size_t weights = step.packed(
      text("gemm/", id), static_cast<uint64_t>(gemm.columns) * padded * sizeof(int16_t),
      [=, &constants = b.constants()](void* target) {
        constants.with_bytes(id, [&](const HostTensor& source) {
          for (int64_t i = 0; i < gemm.columns; ++i) {
            widen(b_type, source.data, gemm.turned ? i * gemm.depth : i, gemm.turned ? 1 : gemm.columns,
                  gemm.depth, gemm.b_zero(i), static_cast<int16_t*>(target) + i * static_cast<int64_t>(padded));
          }
        });
      });
  const size_t lines = step.scratch(static_cast<uint64_t>(gemm.rows) * padded * sizeof(int16_t));
  const size_t sums = step.scratch(static_cast<uint64_t>(gemm.rows * gemm.columns) * sizeof(int32_t));
  const Type a_type = b.input_type(kA);
  const Type type = b.output_type(0);
  const int threads = b.threads();
  step.run(
      [=, out = step.output()](const Call& call) {
        const auto depth = static_cast<int64_t>(padded);
        parallel_for(
            threads, gemm.rows, gemm.rows * gemm.columns * gemm.depth, [&](int64_t begin, int64_t end) {
              for (int64_t row = begin; row < end; ++row) {
                widen(a_type, call.args[kA], row * gemm.depth, 1, gemm.depth, gemm.a_zero,
                      call.out<int16_t>(lines) + row * depth);
              }
              IntegerProduct product;
              product.a = call.in<int16_t>(lines) + begin * depth;
              product.b = call.in<int16_t>(weights);
              product.rows = end - begin;
              product.columns = gemm.columns;
              product.depth = depth;
              product.sums = call.out<int32_t>(sums) + begin * gemm.columns;
              product.row_stride = gemm.columns;
              product.column_stride = 1;
              multiply(product);
              for (int64_t row = begin; row < end; ++row) {
                int32_t* of_row = call.out<int32_t>(sums) + row * gemm.columns;
                for (int64_t i = 0; i < gemm.columns; ++i) {
                  of_row[i] = wrapping_sum(of_row[i], static_cast<int32_t>(gemm.bias[static_cast<size_t>(i)]));
                }
                requantize(type, of_row, gemm.scales.data(), gemm.scales.size() == 1 ? 0 : 1, gemm.zero,
                           call.out<std::byte>(out) + row * gemm.columns, gemm.columns);
              }
            });
      },
      "int16");
}

void build(Builder& b) {
  const Gemm gemm = read(b);
  if (!tap_gemm(b, gemm) && !onednn_gemm(b, gemm)) plain_gemm(b, gemm);
}

constexpr Row kRows[] = {
    {"QGemm", check, build, 1, LayoutUse::kOwn, kMicrosoftDomain},
};

}  // namespace

std::span<const Row> quantized_gemm_rows() { return kRows; }

}  // namespace bp::cpu
