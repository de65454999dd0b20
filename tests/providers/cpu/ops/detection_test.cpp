#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TEST(CpuNonMaxSuppression, KeepsTheBestOfEachHeap) {
  TestGraph graph;
  const auto boxes = graph.input(tensor<float>({1, 4, 4}, {0, 0, 1, 1, 0, 0.1F, 1, 1.1F,  //
                                                           0, 10, 1, 11, 1, 11, 0, 10}));
  const auto scores = graph.input(tensor<float>({1, 2, 4}, {0.9F, 0.95F, 0.5F, 0.6F, 0, 0, 0, 0.7F}));
  const auto most = graph.input(tensor<int64_t>({1}, {2}));
  const auto overlap = graph.input(tensor<float>({1}, {0.5F}));
  const auto least = graph.input(tensor<float>({1}, {0.1F}));
  graph.expect(graph.node("NonMaxSuppression", {boxes, scores, most, overlap, least}, {},
                          {Type::kInt64, {}, false, true}),
               tensor<int64_t>({3, 3}, {0, 0, 1, 0, 0, 3, 0, 1, 3}));
  graph.run();
}

TEST(CpuNonMaxSuppression, SelectsNothingWithoutALimit) {
  TestGraph graph;
  const auto boxes = graph.input(tensor<float>({1, 1, 4}, {0, 0, 1, 1}));
  const auto scores = graph.input(tensor<float>({1, 1, 1}, {1}));
  graph.expect(graph.node("NonMaxSuppression", {boxes, scores}, {}, {Type::kInt64, {}, false, true}),
               tensor<int64_t>({0, 3}, {}));
  graph.run();
}

// More boxes than are compared at once, equal scores among them, against the definition.
TEST(CpuNonMaxSuppression, ChoosesAmongManyAsDefined) {
  constexpr int64_t kBoxes = 300;
  constexpr float kOverlap = 0.4F, kLeast = 0.05F;
  std::vector<float> boxes, scores;
  for (int64_t i = 0; i < kBoxes; ++i) {
    const auto y = static_cast<float>(i * 37 % 101), x = static_cast<float>(i * 53 % 89);
    boxes.insert(boxes.end(), {y + 20, x, y, x + 15 + static_cast<float>(i % 7)});  // any two corners
    scores.push_back(static_cast<float>(i * 71 % 60) / 60 - (i % 4 == 0 ? 0.2F : 0.0F));
  }
  std::vector<int64_t> order, kept, expected;
  for (int64_t i = 0; i < kBoxes; ++i) {
    if (scores[static_cast<size_t>(i)] > kLeast) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](int64_t left, int64_t right) {
    return scores[static_cast<size_t>(left)] > scores[static_cast<size_t>(right)];
  });
  const auto share = [&](int64_t left, int64_t right) {
    const float *a = &boxes[static_cast<size_t>(4 * left)], *b = &boxes[static_cast<size_t>(4 * right)];
    const float height = std::min(a[0], b[0]) - std::max(a[2], b[2]);
    const float width = std::min(a[3], b[3]) - std::max(a[1], b[1]);
    const float both = std::max(height, 0.0F) * std::max(width, 0.0F);
    return both / ((a[0] - a[2]) * (a[3] - a[1]) + (b[0] - b[2]) * (b[3] - b[1]) - both);
  };
  for (const int64_t i : order) {
    if (std::none_of(kept.begin(), kept.end(), [&](int64_t j) { return share(i, j) > kOverlap; })) {
      kept.push_back(i);
      expected.insert(expected.end(), {0, 0, i});
    }
  }
  ASSERT_GT(kept.size(), 40u);
  TestGraph graph;
  const auto most = graph.input(tensor<int64_t>({1}, {kBoxes}));
  const auto overlap = graph.input(tensor<float>({1}, {kOverlap}));
  const auto least = graph.input(tensor<float>({1}, {kLeast}));
  graph.expect(graph.node("NonMaxSuppression",
                          {graph.input(tensor<float>({1, kBoxes, 4}, boxes)),
                           graph.input(tensor<float>({1, 1, kBoxes}, scores)), most, overlap, least},
                          {}, {Type::kInt64, {}, false, true}),
               tensor<int64_t>({static_cast<int64_t>(kept.size()), 3}, expected), 0);
  graph.run();
}

// The mean over a region of a straight slope is the slope at its middle.
TEST(CpuRoiAlign, AveragesASlope) {
  std::vector<float> slope;
  for (int i = 0; i < 36; ++i) slope.push_back(static_cast<float>(i % 6));
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 1, 6, 6}, slope));
  const auto rois = graph.input(tensor<float>({1, 4}, {1, 1, 5, 5}));
  const auto batch = graph.input(tensor<int64_t>({1}, {0}));
  const auto y = graph.node("RoiAlign", {x, rois, batch},
                            {{"output_height", 1}, {"output_width", 2}, {"sampling_ratio", 2}});
  graph.expect(y, tensor<float>({1, 1, 1, 2}, {1.5F, 3.5F}));
  graph.run();
}

// More samples than are found at a time, several channels and images, regions that reach outside.
TEST(CpuRoiAlign, PoolsEveryChannelOfEveryRegion) {
  constexpr int64_t kHeight = 9, kWidth = 7, kRatio = 11, kChannels = 5;
  const TestTensor x = made_up({2, kChannels, kHeight, kWidth}, 12);
  const std::vector<float> rois{0, 0, 6, 8, 1.5f, 2, 4, 7.5f, -4, 3, 2, 20};
  const std::vector<int64_t> batch{1, 0, 1};
  const auto element = [&](size_t image, int64_t row, int64_t column) {
    return x.at(image * kHeight * kWidth + static_cast<size_t>(row * kWidth + column));
  };
  for (const char* mode : {"avg", "max"}) {
    const bool maximum = mode[0] == 'm';
    std::vector<float> y;
    for (size_t unit = 0; unit < 3 * kChannels * 6; ++unit) {
      const float* roi = rois.data() + unit / (kChannels * 6) * 4;
      const size_t image =
          static_cast<size_t>(batch[unit / (kChannels * 6)]) * kChannels + unit / 6 % kChannels;
      const auto row = static_cast<double>(unit % 6 / 3), column = static_cast<double>(unit % 3);
      double sum = 0, most = -INFINITY;
      for (int i = 0; i < kRatio * kRatio; ++i) {
        double v = roi[1] - 0.5 + (roi[3] - roi[1]) / 2.0 * (row + (i / kRatio + 0.5) / kRatio);
        double u = roi[0] - 0.5 + (roi[2] - roi[0]) / 3.0 * (column + (i % kRatio + 0.5) / kRatio);
        if (v < -1 || v > kHeight || u < -1 || u > kWidth) {
          most = std::max(most, 0.0);
          continue;
        }
        v = std::clamp(v, 0.0, kHeight - 1.0);
        u = std::clamp(u, 0.0, kWidth - 1.0);
        const auto top = static_cast<int64_t>(v), left = static_cast<int64_t>(u);
        for (int corner = 0; corner < 4; ++corner) {
          const int64_t r = std::min<int64_t>(top + corner / 2, kHeight - 1);
          const int64_t c = std::min<int64_t>(left + corner % 2, kWidth - 1);
          const double down = v - static_cast<double>(top), across = u - static_cast<double>(left);
          const double part = (corner / 2 == 1 ? down : 1 - down) * (corner % 2 == 1 ? across : 1 - across) *
                              element(image, r, c);
          sum += part;
          most = std::max(most, part);
        }
      }
      y.push_back(static_cast<float>(maximum ? most : sum / (kRatio * kRatio)));
    }
    TestGraph graph;
    graph.set_threads(3);
    graph.expect(
        graph.node("RoiAlign",
                   {graph.input(x), graph.input(tensor<float>({3, 4}, rois)),
                    graph.input(tensor<int64_t>({3}, batch))},
                   {{"output_height", 2}, {"output_width", 3}, {"sampling_ratio", kRatio}, {"mode", mode}}),
        tensor<float>({3, kChannels, 2, 3}, y));
    graph.run();
  }
}

TEST(CpuMaxRoiPool, BinsOverlapAndOutsideIsZero) {
  std::vector<float> image;
  for (int i = 0; i < 20; ++i) image.push_back(static_cast<float>(i));
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 1, 4, 5}, image));
  // Columns 0 to 4 and rows 0 to 2 in 2 x 2 bins: rows 0-1 and 1-2, columns 0-2 and 2-4. Then all outside.
  const auto rois = graph.input(tensor<float>({2, 5}, {0, 0, 0, 8, 4, 0, 30, 30, 40, 40}));
  graph.expect(graph.node("MaxRoiPool", {x, rois},
                          {{"pooled_shape", std::vector<int64_t>{2, 2}}, {"spatial_scale", 0.5f}}),
               tensor<float>({2, 1, 2, 2}, {7, 9, 12, 14, 0, 0, 0, 0}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
