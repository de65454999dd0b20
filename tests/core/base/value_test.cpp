// Values: checks at construction, sharing, strings.
#include "backplane/value.hpp"

#include <gtest/gtest.h>

namespace bp {
namespace {

TEST(Value, TensorHasDimsAndAlignedMemory) {
  Value value = Value::tensor(ElementType::kFloat32, {2, 3}).value();
  EXPECT_EQ(value.size_bytes(), 24u);
  EXPECT_EQ(value.count(), 6);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(value.data()) % 64, 0u);
  EXPECT_NE(value.mutable_data(), nullptr);
  EXPECT_EQ(value.type_string(), "float32[2,3]");
}

TEST(Value, RejectsBadDims) {
  EXPECT_EQ(Value::tensor(ElementType::kFloat32, {2, -1}).status().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Value::tensor(ElementType::kFloat32, {INT64_MAX, INT64_MAX}).status().code(),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(Value::tensor(ElementType::kString, {2}).status().code(), ErrorCode::kInvalidArgument);
}

TEST(Value, ZeroSizeAndRankZeroAreLegal) {
  EXPECT_EQ(Value::tensor(ElementType::kFloat32, {0, 5}).value().size_bytes(), 0u);
  EXPECT_EQ(Value::tensor(ElementType::kInt64, {}).value().count(), 1);
}

TEST(Value, SubByteTypesRoundUpToBytes) {
  EXPECT_EQ(Value::tensor(ElementType::kInt4, {3}).value().size_bytes(), 2u);
}

TEST(Value, BorrowedMemoryMustBeLargeEnough) {
  float data[3] = {};
  EXPECT_FALSE(Value::borrow(ElementType::kFloat32, {4}, data, sizeof(data)).ok());
  EXPECT_TRUE(Value::borrow(ElementType::kFloat32, {3}, data, sizeof(data)).ok());
  EXPECT_EQ(Value::borrow_const(ElementType::kFloat32, {3}, data, sizeof(data)).value().mutable_data(),
            nullptr);
}

TEST(Value, ReadsBackAsItsOwnTypeOnly) {
  const std::vector<int64_t> numbers = {1, 2, 3};
  const Value value = Value::copy_of<int64_t>({3}, numbers).value();
  EXPECT_EQ(value.as<int64_t>().value()[2], 3);
  EXPECT_FALSE(value.as<float>().ok());
  EXPECT_THROW((void)value.as<float>().value(), Error);
}

TEST(Value, StringsRoundTrip) {
  const std::vector<std::string> words = {"a", "", "länger"};
  EXPECT_EQ(Value::strings({3}, words).value().to_strings().value(), words);
  EXPECT_FALSE(Value::strings({2}, words).ok());
}

TEST(Value, MapsNeedEqualLengths) {
  const std::vector<std::string> words = {"a", "b"};
  const std::vector<float> two = {1, 2}, three = {1, 2, 3};
  const Value keys = Value::strings({2}, words).value();
  EXPECT_TRUE(Value::map(keys, Value::copy_of<float>({2}, two).value()).ok());
  EXPECT_FALSE(Value::map(keys, Value::copy_of<float>({3}, three).value()).ok());
}

TEST(Value, OptionalMayBeEmpty) {
  EXPECT_EQ(Value::optional(Value()).type_string(), "optional(none)");
  EXPECT_FALSE(static_cast<bool>(Value()));
}

}  // namespace
}  // namespace bp
