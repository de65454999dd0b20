// What is known of a value before the run: kind, element type, and dims that may be symbolic.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "backplane/element_type.hpp"
#include "backplane/value_kind.hpp"

namespace bp {

using SymbolId = uint32_t;  // index in the SymbolTable; 0 = no name
inline constexpr int64_t kUnknownDim = -1;

// One dimension: a size >= 0, or unknown with an optional symbol. Equal symbols mean equal sizes.
struct Dim {
  int64_t size = kUnknownDim;
  SymbolId symbol = 0;

  static Dim of(int64_t size) { return Dim{size, 0}; }
  static Dim named(SymbolId symbol) { return Dim{kUnknownDim, symbol}; }
  bool known() const noexcept { return size >= 0; }
  bool operator==(const Dim&) const = default;
};

using Dims = std::vector<Dim>;
using ConcreteDims = std::vector<int64_t>;

struct ValueType {
  ValueKind kind = ValueKind::kUnknown;
  // Tensor: its elements. Map: its keys. Otherwise undefined.
  ElementType element = ElementType::kUndefined;
  bool has_rank = false;
  Dims dims;                                   // meaningful when has_rank
  std::shared_ptr<const ValueType> contained;  // sequence, optional: the element; map: the value

  static ValueType tensor(ElementType element) { return {ValueKind::kTensor, element, false, {}, {}}; }
  static ValueType tensor(ElementType element, Dims dims) {
    return {ValueKind::kTensor, element, true, std::move(dims), {}};
  }
  bool is_tensor() const noexcept { return kind == ValueKind::kTensor; }
  bool is_static() const noexcept;  // has_rank and every dim known
  // "float32[N,3,224,224]", "seq(map(int64,float32))", "int64[?]", "float32" (any rank), "unknown".
  std::string to_string(const class SymbolTable& symbols) const;
};

// Names of symbolic dims; shared by a graph and its bodies. Id 0 is the empty name.
class SymbolTable {
 public:
  SymbolTable() : names_{""}, ids_{{"", 0}} {}
  SymbolId intern(const std::string& name);  // the id of `name`, added if new; "" is 0
  SymbolId fresh(const std::string& hint);   // a new id whose name is used nowhere yet
  const std::string& name(SymbolId id) const { return names_.at(id); }
  size_t size() const noexcept { return names_.size(); }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, SymbolId> ids_;
};

// Product of the dims, 1 for rank 0; kUnknownDim when a dim is unknown or the product overflows int64.
int64_t element_count(const Dims& dims) noexcept;
int64_t element_count(const ConcreteDims& dims) noexcept;

}  // namespace bp
