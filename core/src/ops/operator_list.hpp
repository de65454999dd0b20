// What the signature table (op_schema) knows of, for code that goes through all operators.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace bp {

struct OperatorName {
  std::string_view domain;
  std::string_view op_type;
};

// Every operator, in the table's order.
std::vector<OperatorName> all_operators();
// The first opsets of one operator's forms, oldest first.
std::vector<int32_t> forms_of(const OperatorName& op);

}  // namespace bp
