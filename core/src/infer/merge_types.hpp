// Joining two statements about one value's type.
#pragma once

#include "backplane/status.hpp"
#include "graph/type.hpp"
#include "ops/dim_math.hpp"

namespace bp {

struct MergeRules {
  const DimMath& math;
  // Where both name a dim: false, the inferred name stands, so that equal sizes keep equal names; true, an
  // inferred expression gives way to the name that the file chose (graph outputs).
  bool keep_declared_names = false;
};

// Both are true: the result knows what either knows. An error says what contradicts.
Result<ValueType> merge_types(const ValueType& inferred, const ValueType& declared, const MergeRules& rules,
                              const SymbolTable& symbols);
// One or the other is true: the result is what both have in common. Kinds or element types that differ are an
// error.
Result<ValueType> common_type(const ValueType& a, const ValueType& b, const SymbolTable& symbols);

}  // namespace bp
