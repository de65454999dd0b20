#include "ops/dim_math.hpp"

#include <gtest/gtest.h>

namespace bp {
namespace {

class DimMathTest : public testing::Test {
 protected:
  SymbolTable symbols;
  DimMath math{&symbols};
  ShapeElement n = ShapeElement::named(symbols.intern("N"));
  ShapeElement s = ShapeElement::named(symbols.intern("S"));
  static ShapeElement of(int64_t value) { return ShapeElement::of(value); }
  std::string text(const ShapeElement& element) const {
    return element.known()       ? std::to_string(element.value)
           : element.is_symbol() ? symbols.name(element.symbol)
                                 : "?";
  }
};

TEST_F(DimMathTest, GivesEqualExpressionsOneSymbol) {
  EXPECT_EQ(math.add(math.mul(n, of(2)), of(1)), math.add(of(1), math.add(n, n)));
  EXPECT_EQ(text(math.add(math.mul(n, of(2)), of(1))), "2*N+1");
  EXPECT_EQ(math.mul(n, s), math.mul(s, n));
  EXPECT_NE(math.add(n, of(1)), math.add(n, of(2)));
}

TEST_F(DimMathTest, CancelsTerms) {
  EXPECT_EQ(math.sub(math.add(n, s), s), n);
  EXPECT_EQ(math.sub(n, n), of(0));
  EXPECT_EQ(math.exact_div(math.mul(math.mul(n, s), of(384)), math.mul(n, s)), of(384));
}

TEST_F(DimMathTest, DividesOnlyWhatDivides) {
  EXPECT_EQ(math.exact_div(math.mul(n, of(6)), of(3)), math.mul(n, of(2)));
  EXPECT_EQ(text(math.exact_div(n, s)), "?");
  EXPECT_EQ(text(math.exact_div(of(7), of(2))), "?");
  EXPECT_EQ(text(math.exact_div(of(7), of(0))), "?");
  EXPECT_EQ(text(math.floor_div(math.add(n, of(-1)), 2)), "floor((N-1)/2)");
  EXPECT_EQ(math.floor_div(math.add(n, of(-1)), 2), math.floor_div(math.sub(n, of(1)), 2));
  EXPECT_EQ(math.floor_div(of(-3), 2), of(-2));
}

TEST_F(DimMathTest, SaysUnknownInsteadOfOverflowing) {
  EXPECT_EQ(text(math.mul(of(INT64_MAX), of(2))), "?");
  EXPECT_EQ(text(math.add(of(INT64_MAX), of(1))), "?");
  EXPECT_EQ(text(math.mul(math.mul(n, of(INT64_MAX)), of(2))), "?");
}

TEST_F(DimMathTest, ZeroTimesUnknownDimsIsZero) {
  EXPECT_EQ(math.product({Dim{}, Dim::of(0)}), of(0));
  EXPECT_EQ(text(math.product({Dim{}, Dim::of(2)})), "?");
  EXPECT_EQ(math.product({}), of(1));
}

TEST_F(DimMathTest, WorksWithoutSymbols) {
  DimMath concrete(nullptr);
  EXPECT_EQ(concrete.mul(of(3), of(4)), of(12));
  EXPECT_EQ(text(concrete.add(ShapeElement{}, of(1))), "?");
  EXPECT_EQ(concrete.fresh("x"), Dim{});
}

}  // namespace
}  // namespace bp
