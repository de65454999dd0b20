#include "inputs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "npy_file.hpp"

namespace bp::cli {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

ValueInfo input(const std::string& name, std::vector<DimInfo> dims, bool has_default = false,
                ElementType type = ElementType::kFloat32) {
  ValueInfo info;
  info.name = name;
  info.kind = ValueKind::kTensor;
  info.element_type = type;
  info.has_rank = true;
  info.dims = std::move(dims);
  info.has_default = has_default;
  info.type = "float32[...]";
  return info;
}

class Inputs : public ::testing::Test {
 protected:
  // A float32[1] file that holds `number`.
  std::string file(float number) {
    const std::string path = folder_ + "/" + std::to_string(static_cast<int>(number)) + ".npy";
    EXPECT_TRUE(write_npy_file(path, Value::copy_of<float>({1}, std::span(&number, 1)).value()).ok());
    return path;
  }
  float number(const NamedValue& value) { return value.second.as<float>().value()[0]; }
  std::string error() { return flags_.create(inputs_, {}, {}).status().message(); }

  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  const std::string folder_ =
      ::testing::TempDir() + "inputs_" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
  std::vector<ValueInfo> inputs_ = {input("x", {{1, {}}}), input("x=y", {{1, {}}}),
                                    input("w", {{1, {}}}, true)};
  InputFlags flags_;
};

TEST_F(Inputs, OptionalsAreLeftOutAndMapsNeedAFile) {
  ValueInfo maybe = input("maybe", {});
  maybe.kind = ValueKind::kOptional;
  inputs_ = {maybe};
  EXPECT_TRUE(flags_.create(inputs_, {}, {}).value().empty());
  ValueInfo map = input("grades", {});
  map.kind = ValueKind::kMap;
  map.has_rank = false;
  inputs_ = {map};
  flags_.random = true;
  EXPECT_THAT(error(), HasSubstr("input 'grades' is float32[...]: random values are for tensors"));
}

TEST_F(Inputs, NamesDecideAndTheRestGoInOrder) {
  flags_.files = {"x=y=" + file(1), file(2)};
  const auto values = flags_.create(inputs_, {}, {}).value();
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[0].first, "x");
  EXPECT_EQ(number(values[0]), 2);
  EXPECT_EQ(values[1].first, "x=y");
  EXPECT_EQ(number(values[1]), 1);
}

TEST_F(Inputs, UnnamedFilesReachDefaultsLast) {
  flags_.files = {file(1), file(2), file(3)};
  const auto values = flags_.create(inputs_, {}, {}).value();
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(values[2].first, "w");
  EXPECT_EQ(number(values[2]), 3);
}

TEST_F(Inputs, SaysWhatIsWrongWithTheFlags) {
  flags_.files = {"z=" + file(1)};
  EXPECT_THAT(error(), HasSubstr("there is no input 'z'; the model's are 'x', 'x=y', 'w'"));
  flags_.files = {"x=" + file(1), "x=" + file(1)};
  EXPECT_THAT(error(), HasSubstr("input 'x' is given twice"));
  flags_.files = {file(1), file(1), file(1), file(1)};
  EXPECT_THAT(error(), HasSubstr("every input has a value already"));
  flags_.files = {file(1)};
  EXPECT_THAT(error(), HasSubstr("input 'x=y' (float32[...]) has no value"));
  flags_.files = {"x=a.txt"};
  EXPECT_THAT(error(), HasSubstr("a.txt: expected .npy"));
}

TEST_F(Inputs, RandomValuesTakeGivenDimsThenSymbolsThenOne) {
  inputs_ = {input("a", {{-1, "N"}, {-1, "M"}, {3, {}}}), input("b", {{-1, {}}})};
  flags_.random = true;
  const auto values = flags_.create(inputs_, {{"b", {5}}}, {{"N", 4}}).value();
  EXPECT_EQ(values[0].second.dims(), (std::vector<int64_t>{4, 1, 3}));
  EXPECT_EQ(values[1].second.dims(), (std::vector<int64_t>{5}));
}

TEST_F(Inputs, RandomValuesAreRepeatableAndInRange) {
  const Value first = random_input(inputs_[0], {1000}, 1).value(),
              again = random_input(inputs_[0], {1000}, 1).value();
  EXPECT_TRUE(std::ranges::equal(first.as<float>().value(), again.as<float>().value()));
  EXPECT_THAT(first.as<float>().value(), Each(::testing::AllOf(::testing::Ge(0), ::testing::Lt(1))));
  const Value ids = random_input(input("i", {}, false, ElementType::kInt64), {1000}, 1).value();
  EXPECT_THAT(ids.as<int64_t>().value(), Each(::testing::AnyOf(0, 1)));
  EXPECT_EQ(random_input(input("s", {}, false, ElementType::kString), {1}, 1).status().code(),
            ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace bp::cli
