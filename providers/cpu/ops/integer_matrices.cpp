// Shapes and zero points of integer matrix products, and their product by oneDNN.
#include "ops/integer_matrices.hpp"

#include <algorithm>

#include "byte_products.hpp"
#include "constants.hpp"
#include "onednn_step.hpp"

namespace bp::cpu {

Matrices read_matrices(Builder& b, const MatrixInputs& at) {
  Dims left = b.input_dims(at.a);
  Dims right = b.input_dims(at.b);
  if (left.empty() || right.empty()) b.fail("both factors must have at least one dim");
  const bool left_vector = left.size() == 1;
  const bool right_vector = right.size() == 1;
  if (left_vector) left.insert(left.begin(), 1);
  if (right_vector) right.push_back(1);
  const size_t rank = std::max(left.size(), right.size());
  left.insert(left.begin(), rank - left.size(), 1);
  right.insert(right.begin(), rank - right.size(), 1);
  Matrices result;
  result.rows = left[rank - 2];
  result.depth = left[rank - 1];
  result.columns = right[rank - 1];
  bool fits = result.depth == right[rank - 2];
  for (size_t i = 0; i + 2 < rank; ++i) {
    fits = fits && (left[i] == right[i] || left[i] == 1 || right[i] == 1);
    result.dims.push_back(left[i] == 1 ? right[i] : left[i]);
    result.a_batches *= left[i];
    result.b_batches *= right[i];
  }
  if (!fits) {
    b.fail(text("inputs ", dims_text(b.input_dims(at.a)), " and ", dims_text(b.input_dims(at.b)),
                " do not multiply"));
  }
  const int64_t count = element_count(result.dims);
  for (int64_t index = 0; index < count; ++index) {
    int64_t left_of = 0, right_of = 0, left_step = 1, right_step = 1, rest = index;
    for (size_t i = rank - 2; i-- > 0;) {
      const int64_t here = rest % result.dims[i];
      rest /= result.dims[i];
      if (left[i] != 1) left_of += here * left_step;
      if (right[i] != 1) right_of += here * right_step;
      left_step *= left[i];
      right_step *= right[i];
    }
    result.a_of.push_back(left_of);
    result.b_of.push_back(right_of);
  }
  if (!left_vector) result.dims.push_back(result.rows);
  if (!right_vector) result.dims.push_back(result.columns);
  return result;
}

RowZeros row_zeros(Builder& b, size_t input, int64_t rows, int64_t batches, std::string_view what) {
  const RowZeros result{zero_point(b, input), rows};
  const int64_t count = result.zero.count;
  if (count != 1 && count != rows && count != rows * batches) {
    b.fail(text("input ", input, " must be one element or have one for each of ", rows, " ", what,
                "; it has dims ", dims_text(b.input_dims(input))));
  }
  return result;
}

bool onednn_product(Builder& b, const MatrixInputs& at, const Matrices& shape, OnednnProduct* product) {
  if (!has_exact_byte_products() || !is_symmetric(b, at.b, at.b_zero) || shape.b_batches != 1) return false;
  if (shape.count() != shape.a_batches || shape.depth == 0 || element_count(shape.dims) == 0) return false;
  const int64_t rows = shape.a_batches * shape.rows;
  const auto src = plain_desc({rows, shape.depth}, b.input_type(at.a));
  const auto dst = plain_desc({rows, shape.columns}, Type::kInt32);
  const Dims b_dims = {shape.depth, shape.columns};
  Primitive primitive;
  try {
    primitive = describe_matmul(src, any_desc(b_dims, Type::kInt8), nullptr, dst, attributes_with({}));
  } catch (const Error&) {
    return false;  // none for these shapes
  }
  if (primitive.implementation.starts_with("ref")) return false;

  const uint64_t id = b.graph().values[b.node().inputs[at.b]].constant_id;
  Constants& constants = b.constants();
  const auto wanted = primitive.weights;
  const auto plain = plain_desc(b_dims, Type::kInt8);
  const auto weights = b.packed_ref(text("bytes/", id, "/") + desc_key(wanted), wanted.get_size(),
                                    [=, &constants](void* target) {
                                      constants.with_bytes(id, [&](const HostTensor& source) {
                                        const std::vector<int8_t> bytes = symmetric_bytes(source);
                                        reorder_now(plain, bytes.data(), wanted, target);
                                      });
                                    });
  const int64_t columns = shape.columns;
  const int64_t depth = shape.depth;
  product->columns = b.packed_ref(text("columns/", id), static_cast<uint64_t>(columns) * sizeof(int32_t),
                                  [=, &constants](void* target) {
                                    constants.with_bytes(id, [&](const HostTensor& source) {
                                      const std::vector<int8_t> bytes = symmetric_bytes(source);
                                      auto* sums = static_cast<int32_t*>(target);
                                      std::fill_n(sums, columns, 0);
                                      for (int64_t k = 0; k < depth; ++k) {
                                        for (int64_t i = 0; i < columns; ++i)
                                          sums[i] += bytes[static_cast<size_t>(k * columns + i)];
                                      }
                                    });
                                  });
  product->raw = b.scratch_ref(dst.get_size());
  OnednnStep step(b);
  step.add_input(DNNL_ARG_SRC, b.node().inputs[at.a], src, Layout::kPlain);
  step.add(DNNL_ARG_WEIGHTS, wanted, weights);
  step.add(DNNL_ARG_DST, dst, product->raw);
  step.finish(primitive, b.node().op_type, {b.node_index()});
  return true;
}

RawSums raw_sums(Builder& b, OwnStep& step, const MatrixInputs& at, const Matrices& shape,
                 const OnednnProduct& product) {
  return {step.operand(product.raw), step.operand(product.columns), shape.columns,
          row_zeros(b, at.a_zero, shape.rows, shape.a_batches, "rows")};
}

}  // namespace bp::cpu
