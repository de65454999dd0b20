// Tests core/src/load/convert_tensor.cpp, typed_data.cpp and lift.cpp: where a tensor's bytes come from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/mapped_file.hpp"
#include "load/lift.hpp"
#include "model_helper.hpp"

namespace bp {
namespace {

using test::add_initializer;
using test::load;
using test::load_error;
using test::make_model;
using testing::HasSubstr;

onnx::ModelProto one_tensor(std::initializer_list<int64_t> dims, int32_t type, onnx::TensorProto** tensor) {
  onnx::ModelProto proto = make_model();
  *tensor = add_initializer(*proto.mutable_graph(), "w", dims, type);
  return proto;
}

TensorPtr tensor_of(const Result<LoadedModel>& model) {
  if (!model.ok()) {
    ADD_FAILURE() << model.status().message();
    return nullptr;
  }
  return model->graph->value(*model->graph->find_value("w")).constant;
}

TEST(TensorData, BigPayloadsAreSpansOfTheFile) {
  onnx::TensorProto* tensor = nullptr;
  onnx::ModelProto proto = one_tensor({1024}, 1, &tensor);
  std::string payload(4096, '\0');
  for (size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i * 7);
  tensor->set_raw_data(payload);
  const test::TempFolder folder;
  const std::string path = folder.write("m.onnx", proto);
  const TensorPtr found = tensor_of(load_model_file(path));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->file.path, path);
  EXPECT_EQ(std::memcmp(found->bytes.data(), payload.data(), payload.size()), 0);
  const auto file = MappedFile::open(path);
  EXPECT_EQ(std::memcmp((*file)->bytes().data() + found->file.offset, payload.data(), payload.size()), 0);
  MappedFile::drop_resident(found->bytes);  // comes back from the file
  EXPECT_EQ(std::memcmp(found->bytes.data(), payload.data(), payload.size()), 0);
}

TEST(TensorData, PayloadsAreLiftedFromBodiesAndAttributesToo) {
  onnx::ModelProto proto = make_model();
  auto* value = test::add_attribute(*test::add_node(*proto.mutable_graph(), "Constant", "", {}, {"w"}), "value",
                                    onnx::AttributeProto::TENSOR);
  value->mutable_t()->set_data_type(2);
  value->mutable_t()->add_dims(5000);
  value->mutable_t()->set_raw_data(std::string(5000, 'q'));
  const std::string bytes = proto.SerializeAsString();
  const Result<Lifted> lifted = lift_payloads(std::as_bytes(std::span(bytes)), LiftRoot::kModel);
  ASSERT_TRUE(lifted.ok());
  ASSERT_EQ(lifted->payloads.size(), 1U);
  EXPECT_EQ(lifted->payloads[0].size, 5000U);
  EXPECT_LT(lifted->message.size(), 200U);
  const TensorPtr found = tensor_of(load(proto));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bytes.size(), 5000U);
}

TEST(TensorData, PackedFloatsAreLifted) {
  onnx::TensorProto* tensor = nullptr;
  onnx::ModelProto proto = one_tensor({500}, 1, &tensor);
  for (int i = 0; i < 500; ++i) tensor->add_float_data(static_cast<float>(i));
  const TensorPtr found = tensor_of(load(proto));
  ASSERT_TRUE(found);
  float last = 0;
  std::memcpy(&last, found->bytes.data() + 499 * sizeof(float), sizeof last);
  EXPECT_EQ(last, 499.0F);
  tensor->set_data_type(7);
  EXPECT_THAT(load_error(proto), HasSubstr("a int64 tensor may not keep its data in float_data"));
}

TEST(TensorData, TypedFieldsBecomeTheTypesOwnBytes) {
  struct Case {
    int32_t type;
    std::vector<int32_t> entries;
    std::vector<uint8_t> bytes;
  };
  const Case cases[] = {
      {3, {-1, 2}, {0xFF, 2}},                           // int8
      {2, {255, 2}, {0xFF, 2}},                          // uint8
      {9, {1, 0}, {1, 0}},                               // bool
      {10, {0x3C00, 0x8000}, {0, 0x3C, 0, 0x80}},        // float16, as bits
      {16, {0x3F80, 0xBF80}, {0x80, 0x3F, 0x80, 0xBF}},  // bfloat16
      {5, {-2, 3}, {0xFE, 0xFF, 3, 0}},                  // int16
      {17, {0x38, 0xB8}, {0x38, 0xB8}},                  // float8
  };
  for (const Case& item : cases) {
    onnx::TensorProto* tensor = nullptr;
    onnx::ModelProto proto = one_tensor({2}, item.type, &tensor);
    for (const int32_t entry : item.entries) tensor->add_int32_data(entry);
    const TensorPtr found = tensor_of(load(proto));
    ASSERT_TRUE(found) << item.type;
    EXPECT_TRUE(std::ranges::equal(found->bytes, std::as_bytes(std::span(item.bytes)))) << item.type;
  }
}

TEST(TensorData, WideTypedFields) {
  onnx::TensorProto* tensor = nullptr;
  onnx::ModelProto proto = one_tensor({1}, 12, &tensor);  // uint32
  tensor->add_uint64_data(4294967295);
  EXPECT_EQ(tensor_of(load(proto))->to_int64(), std::vector<int64_t>{4294967295});
  tensor->set_uint64_data(0, 4294967296);
  EXPECT_THAT(load_error(proto),
              HasSubstr("initializer 'w': uint64_data[0] is 4294967296, which is no uint32"));
  proto = one_tensor({1}, 14, &tensor);  // complex64
  tensor->add_float_data(1);
  EXPECT_THAT(load_error(proto), HasSubstr("float_data has 1 entries, the dims need 2"));
  tensor->add_float_data(2);
  EXPECT_EQ(tensor_of(load(proto))->bytes.size(), 8U);
  proto = one_tensor({2}, 8, &tensor);  // string
  tensor->add_string_data("a");
  tensor->add_string_data("bc");
  EXPECT_EQ(tensor_of(load(proto))->string_at(1), "bc");
}

TEST(TensorData, ZeroSizedTensorsAreLegal) {
  onnx::TensorProto* tensor = nullptr;
  EXPECT_EQ(tensor_of(load(one_tensor({0, 3}, 1, &tensor)))->count(), 0);
  EXPECT_EQ(tensor_of(load(one_tensor({0}, 8, &tensor)))->count(), 0);
}

TEST(TensorDataErrors, SizesMustFit) {
  onnx::TensorProto* tensor = nullptr;
  onnx::ModelProto proto = one_tensor({3}, 1, &tensor);
  tensor->set_raw_data("1234");
  EXPECT_THAT(load_error(proto), HasSubstr("initializer 'w': float32[3] needs 12 bytes, raw_data has 4"));
  tensor->set_raw_data(std::string(4096, 'x'));
  EXPECT_THAT(load_error(proto), HasSubstr("float32[3] needs 12 bytes, raw_data has 4096"));
  EXPECT_THAT(load_error(one_tensor({2}, 1, &tensor)), HasSubstr("float_data has 0 entries, the dims need 2"));
  EXPECT_THAT(load_error(one_tensor({-2}, 1, &tensor)), HasSubstr("dims [-2] contain a negative size"));
  EXPECT_THAT(load_error(one_tensor({1LL << 40, 1LL << 40}, 1, &tensor)), HasSubstr("more than 2^63 elements"));
  EXPECT_THAT(load_error(one_tensor({1LL << 62}, 15, &tensor)), HasSubstr("more than 2^63 bytes"));
  EXPECT_THAT(load_error(one_tensor({1}, 77, &tensor)), HasSubstr("element type 77 is unknown"));
  EXPECT_THAT(load_error(one_tensor({1}, 0, &tensor)), HasSubstr("element type 0 is unknown"));
}

TEST(TensorDataErrors, DataInTwoFieldsContradicts) {
  onnx::TensorProto* tensor = nullptr;
  onnx::ModelProto proto = one_tensor({1}, 1, &tensor);
  tensor->set_raw_data("1234");
  tensor->add_float_data(1);
  EXPECT_THAT(load_error(proto), HasSubstr("more than one field"));
  proto = one_tensor({1024}, 1, &tensor);
  tensor->set_raw_data(std::string(4096, 'x'));
  tensor->add_int32_data(1);
  EXPECT_THAT(load_error(proto), HasSubstr("more than one field"));
}

TEST(TensorDataErrors, SegmentsCannotPretendToBeLifted) {
  onnx::TensorProto* tensor = nullptr;
  onnx::ModelProto proto = one_tensor({1}, 1, &tensor);
  tensor->mutable_segment()->set_begin(0);
  tensor->mutable_segment()->set_end(1);
  EXPECT_THAT(load_error(proto), HasSubstr("segments are not supported"));
}

TEST(TensorDataErrors, DenseFormsOfSparseTensorsAreBounded) {
  onnx::ModelProto proto = make_model();
  auto* sparse = proto.mutable_graph()->add_sparse_initializer();
  sparse->add_dims(1LL << 40);
  sparse->mutable_values()->set_name("w");
  sparse->mutable_values()->set_data_type(1);
  sparse->mutable_values()->add_dims(0);
  sparse->mutable_indices()->set_data_type(7);
  sparse->mutable_indices()->add_dims(0);
  EXPECT_THAT(load_error(proto), HasSubstr("the limit is"));
}

}  // namespace
}  // namespace bp
