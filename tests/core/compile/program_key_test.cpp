#include <gtest/gtest.h>

#include "compile/saved_programs.hpp"
#include "support/graph_builder.hpp"

namespace bp::test {
namespace {

struct Keys {
  std::string content, file;
};

// Keys of Relu(x + w), whose w has these numbers and lies in a file.
Keys keys_of(const std::vector<float>& numbers, const FileRange& file, const std::string& op_type = "Relu") {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {2});
  auto tensor = std::make_shared<Tensor>(*Tensor::of_float({2}, numbers));
  tensor->file = file;
  const ValueId w = builder.graph().add_constant("w", tensor);
  builder.output(builder.node(op_type, {builder.node("Add", {x, w}, {2})}, {2}));
  GraphViewOptions options;
  options.canonical_level = 22;
  const auto view = GraphView::of_graph(builder.graph(), options).value();
  return {program_key(*view, {}), program_file_key(*view, {})};
}

TEST(ProgramKey, IsOfTheContentsOfConstantsWhereverTheyLie) {
  const Keys keys = keys_of({1, 2}, {"a", 64, 7});
  EXPECT_EQ(keys_of({1, 2}, {"b", 0, 8}).content, keys.content);
  EXPECT_EQ(keys_of({1, 2}, {}).content, keys.content);
  EXPECT_NE(keys_of({1, 3}, {"a", 64, 7}).content, keys.content);
  EXPECT_NE(keys_of({1, 2}, {"a", 64, 7}, "Neg").content, keys.content);
}

TEST(ProgramKey, OfFilesIsOfTheirVersionsAndPlaces) {
  const Keys keys = keys_of({1, 2}, {"a", 64, 7});
  EXPECT_NE(keys.file, keys.content);
  EXPECT_EQ(keys_of({1, 3}, {"a", 64, 7}).file, keys.file);  // not read
  EXPECT_NE(keys_of({1, 2}, {"a", 64, 8}).file, keys.file);
  EXPECT_NE(keys_of({1, 2}, {"a", 68, 7}).file, keys.file);
  EXPECT_NE(keys_of({1, 2}, {"a", 64, 7}, "Neg").file, keys.file);
}

TEST(ProgramKey, OfFilesIsEmptyWhereNoVersionIsKnown) {
  EXPECT_EQ(keys_of({1, 2}, {}).file, "");
  EXPECT_EQ(keys_of({1, 2}, {"a", 64, 0}).file, "");
}

}  // namespace
}  // namespace bp::test
