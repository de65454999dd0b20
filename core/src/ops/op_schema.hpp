// The signatures of the standard operators, opset 1 to 28, and of those that ONNX Runtime adds (domain
// com.microsoft): parameters, attributes and element types of every version. Our own table rather than
// libonnx's, because the installed libonnx stops at opset 17 and cannot spell float8 or int4. What an operator
// computes, and how shapes follow, is not here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graph/type.hpp"

namespace bp {

inline constexpr int64_t kMaxOpset = 28;

// Which types a parameter accepts; bit n of a mask stands for ElementType n, in a map mask for a pair of kinds.
struct TypeSet {
  uint32_t tensor = 0;
  uint32_t sequence = 0;
  uint32_t optional_tensor = 0;
  uint32_t optional_sequence = 0;
  uint32_t map = 0;
  uint32_t sequence_of_map = 0;

  // True also for a type of which too little is known.
  bool accepts(const ValueType& type) const noexcept;
  // "float32 or float64", "a sequence"; for messages.
  std::string to_string() const;
};

enum class ParameterOption : uint8_t { kSingle, kOptional, kVariadic };

struct Parameter {
  std::string_view name;
  std::string_view type_name;      // "T"; parameters of one name have one type. Empty: a type of its own
  const TypeSet* types = nullptr;  // static
  ParameterOption option = ParameterOption::kSingle;
  bool homogeneous = true;  // variadic only: all entries have one type
  uint32_t min_arity = 1;   // variadic only
};

struct AttributeSignature {
  std::string_view name;
  char kind = 0;  // i f s t g y p (int, float, string, tensor, graph, sparse tensor, type); capital: a list
  bool required = false;
};

struct OpSchema {
  std::string_view op_type;
  std::string_view domain;
  int32_t since_version = 0;
  bool deprecated = false;
  std::vector<Parameter> inputs;
  std::vector<Parameter> outputs;
  std::vector<AttributeSignature> attributes;

  // The parameter of the index-th actual input or output; nullptr when there are too many.
  const Parameter* input(size_t index) const noexcept;
  const Parameter* output(size_t index) const noexcept;
  const AttributeSignature* attribute(std::string_view name) const noexcept;
};

inline constexpr std::string_view kMicrosoftDomain = "com.microsoft";

// True for the domains of the standard, whose operators are all in the table ("" and "ai.onnx" are the same).
bool is_standard_domain(std::string_view domain) noexcept;
// The newest opset of a standard domain that the table covers; 0 for other domains.
int64_t newest_opset(std::string_view domain) noexcept;
// The first opset of the form that `op_type` has in `opset`; 0 when the table has none.
int32_t since_version(std::string_view domain, std::string_view op_type, int64_t opset) noexcept;
// The first opset in which the operator appears in the table; 0 when there is no such operator.
int32_t first_version(std::string_view domain, std::string_view op_type) noexcept;
// The signature in force at `opset`; since_version 0 when there is none.
OpSchema find_schema(std::string_view domain, std::string_view op_type, int64_t opset);

}  // namespace bp
