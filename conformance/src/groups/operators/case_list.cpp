#include "groups/operators/case_list.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "compare/numbers.hpp"
#include "ops/op_schema.hpp"

namespace bp::conformance {

Operand data(ConcreteDims dims, double low, double high) {
  Operand operand;
  operand.dims = std::move(dims);
  operand.low = low;
  operand.high = high;
  return operand;
}

Operand specials(ConcreteDims dims) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double least = std::numeric_limits<float>::denorm_min(), normal = std::numeric_limits<float>::min();
  const double most = std::numeric_limits<float>::max();
  return listed(std::move(dims),
                {0.0,    -0.0,    1.0,        -1.0,   std::nan(""), infinity, -infinity, least, -least,
                 normal, -normal, normal / 2, most,   -most,        0.5,      -0.5,      1.5,   -1.5,
                 2.5,    -2.5,    65504,      -65504, 1e-7,         100,      -100});
}

Operand listed(ConcreteDims dims, std::vector<double> values) {
  Operand operand = data(std::move(dims));
  operand.values = std::move(values);
  return operand;
}

Operand distinct(ConcreteDims dims, double low, double high) {
  Operand operand = data(std::move(dims), low, high);
  operand.distinct = true;
  return operand;
}

Operand list(std::vector<int64_t> values) {
  Operand operand = listed({static_cast<int64_t>(values.size())}, {values.begin(), values.end()});
  operand.type = ElementType::kInt64;
  operand.constant = true;
  return operand;
}

Operand scalar(int64_t value) {
  Operand operand = list({value});
  operand.dims.clear();
  return operand;
}

Operand none() {
  Operand operand;
  operand.absent = true;
  return operand;
}

Operand typed(ElementType type, Operand operand) {
  operand.type = type;
  return operand;
}

Operand fed(Operand operand) {
  operand.constant = false;
  return operand;
}

Operand fixed(Operand operand) {
  operand.constant = true;
  return operand;
}

Operand whole(Operand operand, double low, double high) {
  operand.int_low = low;
  operand.int_high = high;
  return operand;
}

void CaseList::begin(std::string_view op_type, std::string_view domain) {
  op_type_ = op_type;
  domain_ = domain;
}

std::vector<ElementType> CaseList::types(size_t input) const {
  const OpSchema schema = find_schema(domain_, op_type_, newest_opset(domain_));
  const Parameter* parameter = schema.input(input);
  std::vector<ElementType> found;
  if (parameter == nullptr) return found;
  for (uint32_t number = 1; number < 32; ++number) {
    const auto type = static_cast<ElementType>(number);
    const bool known = is_float_type(type) || is_integer_type(type) || type == ElementType::kString;
    if (known && (parameter->types->tensor & (1u << number)) != 0) found.push_back(type);
  }
  return found;
}

void CaseList::add(ElementType type, std::string_view variant, std::vector<Operand> inputs,
                   std::vector<Attribute> attributes, size_t outputs) {
  OperatorCase one;
  one.type = type;
  one.info.id = fmt::format("ops.{}.{}.{}", op_type_, element_type_name(type), variant);
  one.info.group = "ops";
  one.info.level = variant == "plain" ? Level::kCore : Level::kClaims;
  one.info.summary =
      fmt::format("{} of {} gives what its definition says: {}", op_type_, element_type_name(type), variant);
  one.info.domain = domain_;
  one.info.op_type = op_type_;
  one.info.element_type = element_type_name(type);
  one.inputs = std::move(inputs);
  one.attributes = std::move(attributes);
  one.outputs = outputs;
  cases_.push_back(std::move(one));
}

void CaseList::add_all(std::string_view variant, const std::vector<Operand>& inputs,
                       const std::vector<Attribute>& attributes, size_t outputs) {
  for (const ElementType type : types()) add(type, variant, inputs, attributes, outputs);
}

const std::vector<OperatorCase>& operator_cases() {
  static const std::vector<OperatorCase> all = [] {
    CaseList cases;
    add_elementwise_cases(cases);
    add_movement_cases(cases);
    add_indexing_cases(cases);
    add_reduction_cases(cases);
    add_linear_cases(cases);
    add_window_cases(cases);
    add_normalization_cases(cases);
    add_recurrent_cases(cases);
    add_quantization_cases(cases);
    add_other_cases(cases);
    return cases.take();
  }();
  return all;
}

}  // namespace bp::conformance
