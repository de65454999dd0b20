// Tests core/src/load/tensor_file.cpp and write_tensor_file.cpp.
#include "load/tensor_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model_helper.hpp"

namespace bp {
namespace {

using testing::HasSubstr;

ValueData tensor(std::vector<int64_t> values) {
  ValueData data;
  data.kind = ValueKind::kTensor;
  data.tensor = Tensor::of_int64({static_cast<int64_t>(values.size())}, values);
  return data;
}

ValueType type_of(ValueKind kind) {
  ValueType type;
  type.kind = kind;
  return type;
}

ValueData round_trip(const ValueData& data) {
  const test::TempFolder folder;
  const std::string path = folder.path() / "v.pb";
  const Status written = write_value_data(path, {"n", data});
  EXPECT_TRUE(written.ok()) << written.message();
  auto read = read_value_data(path, type_of(data.kind));
  EXPECT_TRUE(read.ok()) << read.status().message();
  if (!read.ok()) return {};
  EXPECT_EQ(read->name, "n");
  return read->data;
}

TEST(TensorFile, KeepsSmallAndLargeTensors) {
  EXPECT_EQ(round_trip(tensor({1, -2})).tensor->to_int64(), (std::vector<int64_t>{1, -2}));
  std::vector<int64_t> many(1000);
  for (size_t i = 0; i < many.size(); ++i) many[i] = static_cast<int64_t>(i);
  EXPECT_EQ(round_trip(tensor(many)).tensor->to_int64(), many);
}

TEST(TensorFile, KeepsStrings) {
  ValueData data;
  data.kind = ValueKind::kTensor;
  data.tensor = Tensor::of_strings({2}, std::vector<std::string>{"a", "bc"});
  EXPECT_EQ(round_trip(data).tensor->string_at(1), "bc");
}

TEST(TensorFile, KeepsSequencesMapsAndOptionals) {
  ValueData sequence;
  sequence.kind = ValueKind::kSequence;
  sequence.items = {tensor({1}), tensor({2, 3})};
  ValueData found = round_trip(sequence);
  ASSERT_EQ(found.items.size(), 2U);
  EXPECT_EQ(found.items[1].tensor->to_int64(), (std::vector<int64_t>{2, 3}));

  ValueData map;
  map.kind = ValueKind::kMap;
  map.keys = Tensor::of_strings({2}, std::vector<std::string>{"p", "q"});
  map.items = {tensor({1}), tensor({2})};
  found = round_trip(map);
  EXPECT_EQ(found.keys->string_at(1), "q");
  EXPECT_EQ(found.items[1].tensor->to_int64(), std::vector<int64_t>{2});

  ValueData optional;
  optional.kind = ValueKind::kOptional;
  EXPECT_TRUE(round_trip(optional).items.empty());
  optional.items = {sequence};
  found = round_trip(optional);
  ASSERT_EQ(found.items.size(), 1U);
  EXPECT_EQ(found.items[0].items.size(), 2U);
}

TEST(TensorFileErrors, NameTheFile) {
  const test::TempFolder folder;
  const auto missing = read_value_data(folder.path() / "no.pb");
  EXPECT_EQ(missing.status().code(), ErrorCode::kNotFound);
  const std::string garbage = folder.write("g.pb", "\x4A\x7F");
  EXPECT_THAT(read_value_data(garbage).status().message(), HasSubstr("g.pb"));
  EXPECT_FALSE(read_value_data(garbage, type_of(ValueKind::kSequence)).ok());
  EXPECT_EQ(write_value_data(folder.path() / "none" / "x.pb", {"", tensor({1})}).code(), ErrorCode::kIo);
}

}  // namespace
}  // namespace bp
