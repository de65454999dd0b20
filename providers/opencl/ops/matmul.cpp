// MatMul and Gemm: float32 by tiles (product), other types one work-item per element.
#include <algorithm>
#include <cstring>

#include "ops/product.hpp"
#include "ops/strided.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

constexpr TypeMask kTypes = kFloats | mask(Type::kInt32, Type::kInt64, Type::kUint32, Type::kUint64);

// Both sides as [batches][.., ..] with strides in elements; a batch stride of 0 repeats the matrix.
struct Matrices {
  int64_t batches = 1, rows = 1, columns = 1, depth = 1;
  int64_t a_batch = 0, a_row = 0, a_step = 0;
  int64_t b_batch = 0, b_column = 0, b_step = 0;
};

void check_matmul(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kTypes);
  check.types(1, kTypes);
}

// Input `index` with its batch dims expanded to `batch`, in scratch; as it is where they are all there.
Ref expanded(Builder& b, size_t index, const Dims& dims, const Dims& batch) {
  const size_t lead = batch.size();
  Dims whole = batch;
  whole.insert(whole.end(), dims.begin() + static_cast<std::ptrdiff_t>(lead), dims.end());
  if (whole == dims) return b.input(index);
  const Type type = b.input_type(index);
  const Ref target = b.scratch(static_cast<uint64_t>(element_count(whole)) * element_size(type));
  const Dims from = row_major(dims);
  const Dims to = row_major(whole);
  std::vector<Stride> copy;
  for (size_t i = 0; i < whole.size(); ++i) copy.push_back({whole[i], dims[i] == 1 ? 0 : from[i], to[i]});
  b.launch(strided_kernel(b.input(index), target, type, copy));
  return target;
}

// In panels of columns, which lie on the device once where the input is constant.
Ref packed_columns(Builder& b, Ref source, size_t index, ProductShape& shape, const Matrices& m) {
  const int64_t width = shape.tile_columns();
  const int64_t panels = shape.panels();
  shape.b_panel = m.depth * width;
  shape.b_step = width;
  shape.b_batch = m.b_batch == 0 ? 0 : panels * m.depth * width;
  const int64_t copies = m.b_batch == 0 ? 1 : m.batches;
  const auto bytes = static_cast<uint64_t>(copies * panels * m.depth * width) * sizeof(float);
  if (b.is_constant(index) && copies == 1) {
    const HostTensor& tensor = b.needed_value(index);
    const std::string key = text("columns/", b.constant_id(index), "/", width, "/", m.b_step, "/", m.b_column);
    return b.packed(key, bytes, [=, &tensor](std::byte* to) {
      const auto* from = static_cast<const std::byte*>(tensor.data);
      for (int64_t n = 0; n < m.columns; ++n) {
        for (int64_t k = 0; k < m.depth; ++k) {
          const int64_t at = (n / width * m.depth + k) * width + n % width;
          std::memcpy(to + at * 4, from + (k * m.b_step + n * m.b_column) * 4, 4);
        }
      }
    });
  }
  const Ref target = b.scratch(bytes);
  Launch launch("panels", "panels");
  launch.define("BP_WIDTH", width);
  launch.memory(source, Type::kFloat32).memory(target, Type::kFloat32);
  launch.integer(m.depth).integer(m.columns).integer(panels);
  launch.integer(m.b_step).integer(m.b_column).integer(m.b_batch);
  launch.work({m.depth, panels, copies}, {16, 1, 1});
  b.launch(std::move(launch));
  return target;
}

void build_tiles(Builder& b, const Dims& dims, const Matrices& m, Ref a, Ref w, const std::string& code,
                 const std::vector<Term>& terms) {
  auto root = std::make_shared<ProductRoot>();
  ProductShape& shape = root->shape;
  shape.rows = m.rows;
  shape.columns = m.columns;
  shape.depth = m.depth;
  shape.batches = m.batches;
  choose_tile(shape);
  shape.a_tile = shape.tile_rows * m.a_row;
  shape.a_row = m.a_row;
  shape.a_step = m.a_step;
  shape.a_batches = m.a_batch == 0 ? 1 : m.batches;
  shape.a_batch = m.a_batch;
  shape.out_row = m.columns;
  shape.out_batch = m.rows * m.columns;
  root->a = a;
  root->b = packed_columns(b, w, 1, shape, m);
  b.root(dims, std::move(root), code, terms);
}

// Sums of every other type in the type itself, or float.
void build_plain(Builder& b, const Dims& dims, const Matrices& m, Ref a, Ref w, float alpha, float beta) {
  const Type type = b.input_type(0);
  Launch launch("matmul", "matmul");
  launch.define("T", storage_name(type)).define("C", compute_name(type));
  const Ref output = b.output(0, dims);
  const bool has_c = b.has_input(2) && beta != 0;
  Dims c = has_c ? b.input_dims(2) : Dims{};
  c.insert(c.begin(), 2 - std::min<size_t>(2, c.size()), 1);
  if (element_count(dims) == 0) return;
  launch.memory(a, type).memory(w, type).memory(output, type).memory(has_c ? b.input(2) : Ref{}, type);
  launch.integer(m.rows).integer(m.columns).integer(m.depth);
  launch.integer(m.a_batch).integer(m.a_row).integer(m.a_step);
  launch.integer(m.b_batch).integer(m.b_column).integer(m.b_step);
  launch.number(alpha).number(has_c ? beta : 0.0f);
  launch.integer(c[0] == 1 ? 0 : c[1]).integer(c[1] == 1 ? 0 : 1);
  launch.work({m.columns, m.rows, m.batches}, {16, 1, 1});
  b.launch(std::move(launch));
}

void build_matmul(Builder& b) {
  Dims a = b.input_dims(0);
  Dims w = b.input_dims(1);
  if (a.empty() || w.empty()) b.fail("inputs must have at least one dim");
  // Vectors count as matrices with one row or one column, which the output then lacks.
  const bool a_vector = a.size() == 1;
  const bool w_vector = w.size() == 1;
  if (a_vector) a.insert(a.begin(), 1);
  if (w_vector) w.push_back(1);
  const size_t rank = std::max(a.size(), w.size());
  const bool one_weight = w.size() == 2;
  a.insert(a.begin(), rank - a.size(), 1);
  w.insert(w.begin(), rank - w.size(), 1);
  if (a[rank - 1] != w[rank - 2]) {
    b.fail(
        text("inputs ", dims_text(b.input_dims(0)), " and ", dims_text(b.input_dims(1)), " do not multiply"));
  }
  const auto split = static_cast<std::ptrdiff_t>(rank - 2);
  const Dims batch =
      broadcast_dims(Dims(a.begin(), a.begin() + split), Dims(w.begin(), w.begin() + split), b.node().label());
  Dims dims = batch;
  if (!a_vector) dims.push_back(a[rank - 2]);
  if (!w_vector) dims.push_back(w[rank - 1]);

  Matrices m;
  m.batches = element_count(batch);
  m.rows = a[rank - 2];
  m.columns = w[rank - 1];
  m.depth = a[rank - 1];
  m.a_row = m.depth;
  m.a_step = 1;
  m.b_column = 1;
  m.b_step = m.columns;
  if (element_count(dims) == 0) {
    b.output(0, dims);
    return;
  }
  Ref left = b.input(0);
  Ref right = b.input(1);
  if (one_weight) {  // the batch is rows of one product
    m.rows *= m.batches;
    m.batches = 1;
  } else {
    const int64_t a_count = element_count(Dims(a.begin(), a.begin() + split));
    const int64_t w_count = element_count(Dims(w.begin(), w.begin() + split));
    if (a_count != 1) left = expanded(b, 0, a, batch);
    if (w_count != 1) right = expanded(b, 1, w, batch);
    m.a_batch = a_count == 1 ? 0 : m.rows * m.depth;
    m.b_batch = w_count == 1 ? 0 : m.depth * m.columns;
  }
  if (b.input_type(0) == Type::kFloat32 && m.depth > 0) return build_tiles(b, dims, m, left, right, "", {});
  build_plain(b, dims, m, left, right, 1, 0);
}

void check_gemm(Check& check) {
  check_matmul(check);
  check.types(2, kTypes);
  check.rank_between(0, 2, 2);
  check.rank_between(1, 2, 2);
}

void build_gemm(Builder& b) {
  const bool a_turned = b.attributes().int_or("transA", 0) != 0;
  const bool w_turned = b.attributes().int_or("transB", 0) != 0;
  const Dims a = b.input_dims(0);
  const Dims w = b.input_dims(1);
  const float alpha = b.attributes().float_or("alpha", 1);
  const float beta = b.attributes().float_or("beta", 1);
  Matrices m;
  m.rows = a[a_turned ? 1 : 0];
  m.depth = a[a_turned ? 0 : 1];
  m.columns = w[w_turned ? 0 : 1];
  m.a_row = a_turned ? 1 : m.depth;
  m.a_step = a_turned ? m.rows : 1;
  m.b_column = w_turned ? m.depth : 1;
  m.b_step = w_turned ? 1 : m.columns;
  if (m.depth != w[w_turned ? 1 : 0]) {
    b.fail(text("inputs ", dims_text(a), " and ", dims_text(w), " do not multiply"));
  }
  const Dims dims{m.rows, m.columns};
  const bool has_c = b.has_input(2) && beta != 0;
  if (has_c && broadcast_dims(b.input_dims(2), dims, b.node().label()) != dims) {
    b.fail(text("input 2 ", dims_text(b.input_dims(2)), " does not broadcast to ", dims_text(dims)));
  }
  if (b.input_type(0) != Type::kFloat32 || m.depth == 0 || element_count(dims) == 0) {
    return build_plain(b, dims, m, b.input(0), b.input(1), alpha, has_c ? beta : 0);
  }
  std::string code = alpha == 1 ? "$0" : text(literal(alpha), " * $0");
  std::vector<Term> terms;
  if (has_c) {
    code += beta == 1 ? " + $1" : text(" + ", literal(beta), " * $1");
    terms.emplace_back(2);
  }
  build_tiles(b, dims, m, b.input(0), b.input(1), code == "$0" ? "" : code, terms);
}

constexpr Row kRows[] = {
    {"MatMul", check_matmul, build_matmul, 1},
    {"Gemm", check_gemm, build_gemm, 7},
};

}  // namespace

std::span<const Row> matmul_rows() { return kRows; }

}  // namespace bp::opencl
