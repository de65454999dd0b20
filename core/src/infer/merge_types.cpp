#include "infer/merge_types.hpp"

#include <fmt/format.h>

namespace bp {
namespace {

Status differ(const char* what, const ValueType& inferred, const ValueType& declared,
              const SymbolTable& symbols) {
  return {ErrorCode::kInvalidModel, fmt::format("{} differ: inferred {}, declared {}", what,
                                                inferred.to_string(symbols), declared.to_string(symbols))};
}

Dim merge_dim(const Dim& inferred, const Dim& declared, const MergeRules& rules) {
  if (inferred.known()) return inferred;
  if (declared.known()) return declared;
  if (declared.symbol == 0) return inferred;
  const bool keep =
      inferred.symbol != 0 && (!rules.keep_declared_names || rules.math.is_atomic(inferred.symbol));
  return keep ? inferred : declared;
}

}  // namespace

Result<ValueType> merge_types(const ValueType& inferred, const ValueType& declared, const MergeRules& rules,
                              const SymbolTable& symbols) {
  if (inferred.kind == ValueKind::kUnknown) return declared;
  if (declared.kind == ValueKind::kUnknown) return inferred;
  // Taking the element out of an optional is not said by a node of its own everywhere.
  if (inferred.kind == ValueKind::kOptional && inferred.contained &&
      inferred.contained->kind == declared.kind) {
    return merge_types(*inferred.contained, declared, rules, symbols);
  }
  if (inferred.kind != declared.kind) return differ("kinds", inferred, declared, symbols);
  ValueType merged = inferred;
  if (merged.element == ElementType::kUndefined) {
    merged.element = declared.element;
  } else if (declared.element != ElementType::kUndefined && declared.element != merged.element) {
    return differ("element types", inferred, declared, symbols);
  }
  if (!merged.has_rank) {
    merged.has_rank = declared.has_rank;
    merged.dims = declared.dims;
  } else if (declared.has_rank) {
    if (merged.dims.size() != declared.dims.size()) return differ("ranks", inferred, declared, symbols);
    for (size_t i = 0; i < merged.dims.size(); ++i) {
      const Dim& stated = declared.dims[i];
      if (merged.dims[i].known() && stated.known() && merged.dims[i].size != stated.size) {
        return differ("dims", inferred, declared, symbols);
      }
      merged.dims[i] = merge_dim(merged.dims[i], stated, rules);
    }
  }
  if (!merged.contained) {
    merged.contained = declared.contained;
  } else if (declared.contained) {
    BP_ASSIGN_OR_RETURN(ValueType inner, merge_types(*merged.contained, *declared.contained, rules, symbols));
    merged.contained = std::make_shared<const ValueType>(std::move(inner));
  }
  return merged;
}

Result<ValueType> common_type(const ValueType& a, const ValueType& b, const SymbolTable& symbols) {
  if (a.kind == ValueKind::kUnknown || b.kind == ValueKind::kUnknown) return ValueType{};
  if (a.kind == ValueKind::kOptional && a.contained && a.contained->kind == b.kind) return a;
  if (b.kind == ValueKind::kOptional && b.contained && b.contained->kind == a.kind) return b;
  if (a.kind != b.kind || a.element != b.element) {
    return Status(ErrorCode::kInvalidModel,
                  fmt::format("types differ: {} and {}", a.to_string(symbols), b.to_string(symbols)));
  }
  ValueType common = a;
  if (!b.has_rank || a.dims.size() != b.dims.size()) {
    common.has_rank = false;
    common.dims.clear();
  }
  for (size_t i = 0; i < common.dims.size(); ++i) {
    if (common.dims[i] != b.dims[i]) common.dims[i] = Dim{};
  }
  if (a.contained && b.contained) {
    BP_ASSIGN_OR_RETURN(ValueType inner, common_type(*a.contained, *b.contained, symbols));
    common.contained = std::make_shared<const ValueType>(std::move(inner));
  }
  return common;
}

}  // namespace bp
