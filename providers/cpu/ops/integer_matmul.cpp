// MatMulInteger and QLinearMatMul: exact 32-bit sums of products of bytes, for any zero points.
#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "constants.hpp"
#include "kernels/integer_product.hpp"
#include "ops/dense.hpp"
#include "ops/integer_matrices.hpp"
#include "ops/quantized_numbers.hpp"
#include "ops/table.hpp"
#include "ops/tap_product.hpp"

namespace bp::cpu {

namespace {

constexpr MatrixInputs kPlainInputs{0, 2, 1, 3};  // MatMulInteger
constexpr MatrixInputs kScaledInputs{0, 2, 3,
                                     5};  // QLinearMatMul, with scales at 1, 4, 6 and the output's zero at 7

constexpr int64_t kTileRows = 64;
constexpr int64_t kTileColumns = 64;

// [begin, end) of all rows (columns) of all matrices, as int16. `outer` is between matrices, `row` between the
// numbers' lines, `step` within one.
struct Widening {
  Type type = Type::kInt8;
  int64_t rows = 0;
  int64_t depth = 0;
  int64_t outer = 0;
  int64_t row = 0;
  int64_t step = 1;
  RowZeros zeros;

  template <class ZeroAt>
  void run(const void* bytes, int64_t begin, int64_t end, int16_t* target, ZeroAt&& zero_at) const {
    const int64_t padded = padded_depth(depth);
    for (int64_t line = begin, count = 1; line < end; line += count) {
      const int64_t batch = line / rows;
      const int64_t first = line % rows;
      const int64_t at = batch * outer + first * row;
      int16_t* to = target + line * padded;
      const bool side_by_side = row == 1 && step != 1;
      count = side_by_side ? std::min({kSideBySide, end - line, rows - first}) : 1;
      int32_t zero[kSideBySide];
      for (int64_t i = 0; i < count; ++i) zero[i] = zero_at(batch, first + i);
      const auto widen = [&](const auto* from) {
        side_by_side ? widen_columns(from, step, depth, zero, count, padded, to)
                     : widen_row(from, step, depth, zero[0], padded, to);
      };
      type == Type::kInt8 ? widen(static_cast<const int8_t*>(bytes) + at)
                          : widen(static_cast<const uint8_t*>(bytes) + at);
    }
  }
};

// A factor whose numbers and zero points are constant is widened once per program; 0 where it is not.
size_t widened_once(Builder& b, OwnStep& step, size_t input, const Widening& widening, int64_t lines,
                    uint64_t bytes) {
  const ZeroPoint& zero = widening.zeros.zero;
  if (!b.is_constant(input) || (zero.present && !b.is_constant(zero.input))) return 0;
  Constants& constants = b.constants();
  const auto id_of = [&](size_t index) { return b.graph().values[b.node().inputs[index]].constant_id; };
  const uint64_t id = id_of(input);
  std::vector<int32_t> zeros(static_cast<size_t>(zero.count), 0);
  if (zero.present) {
    const HostTensor& tensor = b.needed_value(zero.input);
    for (size_t i = 0; i < zeros.size(); ++i) zeros[i] = zero.read(tensor.data, static_cast<int64_t>(i));
  }
  const std::string key = text(
      "widened/", id, "/", zero.present ? text(id_of(zero.input)) : std::string("none"), "/", widening.depth);
  return step.packed(key, bytes, [=, &constants](void* target) {
    constants.with_bytes(id, [&](const HostTensor& source) {
      widening.run(source.data, 0, lines, static_cast<int16_t*>(target), [&](int64_t batch, int64_t row) {
        const auto count = static_cast<int64_t>(zeros.size());
        return zeros[static_cast<size_t>(count == 1               ? 0
                                         : count == widening.rows ? row
                                                                  : batch * widening.rows + row)];
      });
    });
  });
}

struct Factor {
  Widening widening;
  size_t input = 0;
  size_t memory = 0;  // of the widened lines
  bool once = false;
  int64_t lines = 0;

  void widen(const Call& call, int threads) const {
    if (once) return;
    parallel_for(threads, lines, lines * widening.depth, [&](int64_t begin, int64_t end) {
      widening.run(call.args[input], begin, end, call.out<int16_t>(memory),
                   [&](int64_t batch, int64_t row) { return widening.zeros.at(call, batch, row); });
    });
  }
};

Factor factor(Builder& b, OwnStep& step, size_t input, const Widening& widening, int64_t batches) {
  Factor result;
  result.widening = widening;
  result.input = input;
  result.lines = batches * widening.rows;
  const auto bytes = static_cast<uint64_t>(result.lines * padded_depth(widening.depth)) * sizeof(int16_t);
  result.memory = widened_once(b, step, input, widening, result.lines, bytes);
  result.once = result.memory != 0;
  if (!result.once) result.memory = step.scratch(bytes);
  return result;
}

struct MatrixKernel {
  Matrices shape;
  Factor a;
  Factor b;
  int threads = 1;

  void run(const Call& call, int32_t* sums) const {
    a.widen(call, threads);
    b.widen(call, threads);
    const int64_t depth = padded_depth(shape.depth);
    const int64_t row_tiles = (shape.rows + kTileRows - 1) / kTileRows;
    const int64_t column_tiles = (shape.columns + kTileColumns - 1) / kTileColumns;
    const int64_t tiles = row_tiles * column_tiles;
    const int64_t work = shape.count() * shape.rows * shape.columns * depth / 16;
    parallel_for(threads, shape.count() * tiles, work, [&](int64_t begin, int64_t end) {
      for (int64_t task = begin; task < end; ++task) {
        const int64_t matrix = task / tiles;
        const int64_t row = task % tiles / column_tiles * kTileRows;
        const int64_t column = task % column_tiles * kTileColumns;
        const auto index = static_cast<size_t>(matrix);
        IntegerProduct product;
        product.a = call.in<int16_t>(a.memory) + (shape.a_of[index] * shape.rows + row) * depth;
        product.b = call.in<int16_t>(b.memory) + (shape.b_of[index] * shape.columns + column) * depth;
        product.rows = std::min(kTileRows, shape.rows - row);
        product.columns = std::min(kTileColumns, shape.columns - column);
        product.depth = depth;
        product.sums = sums + (matrix * shape.rows + row) * shape.columns + column;
        product.row_stride = shape.columns;
        product.column_stride = 1;
        multiply(product);
      }
    });
  }
};

MatrixKernel matrix_kernel(Builder& b, OwnStep& step, const MatrixInputs& at, Matrices matrices) {
  MatrixKernel kernel;
  kernel.shape = std::move(matrices);
  const Matrices& shape = kernel.shape;
  Widening rows;
  rows.type = b.input_type(at.a);
  rows.rows = shape.rows;
  rows.depth = shape.depth;
  rows.outer = shape.rows * shape.depth;
  rows.row = shape.depth;
  rows.zeros = row_zeros(b, at.a_zero, shape.rows, shape.a_batches, "rows");
  Widening columns;
  columns.type = b.input_type(at.b);
  columns.rows = shape.columns;
  columns.depth = shape.depth;
  columns.outer = shape.depth * shape.columns;
  columns.row = 1;
  columns.step = shape.columns;
  columns.zeros = row_zeros(b, at.b_zero, shape.columns, shape.b_batches, "columns");
  kernel.a = factor(b, step, at.a, rows, shape.a_batches);
  kernel.b = factor(b, step, at.b, columns, shape.b_batches);
  kernel.threads = b.threads();
  return kernel;
}

void check_factors(Check& check, const MatrixInputs& at) {
  check.required(at.a);
  check.required(at.b);
  for (const size_t input : {at.a, at.b, at.a_zero, at.b_zero}) check.types(input, kBytes);
  check_zero_point(check, at.a_zero, at.a);
  check_zero_point(check, at.b_zero, at.b);
}

void check_matmul_integer(Check& check) { check_factors(check, kPlainInputs); }

void build_matmul_integer(Builder& b) {
  Matrices matrices = read_matrices(b, kPlainInputs);
  if (build_dense_bytes(b, kPlainInputs, matrices)) return;
  OnednnProduct product;
  const bool onednn = onednn_product(b, kPlainInputs, matrices, &product);
  OwnStep step(b, matrices.dims);
  if (onednn) {
    const RawSums sums = raw_sums(b, step, kPlainInputs, matrices, product);
    const int64_t lines = matrices.a_batches * matrices.rows;
    const int threads = b.threads();
    step.run(
        [=, out = step.output()](const Call& call) {
          parallel_for(threads, lines, lines * sums.columns, [&](int64_t begin, int64_t end) {
            for (int64_t line = begin; line < end; ++line) {
              sums.row(call, line, call.out<int32_t>(out) + line * sums.columns);
            }
          });
        },
        "plain");
    return;
  }
  const MatrixKernel kernel = matrix_kernel(b, step, kPlainInputs, std::move(matrices));
  step.run([kernel, out = step.output()](const Call& call) { kernel.run(call, call.out<int32_t>(out)); },
           "int16");
}

void check_qlinear_matmul(Check& check) {
  for (size_t i = 0; i < 8; ++i) check.required(i);
  check_factors(check, kScaledInputs);
  for (const size_t input : {1, 4, 6}) check.types(input, kFloats & ~mask(Type::kFloat64));
  check.types(7, kBytes);
}

// The lines of a quantized output: `sums_of(call, line)` gives a line's sums once `prepare(call)` is done.
// Scales may be one per row of a and one per column of b, as zero points may.
template <class Prepare, class SumsOf>
void write_lines(Builder& b, OwnStep& step, const Matrices& shape, Prepare prepare, SumsOf sums_of,
                 std::string_view implementation) {
  const OutputScales output(b, step, {1, 4, 6, 7}, shape.rows, shape.columns);
  const int64_t lines = shape.count() * shape.rows;
  const int64_t rows = shape.rows;
  const int64_t columns = shape.columns;
  const int threads = b.threads();
  step.run(
      [=, out = step.output()](const Call& call) {
        prepare(call);
        const OutputScales::Ready ready = output.make(call);
        parallel_for(threads, lines, lines * columns, [&](int64_t begin, int64_t end) {
          for (int64_t line = begin; line < end; ++line) {
            requantize(output.type(), sums_of(call, line), ready.scales + line % rows * ready.row_step,
                       ready.step, ready.zero, call.out<std::byte>(out) + line * columns, columns);
          }
        });
      },
      implementation);
}

// In one step where scales and zero points are constant, and but b's scale one number each.
bool whole_product(Builder& b, const Matrices& matrices) {
  if (matrices.b_batches != 1 || matrices.count() != matrices.a_batches || !b.is_constant(4)) return false;
  const auto of = [&](size_t input) { return constant_number(b, b.node().inputs[input]); };
  const auto a = of(1), a_zero = of(2), y = of(6), y_zero = of(7);
  if (!a || !a_zero || !y || !y_zero || b.input_type(1) != Type::kFloat32) return false;
  TapProduct product;
  product.rows = matrices.a_batches * matrices.rows;
  product.depth = matrices.depth;
  product.columns = matrices.columns;
  product.a = kScaledInputs.a;
  product.b = kScaledInputs.b;
  product.depth_stride = matrices.columns;
  product.a_zero = static_cast<int32_t>(*a_zero);
  product.zero = static_cast<int32_t>(*y_zero);
  for (const double scale : b.needed_value(4).floats()) {
    product.scales.push_back(*a * static_cast<float>(scale) / *y);
  }
  const auto scales = static_cast<int64_t>(product.scales.size());
  if (scales != 1 && scales != product.columns) return false;
  return tap_product(b, product, kScaledInputs.b_zero, matrices.dims);
}

void build_qlinear_matmul(Builder& b) {
  const Matrices matrices = read_matrices(b, kScaledInputs);
  if (whole_product(b, matrices)) return;
  OnednnProduct product;
  const bool onednn = onednn_product(b, kScaledInputs, matrices, &product);
  OwnStep step(b, matrices.dims);
  if (onednn) {
    const RawSums raw = raw_sums(b, step, kScaledInputs, matrices, product);
    const auto sums_of = [raw](const Call& call, int64_t line) {
      int32_t* sums = call.out<int32_t>(raw.raw) + line * raw.columns;
      raw.row(call, line, sums);
      return static_cast<const int32_t*>(sums);
    };
    return write_lines(
        b, step, matrices, [](const Call&) {}, sums_of, "plain");
  }
  const MatrixKernel kernel = matrix_kernel(b, step, kScaledInputs, matrices);
  const auto bytes = static_cast<uint64_t>(element_count(matrices.dims)) * sizeof(int32_t);
  const size_t sums = step.scratch(bytes);
  write_lines(
      b, step, matrices, [kernel, sums](const Call& call) { kernel.run(call, call.out<int32_t>(sums)); },
      [sums, columns = matrices.columns](const Call& call, int64_t line) {
        return call.in<int32_t>(sums) + line * columns;
      },
      "int16");
}

constexpr Row kRows[] = {
    {"MatMulInteger", check_matmul_integer, build_matmul_integer, 10, LayoutUse::kOwn},
    {"QLinearMatMul", check_qlinear_matmul, build_qlinear_matmul, 10, LayoutUse::kOwn},
};

}  // namespace

std::span<const Row> integer_matmul_rows() { return kRows; }

}  // namespace bp::cpu
