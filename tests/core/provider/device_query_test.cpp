#include <functional>

#include "provider/device.hpp"
#include "provider_test_helper.hpp"

namespace bp::test {
namespace {

using DeviceQueryTest = ProviderTest;

bp_verdict supported(uint32_t node) {
  bp_verdict verdict{};
  verdict.struct_size = BP_STRUCT_SIZE(bp_verdict, workspace_bytes);
  verdict.kind = BP_VERDICT_SUPPORTED;
  verdict.node = node;
  verdict.group = BP_NONE;
  verdict.cost_ns = BP_UNKNOWN;
  verdict.workspace_bytes = BP_UNKNOWN;
  return verdict;
}

TEST_F(DeviceQueryTest, GivesVerdictsAndReasonsInTheOrderOfTheNodes) {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  const ValueId a = builder.node("Relu", {x}, {4});
  builder.output(builder.node("Exp", {a}, {4}));
  auto device = open_device();
  auto verdicts = device->query(*view_of(builder.graph()), {});
  ASSERT_TRUE(verdicts.ok());
  ASSERT_EQ(verdicts->size(), 2U);
  EXPECT_TRUE((*verdicts)[0].supported);
  EXPECT_FALSE((*verdicts)[1].supported);
  ASSERT_EQ((*verdicts)[1].reasons.size(), 1U);
  EXPECT_EQ((*verdicts)[1].reasons[0].code, ReasonCode::kOperator);
  EXPECT_EQ((*verdicts)[1].reasons[0].text, "only Relu is known here");
  EXPECT_EQ(misbehaviours(), 0U);
}

TEST_F(DeviceQueryTest, NewerFormsAreRefusedInTheProvidersName) {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  builder.output(builder.node("Relu", {x}, {4}));
  builder.graph().node(0).since_version = 14;
  auto device = open_device();
  auto shown = device->query(*view_of(builder.graph(), 14), {});
  auto withheld = device->query(*view_of(builder.graph(), 13), {});
  EXPECT_TRUE((*shown)[0].supported);
  ASSERT_FALSE((*withheld)[0].supported);
  EXPECT_EQ((*withheld)[0].reasons[0].code, ReasonCode::kNewerForm);
}

TEST_F(DeviceQueryTest, ASilentProviderRejectsAndMisbehaves) {
  fake.on_query = [](const bp_graph*, bp_array, const bp_verdict_sink*) -> bp_status { return nullptr; };
  auto graph = relu_graph();
  auto device = open_device();
  auto verdicts = device->query(*view_of(*graph), {});
  ASSERT_TRUE(verdicts.ok());
  EXPECT_FALSE((*verdicts)[0].supported);
  EXPECT_EQ((*verdicts)[0].reasons.size(), 1U);
  EXPECT_EQ(misbehaviours(), 1U);
}

TEST_F(DeviceQueryTest, ReadsWantsCostAndGroups) {
  fake.on_query = [](const bp_graph*, bp_array, const bp_verdict_sink* sink) -> bp_status {
    const uint32_t wants[] = {BP_WANT_HOST};
    bp_verdict verdict = supported(0);
    verdict.group = 3;
    verdict.cost_ns = 1500;
    verdict.input_wants = bp_array{wants, 1, sizeof(uint32_t)};
    sink->report(sink->user, &verdict);
    return nullptr;
  };
  auto graph = relu_graph();
  auto verdicts = open_device()->query(*view_of(*graph), {});
  ASSERT_TRUE(verdicts.ok());
  EXPECT_EQ((*verdicts)[0].group, 3U);
  EXPECT_EQ((*verdicts)[0].cost_ns, 1500);
  EXPECT_EQ((*verdicts)[0].input_wants, (std::vector<InputWant>{InputWant::kHost}));
}

TEST_F(DeviceQueryTest, OddReportsAreErrors) {
  struct Case {
    const char* text;
    std::function<void(const bp_verdict_sink*)> report;
  };
  const std::vector<Case> cases = {
      {"NULL verdict", [](const bp_verdict_sink* sink) { sink->report(sink->user, nullptr); }},
      {"node 9 of a view with 1",
       [](const bp_verdict_sink* sink) {
         const bp_verdict verdict = supported(9);
         sink->report(sink->user, &verdict);
       }},
      {"twice",
       [](const bp_verdict_sink* sink) {
         const bp_verdict verdict = supported(0);
         sink->report(sink->user, &verdict);
         sink->report(sink->user, &verdict);
       }},
      {"unknown verdict 5",
       [](const bp_verdict_sink* sink) {
         bp_verdict verdict = supported(0);
         verdict.kind = 5;
         sink->report(sink->user, &verdict);
       }},
      {"wants 2 inputs",
       [](const bp_verdict_sink* sink) {
         const uint32_t wants[] = {0, 0};
         bp_verdict verdict = supported(0);
         verdict.input_wants = bp_array{wants, 2, sizeof(uint32_t)};
         sink->report(sink->user, &verdict);
       }},
      {"unknown way 7",
       [](const bp_verdict_sink* sink) {
         const uint32_t wants[] = {7};
         bp_verdict verdict = supported(0);
         verdict.input_wants = bp_array{wants, 1, sizeof(uint32_t)};
         sink->report(sink->user, &verdict);
       }},
      {"malformed list of reasons",
       [](const bp_verdict_sink* sink) {
         bp_verdict verdict = supported(0);
         verdict.kind = BP_VERDICT_REJECTED;
         verdict.reasons = bp_array{nullptr, 3, sizeof(bp_reason)};
         sink->report(sink->user, &verdict);
       }},
      {"wrong struct_size",
       [](const bp_verdict_sink* sink) {
         bp_verdict verdict = supported(0);
         verdict.struct_size = 8;
         sink->report(sink->user, &verdict);
       }},
  };
  auto graph = relu_graph();
  auto device = open_device();
  for (const Case& odd : cases) {
    SCOPED_TRACE(odd.text);
    fake.on_query = [&](const bp_graph*, bp_array, const bp_verdict_sink* sink) -> bp_status {
      odd.report(sink);
      return nullptr;
    };
    auto verdicts = device->query(*view_of(*graph), {});
    ASSERT_FALSE(verdicts.ok());
    EXPECT_EQ(verdicts.status().code(), ErrorCode::kInternal);
    expect_contains(verdicts.status().message(), odd.text);
  }
}

TEST_F(DeviceQueryTest, APartitionMayBeSplitInsideOnly) {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  const ValueId a = builder.node("Relu", {x}, {4});
  builder.output(builder.node("Relu", {a}, {4}));
  auto device = open_device();
  uint32_t split = 1;
  fake.on_query_partition = [&](const bp_graph*, bp_partition_answer* answer) -> bp_status {
    answer->kind = BP_PARTITION_SPLIT;
    answer->split_node = split;
    answer->reason_code = BP_REASON_MEMORY;
    answer->text = abi_text("too large");
    return nullptr;
  };
  auto view = view_of(builder.graph());
  auto answer = device->query_partition(*view, {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->kind, PartitionAnswerKind::kSplit);
  EXPECT_EQ(answer->split_node, 1U);
  EXPECT_EQ(answer->reason_code, ReasonCode::kMemory);
  EXPECT_EQ(answer->text, "too large");
  for (const uint32_t outside : {0U, 2U}) {
    split = outside;
    EXPECT_EQ(device->query_partition(*view, {}).status().code(), ErrorCode::kInternal);
  }
}

TEST_F(DeviceQueryTest, WithoutTheSecondQuestionAllIsAccepted) {
  fake.capability_api.query_partition = nullptr;
  auto graph = relu_graph();
  auto answer = open_device()->query_partition(*view_of(*graph), {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->kind, PartitionAnswerKind::kAccept);
}

}  // namespace
}  // namespace bp::test
