#include "case/case_json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace bp::conformance {
namespace {

using nlohmann::json;

CaseResult full_result() {
  CaseResult result;
  result.id = "ops.Add.float32";
  result.outcome = Outcome::kFail;
  result.text = "expected 1, found 2";
  result.reasons = {{"TYPE", 2}, {"RANK", 1}};
  result.nodes = 3;
  result.nodes_by_provider = 2;
  result.worst = WorstError{1.5, std::numeric_limits<double>::infinity(), 4, std::nan(""), "y", 7, "1", "2"};
  result.duration = std::chrono::microseconds(1234);
  result.seed = 0xFFFFFFFFFFFFFFFFu;
  result.attempts = 2;
  return result;
}

TEST(CaseJson, AResultComesBackFromItsLine) {
  const CaseResult before = full_result();
  const CaseResult after = case_result_from_json(json::parse(to_line(to_json(before))));
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.outcome, before.outcome);
  EXPECT_EQ(after.text, before.text);
  EXPECT_EQ(after.reasons, before.reasons);
  EXPECT_EQ(after.nodes, before.nodes);
  EXPECT_EQ(after.nodes_by_provider, before.nodes_by_provider);
  EXPECT_EQ(after.duration, before.duration);
  EXPECT_EQ(after.seed, before.seed);
  EXPECT_EQ(after.attempts, before.attempts);
  ASSERT_TRUE(after.worst);
  EXPECT_EQ(after.worst->max_abs, 1.5);
  EXPECT_TRUE(std::isinf(after.worst->max_rel));
  EXPECT_TRUE(std::isnan(after.worst->of_tolerance));
  EXPECT_EQ(after.worst->output, "y");
  EXPECT_EQ(after.worst->index, 7u);
  EXPECT_EQ(after.worst->actual, "2");
}

TEST(CaseJson, ACaseComesBackFromItsLine) {
  CaseInfo before;
  before.id = "onnx.node.test_relu";
  before.group = "onnx";
  before.level = Level::kClaims;
  before.summary = "Relu.";
  before.requirements = {8, 62};
  before.op_type = "Relu";
  before.element_type = "float32";
  before.folder = "node/test_relu";
  before.timeout = std::chrono::milliseconds(500);
  const CaseInfo after = case_info_from_json(json::parse(to_line(to_json(before))));
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.group, before.group);
  EXPECT_EQ(after.level, before.level);
  EXPECT_EQ(after.summary, before.summary);
  EXPECT_EQ(after.requirements, before.requirements);
  EXPECT_EQ(after.domain, before.domain);
  EXPECT_EQ(after.op_type, before.op_type);
  EXPECT_EQ(after.element_type, before.element_type);
  EXPECT_EQ(after.folder, before.folder);
  EXPECT_EQ(after.timeout, before.timeout);
}

TEST(CaseJson, NamesTheFieldThatIsMissingWrongOrUnknown) {
  const auto message = [](json changed) {
    try {
      case_result_from_json(changed);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  const json good = to_json(full_result());
  json missing = good;
  missing.erase("text");
  EXPECT_EQ(message(missing), "result: 'text' is missing");
  json wrong = good;
  wrong["nodes"] = -1;
  EXPECT_EQ(message(wrong), "result: 'nodes' must be a whole number of 0 or more, is -1");
  json outcome = good;
  outcome["outcome"] = "Passed";
  EXPECT_EQ(message(outcome), "result 'ops.Add.float32': unknown outcome 'Passed'");
  json unknown = good;
  unknown["colour"] = 1;
  EXPECT_EQ(message(unknown), "result: unknown field 'colour'");
}

TEST(CaseJson, ALineIsUtf8WhateverTheProviderWrote) {
  CaseResult result = full_result();
  result.text = "bad \xff\xfe bytes";
  EXPECT_NO_THROW(json::parse(to_line(to_json(result))));
}

}  // namespace
}  // namespace bp::conformance
