#include "compare/tolerances.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "ops/op_schema.hpp"
#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

constexpr const char* kHeader = "operator,type,units,scale,absolute,relative,reason\n";

TEST(Tolerances, TheNearestRowIsTaken) {
  const auto table = ToleranceTable::parse(
      std::string(kHeader) +
      "*,*,1,element,0,0,any\n*,float16,2,element,0,0,type\n"
      "Exp,*,3,largest,0,0,operator\nExp,float32,4,sum,1e-3,0.5,\"both, with a comma\"\n");
  EXPECT_EQ(table.find("Add", ElementType::kInt32).units, 1);
  EXPECT_EQ(table.find("Add", ElementType::kFloat16).units, 2);
  EXPECT_EQ(table.find("Exp", ElementType::kFloat16).units, 3);
  const ToleranceRow& row = table.find("Exp", ElementType::kFloat32);
  EXPECT_EQ(row.scale, ErrorScale::kSum);
  EXPECT_EQ(row.absolute, 1e-3);
  EXPECT_NE(row.reason.find("comma"), std::string::npos);
}

TEST(Tolerances, WhatIsWrongIsNamedWithItsLine) {
  const auto message = [](const std::string& rows) {
    try {
      ToleranceTable::parse(std::string(kHeader) + rows);
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(message("Exp,float32,x,element,0,0,why\n").find("line 2"), std::string::npos);
  EXPECT_NE(message("Exp,float32,1,often,0,0,why\n").find("often"), std::string::npos);
  EXPECT_NE(message("Exp,float32,1,element,0,0,\n").find("reason"), std::string::npos);
  EXPECT_NE(message("Exp,*,1,element,0,0,a\nExp,*,1,element,0,0,b\n").find("twice"), std::string::npos);
}

TEST(Tolerances, TheFileNamesOnlyOperatorsAndTypesThatThereAre) {
  for (const ToleranceRow& row : ToleranceTable::built_in().rows()) {
    const bool special = row.op_type == "*" || row.op_type.starts_with("(");
    EXPECT_TRUE(special || first_version("", row.op_type) != 0 || first_version("ai.onnx.ml", row.op_type) != 0)
        << row.op_type;
    bool known = row.type == "*";
    for (uint32_t number = 1; number <= 26; ++number)
      known = known || row.type == element_type_name(static_cast<ElementType>(number));
    EXPECT_TRUE(known) << row.type;
  }
}

}  // namespace
}  // namespace bp::conformance
