// Polynomials over symbols, with a size limit: shape expressions are small or not worth following.
#include "ops/dim_math.hpp"

#include <algorithm>

namespace bp {
namespace {

constexpr size_t kMaxTerms = 16;
constexpr size_t kMaxNameLength = 64;

// A name that is an expression itself needs brackets inside a larger one.
std::string bracketed(const std::string& name) {
  const bool plain = name.find_first_of("+- ") == std::string::npos || name.starts_with("floor(");
  return plain ? name : "(" + name + ")";
}

}  // namespace

bool DimMath::polynomial_of(const ShapeElement& element, Polynomial& out) const {
  out.clear();
  if (element.kind == ShapeElement::Kind::kUnknown) return false;
  if (element.known()) {
    if (element.value != 0) out[{}] = element.value;
    return true;
  }
  const auto meaning = meanings_.find(element.symbol);
  if (meaning != meanings_.end()) {
    out = meaning->second;
  } else {
    out[{element.symbol}] = 1;
  }
  return true;
}

std::string DimMath::name_of(const Monomial& monomial) const {
  std::string name;
  for (const SymbolId symbol : monomial) name += (name.empty() ? "" : "*") + bracketed(symbols_->name(symbol));
  return name;
}

std::string DimMath::name_of(const Polynomial& polynomial) const {
  std::string name;
  // The constant term sorts first and reads best last.
  const auto append = [&](const Monomial& monomial, int64_t factor) {
    const std::string product = name_of(monomial);
    if (factor >= 0 && !name.empty()) name += "+";
    if (product.empty()) {
      name += std::to_string(factor);
    } else {
      name += factor == 1 ? "" : factor == -1 ? "-" : std::to_string(factor) + "*";
      name += product;
    }
  };
  for (const auto& [monomial, factor] : polynomial) {
    if (!monomial.empty()) append(monomial, factor);
  }
  if (const auto constant = polynomial.find({}); constant != polynomial.end()) append({}, constant->second);
  return name;
}

SymbolId DimMath::named_symbol(const std::string& name) {
  return name.size() <= kMaxNameLength ? symbols_->intern(name) : symbols_->fresh("dim");
}

ShapeElement DimMath::element_of(const Polynomial& polynomial) {
  if (polynomial.empty()) return ShapeElement::of(0);
  const auto& [monomial, factor] = *polynomial.begin();
  if (polynomial.size() == 1 && monomial.empty()) return ShapeElement::of(factor);
  if (polynomial.size() == 1 && monomial.size() == 1 && factor == 1) return ShapeElement::named(monomial[0]);
  if (symbols_ == nullptr || polynomial.size() > kMaxTerms) return {};
  const auto [entry, added] = expressions_.try_emplace(polynomial, 0);
  if (added) {
    entry->second = named_symbol(name_of(polynomial));
    meanings_.emplace(entry->second, polynomial);
  }
  return ShapeElement::named(entry->second);
}

ShapeElement DimMath::add(const ShapeElement& a, const ShapeElement& b) {
  int64_t sum = 0;
  if (a.known() && b.known())
    return __builtin_add_overflow(a.value, b.value, &sum) ? ShapeElement{} : ShapeElement::of(sum);
  if (a.is(0)) return b;
  if (b.is(0)) return a;
  Polynomial left, right;
  if (!polynomial_of(a, left) || !polynomial_of(b, right)) return {};
  for (const auto& [monomial, factor] : right) {
    int64_t& term = left[monomial];
    if (__builtin_add_overflow(term, factor, &term)) return {};
    if (term == 0) left.erase(monomial);
  }
  return element_of(left);
}

ShapeElement DimMath::sub(const ShapeElement& a, const ShapeElement& b) {
  return add(a, mul(b, ShapeElement::of(-1)));
}

ShapeElement DimMath::mul(const ShapeElement& a, const ShapeElement& b) {
  int64_t product = 0;
  if (a.known() && b.known()) {
    return __builtin_mul_overflow(a.value, b.value, &product) ? ShapeElement{} : ShapeElement::of(product);
  }
  if (a.is(0) || b.is(0)) return ShapeElement::of(0);
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  Polynomial left, right, result;
  if (!polynomial_of(a, left) || !polynomial_of(b, right)) return {};
  if (left.size() * right.size() > kMaxTerms) return {};
  for (const auto& [m1, f1] : left) {
    for (const auto& [m2, f2] : right) {
      Monomial monomial = m1;
      monomial.insert(monomial.end(), m2.begin(), m2.end());
      std::sort(monomial.begin(), monomial.end());
      int64_t factor = 0;
      int64_t& term = result[monomial];
      if (__builtin_mul_overflow(f1, f2, &factor) || __builtin_add_overflow(term, factor, &term)) return {};
      if (term == 0) result.erase(monomial);
    }
  }
  return element_of(result);
}

ShapeElement DimMath::exact_div(const ShapeElement& a, const ShapeElement& b) {
  if (a.known() && b.known()) {
    return b.value == 0 || a.value % b.value != 0 ? ShapeElement{} : ShapeElement::of(a.value / b.value);
  }
  if (b.is(1)) return a;
  if (a.is_symbol() && a == b) return ShapeElement::of(1);
  Polynomial left, right, result;
  if (!polynomial_of(a, left) || !polynomial_of(b, right) || right.size() != 1) return {};
  const auto& [divisor, divisor_factor] = *right.begin();
  if (divisor_factor == 0) return {};
  for (const auto& [monomial, factor] : left) {
    if (factor % divisor_factor != 0 ||
        !std::includes(monomial.begin(), monomial.end(), divisor.begin(), divisor.end())) {
      return {};
    }
    Monomial rest;
    std::set_difference(monomial.begin(), monomial.end(), divisor.begin(), divisor.end(),
                        std::back_inserter(rest));
    result[rest] = factor / divisor_factor;
  }
  return element_of(result);
}

ShapeElement DimMath::floor_div(const ShapeElement& a, int64_t b) {
  if (b <= 0) return {};
  if (a.known()) {
    const int64_t quotient = a.value / b;
    return ShapeElement::of(quotient * b > a.value ? quotient - 1 : quotient);
  }
  const ShapeElement exact = exact_div(a, ShapeElement::of(b));
  if (exact.kind != ShapeElement::Kind::kUnknown) return exact;
  Polynomial polynomial;
  if (symbols_ == nullptr || !polynomial_of(a, polynomial)) return {};
  const auto [entry, added] = quotients_.try_emplace({polynomial, b}, 0);
  if (added) {
    const std::string top = name_of(polynomial);
    entry->second = named_symbol("floor((" + top + ")/" + std::to_string(b) + ")");
  }
  return ShapeElement::named(entry->second);
}

ShapeElement DimMath::product(const Dims& dims, size_t first, size_t last) {
  ShapeElement result = ShapeElement::of(1);
  bool unknown = false;
  for (size_t i = first; i < last; ++i) {
    if (dims[i].known() && dims[i].size == 0) return ShapeElement::of(0);
    result = mul(result, ShapeElement::of(dims[i]));
    unknown = unknown || result.kind == ShapeElement::Kind::kUnknown;
  }
  return unknown ? ShapeElement{} : result;
}

Dim DimMath::fresh(const std::string& hint) {
  return symbols_ == nullptr ? Dim{} : Dim::named(symbols_->fresh(hint));
}

}  // namespace bp
