#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TEST(CpuResize, DoublesToTheNearest) {
  TestGraph graph;
  const auto x = graph.input(tensor<uint8_t>({1, 1, 2, 2}, {1, 2, 3, 4}));
  const auto scales = graph.constant(tensor<float>({4}, {1, 1, 2, 2}));
  const auto y = graph.node("Resize", {x, TestGraph::kOmitted, scales});
  graph.expect(y, tensor<uint8_t>({1, 1, 4, 4}, {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}));
  graph.run();
}

TEST(CpuResize, InterpolatesBetweenCorners) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 1, 2, 2}, {0, 3, 6, 9}));
  const auto sizes = graph.known(tensor<int64_t>({4}, {1, 1, 3, 4}));
  const auto y = graph.node("Resize", {x, TestGraph::kOmitted, TestGraph::kOmitted, sizes},
                            {{"mode", "linear"}, {"coordinate_transformation_mode", "align_corners"}});
  graph.expect(y, tensor<float>({1, 1, 3, 4}, {0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9}));
  graph.run();
}

// A cubic kernel gives a straight line back, away from the edges.
TEST(CpuResize, CubicKeepsAStraightLine) {
  TestGraph graph;
  const auto x = graph.input(tensor<double>({1, 8}, {0, 1, 2, 3, 4, 5, 6, 7}));
  const auto scales = graph.constant(tensor<float>({1}, {2}));
  const auto y = graph.node("Resize", {x, TestGraph::kOmitted, scales},
                            {{"mode", "cubic"}, {"axes", std::vector<int64_t>{-1}}, {"cubic_coeff_a", -0.5F}});
  graph.output(y, {1, 16});
  const TestTensor result = graph.run().at(0);
  ASSERT_EQ(result.bytes.size(), 16 * sizeof(double));
  for (size_t i = 4; i < 12; ++i) EXPECT_NEAR(result.at(i), (static_cast<double>(i) + 0.5) / 2 - 0.5, 1e-6);
}

TEST(CpuResize, FillsOutsideOfTheRegion) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 3}, {1, 2, 3}));
  const auto roi = graph.constant(tensor<float>({2}, {0, 2}));
  const auto sizes = graph.constant(tensor<int64_t>({1}, {3}));
  const auto y = graph.node("Resize", {x, roi, TestGraph::kOmitted, sizes},
                            {{"mode", "linear"},
                             {"axes", std::vector<int64_t>{1}},
                             {"coordinate_transformation_mode", "tf_crop_and_resize"},
                             {"extrapolation_value", 10.0F}});
  graph.expect(y, tensor<float>({1, 3}, {1, 3, 10}));
  graph.run();
}

TEST(CpuResize, SaysWhichModesItTakes) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 3}, {1, 2, 3}));
  const auto sizes = graph.constant(tensor<int64_t>({2}, {1, 3}));
  graph.output(graph.node("Resize", {x, TestGraph::kOmitted, TestGraph::kOmitted, sizes}, {{"mode", "sinc"}}));
  EXPECT_NE(graph.reasons().find("nearest, linear, cubic"), std::string::npos);
}

}  // namespace
}  // namespace bp::cpu::test
