#include "oracle/oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bp::conformance {

const Array& OracleCall::in(size_t input) const {
  if (!has(input)) throw std::runtime_error(fmt::format("oracle: {} has no input {}", node.label(), input));
  return *inputs[input];
}

double OracleCall::real_attribute(std::string_view name, double fallback) const {
  const Attribute* attribute = node.find_attribute(name);
  if (attribute == nullptr) return fallback;
  const auto* value = std::get_if<float>(&attribute->value);
  return value == nullptr ? fallback : static_cast<double>(*value);
}

std::string OracleCall::text_attribute(std::string_view name, std::string_view fallback) const {
  return node.string_or(name, fallback);
}

std::vector<int64_t> OracleCall::list_attribute(std::string_view name) const {
  const auto* list = node.ints(name);
  return list == nullptr ? std::vector<int64_t>{} : *list;
}

std::vector<double> OracleCall::reals_attribute(std::string_view name) const {
  const Attribute* attribute = node.find_attribute(name);
  if (attribute == nullptr) return {};
  const auto* list = std::get_if<std::vector<float>>(&attribute->value);
  return list == nullptr ? std::vector<double>{} : std::vector<double>(list->begin(), list->end());
}

std::vector<int64_t> OracleCall::list_input(size_t input) const {
  return has(input) ? in(input).ints : std::vector<int64_t>{};
}

double OracleCall::real_input(size_t input, double fallback) const {
  return has(input) && in(input).count() > 0 ? in(input).real(0) : fallback;
}

int64_t OracleCall::int_input(size_t input, int64_t fallback) const {
  return has(input) && !in(input).ints.empty() ? in(input).ints[0] : fallback;
}

int64_t axis_in(int64_t axis, int64_t rank) {
  const int64_t from_front = axis < 0 ? axis + rank : axis;
  if (from_front < 0 || (from_front >= rank && rank > 0))
    throw std::runtime_error(fmt::format("oracle: rank {} has no axis {}", rank, axis));
  return from_front;
}

std::vector<OracleRow> oracle_rows() {
  std::vector<OracleRow> rows;
  for (const auto family :
       {unary_rows(),    activation_rows(),    binary_rows(),    cast_rows(),         reduction_rows(),
        movement_rows(), indexing_rows(),      selection_rows(), linear_rows(),       convolution_rows(),
        pooling_rows(),  normalization_rows(), recurrent_rows(), quantization_rows(), generator_rows(),
        loss_rows(),     signal_rows(),        image_rows(),     attention_rows(),    text_rows(),
        learning_rows()})
    rows.insert(rows.end(), family.begin(), family.end());
  return rows;
}

OracleFunction find_oracle(std::string_view domain, std::string_view op_type) {
  static const std::vector<OracleRow> rows = oracle_rows();
  const std::string_view plain = domain == "ai.onnx" ? std::string_view() : domain;
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const OracleRow& candidate) {
    return candidate.op_type == op_type && candidate.domain == plain;
  });
  return row == rows.end() ? nullptr : row->function;
}

}  // namespace bp::conformance
