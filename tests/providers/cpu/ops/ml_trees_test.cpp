#include <gtest/gtest.h>

#include <limits>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using Strings = std::vector<std::string>;

constexpr const char* kMl = "ai.onnx.ml";
const float kNan = std::numeric_limits<float>::quiet_NaN();

// Two trees: x0 <= 0.5 ? (x1 <= 2 ? leaf 3 : leaf 4) : leaf 2, and a single leaf.
TestAttributes two_trees(const std::string& prefix) {
  return {{"nodes_treeids", Ints{0, 0, 0, 0, 0, 7}},
          {"nodes_nodeids", Ints{0, 1, 2, 3, 4, 0}},
          {"nodes_featureids", Ints{0, 1, 0, 0, 0, 0}},
          {"nodes_modes", Strings{"BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF", "LEAF", "LEAF"}},
          {"nodes_values", Floats{0.5f, 2, 0, 0, 0, 0}},
          {"nodes_truenodeids", Ints{1, 3, 0, 0, 0, 0}},
          {"nodes_falsenodeids", Ints{2, 4, 0, 0, 0, 0}},
          {prefix + "_treeids", Ints{0, 0, 0, 7}},
          {prefix + "_nodeids", Ints{4, 3, 2, 0}},
          {prefix + "_ids", Ints{0, 0, 0, 0}},
          {prefix + "_weights", Floats{4, 3, 2, 10}}};
}

std::vector<TestGraph::Ref> add(TestGraph& graph, const char* op, TestGraph::Ref x,
                                const TestAttributes& attributes, std::vector<TestOutput> outputs,
                                int32_t version = 3) {
  return graph.nodes(op, {x}, attributes, std::move(outputs), kMl, version);
}

const TestOutput kScores{Type::kFloat32, {-1, -1}, true};
const TestOutput kIntegerLabels{Type::kInt64, {-1}, true};
const TestOutput kStringLabels{Type::kString, {-1}, true};

TEST(CpuTreeEnsembleRegressor, AggregatesTrees) {
  const std::pair<const char*, Floats> expected[] = {
      {"SUM", {14, 13, 12}}, {"AVERAGE", {7, 6.5f, 6}}, {"MIN", {4, 3, 2}}, {"MAX", {10, 10, 10}}};
  for (const auto& [aggregate, values] : expected) {
    TestGraph graph;
    const auto x = graph.input(tensor<float>({3, 2}, {0.5f, 3, 0, 2, 1, 0}));
    TestAttributes attributes = two_trees("target");
    attributes["n_targets"] = 1;
    attributes["aggregate_function"] = aggregate;
    graph.expect(add(graph, "TreeEnsembleRegressor", x, attributes, {kScores})[0],
                 tensor<float>({3, 1}, values));
    attributes["base_values"] = Floats{0.25f};
    Floats shifted = values;
    for (float& value : shifted) value += 0.25f;
    graph.expect(add(graph, "TreeEnsembleRegressor", x, attributes, {kScores})[0],
                 tensor<float>({3, 1}, shifted));
    graph.run();
  }
}

TEST(CpuTreeEnsembleRegressor, ComparesInEveryMode) {
  const std::pair<const char*, Floats> expected[] = {
      {"BRANCH_LEQ", {1, 1, 0, 0}}, {"BRANCH_LT", {1, 0, 0, 0}}, {"BRANCH_GTE", {0, 1, 1, 0}},
      {"BRANCH_GT", {0, 0, 1, 0}},  {"BRANCH_EQ", {0, 1, 0, 0}}, {"BRANCH_NEQ", {1, 0, 1, 1}}};
  for (const auto& [mode, values] : expected) {
    for (const int64_t missing : {0, 1}) {
      TestGraph graph;
      const auto x = graph.input(tensor<float>({4, 1}, {-1, 2, 5, kNan}));
      const TestAttributes attributes = {{"nodes_treeids", Ints{0, 0, 0}},
                                         {"nodes_nodeids", Ints{0, 1, 2}},
                                         {"nodes_featureids", Ints{0, 0, 0}},
                                         {"nodes_modes", Strings{mode, "LEAF", "LEAF"}},
                                         {"nodes_values", Floats{2, 0, 0}},
                                         {"nodes_truenodeids", Ints{1, 0, 0}},
                                         {"nodes_falsenodeids", Ints{2, 0, 0}},
                                         {"nodes_missing_value_tracks_true", Ints{missing, 0, 0}},
                                         {"target_treeids", Ints{0, 0}},
                                         {"target_nodeids", Ints{1, 2}},
                                         {"target_ids", Ints{0, 0}},
                                         {"target_weights", Floats{1, 0}},
                                         {"n_targets", 1}};
      Floats wanted = values;
      if (missing != 0) wanted[3] = 1;
      graph.expect(add(graph, "TreeEnsembleRegressor", x, attributes, {kScores})[0],
                   tensor<float>({4, 1}, wanted));
      graph.run();
    }
  }
}

TEST(CpuTreeEnsembleRegressor, ComparesDoublesAsDoubles) {
  TestGraph graph;
  const double above = 1.0 + 1e-12;
  const auto x = graph.input(tensor<double>({2, 2}, {1.0, 0, above, 0}));
  TestAttributes attributes = two_trees("target");
  attributes.erase("nodes_values");
  attributes.erase("target_weights");
  attributes["n_targets"] = 1;
  attributes["nodes_values_as_tensor"] = tensor<double>({6}, {1.0, 2, 0, 0, 0, 0});
  attributes["target_weights_as_tensor"] = tensor<double>({4}, {4, 3, 2, 10});
  attributes["base_values_as_tensor"] = tensor<double>({1}, {0.5});
  graph.expect(add(graph, "TreeEnsembleRegressor", x, attributes, {kScores})[0],
               tensor<float>({2, 1}, {13.5f, 12.5f}));
  graph.run();
}

// Many rows and many trees, by threads that share rows or trees, against plain loops.
TEST(CpuTreeEnsembleRegressor, GivesTheSameOnManyThreads) {
  constexpr int64_t kTrees = 60;
  TestAttributes attributes;
  Ints trees, nodes, features, yes, no, leaf_trees, leaf_nodes, ids;
  Strings modes;
  Floats values, weights;
  for (int64_t tree = 0; tree < kTrees; ++tree) {
    for (int64_t node = 0; node < 3; ++node) {
      trees.push_back(tree);
      nodes.push_back(node);
      features.push_back(tree % 3);
      modes.emplace_back(node == 0 ? "BRANCH_LT" : "LEAF");
      values.push_back(static_cast<float>(tree % 7) / 7.0f - 0.5f);
      yes.push_back(1);
      no.push_back(2);
    }
    for (int64_t leaf = 1; leaf < 3; ++leaf) {
      leaf_trees.push_back(tree);
      leaf_nodes.push_back(leaf);
      ids.push_back(tree % 2);
      weights.push_back(static_cast<float>(tree * leaf));
    }
  }
  attributes = {{"nodes_treeids", trees},   {"nodes_nodeids", nodes},       {"nodes_featureids", features},
                {"nodes_modes", modes},     {"nodes_values", values},       {"nodes_truenodeids", yes},
                {"nodes_falsenodeids", no}, {"target_treeids", leaf_trees}, {"target_nodeids", leaf_nodes},
                {"target_ids", ids},        {"target_weights", weights},    {"n_targets", 2}};
  for (const int64_t rows : {int64_t{1}, int64_t{5}, int64_t{700}}) {
    const TestTensor x = made_up({rows, 3});
    Floats expected;
    for (int64_t row = 0; row < rows; ++row) {
      double sums[2] = {0, 0};
      for (int64_t tree = 0; tree < kTrees; ++tree) {
        const bool less = x.at(static_cast<size_t>(row * 3 + tree % 3)) <
                          static_cast<double>(values[static_cast<size_t>(3 * tree)]);
        sums[tree % 2] += static_cast<double>(tree * (less ? 1 : 2));
      }
      expected.push_back(static_cast<float>(sums[0]));
      expected.push_back(static_cast<float>(sums[1]));
    }
    for (const uint32_t threads : {1u, 4u}) {
      TestGraph graph;
      graph.set_threads(threads);
      graph.expect(add(graph, "TreeEnsembleRegressor", graph.input(x), attributes, {kScores})[0],
                   tensor<float>({rows, 2}, expected));
      graph.run();
    }
  }
}

TEST(CpuTreeEnsemble, GivesTheSameBitsWhenAsked) {
  constexpr int64_t kTrees = 3000;
  const auto count = static_cast<size_t>(kTrees);
  Ints roots, targets(count, 0), zeros(count, 0), ones(count, 1);
  std::vector<double> weights;
  for (int64_t tree = 0; tree < kTrees; ++tree) {
    roots.push_back(tree);
    weights.push_back((tree % 2 == 0 ? 1e3 : -1.0) / static_cast<double>(tree + 3));
  }
  const TestAttributes attributes = {{"nodes_featureids", zeros},
                                     {"nodes_modes", tensor<uint8_t>({kTrees}, std::vector<uint8_t>(count, 0))},
                                     {"nodes_splits", tensor<double>({kTrees}, std::vector<double>(count, 0))},
                                     {"nodes_truenodeids", roots},
                                     {"nodes_falsenodeids", roots},
                                     {"nodes_trueleafs", ones},
                                     {"nodes_falseleafs", ones},
                                     {"leaf_targetids", targets},
                                     {"leaf_weights", tensor<double>({kTrees}, weights)},
                                     {"tree_roots", roots},
                                     {"n_targets", 1}};
  std::vector<std::byte> first;
  for (const uint32_t threads : {1u, 2u, 4u}) {
    TestGraph graph;
    graph.set_threads(threads);
    graph.set_option("deterministic", true);
    const auto x = graph.input(tensor<double>({1, 1}, {0}));
    graph.output(add(graph, "TreeEnsemble", x, attributes, {{Type::kFloat64, {-1, -1}, true}}, 5)[0], {1, 1});
    const auto found = graph.run();
    ASSERT_EQ(found.size(), 1u);
    if (first.empty()) first = found[0].bytes;
    EXPECT_EQ(found[0].bytes, first) << threads << " threads";
  }
}

TestAttributes classifier(Ints ids, Floats weights, const char* post = "NONE") {
  TestAttributes attributes = two_trees("class");
  attributes["class_ids"] = std::move(ids);
  attributes["class_weights"] = std::move(weights);
  attributes["post_transform"] = post;
  return attributes;
}

TEST(CpuTreeEnsembleClassifier, ChoosesTheLargestScore) {
  TestGraph graph;
  const auto x = graph.input(tensor<int64_t>({3, 2}, {0, 3, 0, 2, 1, 0}));
  TestAttributes attributes = classifier({0, 1, 2, 1}, {-0.5f, 3, 2, -1});
  attributes["classlabels_strings"] = Strings{"a", "b", "c"};
  const auto out = add(graph, "TreeEnsembleClassifier", x, attributes, {kStringLabels, kScores});
  // Class c gets no vote in the first row, so its 0 does not win.
  graph.expect(out[0], strings({3}, {"a", "b", "c"}));
  graph.expect(out[1], tensor<float>({3, 3}, {-0.5f, -1, 0, 0, 2, 0, 0, -1, 2}));
  graph.run();
}

TEST(CpuTreeEnsembleClassifier, CompletesOneScoreOfTwoClasses) {
  const auto expect = [](Floats weights, const char* post, const Ints& labels, const Floats& scores) {
    TestGraph graph;
    const auto x = graph.input(tensor<float>({2, 2}, {0, 3, 1, 0}));
    TestAttributes attributes = classifier({0, 0, 0, 0}, std::move(weights), post);
    attributes["classlabels_int64s"] = Ints{10, 20};
    const auto out = add(graph, "TreeEnsembleClassifier", x, attributes, {kIntegerLabels, kScores});
    graph.expect(out[0], tensor<int64_t>({2}, labels));
    graph.expect(out[1], tensor<float>({2, 2}, scores));
    graph.run();
  };
  expect({0.75f, 0, 0.25f, 0}, "NONE", {20, 10}, {0.25f, 0.75f, 0.75f, 0.25f});
  expect({0.75f, 0, -0.25f, 0}, "NONE", {20, 10}, {-0.75f, 0.75f, 0.25f, -0.25f});
  expect({0, 0, -1, 0}, "LOGISTIC", {10, 10}, {0.5f, 0.5f, 0.7310586f, 0.2689414f});
  expect({0, 0, -1, 0}, "SOFTMAX", {10, 10}, {0.5f, 0.5f, 0.8807971f, 0.1192029f});
}

TEST(CpuTreeEnsembleClassifier, ChoosesBetweenTwoScoredClasses) {
  TestGraph graph;
  const auto x = graph.input(tensor<double>({2, 2}, {0, 3, 1, 0}));
  TestAttributes attributes = classifier({0, 0, 1, 1}, {0.8f, 0, 0.8f, 0.4f});
  attributes["classlabels_int64s"] = Ints{10, 20};
  attributes["base_values"] = Floats{0, -0.25f};
  const auto out = add(graph, "TreeEnsembleClassifier", x, attributes, {kIntegerLabels, kScores});
  graph.expect(out[0], tensor<int64_t>({2}, {10, 20}));
  graph.expect(out[1], tensor<float>({2, 2}, {0.8f, 0.15f, 0, 0.95f}));
  graph.run();
}

TEST(CpuTreeEnsembleClassifier, GivesLabelsAlone) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2}, {1, 0}));
  TestAttributes attributes = classifier({0, 0, 1, 1}, {1, 0, 1, 0});
  attributes["classlabels_int64s"] = Ints{10, 20};
  const auto out = add(graph, "TreeEnsembleClassifier", x, attributes, {kIntegerLabels, kScores});
  graph.expect(out[0], tensor<int64_t>({1}, {20}));
  graph.run();
}

TestAttributes tree_ensemble() {
  return {{"nodes_featureids", Ints{0, 1}},
          {"nodes_modes", tensor<uint8_t>({2}, {0, 6})},
          {"nodes_splits", tensor<float>({2}, {0.5f, 0})},
          {"nodes_truenodeids", Ints{0, 1}},
          {"nodes_falsenodeids", Ints{1, 0}},
          {"nodes_trueleafs", Ints{1, 1}},
          {"nodes_falseleafs", Ints{1, 1}},
          {"membership_values", tensor<float>({3}, {3, 1.5f, kNan})},
          {"leaf_targetids", Ints{0, 1}},
          {"leaf_weights", tensor<float>({2}, {2, 5})},
          {"tree_roots", Ints{0, 1}},
          {"n_targets", 2}};
}

TEST(CpuTreeEnsemble, TestsMembership) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({3, 2}, {0, 1.5f, 1, 3, 1, 2}));
  graph.expect(add(graph, "TreeEnsemble", x, tree_ensemble(), {kScores}, 5)[0],
               tensor<float>({3, 2}, {2, 5, 0, 10, 2, 5}));
  graph.run();
}

// --- what is wrong with a model is said before it runs ---

std::string reasons(const char* op, const TestAttributes& attributes, int32_t version = 3) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 2}, {0, 0}));
  graph.output(add(graph, op, x, attributes, {kScores}, version)[0]);
  return graph.reasons();
}

void expect_reason(const TestAttributes& attributes, const std::string& part) {
  const std::string found = reasons("TreeEnsembleRegressor", attributes);
  EXPECT_NE(found.find(part), std::string::npos) << "found: " << found << "\nexpected: " << part;
}

TEST(CpuTreeEnsembleRegressor, RefusesListsThatDoNotFit) {
  const TestAttributes good = two_trees("target");
  EXPECT_EQ(reasons("TreeEnsembleRegressor", good), "");
  const auto changed = [&](const std::string& name, TestAttribute value) {
    TestAttributes attributes = good;
    attributes[name] = std::move(value);
    return attributes;
  };
  expect_reason(changed("nodes_values", Floats{1}), "'nodes_values' must have 6 elements, has 1");
  expect_reason(changed("nodes_treeids", Ints{}), "there is no tree");
  expect_reason(changed("nodes_truenodeids", Ints{9, 3, 0, 0, 0, 0}), "true child 9 of tree 0 does not exist");
  expect_reason(changed("nodes_featureids", Ints{-1, 0, 0, 0, 0, 0}), "nodes_featureids holds -1");
  expect_reason(changed("nodes_nodeids", Ints{0, 1, 2, 3, 3, 0}), "node 3 of tree 0 is there twice");
  expect_reason(changed("nodes_modes", Strings{"BRANCH_ODD", "LEAF", "LEAF", "LEAF", "LEAF", "LEAF"}),
                "'BRANCH_ODD', which is no mode");
  expect_reason(changed("target_ids", Ints{0, 0, 1, 0}), "goes to target 1 of 1");
  expect_reason(changed("target_nodeids", Ints{4, 3, 9, 0}), "scored leaf 9 of tree 0 does not exist");
  expect_reason(changed("n_targets", INT64_MAX), "n_targets must be 1 to 16777216");
  expect_reason(changed("target_weights", Floats{1, 2}), "'target_weights' must have 4 elements, has 2");
}

TEST(CpuTreeEnsembleRegressor, RefusesCycles) {
  TestAttributes attributes = two_trees("target");
  attributes["nodes_truenodeids"] = Ints{1, 0, 0, 0, 0, 0};
  expect_reason(attributes, "node 0 is reached from no root: a cycle");
  attributes["nodes_truenodeids"] = Ints{1, 1, 0, 0, 0, 0};
  expect_reason(attributes, "has two roots");
  attributes = two_trees("target");
  attributes["nodes_falsenodeids"] = Ints{1, 4, 0, 0, 0, 0};
  expect_reason(attributes, "has two roots");
}

TEST(CpuTreeEnsembleRegressor, NeedsTheColumnsThatItLooksAt) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 1}, {0}));
  graph.output(add(graph, "TreeEnsembleRegressor", x, two_trees("target"), {kScores})[0]);
  EXPECT_NE(graph.specialize_error().find("looks at column 1, the input has 1"), std::string::npos);
}

TEST(CpuTreeEnsemble, RefusesWhatDoesNotFit) {
  const auto expect = [](const std::string& name, TestAttribute value, const std::string& part) {
    TestAttributes attributes = tree_ensemble();
    attributes[name] = std::move(value);
    const std::string found = reasons("TreeEnsemble", attributes, 5);
    EXPECT_NE(found.find(part), std::string::npos) << "found: " << found << "\nexpected: " << part;
  };
  expect("nodes_falseleafs", Ints{0, 1}, "node 1 is reached twice");
  expect("nodes_truenodeids", Ints{2, 0}, "points at leaf 2 of 2");
  expect("tree_roots", Ints{5}, "points at node 5 of 2");
  expect("tree_roots", Ints{}, "there is no tree");
  expect("nodes_modes", tensor<uint8_t>({2}, {0, 7}), "nodes_modes holds 7");
  expect("membership_values", tensor<float>({1}, {3}), "fewer lists");
  expect("membership_values", tensor<float>({2}, {kNan, kNan}), "more lists");
  expect("leaf_targetids", Ints{0, 2}, "goes to target 2 of 2");
  expect("aggregate_function", 4, "taken: 0 to 3");
}

}  // namespace
}  // namespace bp::cpu::test
