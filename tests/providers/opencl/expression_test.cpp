// The texts of expressions; what they compute is tested by the corpora.
#include "expression.hpp"

#include <gtest/gtest.h>

namespace bp::opencl::test {

namespace {

Expression sum_of(const Dims& dims, const Dims& a, const Dims& b) {
  Expression sum;
  sum.dims = dims;
  sum.add_leaf({{0, 0}, a, Type::kFloat32});
  sum.add_leaf({{1, 0}, b, Type::kFloat32});
  sum.items.push_back({Type::kFloat32, "$0 + $1", {0, 1}, BP_NONE});
  return sum;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST(OpenclExpression, EqualDimsAreOneFlatLoop) {
  const Launch launch = pointwise_kernel(sum_of({2, 3, 40}, {2, 3, 40}, {2, 3, 40}), {2, 0});
  EXPECT_TRUE(contains(launch.source, "BP_LOAD_float(x0, o)")) << launch.source;
  EXPECT_TRUE(contains(launch.source, "v0 + v1")) << launch.source;
  EXPECT_EQ(launch.global[1], 1u);
}

TEST(OpenclExpression, BroadcastAxesCollapse) {
  // [2, 3, 40] + [3, 1]: axes of 2, 3 and 40; the last one in rows.
  const Launch launch = pointwise_kernel(sum_of({2, 3, 40}, {2, 3, 40}, {3, 1}), {2, 0});
  EXPECT_TRUE(contains(launch.source, "BP_LOAD_float(x1, c1)")) << launch.source;
  EXPECT_EQ(launch.global[1], 6u);
}

TEST(OpenclExpression, EqualLeavesAreLoadedOnce) {
  Expression square;
  square.dims = {4};
  const uint32_t first = square.add_leaf({{0, 0}, {4}, Type::kFloat32});
  EXPECT_EQ(square.add_leaf({{0, 0}, {4}, Type::kFloat32}), first);
  EXPECT_NE(square.add_leaf({{0, 128}, {4}, Type::kFloat32}), first);
}

TEST(OpenclExpression, AppendedItemsKeepTheirArguments) {
  Expression outer = sum_of({4}, {4}, {4});
  Expression inner;
  inner.dims = {4};
  inner.add_leaf({{1, 0}, {4}, Type::kFloat32});  // outer's second leaf
  inner.items.push_back({Type::kFloat32, "exp($0)", {0}, BP_NONE});
  const uint32_t result = outer.append(inner);
  EXPECT_EQ(outer.leaves.size(), 2u);
  EXPECT_EQ(outer.items[result].arguments, std::vector<uint32_t>{1});
}

TEST(OpenclExpression, LiteralsAreExact) {
  EXPECT_EQ(literal(0.1), "(0x1.99999ap-4f)");
  EXPECT_EQ(literal(3, Type::kInt32), "((int)3L)");
}

TEST(OpenclExpression, DimsThatDoNotBroadcastAreNamed) {
  try {
    static_cast<void>(broadcast_dims({2, 3}, {4, 3}, "Add 'sum'"));
    FAIL() << "they broadcast";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "Add 'sum': dims [2,3] and [4,3] do not broadcast");
  }
}

}  // namespace bp::opencl::test
