// An operator with cases is asked about in the form of its first plain case; others in forms made from their
// signature: every input of the same rank, one rank after the other.
#include "groups/operators/claims.hpp"

#include <algorithm>
#include <optional>

#include "compare/numbers.hpp"
#include "groups/operators/build_case.hpp"
#include "harness/prepared_graph.hpp"
#include "harness/run_piece.hpp"
#include "ops/op_schema.hpp"
#include "ops/operator_list.hpp"

namespace bp::conformance {
namespace {

constexpr int64_t kMaxProbeRank = 5;

// Types that an operand of `parameter` can have here, of tensors only.
std::vector<ElementType> types_of(const Parameter& parameter) {
  std::vector<ElementType> types;
  for (uint32_t number = 1; number < 32; ++number)
    if ((parameter.types->tensor & (1u << number)) != 0) {
      const auto type = static_cast<ElementType>(number);
      if (is_float_type(type) || is_integer_type(type) || type == ElementType::kString) types.push_back(type);
    }
  return types;
}

// Places and sizes first: small integers are right for more operators than fractions are.
ElementType likely_type(const std::vector<ElementType>& types) {
  for (const ElementType wanted : {ElementType::kInt64, ElementType::kFloat32, ElementType::kBool})
    if (std::find(types.begin(), types.end(), wanted) != types.end()) return wanted;
  return types.front();
}

AttributeValue likely_value(char kind) {
  switch (kind) {
    case 'f':
      return 1.0f;
    case 's':
      return std::string("x");
    case 'I':
      return std::vector<int64_t>{1, 1};
    case 'F':
      return std::vector<float>{1, 1};
    case 'S':
      return std::vector<std::string>{"x", "y"};
    case 't':
      return Tensor::of_float({1}, std::vector<float>{1});
    default:
      return int64_t{1};
  }
}

std::optional<OperatorCase> probe(const OpSchema& schema, ElementType type, int64_t rank) {
  OperatorCase one;
  one.info.id = "probe";
  one.info.domain = schema.domain;
  one.info.op_type = schema.op_type;
  one.type = type;
  for (const Parameter& parameter : schema.inputs) {
    if (parameter.option == ParameterOption::kOptional) continue;
    const std::vector<ElementType> types = types_of(parameter);
    if (types.empty()) return std::nullopt;  // sequences: the core's
    const bool same = !parameter.type_name.empty() && parameter.type_name == schema.inputs.front().type_name;
    const bool first = one.inputs.empty();
    Operand operand = data(ConcreteDims(static_cast<size_t>(rank), 2));
    operand.int_low = 1;
    operand.int_high = 1;
    one.inputs.push_back(typed(same || first ? type : likely_type(types), operand));
  }
  for (const AttributeSignature& attribute : schema.attributes)
    if (attribute.required)
      one.attributes.push_back({std::string(attribute.name), likely_value(attribute.kind)});
  return one;
}

bool accepts(const OperatorCase& one, DeviceUnderTest& target) {
  try {
    const TestGraph test = build_case(one, 0);
    const PreparedGraph prepared = prepare(test.graph->clone(), test.inputs);
    if (prepared.core != CoreShare::kNone || prepared.graph->alive_count() == 0) return false;
    return ask(*prepared.graph, target).supported;
  } catch (const std::exception&) {
    return false;  // no form of the operator, or a question that went wrong: other cases tell
  }
}

const OperatorCase* plain_case(const OpSchema& schema) {
  for (const OperatorCase& one : operator_cases())
    if (one.info.op_type == schema.op_type && one.info.domain == schema.domain) return &one;
  return nullptr;
}

bool claims(const OpSchema& schema, ElementType type, DeviceUnderTest& target) {
  if (const OperatorCase* known = plain_case(schema)) {
    OperatorCase one = *known;
    one.type = type;
    return accepts(one, target);
  }
  for (int64_t rank = 0; rank <= kMaxProbeRank; ++rank) {
    const auto one = probe(schema, type, rank);
    if (!one) return false;
    if (accepts(*one, target)) return true;
  }
  return false;
}

}  // namespace

std::string OperatorType::to_string() const {
  return (domain.empty() ? "" : domain + ".") + op_type + " " + element_type;
}

std::set<OperatorType> find_claims(DeviceUnderTest& target, const std::set<OperatorType>& tested) {
  std::set<OperatorType> found;
  for (const OperatorName& name : all_operators()) {
    const int64_t opset = is_standard_domain(name.domain) ? newest_opset(name.domain) : 1;
    const OpSchema schema = find_schema(name.domain, name.op_type, opset);
    if (schema.since_version == 0 || schema.deprecated) continue;
    const Parameter* first = schema.input(0);
    const std::vector<ElementType> types =
        first == nullptr ? std::vector{ElementType::kFloat32} : types_of(*first);
    for (const ElementType type : types) {
      OperatorType one{std::string(name.domain), std::string(name.op_type),
                       std::string(element_type_name(type))};
      if (!tested.contains(one) && claims(schema, type, target)) found.insert(std::move(one));
    }
  }
  return found;
}

}  // namespace bp::conformance
