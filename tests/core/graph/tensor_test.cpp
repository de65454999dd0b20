// Tests core/src/graph/tensor.cpp.
#include "graph/tensor.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace bp {
namespace {

std::shared_ptr<Tensor> packed(ElementType type, int64_t count, std::vector<uint8_t> bytes) {
  return Tensor::copy_of(type, {count}, std::as_bytes(std::span(bytes)));
}

TEST(Tensor, CopyIsAligned) {
  const auto tensor = Tensor::of_float({3}, std::vector<float>{1, 2, 3});
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor->bytes.data()) % 64, 0U);
  EXPECT_EQ(tensor->bytes.size(), 12U);
  EXPECT_TRUE(tensor->to_int64().empty());
}

TEST(Tensor, WidensIntegersOfAnyWidth) {
  const std::array<int32_t, 2> values{-5, 70000};
  EXPECT_EQ(Tensor::copy_of(ElementType::kInt32, {2}, std::as_bytes(std::span(values)))->to_int64(),
            (std::vector<int64_t>{-5, 70000}));
  EXPECT_EQ(packed(ElementType::kInt4, 3, {0x8F, 0x07})->to_int64(), (std::vector<int64_t>{-1, -8, 7}));
  EXPECT_EQ(packed(ElementType::kUint4, 3, {0x8F, 0x07})->to_int64(), (std::vector<int64_t>{15, 8, 7}));
  EXPECT_EQ(packed(ElementType::kInt2, 4, {0b11100100})->to_int64(), (std::vector<int64_t>{0, 1, -2, -1}));
  EXPECT_EQ(packed(ElementType::kBool, 2, {1, 0})->to_int64(), (std::vector<int64_t>{1, 0}));
}

TEST(Tensor, RefusesToReadPastItsBytes) {
  EXPECT_TRUE(packed(ElementType::kInt64, 2, {0, 0, 0, 0, 0, 0, 0, 0})->to_int64().empty());
}

TEST(Tensor, KeepsStrings) {
  const auto tensor = Tensor::of_strings({3}, std::vector<std::string>{"ab", "", std::string("c\0d", 3)});
  EXPECT_EQ(tensor->string_at(0), "ab");
  EXPECT_EQ(tensor->string_at(1), "");
  EXPECT_EQ(tensor->string_at(2), std::string("c\0d", 3));
  EXPECT_EQ(tensor->string_at(3), "");
}

}  // namespace
}  // namespace bp
