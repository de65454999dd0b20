// Products of matrices.
#include <algorithm>
#include <cmath>
#include <map>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

// What to take off an element of an operand: its zero point, per tensor, row or column.
using ZeroPoint = std::function<Wide(const std::vector<int64_t>& matrix, int64_t row, int64_t column)>;

struct Operands {
  ConcreteDims batch;  // of the result
  int64_t rows, columns, depth;
  bool row_vector, column_vector;  // operands of rank 1
  ConcreteDims a_batch, b_batch;
};

Operands match(const Array& a, const Array& b) {
  Operands shape;
  ConcreteDims left = a.dims, right = b.dims;
  shape.row_vector = left.size() == 1;
  shape.column_vector = right.size() == 1;
  if (shape.row_vector) left.insert(left.begin(), 1);
  if (shape.column_vector) right.push_back(1);
  shape.rows = left[left.size() - 2];
  shape.depth = left.back();
  shape.columns = right.back();
  shape.a_batch.assign(left.begin(), left.end() - 2);
  shape.b_batch.assign(right.begin(), right.end() - 2);
  shape.batch = broadcast(shape.a_batch, shape.b_batch);
  return shape;
}

// Calls `dot(y, flat, a's place, its step, b's place, its step)` for every element of the product.
template <class Dot>
Array multiply(const Array& a, const Array& b, ElementType type, Dot&& dot) {
  const Operands shape = match(a, b);
  ConcreteDims dims = shape.batch;
  if (!shape.row_vector) dims.push_back(shape.rows);
  if (!shape.column_vector) dims.push_back(shape.columns);
  Array y(type, dims);
  for_each_index(shape.batch, [&](const std::vector<int64_t>& index, int64_t matrix) {
    const int64_t of_a = broadcast_place(index, shape.a_batch), of_b = broadcast_place(index, shape.b_batch);
    for (int64_t row = 0; row < shape.rows; ++row)
      for (int64_t column = 0; column < shape.columns; ++column)
        dot(y, (matrix * shape.rows + row) * shape.columns + column, (of_a * shape.rows + row) * shape.depth,
            of_b * shape.depth * shape.columns + column, shape, row, column);
  });
  return y;
}

std::vector<Array> matmul(const OracleCall& call) {
  const Array &a = call.in(0), &b = call.in(1);
  return {multiply(a, b, call.out(0),
                   [&](Array& y, int64_t flat, int64_t i, int64_t j, const Operands& shape, int64_t, int64_t) {
                     double real = 0;
                     Wide whole = 0;
                     for (int64_t k = 0; k < shape.depth; ++k) {
                       if (a.is_real()) real += a.real(i + k) * b.real(j + k * shape.columns);
                       if (!a.is_real()) whole += a.wide(i + k) * b.wide(j + k * shape.columns);
                     }
                     a.is_real() ? y.set(flat, real) : y.set_wide(flat, whole);
                   })};
}

// A zero point is one number, one per row of a, or one per column of b.
Wide zero_at(const OracleCall& call, size_t input, int64_t place) {
  if (!call.has(input)) return 0;
  const Array& zero = call.in(input);
  return zero.wide(zero.count() == 1 ? 0 : place % zero.count());
}

std::vector<Array> matmul_integer(const OracleCall& call) {
  const Array &a = call.in(0), &b = call.in(1);
  return {multiply(
      a, b, call.out(0),
      [&](Array& y, int64_t flat, int64_t i, int64_t j, const Operands& shape, int64_t row, int64_t column) {
        Wide sum = 0;
        for (int64_t k = 0; k < shape.depth; ++k)
          sum += (a.wide(i + k) - zero_at(call, 2, row)) *
                 (b.wide(j + k * shape.columns) - zero_at(call, 3, column));
        y.set_wide(flat, sum);
      })};
}

double scale_at(const Array& scale, int64_t place) {
  return scale.real(scale.count() == 1 ? 0 : place % scale.count());
}

// a, its scale and zero point, b, its scale and zero point, those of y.
std::vector<Array> qlinear_matmul(const OracleCall& call) {
  const Array &a = call.in(0), &b = call.in(3);
  const ElementType type = call.out(0);
  const bool is_signed = type == ElementType::kInt8;
  const double low = is_signed ? -128 : 0, high = is_signed ? 127 : 255;
  return {multiply(
      a, b, type,
      [&](Array& y, int64_t flat, int64_t i, int64_t j, const Operands& shape, int64_t row, int64_t column) {
        Wide sum = 0;
        for (int64_t k = 0; k < shape.depth; ++k)
          sum += (a.wide(i + k) - zero_at(call, 2, row)) *
                 (b.wide(j + k * shape.columns) - zero_at(call, 5, column));
        const double factor =
            scale_at(call.in(1), row) * scale_at(call.in(4), column) / scale_at(call.in(6), row);
        const double value =
            std::nearbyint(static_cast<double>(sum) * factor) + static_cast<double>(zero_at(call, 7, row));
        y.set(flat, std::clamp(value, low, high));
      })};
}

std::vector<Array> gemm(const OracleCall& call) {
  const Array &a = call.in(0), &b = call.in(1);
  const bool flip_a = call.attribute("transA", 0) != 0, flip_b = call.attribute("transB", 0) != 0;
  const double alpha = call.real_attribute("alpha", 1), beta = call.real_attribute("beta", 1);
  const int64_t rows = a.dims[flip_a ? 1 : 0], depth = a.dims[flip_a ? 0 : 1], columns = b.dims[flip_b ? 0 : 1];
  Array y(call.out(0), {rows, columns});
  for_each_index(y.dims, [&](const std::vector<int64_t>& at, int64_t flat) {
    double sum = 0;
    Wide whole = 0;
    for (int64_t k = 0; k < depth; ++k) {
      const int64_t i = flip_a ? k * rows + at[0] : at[0] * depth + k;
      const int64_t j = flip_b ? at[1] * depth + k : k * columns + at[1];
      if (a.is_real()) sum += a.real(i) * b.real(j);
      if (!a.is_real()) whole += a.wide(i) * b.wide(j);
    }
    const int64_t c = call.has(2) ? broadcast_place(at, call.in(2).dims) : 0;
    if (a.is_real()) {
      y.set(flat, alpha * sum + (call.has(2) ? beta * call.in(2).real(c) : 0));
    } else {
      const auto scaled = [](double factor, Wide value) {
        return factor == 1 ? value : static_cast<Wide>(factor * static_cast<double>(value));
      };
      y.set_wide(flat, scaled(alpha, whole) + (call.has(2) ? scaled(beta, call.in(2).wide(c)) : 0));
    }
  });
  return {y};
}

// By elimination with the largest pivot.
double determinant(std::vector<double> m, int64_t n) {
  double result = 1;
  const auto at = [&](int64_t row, int64_t column) -> double& {
    return m[static_cast<size_t>(row * n + column)];
  };
  for (int64_t column = 0; column < n; ++column) {
    int64_t pivot = column;
    for (int64_t row = column; row < n; ++row)
      if (std::abs(at(row, column)) > std::abs(at(pivot, column))) pivot = row;
    if (at(pivot, column) == 0) return 0;
    if (pivot != column) {
      for (int64_t i = 0; i < n; ++i) std::swap(at(pivot, i), at(column, i));
      result = -result;
    }
    result *= at(column, column);
    for (int64_t row = column + 1; row < n; ++row) {
      const double factor = at(row, column) / at(column, column);
      for (int64_t i = column; i < n; ++i) at(row, i) -= factor * at(column, i);
    }
  }
  return result;
}

std::vector<Array> det(const OracleCall& call) {
  const Array& x = call.in(0);
  const int64_t n = x.dims.back();
  Array y(call.out(0), ConcreteDims(x.dims.begin(), x.dims.end() - 2));
  for (int64_t matrix = 0; matrix < y.count(); ++matrix) {
    const auto begin = x.reals.begin() + static_cast<std::ptrdiff_t>(matrix * n * n);
    y.set(matrix, determinant({begin, begin + static_cast<std::ptrdiff_t>(n * n)}, n));
  }
  return {y};
}

// Letters of one operand with "..." replaced by digits, one per axis that it stands for.
std::string letters_of(std::string term, int64_t rank) {
  const size_t dots = term.find("...");
  if (dots == std::string::npos) return term;
  const auto hidden = rank - static_cast<int64_t>(term.size() - 3);
  std::string digits;
  for (int64_t i = hidden; i-- > 0;) digits += static_cast<char>('0' + i);
  return term.replace(dots, 3, digits);
}

std::vector<Array> einsum(const OracleCall& call) {
  std::string equation = call.text_attribute("equation", "");
  std::erase(equation, ' ');
  const size_t arrow = equation.find("->");
  std::string left = equation.substr(0, arrow);
  std::vector<std::string> terms;
  for (size_t begin = 0; begin <= left.size();) {
    const size_t end = std::min(left.find(',', begin), left.size());
    terms.push_back(left.substr(begin, end - begin));
    begin = end + 1;
  }
  std::map<char, int64_t> sizes;
  std::map<char, int> uses;
  for (size_t i = 0; i < terms.size(); ++i) {
    terms[i] = letters_of(terms[i], call.in(i).rank());
    for (size_t axis = 0; axis < terms[i].size(); ++axis) {
      int64_t& size = sizes[terms[i][axis]];
      size = std::max(size, call.in(i).dims[axis]);
      ++uses[terms[i][axis]];
    }
  }
  std::string digits;
  for (const auto& [letter, size] : sizes)
    if (letter >= '0' && letter <= '9') digits.insert(digits.begin(), letter);
  std::string result;
  if (arrow == std::string::npos) {
    result = digits;
    for (const auto& [letter, count] : uses)
      if (count == 1 && !(letter >= '0' && letter <= '9')) result += letter;
  } else {
    result = equation.substr(arrow + 2);
    if (const size_t dots = result.find("..."); dots != std::string::npos) result.replace(dots, 3, digits);
  }
  // Walks all letters, those of the result first.
  std::string order = result;
  for (const auto& [letter, size] : sizes)
    if (order.find(letter) == std::string::npos) order += letter;
  ConcreteDims all, dims;
  for (const char letter : order) all.push_back(sizes[letter]);
  for (const char letter : result) dims.push_back(sizes[letter]);
  Array y(call.out(0), dims);
  const int64_t inner = product(std::span(all).subspan(result.size()));
  for_each_index(all, [&](const std::vector<int64_t>& index, int64_t flat) {
    double real = 1;
    Wide whole = 1;
    for (size_t i = 0; i < terms.size(); ++i) {
      int64_t place = 0;
      for (size_t axis = 0; axis < terms[i].size(); ++axis) {
        const int64_t size = call.in(i).dims[axis];
        place = place * size + (size == 1 ? 0 : index[order.find(terms[i][axis])]);
      }
      if (y.is_real()) real *= call.in(i).real(place);
      if (!y.is_real()) whole *= call.in(i).wide(place);
    }
    const int64_t at = flat / inner;
    y.is_real() ? y.set(at, y.real(at) + real) : y.set_wide(at, y.wide(at) + whole);
  });
  return {y};
}

constexpr OracleRow kRows[] = {
    {"", "Det", det},
    {"", "Einsum", einsum},
    {"", "Gemm", gemm},
    {"", "MatMul", matmul},
    {"", "MatMulInteger", matmul_integer},
    {"", "QLinearMatMul", qlinear_matmul},
};

}  // namespace

std::span<const OracleRow> linear_rows() { return kRows; }

}  // namespace bp::conformance
