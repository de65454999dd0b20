#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TEST(CpuStringConcat, Broadcasts) {
  TestGraph graph;
  const auto x = graph.input(strings({2, 1}, {"a", "grün"}));
  const auto y = graph.constant(strings({3}, {"", "1", "zwei"}));
  graph.expect(graph.node("StringConcat", {x, y}),
               strings({2, 3}, {"a", "a1", "azwei", "grün", "grün1", "grünzwei"}));
  graph.run();
}

TEST(CpuStringConcat, ReadsWhatAnEarlierStepMade) {
  TestGraph graph;
  const auto x = graph.input(strings({2}, {"a", "b"}));
  const auto twice = graph.node("StringConcat", {x, x});
  graph.expect(graph.node("StringConcat", {twice, x}), strings({2}, {"aaa", "bbb"}));
  graph.expect(twice, strings({2}, {"aa", "bb"}));
  graph.run();
}

TEST(CpuStringSplit, CutsAtSpacesOrDelimiters) {
  const TestOutput parts{Type::kString, {-1, -1}, true, true};
  const TestOutput counts{Type::kInt64, {2}, true};
  TestGraph graph;
  const auto x = graph.input(strings({2}, {"  a\tb  c ", ""}));
  const auto all = graph.nodes("StringSplit", {x}, {}, {parts, counts});
  graph.expect(all[0], strings({2, 3}, {"a", "b", "c", "", "", ""}));
  graph.expect(all[1], tensor<int64_t>({2}, {3, 0}));
  const auto some = graph.nodes("StringSplit", {x}, {{"maxsplit", 1}}, {parts, counts});
  graph.expect(some[0], strings({2, 2}, {"a", "b  c ", "", ""}));
  const auto y = graph.input(strings({2}, {"a::b::", "::"}));
  const auto cut = graph.nodes("StringSplit", {y}, {{"delimiter", "::"}}, {parts, counts});
  graph.expect(cut[0], strings({2, 3}, {"a", "b", "", "", "", ""}));
  graph.expect(cut[1], tensor<int64_t>({2}, {3, 2}));
  graph.run();
}

TEST(CpuRegexFullMatch, MatchesTheWholeString) {
  TestGraph graph;
  const auto x = graph.input(strings({3}, {"www.onnx.ai", "onnx.ai.", "xx"}));
  const TestOutput flags{Type::kBool, {3}, true};
  graph.expect(graph.node("RegexFullMatch", {x}, {{"pattern", "(\\w+\\.)+ai"}}, flags),
               tensor<bool>({3}, {true, false, false}));
  graph.run();
}

TEST(CpuRegexFullMatch, RefusesWhatIsNoPattern) {
  TestGraph graph;
  const auto x = graph.input(strings({1}, {"a"}));
  graph.output(graph.node("RegexFullMatch", {x}, {{"pattern", "(a"}}, {Type::kBool, {1}, true}));
  EXPECT_NE(graph.reasons().find("'(a' is no regular expression"), std::string::npos) << graph.reasons();
}

TEST(CpuStringNormalizer, ChangesTheCaseOfAllLetters) {
  TestGraph graph;
  const auto x = graph.input(strings({4}, {"Äpfel", "ЯБЛОКО", "ﬁ ß", "x𐐀"}));
  const TestOutput some{Type::kString, {-1}, true, true};
  graph.expect(graph.node("StringNormalizer", {x}, {{"case_change_action", "LOWER"}}, some),
               strings({4}, {"äpfel", "яблоко", "ﬁ ß", "x𐐨"}));
  graph.expect(graph.node("StringNormalizer", {x}, {{"case_change_action", "UPPER"}}, some),
               strings({4}, {"ÄPFEL", "ЯБЛОКО", "ﬁ ß", "X𐐀"}));
  graph.run();
}

TEST(CpuStringNormalizer, DropsStopwords) {
  TestGraph graph;
  const auto x = graph.input(strings({1, 3}, {"Monday", "tuesday", "monday"}));
  const TestOutput some{Type::kString, {1, -1}, true, true};
  const std::vector<std::string> words = {"MONDAY"};
  graph.expect(graph.node("StringNormalizer", {x}, {{"stopwords", words}}, some), strings({1, 1}, {"tuesday"}));
  graph.expect(graph.node("StringNormalizer", {x}, {{"stopwords", words}, {"is_case_sensitive", 1}}, some),
               strings({1, 3}, {"Monday", "tuesday", "monday"}));
  const std::vector<std::string> all = {"monday", "Tuesday"};
  graph.expect(graph.node("StringNormalizer", {x}, {{"stopwords", all}}, some), strings({1, 1}, {""}));
  graph.run();
}

TEST(CpuStrings, EqualComparesCharacters) {
  TestGraph graph;
  const auto x = graph.input(strings({3}, {"a", "ab", ""}));
  const auto y = graph.constant(strings({1}, {"ab"}));
  graph.expect(graph.node("Equal", {x, y}, {}, {Type::kBool, {3}, true}),
               tensor<bool>({3}, {false, true, false}));
  graph.run();
}

TEST(CpuStrings, MoveLikeOtherElements) {
  TestGraph graph;
  const auto x = graph.input(strings({2, 2}, {"a", "bb", "", "dddd"}));
  const auto known = [&](const std::vector<int64_t>& values) {
    const auto count = static_cast<int64_t>(values.size());
    return graph.constant(tensor<int64_t>({count}, values));
  };
  graph.expect(graph.node("Identity", {x}), strings({2, 2}, {"a", "bb", "", "dddd"}));
  graph.expect(graph.node("Reshape", {x, known({4})}, {}, {Type::kString, {4}}),
               strings({4}, {"a", "bb", "", "dddd"}));
  graph.expect(graph.node("Transpose", {x}), strings({2, 2}, {"a", "", "bb", "dddd"}));
  graph.expect(graph.node("Concat", {x, x}, {{"axis", 1}}),
               strings({2, 4}, {"a", "bb", "a", "bb", "", "dddd", "", "dddd"}));
  graph.expect(graph.node("Slice", {x, known({1}), known({2}), known({1})}), strings({2, 1}, {"bb", "dddd"}));
  graph.expect(graph.node("Gather", {x, known({1, 0})}), strings({2, 2}, {"", "dddd", "a", "bb"}));
  const auto at = graph.input(tensor<int64_t>({1, 2}, {1, 0}));
  graph.expect(graph.node("GatherElements", {x, at}), strings({1, 2}, {"", "bb"}));
  graph.expect(graph.node("GatherND", {x, at}, {}, {Type::kString, {1}}), strings({1}, {""}));
  const auto update = graph.input(strings({1, 2}, {"new", "newer"}));
  graph.expect(graph.node("ScatterElements", {x, at, update}), strings({2, 2}, {"a", "newer", "new", "dddd"}));
  graph.expect(graph.node("Expand", {update, known({2, 2})}),
               strings({2, 2}, {"new", "newer", "new", "newer"}));
  graph.expect(graph.node("Tile", {update, known({1, 2})}), strings({1, 4}, {"new", "newer", "new", "newer"}));
  graph.expect(graph.node("Pad", {update, known({0, 1, 0, 0})}), strings({1, 3}, {"", "new", "newer"}));
  const auto flags = graph.input(tensor<bool>({2}, {true, false}));
  graph.expect(graph.node("Where", {flags, x, update}, {}, {Type::kString, {2, 2}}),
               strings({2, 2}, {"a", "newer", "", "newer"}));
  graph.run();
}

TEST(CpuStrings, AreKeptOrFoundOnce) {
  TestGraph graph;
  const auto x = graph.input(strings({4}, {"b", "a", "b", "ab"}));
  const auto keep = graph.input(tensor<bool>({4}, {false, true, true, false}));
  graph.expect(graph.node("Compress", {x, keep}, {}, {Type::kString, {-1}, true, true}),
               strings({2}, {"a", "b"}));
  const auto unique =
      graph.nodes("Unique", {x}, {}, {{Type::kString, {-1}, true, true}, {Type::kInt64, {-1}, true, true}});
  graph.expect(unique[0], strings({3}, {"a", "ab", "b"}));
  graph.expect(unique[1], tensor<int64_t>({3}, {1, 3, 0}));
  graph.run();
}

TEST(CpuStrings, MayBeNone) {
  TestGraph graph;
  const auto x = graph.input(strings({0, 2}, {}));
  graph.expect(graph.node("Concat", {x, x}), strings({0, 2}, {}));
  graph.expect(graph.constant(strings({1}, {"constant"})), strings({1}, {"constant"}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
