#include "harness/test_graph.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "groups/corpus/corpus_folder.hpp"
#include "groups/operators/build_case.hpp"

namespace bp::conformance {
namespace {

TEST(Bundle, IsAFolderThatTheCorpusGroupReadsBack) {
  const auto folder = std::filesystem::temp_directory_path() / ("bundle" + std::to_string(::getpid()));
  const auto& cases = operator_cases();
  const auto one = std::find_if(cases.begin(), cases.end(),
                                [](const OperatorCase& c) { return c.info.id == "ops.Clip.float32.plain"; });
  ASSERT_NE(one, cases.end());
  TestGraph test = build_case(*one, 3);
  test.expected = expected_outputs(*test.graph, test.inputs);
  write_bundle(folder.string(), test, test.expected);

  const auto found = find_corpus_cases(folder.string());
  ASSERT_EQ(found.size(), 1u);
  const LoadedModel model = load_case_model(found[0].path);
  const auto sets = data_sets_of(found[0].path);
  ASSERT_EQ(sets.size(), 1u);
  bool is_plain = false;
  const TestGraph again = load_data_set(model, sets[0], is_plain);
  EXPECT_TRUE(is_plain);
  ASSERT_EQ(again.inputs.size(), 1u);
  EXPECT_TRUE(
      std::equal(again.inputs[0]->bytes.begin(), again.inputs[0]->bytes.end(), test.inputs[0]->bytes.begin()));
  ASSERT_EQ(again.expected.size(), 1u);
  EXPECT_TRUE(std::equal(again.expected[0]->bytes.begin(), again.expected[0]->bytes.end(),
                         test.expected[0]->bytes.begin()));
  EXPECT_EQ(again.graph->node(0).op_type, "Clip");
  EXPECT_TRUE(std::filesystem::exists(folder / "test_data_set_0" / "found_0.pb"));
  std::filesystem::remove_all(folder);
}

TEST(CorpusFolder, SaysWhatItExpected) { EXPECT_THROW(find_corpus_cases("/nowhere"), std::runtime_error); }

}  // namespace
}  // namespace bp::conformance
