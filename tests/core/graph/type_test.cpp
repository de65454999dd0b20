// Tests core/src/graph/type.cpp.
#include "graph/type.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bp {
namespace {

TEST(ValueType, PrintsNestedTypes) {
  SymbolTable symbols;
  const ValueType image =
      ValueType::tensor(ElementType::kFloat32, {Dim::named(symbols.intern("N")), Dim::of(3), Dim{}});
  EXPECT_EQ(image.to_string(symbols), "float32[N,3,?]");
  ValueType map{ValueKind::kMap, ElementType::kInt64, false, {}, {}};
  map.contained = std::make_shared<ValueType>(ValueType::tensor(ElementType::kFloat32));
  ValueType sequence{ValueKind::kSequence, ElementType::kUndefined, false, {}, {}};
  sequence.contained = std::make_shared<ValueType>(map);
  EXPECT_EQ(sequence.to_string(symbols), "seq(map(int64,float32))");
  EXPECT_EQ(ValueType{}.to_string(symbols), "unknown");
}

TEST(ValueType, IsStaticOnlyWithAllDimsKnown) {
  EXPECT_TRUE(ValueType::tensor(ElementType::kFloat32, {Dim::of(2)}).is_static());
  EXPECT_TRUE(ValueType::tensor(ElementType::kFloat32, {}).is_static());
  EXPECT_FALSE(ValueType::tensor(ElementType::kFloat32, {Dim{}}).is_static());
  EXPECT_FALSE(ValueType::tensor(ElementType::kFloat32).is_static());
}

TEST(SymbolTable, InternsAndInventsNames) {
  SymbolTable symbols;
  EXPECT_EQ(symbols.intern(""), 0U);
  const SymbolId n = symbols.intern("N");
  EXPECT_EQ(symbols.intern("N"), n);
  const SymbolId other = symbols.fresh("N");
  EXPECT_NE(other, n);
  EXPECT_NE(symbols.name(other), "N");
}

TEST(ElementCount, HandlesZeroUnknownAndOverflow) {
  constexpr int64_t kBig = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(element_count(ConcreteDims{}), 1);
  EXPECT_EQ(element_count(ConcreteDims{2, 3}), 6);
  EXPECT_EQ(element_count(ConcreteDims{kBig, kBig}), kUnknownDim);
  EXPECT_EQ(element_count(ConcreteDims{kBig, kBig, 0}), 0);
  EXPECT_EQ(element_count(Dims{Dim::of(0), Dim{}}), kUnknownDim);
}

}  // namespace
}  // namespace bp
