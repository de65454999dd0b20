// How operator cases are written down: a line each, without data. Data come from the case's seed when it runs,
// expected values from the oracle.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "case/case_info.hpp"
#include "graph/graph.hpp"

namespace bp::conformance {

// One input of a case's node.
struct Operand {
  ConcreteDims dims;
  ElementType type = ElementType::kUndefined;  // kUndefined: the case's
  double low = -1, high = 1;                   // floats are drawn between
  double int_low = -20, int_high = 20;         // integers, cut to the type's range
  std::vector<double> values;                  // repeated over the tensor instead of drawing
  std::vector<std::string> strings;            // likewise
  bool distinct = false;                       // no two elements equal: a shuffled ramp over the range
  bool constant = false;                       // an initializer
  bool absent = false;
};

// Of the case's type.
Operand data(ConcreteDims dims, double low = -1, double high = 1);
// Of the case's type, from the numbers that break kernels: NaN, infinities, zeros of both signs, denormals, the
// largest and the smallest; those that the type has.
Operand specials(ConcreteDims dims);
Operand listed(ConcreteDims dims, std::vector<double> values);
Operand distinct(ConcreteDims dims, double low = -1, double high = 1);
// int64, rank 1, an initializer: shapes, axes.
Operand list(std::vector<int64_t> values);
Operand scalar(int64_t value);
Operand none();
Operand typed(ElementType type, Operand operand);
// Fed as an input instead of an initializer, or the other way.
Operand fed(Operand operand);
Operand fixed(Operand operand);
Operand whole(Operand operand, double low, double high);  // the range of integers

struct OperatorCase {
  CaseInfo info;
  std::vector<Operand> inputs;
  std::vector<Attribute> attributes;
  size_t outputs = 1;
  ElementType type = ElementType::kFloat32;
};

class CaseList {
 public:
  // Operator of ai.onnx until the next call; an id is "ops.OP.TYPE.VARIANT".
  void begin(std::string_view op_type, std::string_view domain = {});
  // Types of parameter `input` of the newest form, numbers and strings: those that the oracle can hold.
  std::vector<ElementType> types(size_t input = 0) const;
  // Level L1 for the variant "plain", L2 for others.
  void add(ElementType type, std::string_view variant, std::vector<Operand> inputs,
           std::vector<Attribute> attributes = {}, size_t outputs = 1);
  // For all types of parameter 0.
  void add_all(std::string_view variant, const std::vector<Operand>& inputs,
               const std::vector<Attribute>& attributes = {}, size_t outputs = 1);
  // float32 alone.
  void add(std::string_view variant, std::vector<Operand> inputs, std::vector<Attribute> attributes = {},
           size_t outputs = 1) {
    add(ElementType::kFloat32, variant, std::move(inputs), std::move(attributes), outputs);
  }

  std::vector<OperatorCase> take() { return std::move(cases_); }

 private:
  std::string op_type_, domain_;
  std::vector<OperatorCase> cases_;
};

// The families; each is a file.
void add_elementwise_cases(CaseList& cases);
void add_movement_cases(CaseList& cases);
void add_indexing_cases(CaseList& cases);
void add_reduction_cases(CaseList& cases);
void add_linear_cases(CaseList& cases);
void add_window_cases(CaseList& cases);
void add_normalization_cases(CaseList& cases);
void add_recurrent_cases(CaseList& cases);
void add_quantization_cases(CaseList& cases);
void add_other_cases(CaseList& cases);

// All of them, made once.
const std::vector<OperatorCase>& operator_cases();

}  // namespace bp::conformance
