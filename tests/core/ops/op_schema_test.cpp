#include "ops/op_schema.hpp"

#include <gtest/gtest.h>

namespace bp {
namespace {

TEST(OpSchema, FindsTheFormInForce) {
  EXPECT_EQ(since_version("", "Conv", 10), 1);
  EXPECT_EQ(since_version("", "Conv", 21), 11);
  EXPECT_EQ(since_version("", "Conv", 22), 22);
  EXPECT_EQ(since_version("ai.onnx", "Relu", 14), 14);
  EXPECT_EQ(since_version("ai.onnx.ml", "LabelEncoder", 3), 2);
}

TEST(OpSchema, KnowsNoOperatorBeforeItsFirstOpset) {
  EXPECT_EQ(since_version("", "Mish", 17), 0);
  EXPECT_EQ(since_version("", "Mish", 18), 18);
  EXPECT_EQ(first_version("", "Mish"), 18);
  EXPECT_EQ(first_version("", "NoSuchOperator"), 0);
  EXPECT_EQ(find_schema("", "NoSuchOperator", 22).since_version, 0);
}

TEST(OpSchema, TellsStandardDomains) {
  EXPECT_TRUE(is_standard_domain(""));
  EXPECT_TRUE(is_standard_domain("ai.onnx.ml"));
  EXPECT_FALSE(is_standard_domain("com.microsoft"));
  EXPECT_EQ(newest_opset(""), 28);
  EXPECT_EQ(newest_opset("com.microsoft"), 0);
}

TEST(OpSchema, KnowsTheOperatorsThatTheRuntimeAdds) {
  EXPECT_EQ(first_version("com.microsoft", "FusedConv"), 1);
  EXPECT_EQ(first_version("com.microsoft", "Conv"), 0);
  const OpSchema attention = find_schema("com.microsoft", "Attention", 1);
  EXPECT_TRUE(attention.attribute("num_heads")->required);
  EXPECT_EQ(attention.inputs[3].name, "mask_index");
  EXPECT_FALSE(attention.inputs[0].types->accepts(ValueType::tensor(ElementType::kInt8)));
  EXPECT_EQ(since_version("", "SimplifiedLayerNormalization", 14), 1);
}

TEST(OpSchema, ReadsParametersAndAttributes) {
  const OpSchema conv = find_schema("", "Conv", 11);
  ASSERT_EQ(conv.inputs.size(), 3u);
  EXPECT_EQ(conv.inputs[0].name, "X");
  EXPECT_EQ(conv.inputs[2].option, ParameterOption::kOptional);
  EXPECT_EQ(conv.inputs[1].type_name, "T");
  ASSERT_NE(conv.attribute("strides"), nullptr);
  EXPECT_EQ(conv.attribute("strides")->kind, 'I');
  EXPECT_EQ(conv.attribute("stride"), nullptr);
  EXPECT_EQ(conv.input(3), nullptr);

  const OpSchema concat = find_schema("", "Concat", 13);
  EXPECT_EQ(concat.inputs[0].option, ParameterOption::kVariadic);
  EXPECT_NE(concat.input(17), nullptr);
  EXPECT_TRUE(concat.attribute("axis")->required);

  const OpSchema loop = find_schema("", "Loop", 16);
  EXPECT_FALSE(loop.inputs.back().homogeneous);
}

TEST(OpSchema, SpellsTypesThatLibonnxLacks) {
  const OpSchema cast = find_schema("", "Cast", 19);
  EXPECT_TRUE(cast.inputs[0].types->accepts(ValueType::tensor(ElementType::kFloat8E4M3FN)));
  EXPECT_FALSE(cast.inputs[0].types->accepts(ValueType::tensor(ElementType::kInt4)));
  EXPECT_TRUE(find_schema("", "Cast", 21).inputs[0].types->accepts(ValueType::tensor(ElementType::kInt4)));
}

TEST(OpSchema, AcceptsSequencesOptionalsAndMaps) {
  ValueType sequence{ValueKind::kSequence, ElementType::kUndefined, false, {}, {}};
  sequence.contained = std::make_shared<const ValueType>(ValueType::tensor(ElementType::kFloat32));
  const OpSchema at = find_schema("", "SequenceAt", 11);
  EXPECT_TRUE(at.inputs[0].types->accepts(sequence));
  EXPECT_FALSE(at.inputs[0].types->accepts(ValueType::tensor(ElementType::kFloat32)));
  ValueType optional{ValueKind::kOptional, ElementType::kUndefined, false, {}, {}};
  optional.contained = std::make_shared<const ValueType>(sequence);
  EXPECT_TRUE(find_schema("", "OptionalGetElement", 15).inputs[0].types->accepts(optional));
  ValueType map{ValueKind::kMap, ElementType::kString, false, {}, {}};
  map.contained = std::make_shared<const ValueType>(ValueType::tensor(ElementType::kFloat32));
  EXPECT_TRUE(find_schema("ai.onnx.ml", "DictVectorizer", 1).inputs[0].types->accepts(map));
}

}  // namespace
}  // namespace bp
