#include "output_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "backplane/tensor_file.hpp"
#include "npy_file.hpp"

namespace bp::cli {
namespace {

using ::testing::HasSubstr;

Value floats(std::vector<int64_t> dims, std::vector<float> elements) {
  return Value::copy_of<float>(std::move(dims), std::span<const float>(elements)).value();
}

TEST(TopText, SortsEachRowAndNamesWhatHasALabel) {
  const std::string text = top_text(floats({2, 3}, {0.5F, 2, 1, NAN, -1, 0}), 2, {"zero", "one"}).value();
  EXPECT_EQ(text,
            "  row 0\n      1             2  one\n      2             1  \n"
            "  row 1\n      2             0  \n      1            -1  one\n");
}

TEST(TopText, EqualElementsKeepTheirOrder) {
  EXPECT_EQ(top_text(floats({3}, {1, 1, 1}), 9, {}).value(),
            "      0             1  \n      1             1  \n      2             1  \n");
}

TEST(TopText, NeedsATensorOfNumbersWithDims) {
  EXPECT_THAT(top_text(floats({}, {1}), 1, {}).status().message(), HasSubstr("at least one dim"));
  const std::vector<std::string> words = {"a"};
  EXPECT_FALSE(top_text(Value::strings({1}, words).value(), 1, {}).ok());
  EXPECT_EQ(top_text(floats({0, 0}, {}), 1, {}).value(), "");
}

TEST(ValueText, ShowsTypeRangeAndTheFirstElements) {
  EXPECT_EQ(value_text(floats({2}, {1.5F, -2})), "float32[2] in [-2, 1.5]: 1.5 -2");
  EXPECT_THAT(value_text(floats({9}, std::vector<float>(9))), HasSubstr(" ..."));
  EXPECT_THAT(value_text(floats({2}, {NAN, 1})), HasSubstr("in [1, 1], 1 NaN"));
  EXPECT_EQ(value_text(floats({0}, {})), "float32[0]");
  EXPECT_THAT(value_text(Value::sequence({floats({1}, {7})})), HasSubstr("\n    float32[1] in [7, 7]: 7"));
  EXPECT_THAT(value_text(Value::sequence(std::vector<Value>(17, floats({1}, {7})))), HasSubstr("7\n    ..."));
}

TEST(SaveOutputs, WritesNpyAndPbWhereNumPyHasNoType) {
  const std::string folder = ::testing::TempDir() + "save_outputs/deep";
  const std::vector<Value> values = {floats({1}, {3}), Value::tensor(ElementType::kBfloat16, {2}).value()};
  ASSERT_TRUE(save_outputs(values, {"a", "b"}, folder, false).ok());
  EXPECT_EQ(read_npy_file(folder + "/output_0.npy").value().as<float>().value()[0], 3);
  EXPECT_EQ(read_value_file(folder + "/output_1.pb").value().type_string(), "bfloat16[2]");
  ASSERT_TRUE(save_outputs(values, {"a", "b"}, folder, true).ok());
  EXPECT_EQ(read_value_file(folder + "/output_0.pb").value().as<float>().value()[0], 3);
  std::filesystem::remove_all(::testing::TempDir() + "save_outputs");
  EXPECT_EQ(save_outputs(values, {"a", "b"}, "/proc/none", false).code(), ErrorCode::kIo);
}

TEST(ReadLabels, OneForEachLine) {
  const std::string path = ::testing::TempDir() + "labels.txt";
  std::ofstream(path) << "a b\n\nc\n";
  EXPECT_EQ(read_labels(path).value(), (std::vector<std::string>{"a b", "", "c"}));
  std::filesystem::remove(path);
  EXPECT_EQ(read_labels(path).status().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace bp::cli
