#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

using Ints = std::vector<int64_t>;

TestAttributes grams(const char* mode) {
  return {{"mode", mode},
          {"min_gram_length", 1},
          {"max_gram_length", 2},
          {"max_skip_count", 1},
          {"ngram_counts", Ints{0, 2}},
          {"ngram_indexes", Ints{3, 0, 1, 2}},
          {"pool_int64s", Ints{7, 8, 7, 8, 8, 9}}};
}

// The rows hold 7 twice; 7 8 beside each other and one apart; 8 9 one apart.
const std::vector<int32_t> kItems = {7, 8, 8, 9, 1, 7, 1, 1};

TEST(CpuTfIdfVectorizer, CountsWithSkips) {
  TestGraph graph;
  const auto x = graph.input(tensor<int32_t>({2, 4}, kItems));
  graph.expect(graph.node("TfIdfVectorizer", {x}, grams("TF"), {Type::kFloat32, {2, 4}, true}),
               tensor<float>({2, 4}, {2, 2, 2, 1, 0, 0, 0, 1}));
  graph.run();
}

TEST(CpuTfIdfVectorizer, WeighsNGrams) {
  TestGraph graph;
  const auto x = graph.input(tensor<int32_t>({2, 4}, kItems));
  TestAttributes attributes = grams("IDF");
  attributes["weights"] = std::vector<float>{0.5f, 2, 3, 4};
  graph.expect(graph.node("TfIdfVectorizer", {x}, attributes, {Type::kFloat32, {2, 4}, true}),
               tensor<float>({2, 4}, {2, 3, 4, 0.5f, 0, 0, 0, 0.5f}));
  attributes["mode"] = "TFIDF";
  graph.expect(graph.node("TfIdfVectorizer", {x}, attributes, {Type::kFloat32, {2, 4}, true}),
               tensor<float>({2, 4}, {4, 6, 8, 0.5f, 0, 0, 0, 0.5f}));
  graph.run();
}

TEST(CpuTfIdfVectorizer, TakesStrings) {
  TestGraph graph;
  const auto x = graph.input(strings({4}, {"to", "be", "or", "be"}));
  TestAttributes attributes = grams("TF");
  attributes.erase("pool_int64s");
  attributes["pool_strings"] = std::vector<std::string>{"be", "x", "to", "be", "be", "or"};
  attributes["max_skip_count"] = 0;
  graph.expect(graph.node("TfIdfVectorizer", {x}, attributes, {Type::kFloat32, {4}, true}),
               tensor<float>({4}, {0, 1, 1, 2}));
  graph.run();
}

std::string error_of(const std::string& name, TestAttribute value) {
  TestGraph graph;
  const auto x = graph.input(tensor<int64_t>({2}, {1, 2}));
  TestAttributes attributes = grams("TF");
  attributes[name] = std::move(value);
  graph.output(graph.node("TfIdfVectorizer", {x}, attributes, {Type::kFloat32, {-1}, true}));
  return graph.specialize_error();
}

TEST(CpuTfIdfVectorizer, RefusesPoolsThatDoNotFit) {
  EXPECT_NE(error_of("ngram_counts", Ints{0, 9}).find("ngram_counts [0,9] does not cut"), std::string::npos);
  EXPECT_NE(error_of("ngram_counts", Ints{0, 3}).find("does not cut"), std::string::npos);
  EXPECT_NE(error_of("ngram_indexes", Ints{0, 1}).find("the pool has more n-grams"), std::string::npos);
  EXPECT_NE(error_of("ngram_indexes", Ints{0, 1, 2, 3, 4}).find("the pool has 4 n-grams"), std::string::npos);
  EXPECT_NE(error_of("weights", std::vector<float>{1, 2}).find("weights must have 4 elements"),
            std::string::npos);
  EXPECT_NE(error_of("ngram_indexes", Ints{0, 1, -2, 3}).find("none below 0"), std::string::npos);
}

}  // namespace
}  // namespace bp::cpu::test
