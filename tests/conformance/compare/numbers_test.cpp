#include "compare/numbers.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace bp::conformance {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr std::array kNarrow = {ElementType::kFloat16,      ElementType::kBfloat16,
                                ElementType::kFloat8E4M3FN, ElementType::kFloat8E4M3FNUZ,
                                ElementType::kFloat8E5M2,   ElementType::kFloat8E5M2FNUZ,
                                ElementType::kFloat4E2M1,   ElementType::kFloat8E8M0};

TEST(Numbers, EveryCodeIsEncodedAsItself) {
  for (const ElementType type : kNarrow) {
    const uint32_t bits = element_bits(type);
    for (uint32_t code = 0; code < (1u << bits); ++code) {
      const auto tensor =
          Tensor::copy_of(type, {1}, std::as_bytes(std::span(&code, 1)).first(storage_bytes(type, 1)));
      const double value = real_at(*tensor, 0);
      if (std::isnan(value)) continue;
      uint32_t again = 0;
      store_real(type, &again, 0, value);
      EXPECT_EQ(again, code) << element_type_name(type) << " " << value;
    }
  }
}

TEST(Numbers, RoundsToNearestTiesToEven) {
  EXPECT_EQ(rounded_to(ElementType::kFloat16, 2049), 2048);
  EXPECT_EQ(rounded_to(ElementType::kFloat16, 2051), 2052);
  EXPECT_EQ(rounded_to(ElementType::kBfloat16, 1.00390625), 1);
  EXPECT_EQ(rounded_to(ElementType::kFloat8E4M3FN, 27), 28);
  EXPECT_EQ(rounded_to(ElementType::kFloat16, 0.1), 0.0999755859375);
  EXPECT_EQ(rounded_to(ElementType::kFloat16, 0), 0);
}

TEST(Numbers, WhatIsTooLargeBecomesWhatTheTypeHas) {
  EXPECT_EQ(rounded_to(ElementType::kFloat16, 65519), 65504);
  EXPECT_EQ(rounded_to(ElementType::kFloat16, 65520), kInfinity);
  EXPECT_EQ(rounded_to(ElementType::kFloat8E5M2, -1e9), -kInfinity);
  EXPECT_TRUE(std::isnan(rounded_to(ElementType::kFloat8E4M3FN, 1e9)));
  EXPECT_EQ(rounded_to(ElementType::kFloat4E2M1, 1e9), 6);
  EXPECT_TRUE(std::isnan(rounded_to(ElementType::kFloat8E4M3FNUZ, kInfinity)));
}

TEST(Numbers, PacksLowBitsFirst) {
  std::array<uint8_t, 2> bytes{};
  for (int64_t i = 0; i < 3; ++i) store_integer(ElementType::kInt4, bytes.data(), i, i - 2);
  EXPECT_EQ(bytes[0], 0xFE);
  EXPECT_EQ(bytes[1], 0x00);
  const auto tensor = Tensor::copy_of(ElementType::kInt4, {3}, std::as_bytes(std::span(bytes)));
  EXPECT_EQ(integer_at(*tensor, 0), -2);
  EXPECT_EQ(integer_at(*tensor, 1), -1);
}

TEST(Numbers, UlpIsTheDistanceOfNeighbours) {
  EXPECT_EQ(ulp_at(ElementType::kFloat32, 1), 0x1p-23);
  EXPECT_EQ(ulp_at(ElementType::kFloat32, -3), 0x1p-22);
  EXPECT_EQ(ulp_at(ElementType::kFloat32, 0), 0x1p-149);
  EXPECT_EQ(ulp_at(ElementType::kBfloat16, 1), 0x1p-7);
  EXPECT_EQ(ulp_at(ElementType::kInt32, 7), 1);
}

}  // namespace
}  // namespace bp::conformance
