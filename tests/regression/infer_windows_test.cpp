#include <gtest/gtest.h>

#include "infer/infer.hpp"

namespace bp {
namespace {

Graph transposed_convolution(const Dim& last_weight_dim, std::vector<Attribute> attributes) {
  Graph graph;
  graph.opsets = {{"", 17}};
  const Dims image{Dim::of(1), Dim::of(1), Dim::of(3), Dim::of(4)};
  const Dims weights{Dim::of(1), Dim::of(2), Dim::of(3), last_weight_dim};
  Node node;
  node.op_type = "ConvTranspose";
  node.name = "up";
  node.inputs = {graph.add_input("x", ValueType::tensor(ElementType::kFloat32, image)),
                 graph.add_input("w", ValueType::tensor(ElementType::kFloat32, weights))};
  node.outputs = {graph.add_value("y")};
  node.attributes = std::move(attributes);
  graph.add_node(std::move(node));
  return graph;
}

// The dims known before the unknown one were taken for the whole kernel and read past their end.
TEST(InferWindows, AKernelKnownInPartCountsAsUnknown) {
  Graph graph = transposed_convolution(Dim{}, {});
  const Status status = infer_types(graph);
  ASSERT_TRUE(status.ok()) << status.message();
  const ValueType& type = graph.value(graph.node(0).outputs[0]).type;
  ASSERT_EQ(type.dims.size(), 4u);
  EXPECT_EQ(type.dims[1].size, 2);
  EXPECT_FALSE(type.dims[2].known());
  EXPECT_FALSE(type.dims[3].known());
}

// The dilated window's extent did not fit 64 bits.
TEST(InferWindows, AttributesBeyondAnyImageAreRefused) {
  const std::vector<int64_t> huge{INT64_MAX, INT64_MAX};
  Graph graph = transposed_convolution(Dim::of(3), {{"dilations", huge}});
  const Status status = infer_types(graph);
  EXPECT_EQ(status.code(), ErrorCode::kInvalidModel);
  EXPECT_NE(status.message().find("dilations"), std::string::npos) << status.message();
}

}  // namespace
}  // namespace bp
