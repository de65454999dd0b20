// Arithmetic on dims that may be symbolic: sums and products of symbols are kept as polynomials, so that equal
// expressions get equal symbols ("2*N+1" met twice is one symbol). What has no closed form is unknown.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "graph/type.hpp"

namespace bp {

// One element of an integer tensor on a shape path; unlike a Dim it may be negative.
struct ShapeElement {
  enum class Kind : uint8_t { kUnknown, kValue, kSymbol };
  Kind kind = Kind::kUnknown;
  int64_t value = 0;
  SymbolId symbol = 0;

  static ShapeElement of(int64_t value) { return {Kind::kValue, value, 0}; }
  static ShapeElement named(SymbolId symbol) { return {Kind::kSymbol, 0, symbol}; }
  static ShapeElement of(const Dim& dim) {
    return dim.known() ? of(dim.size) : dim.symbol != 0 ? named(dim.symbol) : ShapeElement{};
  }
  bool known() const noexcept { return kind == Kind::kValue; }
  bool is_symbol() const noexcept { return kind == Kind::kSymbol; }
  bool is(int64_t expected) const noexcept { return known() && value == expected; }
  // As a dim; a negative value is no dim and gives an unknown one.
  Dim dim() const noexcept {
    return known() && value >= 0 ? Dim::of(value) : is_symbol() ? Dim::named(symbol) : Dim{};
  }
  bool operator==(const ShapeElement&) const = default;
};

using ShapeElements = std::vector<ShapeElement>;

class DimMath {
 public:
  // `symbols` gets the names of new expressions; nullptr: concrete arithmetic only, everything else is unknown.
  explicit DimMath(SymbolTable* symbols) : symbols_(symbols) {}

  ShapeElement add(const ShapeElement& a, const ShapeElement& b);
  ShapeElement sub(const ShapeElement& a, const ShapeElement& b);
  ShapeElement mul(const ShapeElement& a, const ShapeElement& b);
  // a / b where the division is known to have no rest; unknown when it cannot be carried out.
  ShapeElement exact_div(const ShapeElement& a, const ShapeElement& b);
  // Rounded towards minus infinity; b > 0.
  ShapeElement floor_div(const ShapeElement& a, int64_t b);
  ShapeElement product(const Dims& dims, size_t first, size_t last);
  ShapeElement product(const Dims& dims) { return product(dims, 0, dims.size()); }
  // A new symbol; unnamed without a symbol table.
  Dim fresh(const std::string& hint);
  // True for a symbol that stands for itself, not for an expression made here.
  bool is_atomic(SymbolId symbol) const { return !meanings_.contains(symbol); }

 private:
  // Sorted symbols of one product; the empty product is the constant term.
  using Monomial = std::vector<SymbolId>;
  using Polynomial = std::map<Monomial, int64_t>;

  bool polynomial_of(const ShapeElement& element, Polynomial& out) const;
  ShapeElement element_of(const Polynomial& polynomial);
  std::string name_of(const Polynomial& polynomial) const;
  std::string name_of(const Monomial& monomial) const;
  SymbolId named_symbol(const std::string& name);

  SymbolTable* symbols_;
  std::map<Polynomial, SymbolId> expressions_;
  std::map<std::pair<Polynomial, int64_t>, SymbolId> quotients_;
  std::unordered_map<SymbolId, Polynomial> meanings_;
};

}  // namespace bp
