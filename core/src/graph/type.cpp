// Printing of value types, the table of symbolic dims, and products of dims.
#include "graph/type.hpp"

namespace bp {
namespace {

std::string dims_to_string(const Dims& dims, const SymbolTable& symbols) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i > 0) text += ",";
    if (dims[i].known()) {
      text += std::to_string(dims[i].size);
    } else if (dims[i].symbol != 0 && dims[i].symbol < symbols.size()) {
      text += symbols.name(dims[i].symbol);
    } else {
      text += "?";
    }
  }
  return text + "]";
}

// A dim of 0 makes the product 0 whatever the others are, so it is looked for first.
template <class Range, class Size>
int64_t product(const Range& dims, Size size) noexcept {
  bool zero = false;
  for (const auto& dim : dims) {
    if (size(dim) < 0) return kUnknownDim;
    zero = zero || size(dim) == 0;
  }
  if (zero) return 0;
  int64_t count = 1;
  for (const auto& dim : dims) {
    if (__builtin_mul_overflow(count, size(dim), &count)) return kUnknownDim;
  }
  return count;
}

}  // namespace

bool ValueType::is_static() const noexcept {
  if (kind != ValueKind::kTensor || !has_rank) return false;
  for (const Dim& dim : dims) {
    if (!dim.known()) return false;
  }
  return true;
}

std::string ValueType::to_string(const SymbolTable& symbols) const {
  const auto inner = [&] { return contained ? contained->to_string(symbols) : std::string("unknown"); };
  switch (kind) {
    case ValueKind::kUnknown:
      return "unknown";
    case ValueKind::kTensor:
      return std::string(element_type_name(element)) + (has_rank ? dims_to_string(dims, symbols) : "");
    case ValueKind::kSparseTensor:
      return "sparse(" + std::string(element_type_name(element)) +
             (has_rank ? dims_to_string(dims, symbols) : "") + ")";
    case ValueKind::kSequence:
      return "seq(" + inner() + ")";
    case ValueKind::kOptional:
      return "optional(" + inner() + ")";
    case ValueKind::kMap:
      return "map(" + std::string(element_type_name(element)) + "," + inner() + ")";
  }
  return "unknown";
}

SymbolId SymbolTable::intern(const std::string& name) {
  const auto [entry, added] = ids_.try_emplace(name, static_cast<SymbolId>(names_.size()));
  if (added) names_.push_back(name);
  return entry->second;
}

SymbolId SymbolTable::fresh(const std::string& hint) {
  std::string name = hint;
  // Starting at the table's size keeps many requests with one hint linear.
  for (size_t n = names_.size(); ids_.contains(name); ++n) name = hint + "_" + std::to_string(n);
  return intern(name);
}

int64_t element_count(const Dims& dims) noexcept {
  return product(dims, [](const Dim& dim) { return dim.size; });
}

int64_t element_count(const ConcreteDims& dims) noexcept {
  return product(dims, [](int64_t dim) { return dim; });
}

}  // namespace bp
