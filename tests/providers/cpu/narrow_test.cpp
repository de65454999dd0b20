#include "narrow.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace bp::cpu {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

uint8_t code(Type type, float value, NarrowMode mode = {}) {
  std::byte result{};
  write_narrow(type, &value, &result, 1, mode);
  return static_cast<uint8_t>(result);
}

float value(Type type, int number) {
  const auto bits = static_cast<std::byte>(number);
  float result = 0;
  read_narrow(type, &bits, &result, 1);
  return result;
}

TEST(NarrowFloats, ReadWhatTheirStandardsSay) {
  EXPECT_EQ(value(Type::kFloat8E4M3FN, 0x7E), 448.0f);
  EXPECT_TRUE(std::isnan(value(Type::kFloat8E4M3FN, 0x7F)));
  EXPECT_EQ(value(Type::kFloat8E4M3FNUZ, 0x7F), 240.0f);
  EXPECT_TRUE(std::isnan(value(Type::kFloat8E4M3FNUZ, 0x80)));
  EXPECT_EQ(value(Type::kFloat8E5M2, 0x7B), 57344.0f);
  EXPECT_EQ(value(Type::kFloat8E5M2, 0xFC), -kInfinity);
  EXPECT_EQ(value(Type::kFloat8E5M2FNUZ, 0x01), 0x1p-17f);
  EXPECT_EQ(value(Type::kFloat4E2M1, 0xF), -6.0f);
  EXPECT_EQ(value(Type::kFloat8E8M0, 0), 0x1p-127f);
  EXPECT_TRUE(std::isnan(value(Type::kFloat8E8M0, 255)));
}

TEST(NarrowFloats, EveryCodeComesBack) {
  for (const Type type : {Type::kFloat8E4M3FN, Type::kFloat8E4M3FNUZ, Type::kFloat8E5M2, Type::kFloat8E5M2FNUZ,
                          Type::kFloat4E2M1, Type::kFloat8E8M0}) {
    NarrowMode mode;
    mode.saturate = false;
    for (int number = 0; number < (type == Type::kFloat4E2M1 ? 16 : 256); ++number) {
      const float real = value(type, number);
      if (std::isnan(real)) {
        EXPECT_TRUE(std::isnan(value(type, code(type, real, mode)))) << type_name(type) << " " << number;
      } else {
        EXPECT_EQ(code(type, real, mode), number) << type_name(type);
      }
    }
  }
}

TEST(NarrowFloats, TiesGoToTheEvenNeighbour) {
  for (const Type type : {Type::kFloat8E4M3FN, Type::kFloat8E4M3FNUZ, Type::kFloat8E5M2, Type::kFloat8E5M2FNUZ,
                          Type::kFloat4E2M1}) {
    for (int number = 0; value(type, number + 1) > value(type, number); ++number) {
      const float low = value(type, number);
      const float high = value(type, number + 1);
      if (std::isinf(high)) break;
      const float middle = (low + high) / 2;
      EXPECT_EQ(code(type, middle), number + number % 2) << type_name(type);
      EXPECT_EQ(code(type, std::nextafter(middle, low)), number) << type_name(type);
      EXPECT_EQ(code(type, std::nextafter(middle, high)), number + 1) << type_name(type);
    }
  }
}

// ONNX's tables in "Cast".
TEST(NarrowFloats, WhatIsTooLargeSaturatesOrDoesNot) {
  NarrowMode open;
  open.saturate = false;
  for (const float large : {1e9f, kInfinity}) {
    EXPECT_EQ(code(Type::kFloat8E4M3FN, large), 0x7E);
    EXPECT_EQ(code(Type::kFloat8E4M3FN, large, open), 0x7F);
    EXPECT_EQ(code(Type::kFloat8E4M3FN, -large, open), 0xFF);
    EXPECT_EQ(code(Type::kFloat8E4M3FNUZ, -large), 0xFF);
    EXPECT_EQ(code(Type::kFloat8E4M3FNUZ, -large, open), 0x80);
    EXPECT_EQ(code(Type::kFloat8E5M2, large), 0x7B);
    EXPECT_EQ(code(Type::kFloat8E5M2, -large, open), 0xFC);
    EXPECT_EQ(code(Type::kFloat8E5M2FNUZ, large, open), 0x80);
    EXPECT_EQ(code(Type::kFloat4E2M1, -large, open), 0xF);
  }
  EXPECT_EQ(code(Type::kFloat8E4M3FN, 464.0f, open), 0x7E);  // rounds to the largest number
  EXPECT_EQ(code(Type::kFloat8E4M3FN, -0.0f), 0x80);
  EXPECT_EQ(code(Type::kFloat8E4M3FNUZ, -0.0f), 0);
  EXPECT_EQ(code(Type::kFloat8E5M2FNUZ, -1e-9f), 0);
  for (const Type type : {Type::kFloat8E4M3FN, Type::kFloat8E4M3FNUZ, Type::kFloat8E5M2, Type::kFloat8E5M2FNUZ,
                          Type::kFloat8E8M0}) {
    EXPECT_TRUE(std::isnan(value(type, code(type, kNan)))) << type_name(type);
  }
}

TEST(NarrowFloats, PowersRoundAsAsked) {
  const auto rounded = [](float real, PowerRounding how, bool saturate = true) {
    return int{code(Type::kFloat8E8M0, real, {saturate, how})};
  };
  EXPECT_EQ(rounded(1.0f, PowerRounding::kUp), 127);
  EXPECT_EQ(rounded(1.1f, PowerRounding::kUp), 128);
  EXPECT_EQ(rounded(1.9f, PowerRounding::kDown), 127);
  EXPECT_EQ(rounded(1.49f, PowerRounding::kNearest), 127);
  EXPECT_EQ(rounded(1.5f, PowerRounding::kNearest), 128);
  EXPECT_EQ(rounded(0.0f, PowerRounding::kUp), 0);
  EXPECT_EQ(rounded(kInfinity, PowerRounding::kUp), 254);
  EXPECT_EQ(rounded(0.0f, PowerRounding::kNearest, false), 255);
  EXPECT_EQ(rounded(kInfinity, PowerRounding::kNearest, false), 255);
  EXPECT_EQ(rounded(0x1.8p-127f, PowerRounding::kUp), 1);  // a denormal float32
}

}  // namespace
}  // namespace bp::cpu
