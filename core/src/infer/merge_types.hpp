// Joining two statements about one value's type.
#pragma once

#include "backplane/status.hpp"
#include "graph/type.hpp"
#include "ops/dim_math.hpp"

namespace bp {

// Both are true: the result knows what either knows. Of two symbols for one dim the inferred one wins when it
// stands for itself, else the declared one, which has a name that somebody chose. An error says what
// contradicts.
Result<ValueType> merge_types(const ValueType& inferred, const ValueType& declared, const DimMath& math,
                              const SymbolTable& symbols);
// One or the other is true: the result is what both have in common. Kinds or element types that differ are an
// error.
Result<ValueType> common_type(const ValueType& a, const ValueType& b, const SymbolTable& symbols);

}  // namespace bp
