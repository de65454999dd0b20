#include "test_case.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace bp::cli {
namespace {

TEST(AsDeclared, TakesTheBitsOfBfloat16) {
  const std::array<uint16_t, 2> bits = {0x3F80, 0xC000};
  const Value stored = *Value::copy_of<uint16_t>({2}, bits);
  const Value numbers = as_declared(stored, ElementType::kBfloat16);
  EXPECT_EQ(numbers.element_type(), ElementType::kBfloat16);
  EXPECT_EQ(number_at(numbers, 0), 1.0);
  EXPECT_EQ(number_at(numbers, 1), -2.0);
  const Value back = as_declared(numbers, ElementType::kUint16);
  EXPECT_EQ(back.element_type(), ElementType::kUint16);
  EXPECT_EQ(std::memcmp(back.data(), bits.data(), sizeof(bits)), 0);
}

TEST(AsDeclared, LeavesEverythingElseAlone) {
  const std::array<uint16_t, 1> bits = {7};
  const Value stored = *Value::copy_of<uint16_t>({1}, bits);
  EXPECT_EQ(as_declared(stored, ElementType::kFloat16).element_type(), ElementType::kUint16);
  EXPECT_EQ(as_declared(stored, ElementType::kUint16).data(), stored.data());
  EXPECT_EQ(as_declared(Value(), ElementType::kBfloat16).kind(), ValueKind::kUnknown);
}

}  // namespace
}  // namespace bp::cli
