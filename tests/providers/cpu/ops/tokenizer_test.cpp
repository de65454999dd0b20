#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

using Strings = std::vector<std::string>;

const Strings kTexts = {"hello  world a", "é bc", ""};

TestGraph::Ref tokens(TestGraph& graph, TestGraph::Ref x, TestAttributes attributes, size_t rank = 2) {
  attributes.emplace("mark", 0);
  attributes.emplace("mincharnum", 1);
  attributes.emplace("pad_value", "#");
  const TestOutput output{Type::kString, Dims(rank, -1), true, true};
  return graph.nodes("Tokenizer", {x}, std::move(attributes), {output}, "com.microsoft", 1)[0];
}

// Expected: ONNX Runtime 1.31.
void expect_tokens(const TestAttributes& attributes, const TestTensor& expected) {
  TestGraph graph;
  graph.expect(tokens(graph, graph.input(strings({3}, kTexts)), attributes), expected);
  graph.run();
}

TEST(CpuTokenizer, CutsAtSeparators) {
  expect_tokens({{"separators", Strings{" "}}},
                strings({3, 3}, {"hello", "world", "a", "é", "bc", "#", "#", "#", "#"}));
  expect_tokens({{"separators", Strings{"o ", " "}}},
                strings({3, 3}, {"hell", "world", "a", "é", "bc", "#", "#", "#", "#"}));
  expect_tokens({{"separators", Strings{"o|l+"}}},
                strings({3, 4}, {"he", "  w", "r", "d a", "é bc", "#", "#", "#", "#", "#", "#", "#"}));
}

TEST(CpuTokenizer, DropsShortTokensAndMarksRows) {
  expect_tokens({{"separators", Strings{" "}}, {"mincharnum", 2}},
                strings({3, 2}, {"hello", "world", "bc", "#", "#", "#"}));
  expect_tokens(
      {{"tokenexp", "[a-z]+|."}, {"mincharnum", 2}, {"mark", 1}},
      strings({3, 4}, {"\x02", "hello", "world", "\x03", "\x02", "bc", "\x03", "#", "\x02", "\x03", "#", "#"}));
}

TEST(CpuTokenizer, CutsIntoCharacters) {
  TestGraph graph;
  const auto x = graph.input(strings({2, 1}, {"é b", "z"}));
  graph.expect(tokens(graph, x, {{"separators", Strings{""}}}, 3),
               strings({2, 1, 3}, {"é", " ", "b", "z", "#", "#"}));
  graph.run();
}

TEST(CpuTokenizer, TakesTheLongestMatch) {
  TestGraph graph;
  const auto x = graph.input(strings({1}, {"ab"}));
  graph.expect(tokens(graph, x, {{"tokenexp", "a|ab"}}), strings({1, 1}, {"ab"}));
  const auto y = graph.input(strings({1}, {""}));
  graph.expect(tokens(graph, y, {{"tokenexp", "[a-z]*"}, {"mark", 1}}), strings({1, 0}, {}));
  graph.run();
}

TEST(CpuTokenizer, RefusesBadAttributes) {
  const auto expect = [](const TestAttributes& attributes, const std::string& part) {
    TestGraph graph;
    graph.output(tokens(graph, graph.input(strings({1}, {"a"})), attributes));
    EXPECT_NE(graph.reasons().find(part), std::string::npos) << graph.reasons();
  };
  expect({}, "found none");
  expect({{"separators", Strings{" "}}, {"tokenexp", "a"}}, "found both");
  expect({{"tokenexp", "("}}, "'(' is no regular expression");
  expect({{"separators", Strings{" "}}, {"mincharnum", 0}}, "must be at least 1, is 0");
}

}  // namespace
}  // namespace bp::cpu::test
