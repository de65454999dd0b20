#include "partition/partition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_device.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using test::FakeDevice;
using test::GraphBuilder;
using testing::ElementsAre;
using testing::HasSubstr;

Result<PartitionedGraph> run(GraphBuilder& b, std::vector<DeviceQuery*> devices,
                             const PartitionOptions& options = {}) {
  return partition(b.take(), devices, test::plain_hooks(), options);
}

// "0:Relu,Add 1:Exp": the partitions in their order, region nodes as "region".
std::string layout(const PartitionedGraph& p) {
  std::string text;
  for (const Item& item : p.items) {
    if (!text.empty()) text += ' ';
    if (item.is_core) {
      text += "region";
      continue;
    }
    const Partition& part = p.partitions[item.index];
    text += std::to_string(part.device) + ":";
    for (size_t i = 0; i < part.nodes.size(); ++i) {
      text += (i == 0 ? "" : ",") + p.graph->node(part.nodes[i]).op_type;
    }
    if (item.ends_segment) text += '|';
  }
  return text;
}

std::vector<int64_t> dims() { return {4}; }

TEST(Partition, GivesEachNodeToTheFirstDeviceThatTakesIt) {
  GraphBuilder b;
  const ValueId x = b.input("x", dims());
  const ValueId relu = b.node("Relu", {x}, dims());
  const ValueId exp = b.node("Exp", {relu}, dims());
  b.output(b.node("Relu", {exp}, dims()));
  FakeDevice first("A:0", std::vector<std::string>{"Relu"});
  FakeDevice second("B:0", std::vector<std::string>{"*"});
  const auto result = run(b, {&first, &second});
  ASSERT_TRUE(result.ok()) << result.status().to_string();
  EXPECT_EQ(layout(*result), "0:Relu 1:Exp 0:Relu");
  const Partition& middle = result->partitions[result->items[1].index];
  EXPECT_THAT(middle.inputs, ElementsAre(relu));
  EXPECT_THAT(middle.outputs, ElementsAre(exp));
  // Every device's answer is kept.
  EXPECT_EQ(result->decisions[1].verdicts.size(), 2u);
  EXPECT_EQ(result->decisions[1].verdicts[0].reasons[0].text, "no Exp");
}

TEST(Partition, KeepsOneGroupWhereNothingForcesTwo) {
  GraphBuilder b;
  const ValueId x = b.input("x", dims());
  const ValueId a = b.node("Relu", {x}, dims());
  const ValueId a2 = b.node("Relu", {a}, dims());
  const ValueId side = b.node("Exp", {x}, dims());
  b.output(b.node("Add", {a2, side}, dims()));
  FakeDevice first("A:0", std::vector<std::string>{"Relu", "Add"});
  FakeDevice second("B:0", std::vector<std::string>{"Exp"});
  const auto result = run(b, {&first, &second});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(layout(*result), "1:Exp 0:Relu,Relu,Add");
}

TEST(Partition, CutsAGroupThatWouldDependOnItself) {
  GraphBuilder b;
  const ValueId x = b.input("x", dims());
  const ValueId a = b.node("Relu", {x}, dims());
  const ValueId direct = b.node("Neg", {a}, dims());
  const ValueId around = b.node("Exp", {a}, dims());
  b.output(b.node("Add", {direct, around}, dims()));
  FakeDevice first("A:0", std::vector<std::string>{"Relu", "Add", "Neg"});
  FakeDevice second("B:0", std::vector<std::string>{"Exp"});
  const auto result = run(b, {&first, &second});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(layout(*result), "0:Relu,Neg 1:Exp 0:Add");
}

TEST(Partition, LeavesHostNodesToTheCore) {
  GraphBuilder b;
  const ValueId x = b.input("x", dims());
  const ValueId a = b.node("Relu", {x}, dims());
  const ValueId shape = b.node("Host", {a}, dims());
  b.output(b.node("Relu", {a, shape}, dims()));
  FakeDevice device("A:0", std::vector<std::string>{"Relu"});
  const auto result = run(b, {&device});
  ASSERT_TRUE(result.ok()) << result.status().to_string();
  EXPECT_EQ(layout(*result), "0:Relu,Relu");
  EXPECT_EQ(result->decisions[1].placement, Placement::kHost);
  EXPECT_THAT(result->partitions[0].inputs, ElementsAre(x, shape));
}

TEST(Partition, EndsASegmentBehindDataDependentDims) {
  GraphBuilder b;
  const ValueId x = b.input("x", dims());
  const ValueId found = b.node("Data", {x}, {-1});
  const ValueId host = b.node("Host", {found}, dims());
  b.output(b.node("Relu", {found}, {-1}));
  b.output(b.node("Neg", {x, host}, dims()));
  b.output(b.node("Exp", {x}, dims()));
  FakeDevice device("A:0", std::vector<std::string>{"*"});
  const auto result = run(b, {&device});
  ASSERT_TRUE(result.ok());
  // Neg needs a host value that is known only when Data has run; Exp does not care.
  EXPECT_EQ(layout(*result), "0:Data,Exp| 0:Relu,Neg");
}

TEST(Partition, CutsWhereADeviceWantsItsOwnValueOnTheHost) {
  GraphBuilder b;
  const ValueId x = b.input("x", dims());
  const ValueId made = b.node("Relu", {x}, dims());
  b.output(b.node("Wants", {x, made}, dims()));
  FakeDevice device("A:0", [](const Graph&, const Node& node) {
    Verdict verdict = FakeDevice::yes();
    if (node.op_type == "Wants") verdict.input_wants = {InputWant::kDevice, InputWant::kHost};
    return verdict;
  });
  const auto result = run(b, {&device});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(layout(*result), "0:Relu 0:Wants");
}

TEST(Partition, NamesEveryNodeThatNobodyTakesWithEveryReason) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2, 3});
  const ValueId y = b.node("Mystery", {x}, {2, 3}, {}, "m1");
  b.output(b.node("Odd", {y}, {2, 3}, {}, "o1"));
  FakeDevice first("A:0", std::vector<std::string>{"Relu"});
  FakeDevice second("B:0", std::vector<std::string>{"Relu"});
  const auto result = run(b, {&first, &second});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(result.status().message(),
              HasSubstr("Mystery 'm1' (float32[2,3]): A:0: OPERATOR: no Mystery; B:0: OPERATOR: no Mystery"));
  EXPECT_THAT(result.status().message(), HasSubstr("Odd 'o1'"));
  EXPECT_THAT(result.status().message(), HasSubstr("no device takes 2 nodes; asked: A:0, B:0"));
}

TEST(Partition, SaysWhatWasLookedForWhenNoProviderIsThere) {
  GraphBuilder b;
  b.output(b.node("Relu", {b.input("x", {2})}, {2}, {}, "r"));
  PartitionOptions options;
  options.looked_for = "manifests in /opt/plugins";
  const auto result = run(b, {}, options);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.status().message(), HasSubstr("no provider is present to run 1 node"));
  EXPECT_THAT(result.status().message(), HasSubstr("looked for: manifests in /opt/plugins"));
  EXPECT_THAT(result.status().message(), HasSubstr("Relu 'r' (float32[2])"));
}

TEST(Partition, RefusesNewerFormsInTheNameOfTheProvider) {
  GraphBuilder b;
  b.output(b.node("Relu", {b.input("x", {2})}, {2}));
  FakeDevice old_one("A:0", std::vector<std::string>{"*"});
  old_one.level = 20;
  FakeDevice new_one("B:0", std::vector<std::string>{"*"});
  const auto result = run(b, {&old_one, &new_one});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(layout(*result), "1:Relu");
  EXPECT_EQ(result->decisions[0].verdicts[0].reasons[0].code, ReasonCode::kNewerForm);
}

TEST(Partition, RefusesInItsNameWhatADeviceWantsConstantAndIsNot) {
  GraphBuilder b;
  b.output(b.node("Relu", {b.input("x", {2})}, {2}));
  FakeDevice packs("A:0", [](const Graph&, const Node&) {
    Verdict verdict = FakeDevice::yes();
    verdict.input_wants = {InputWant::kConstant};
    return verdict;
  });
  FakeDevice takes_all("B:0", std::vector<std::string>{"*"});
  const auto result = run(b, {&packs, &takes_all});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(layout(*result), "1:Relu");
  const Reason& reason = result->decisions[0].verdicts[0].reasons.at(0);
  EXPECT_EQ(reason.code, ReasonCode::kNotConstant);
  EXPECT_EQ(reason.input, 0u);
}

TEST(Partition, GoesOnWithoutADeviceWhoseQueryFails) {
  GraphBuilder b;
  b.output(b.node("Relu", {b.input("x", {2})}, {2}));
  FakeDevice broken("A:0", std::vector<std::string>{"*"});
  broken.query_error = Status(ErrorCode::kDeviceLost, "gone");
  FakeDevice works("B:0", std::vector<std::string>{"*"});
  const auto result = run(b, {&broken, &works});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(layout(*result), "1:Relu");
  EXPECT_THAT(result->decisions[0].verdicts[0].reasons[0].text, HasSubstr("DEVICE_LOST: gone"));
}

TEST(Partition, SplitsWhereTheDeviceSaysSo) {
  GraphBuilder b;
  ValueId value = b.input("x", dims());
  for (int i = 0; i < 5; ++i) value = b.node("Relu", {value}, dims());
  b.output(value);
  FakeDevice device("A:0", std::vector<std::string>{"*"});
  device.partition_rule = [](const Graph& cut) -> Result<PartitionAnswer> {
    PartitionAnswer answer;
    if (cut.node_count() > 2) {
      answer.kind = PartitionAnswerKind::kSplit;
      answer.split_node = 2;
    }
    return answer;
  };
  const auto result = run(b, {&device});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(layout(*result), "0:Relu,Relu 0:Relu,Relu 0:Relu");
  EXPECT_THAT(device.asked_partitions, ElementsAre(5, 2, 3, 2, 1));
}

TEST(Partition, BlamesTheNodeWhoseClaimIsBroken) {
  GraphBuilder b;
  ValueId value = b.input("x", dims());
  for (const char* op : {"Relu", "Exp", "Relu", "Relu"}) value = b.node(op, {value}, dims());
  b.output(value);
  FakeDevice liar("A:0", std::vector<std::string>{"*"});
  liar.partition_rule = [](const Graph& cut) -> Result<PartitionAnswer> {
    PartitionAnswer answer;
    for (NodeId id = 0; id < cut.node_count(); ++id) {
      if (cut.node(id).op_type == "Exp") {
        answer.kind = PartitionAnswerKind::kReject;
        answer.text = "not today";
      }
    }
    return answer;
  };
  FakeDevice works("B:0", std::vector<std::string>{"*"});
  const auto result = run(b, {&liar, &works});
  ASSERT_TRUE(result.ok()) << result.status().to_string();
  EXPECT_EQ(layout(*result), "0:Relu 1:Exp 0:Relu,Relu");
  EXPECT_THAT(result->decisions[1].note, HasSubstr("claim broken by A:0"));
  EXPECT_THAT(result->decisions[1].note, HasSubstr("not today"));
  EXPECT_FALSE(result->decisions[1].verdicts[0].supported);
}

// A composite "Norm" that replaced Sub and Div.
GraphBuilder with_composite() {
  GraphBuilder inner;
  const ValueId a = inner.input("a", dims());
  const ValueId sub = inner.node("Sub", {a, a}, dims(), {}, "sub");
  inner.output(inner.node("Div", {sub, a}, dims(), {}, "div"));
  GraphBuilder b;
  const ValueId x = b.input("x", dims());
  const ValueId norm = b.node("Norm", {x}, dims(), {}, "norm");
  b.output(b.node("Relu", {norm}, dims()));
  b.graph().node(0).replaced = inner.take();
  return b;
}

TEST(PartitionLowering, KeepsACompositeThatTheFirstDeviceTakes) {
  GraphBuilder b = with_composite();
  FakeDevice device("A:0", std::vector<std::string>{"Norm", "Relu"});
  const auto result = run(b, {&device});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(layout(*result), "0:Norm,Relu");
}

TEST(PartitionLowering, TakesApartWhatNobodyTakes) {
  GraphBuilder b = with_composite();
  FakeDevice first("A:0", std::vector<std::string>{"Sub", "Relu"});
  FakeDevice second("B:0", std::vector<std::string>{"Div"});
  const auto result = run(b, {&first, &second});
  ASSERT_TRUE(result.ok()) << result.status().to_string();
  EXPECT_EQ(layout(*result), "0:Sub 1:Div 0:Relu");
  const NodeId sub = result->partitions[0].nodes[0];
  EXPECT_EQ(result->graph->node(sub).name, "sub");
  EXPECT_THAT(result->decisions[sub].note, HasSubstr("lowered from Norm 'norm'"));
  EXPECT_THAT(result->decisions[sub].note, HasSubstr("A:0: OPERATOR: no Norm"));
}

TEST(PartitionLowering, PrefersTheEarlierDeviceThatTakesAllParts) {
  for (const bool takes_div : {true, false}) {
    GraphBuilder b = with_composite();
    std::vector<std::string> ops = {"Sub", "Relu"};
    if (takes_div) ops.push_back("Div");
    FakeDevice parts("A:0", ops);
    FakeDevice whole("B:0", std::vector<std::string>{"*"});
    const auto result = run(b, {&parts, &whole});
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(layout(*result), takes_div ? "0:Sub,Div,Relu" : "1:Norm 0:Relu");
  }
}

TEST(PartitionLowering, UsesTheFunctionBodyOfCompositesFromTheFile) {
  GraphBuilder b;
  const ValueId x = b.input("x", dims());
  b.output(b.node("Swish", {x}, dims(), {}, "swish"));
  GraphBuilder body;
  const ValueId in = body.input("in", dims());
  const ValueId sigmoid = body.node("Sigmoid", {in}, dims(), {}, "s");
  body.output(body.node("Mul", {in, sigmoid}, dims(), {}, "m"));
  const std::shared_ptr<const Graph> function = body.take();
  PartitionHooks hooks = test::plain_hooks();
  hooks.function_body = [&](const Graph& graph, NodeId id) -> Result<std::shared_ptr<const Graph>> {
    return graph.node(id).op_type == "Swish" ? function : nullptr;
  };
  int inferred = 0;
  hooks.infer = [&](Graph&) -> Status {
    ++inferred;
    return {};
  };
  FakeDevice device("A:0", std::vector<std::string>{"Sigmoid", "Mul"});
  std::vector<DeviceQuery*> devices = {&device};
  const auto result = partition(b.take(), devices, hooks, {});
  ASSERT_TRUE(result.ok()) << result.status().to_string();
  EXPECT_EQ(layout(*result), "0:Sigmoid,Mul");
  EXPECT_EQ(inferred, 1);
  EXPECT_EQ(result->graph->node(result->partitions[0].nodes[0]).name, "swish/s");
  EXPECT_EQ(result->graph->value(result->graph->outputs()[0]).name, "swish");
}

TEST(PartitionByCost, GivesANodeToTheCheapestDevice) {
  GraphBuilder b;
  const ValueId x = b.input("x", dims());
  b.output(b.node("Relu", {x}, dims()));
  FakeDevice slow("A:0", [](const Graph&, const Node&) { return FakeDevice::yes(100); });
  FakeDevice fast("B:0", [](const Graph&, const Node&) { return FakeDevice::yes(50); });
  PartitionOptions options;
  options.by_cost = true;
  const auto result = run(b, {&slow, &fast}, options);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(layout(*result), "1:Relu");
}

TEST(PartitionByCost, LeavesNoIslandThatCopiesMakeDearer) {
  for (const int64_t island_cost : {int64_t{100}, int64_t{1'000'000}}) {
    GraphBuilder b;
    ValueId value = b.input("x", dims());
    for (const char* op : {"Conv", "Relu", "Conv"}) value = b.node(op, {value}, dims());
    b.output(value);
    // The host is better at Relu, by little or by much.
    FakeDevice gpu("GPU:0", [&](const Graph&, const Node& node) {
      return FakeDevice::yes(node.op_type == "Relu" ? island_cost : 1000);
    });
    gpu.host_memory = false;
    FakeDevice cpu("CPU:0", [](const Graph&, const Node& node) {
      return FakeDevice::yes(node.op_type == "Relu" ? 10 : 10'000'000);
    });
    PartitionOptions options;
    options.by_cost = true;
    const auto result = run(b, {&gpu, &cpu}, options);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(layout(*result), island_cost == 100 ? "0:Conv,Relu,Conv" : "0:Conv 1:Relu 0:Conv");
  }
}

TEST(Partition, PartitionsTheBodiesOfRegionNodes) {
  GraphBuilder body;
  const ValueId in = body.input("in", dims());
  body.output(body.node("Odd", {in}, dims(), {}, "odd"));
  GraphBuilder b;
  const ValueId x = b.input("x", dims());
  const ValueId y = b.node("If", {x}, dims(), {}, "if");
  b.output(b.node("Relu", {y}, dims()));
  Node& branch = b.graph().node(0);
  branch.region = RegionKind::kBranch;
  branch.capture_count = 1;
  branch.regions = {body.take()};
  branch.regions.push_back(branch.regions[0]->clone());
  auto graph = b.take();
  const std::shared_ptr<Graph> again = graph->clone();

  FakeDevice all("A:0", std::vector<std::string>{"*"});
  std::vector<DeviceQuery*> devices = {&all};
  const auto result = partition(std::move(graph), devices, test::plain_hooks(), {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(layout(*result), "region 0:Relu");
  ASSERT_EQ(result->regions.size(), 1u);
  EXPECT_EQ(layout(*result->regions[0].bodies[1]), "0:Odd");

  FakeDevice some("B:0", std::vector<std::string>{"Relu"});
  devices = {&some};
  const auto failed = partition(again, devices, test::plain_hooks(), {});
  ASSERT_FALSE(failed.ok());
  EXPECT_THAT(failed.status().message(), HasSubstr("body 1 of If 'if', Odd 'odd'"));
}

}  // namespace
}  // namespace bp
