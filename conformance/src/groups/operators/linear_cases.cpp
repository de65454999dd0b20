// Products of matrices.
#include <cmath>

#include "compare/numbers.hpp"
#include "groups/operators/case_list.hpp"

namespace bp::conformance {
namespace {

Operand small(ConcreteDims dims) { return whole(data(std::move(dims)), 0, 5); }

void add_matmul(CaseList& cases) {
  cases.begin("MatMul");
  for (const ElementType type : cases.types()) {
    cases.add(type, "plain", {small({4, 6}), small({6, 5})});
    cases.add(type, "constant_weights", {small({4, 6}), fixed(small({6, 5}))});
    cases.add(type, "batch", {small({2, 3, 4}), small({2, 4, 5})});
    cases.add(type, "odd", {small({17, 33}), small({33, 19})});
  }
  cases.add("broadcast_batch", {data({2, 1, 3, 4}), data({3, 4, 2})});
  cases.add("shared_matrix", {data({2, 3, 4}), data({4, 5})});
  cases.add("row_vector", {data({4}), data({4, 5})});
  cases.add("column_vector", {data({3, 4}), data({4})});
  cases.add("two_vectors", {data({4}), data({4})});
  cases.add("vector_and_batch", {data({4}), data({2, 4, 3})});
  cases.add("no_terms", {data({3, 0}), data({0, 2})});
  cases.add("no_rows", {data({0, 3}), data({3, 2})});
  cases.add("one_element", {data({1, 1}), data({1, 1})});
  cases.add("long", {data({3, 1000}), data({1000, 2})});
  cases.add("special", {listed({2, 3}, {1, INFINITY, 0, 1, NAN, 2}), listed({3, 2}, {1, 2, 1, 0, 3, 1})});
  cases.begin("Gemm");
  for (const ElementType type : cases.types()) {
    cases.add(type, "plain", {small({3, 5}), small({5, 4}), small({4})});
    cases.add(type, "transposed", {small({5, 3}), small({4, 5})},
              {{"transA", int64_t{1}}, {"transB", int64_t{1}}});
  }
  const Operand a = data({3, 5}), b = data({5, 4});
  cases.add("no_bias", {a, b});
  cases.add("factors", {a, b, data({3, 4})}, {{"alpha", 0.5f}, {"beta", -2.0f}});
  cases.add("bias_scalar", {a, b, data({})});
  cases.add("bias_column", {a, b, data({3, 1})});
  cases.add("constant_weights", {a, fixed(data({4, 5})), fixed(data({4}))}, {{"transB", int64_t{1}}});
  cases.add("no_terms", {data({3, 0}), data({0, 4}), data({4})});
  cases.begin("Einsum");
  for (const ElementType type : cases.types())
    cases.add(type, "plain", {small({3, 4}), small({4, 5})}, {{"equation", std::string("ij,jk->ik")}});
  const auto einsum = [&](const char* variant, const char* equation, std::vector<Operand> inputs) {
    cases.add(variant, std::move(inputs), {{"equation", std::string(equation)}});
  };
  einsum("sum", "ij->i", {data({3, 4})});
  einsum("transpose", "ij->ji", {data({3, 4})});
  einsum("batch", "bij,bjk->bik", {data({2, 3, 4}), data({2, 4, 5})});
  einsum("dots", "...ij,...jk->...ik", {data({2, 3, 4}), data({2, 4, 5})});
  einsum("diagonal", "ii->i", {data({4, 4})});
  einsum("implicit", "ij,jk", {data({3, 4}), data({4, 5})});
  einsum("outer", "i,j->ij", {data({3}), data({4})});
  einsum("three", "ij,jk,kl->il", {data({2, 3}), data({3, 4}), data({4, 2})});
  cases.begin("Det");
  cases.add_all("plain", {data({2, 3, 3}, -2, 2)});
  cases.add("one", {data({1, 1})});
  cases.add("five", {data({5, 5}, -2, 2)});
  cases.add("singular", {listed({2, 2}, {1, 2, 2, 4})});
}

void add_integer_products(CaseList& cases) {
  cases.begin("MatMulInteger");
  for (const ElementType a : {ElementType::kUint8, ElementType::kInt8})
    for (const ElementType b : {ElementType::kUint8, ElementType::kInt8}) {
      const bool same = a == b;
      cases.add(a, same ? "plain" : "mixed_signs",
                {whole(data({3, 6}), -120, 250), typed(b, whole(data({6, 4}), -120, 250)),
                 whole(data({}), 3, 9), typed(b, whole(data({}), 3, 9))});
    }
  cases.add(ElementType::kUint8, "no_zero_points", {whole(data({3, 6}), 0, 250), whole(data({6, 4}), 0, 250)});
  cases.add(
      ElementType::kUint8, "column_zero_points",
      {whole(data({3, 6}), 0, 250), fixed(whole(data({6, 4}), 0, 250)), none(), fixed(whole(data({4}), 0, 9))});
  cases.add(ElementType::kUint8, "batch", {whole(data({2, 3, 4}), 0, 250), whole(data({2, 4, 5}), 0, 250)});
  cases.begin("QLinearMatMul");
  const auto scale = [](double value) { return fixed(typed(ElementType::kFloat32, listed({}, {value}))); };
  for (const ElementType type : {ElementType::kUint8, ElementType::kInt8}) {
    const double zero = type == ElementType::kUint8 ? 113 : 5;
    const auto point = [&](double value) { return fixed(typed(type, listed({}, {value}))); };
    const auto x = [&](ConcreteDims dims) {
      return whole(data(std::move(dims)), type == ElementType::kUint8 ? 0 : -120,
                   type == ElementType::kUint8 ? 250 : 120);
    };
    cases.add(type, "plain",
              {x({3, 6}), scale(0.0066), point(zero), x({6, 4}), scale(0.00705), point(zero + 1), scale(0.0107),
               point(zero + 5)});
    cases.add(type, "batch",
              {x({2, 3, 4}), scale(0.0066), point(zero), fixed(x({2, 4, 3})), scale(0.00705), point(zero),
               scale(0.0107), point(zero)});
    cases.add(type, "saturated",
              {x({3, 6}), scale(0.066), point(zero), x({6, 4}), scale(0.0705), point(zero), scale(0.0107),
               point(zero)});
  }
}

}  // namespace

void add_linear_cases(CaseList& cases) {
  add_matmul(cases);
  add_integer_products(cases);
}

}  // namespace bp::conformance
