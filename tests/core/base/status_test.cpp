// Tests core/src/base/status.cpp and element_type.cpp.
#include "backplane/status.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "backplane/element_type.hpp"

namespace bp {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return Status(ErrorCode::kInvalidArgument, "must be even");
  return value / 2;
}

Status quarter(int value, int* out) {
  BP_ASSIGN_OR_RETURN(const int first, half(value));
  BP_ASSIGN_OR_RETURN(*out, half(first));
  return {};
}

TEST(Status, PrintsCodeAndPlace) {
  EXPECT_EQ(Status().to_string(), "OK");
  EXPECT_EQ(Status(ErrorCode::kIo, "disk full").at("a.onnx").to_string(), "IO: a.onnx: disk full");
  EXPECT_TRUE(Status().at("here").ok());
  EXPECT_STREQ(error_code_name(static_cast<ErrorCode>(999)), "UNKNOWN");
}

TEST(Result, ValueThrowsItsStatus) {
  EXPECT_EQ(half(4).value(), 2);
  try {
    (void)half(3).value();
    FAIL() << "no exception";
  } catch (const Error& error) {
    EXPECT_EQ(error.status().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(Result, MacroPassesErrorsOn) {
  int out = 0;
  EXPECT_TRUE(quarter(8, &out).ok());
  EXPECT_EQ(out, 2);
  EXPECT_EQ(quarter(6, &out).message(), "must be even");
}

TEST(ElementType, SizesCoverSubByteTypesAndOverflow) {
  EXPECT_EQ(storage_bytes(ElementType::kFloat32, 3), 12U);
  EXPECT_EQ(storage_bytes(ElementType::kInt4, 3), 2U);
  EXPECT_EQ(storage_bytes(ElementType::kUint2, 5), 2U);
  EXPECT_EQ(storage_bytes(ElementType::kString, 5), 0U);
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  EXPECT_EQ(storage_bytes(ElementType::kComplex128, kMost), kMost);
  EXPECT_EQ(element_type_name(ElementType::kInt2), "int2");
  EXPECT_EQ(element_type_name(static_cast<ElementType>(77)), "undefined");
}

}  // namespace
}  // namespace bp
