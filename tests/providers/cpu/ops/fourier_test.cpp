// DFT and STFT against the sums of their definition in double.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

using Complex = std::complex<double>;

std::vector<Complex> transform(const std::vector<Complex>& x, int64_t length, bool inverse) {
  std::vector<Complex> y;
  for (int64_t k = 0; k < length; ++k) {
    Complex sum = 0;
    for (int64_t n = 0; n < length && n < static_cast<int64_t>(x.size()); ++n) {
      const double angle =
          2 * std::numbers::pi * static_cast<double>(k * n % length) / static_cast<double>(length);
      sum += x[static_cast<size_t>(n)] * std::polar(1.0, inverse ? angle : -angle);
    }
    y.push_back(inverse ? sum / static_cast<double>(length) : sum);
  }
  return y;
}

// [lines, length] along the middle axis of [outer, length, inner, 2].
TEST(CpuDft, EveryLengthInBothDirections) {
  for (const int64_t n : {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 31, 60, 77, 97, 128, 143, 210, 509}) {
    for (const bool inverse : {false, true}) {
      const TestTensor x = made_up({3, n, 7, 2}, static_cast<uint32_t>(n));
      std::vector<double> y(static_cast<size_t>(3 * n * 7 * 2));
      for (int64_t outer = 0; outer < 3; ++outer) {
        for (int64_t inner = 0; inner < 7; ++inner) {
          const auto at = [&](int64_t k) { return static_cast<size_t>(((outer * n + k) * 7 + inner) * 2); };
          std::vector<Complex> line;
          for (int64_t k = 0; k < n; ++k) line.emplace_back(x.at(at(k)), x.at(at(k) + 1));
          const auto result = transform(line, n, inverse);
          for (int64_t k = 0; k < n; ++k) {
            y[at(k)] = result[static_cast<size_t>(k)].real();
            y[at(k) + 1] = result[static_cast<size_t>(k)].imag();
          }
        }
      }
      std::vector<float> narrow(y.begin(), y.end());
      std::vector<double> wide;
      for (size_t i = 0; i < y.size(); ++i) wide.push_back(x.at(i));
      SCOPED_TRACE(testing::Message() << n << inverse);
      TestGraph graph;
      graph.set_threads(2);
      const auto axis = graph.constant(tensor<int64_t>({}, {1}));
      const TestAttributes attributes{{"inverse", int{inverse}}};
      graph.expect(graph.node("DFT", {graph.input(x), TestGraph::kOmitted, axis}, attributes),
                   tensor<float>({3, n, 7, 2}, narrow), 1e-5);
      graph.expect(
          graph.node("DFT", {graph.input(tensor<double>({3, n, 7, 2}, wide)), TestGraph::kOmitted, axis},
                     attributes),
          tensor<double>({3, n, 7, 2}, y), 1e-12);
      graph.run();
    }
  }
}

TEST(CpuDft, HalfASpectrumAndBack) {
  for (const int64_t n : {6, 7}) {
    std::vector<Complex> line;
    std::vector<float> x;
    for (int64_t i = 0; i < n; ++i) {
      x.push_back(static_cast<float>(i * i % 5) - 1.5f);
      line.emplace_back(x.back());
    }
    std::vector<float> half;
    for (int64_t k = 0; k < n / 2 + 1; ++k) {
      const Complex value = transform(line, n, false)[static_cast<size_t>(k)];
      half.push_back(static_cast<float>(value.real()));
      half.push_back(static_cast<float>(value.imag()));
    }
    TestGraph graph;
    const TestTensor spectrum = tensor<float>({1, n / 2 + 1, 2}, half);
    graph.expect(graph.node("DFT", {graph.input(tensor<float>({1, n, 1}, x))}, {{"onesided", 1}}), spectrum);
    const auto length = graph.known(tensor<int64_t>({}, {n}));
    graph.expect(graph.node("DFT", {graph.input(spectrum), length}, {{"onesided", 1}, {"inverse", 1}}),
                 tensor<float>({1, n, 1}, x));
    graph.run();
  }
}

TEST(CpuDft, CutsAndFillsUp) {
  for (const int64_t length : {3, 9}) {
    const TestTensor x = made_up({5, 1});
    std::vector<Complex> line;
    for (size_t i = 0; i < 5 && static_cast<int64_t>(i) < length; ++i) line.emplace_back(x.at(i));
    std::vector<float> y;
    for (const Complex value : transform(line, length, false)) {
      y.push_back(static_cast<float>(value.real()));
      y.push_back(static_cast<float>(value.imag()));
    }
    TestGraph graph;
    const auto axis = graph.known(tensor<int64_t>({}, {0}));
    graph.expect(graph.node("DFT", {graph.input(x), graph.known(tensor<int64_t>({}, {length})), axis}),
                 tensor<float>({length, 2}, y));
    graph.run();
  }
}

TEST(CpuDft, SaysWhatIsWrong) {
  TestGraph last;
  last.output(last.node(
      "DFT", {last.input(made_up({2, 3, 2})), TestGraph::kOmitted, last.constant(tensor<int64_t>({}, {2}))}));
  EXPECT_NE(last.specialize_error().find("axis 2 is that of real and imaginary parts"), std::string::npos);
  TestGraph parts;
  parts.output(parts.node("DFT", {parts.input(made_up({2, 3, 3}))}));
  EXPECT_NE(parts.specialize_error().find("the last dim must be 1 or 2, is 3"), std::string::npos);
}

TEST(CpuStft, FramesWithAndWithoutAWindow) {
  const TestTensor signal = made_up({2, 40, 1}, 3);
  const TestTensor window = made_up({12}, 4);
  for (const bool windowed : {false, true}) {
    for (const bool half : {false, true}) {
      const int64_t bins = half ? 7 : 12;
      const int64_t frames = (40 - 12) / 5 + 1;
      std::vector<float> y;
      for (int64_t batch = 0; batch < 2; ++batch) {
        for (int64_t frame = 0; frame < frames; ++frame) {
          std::vector<Complex> line;
          for (int64_t i = 0; i < 12; ++i) {
            line.emplace_back(signal.at(static_cast<size_t>(batch * 40 + frame * 5 + i)) *
                              (windowed ? window.at(static_cast<size_t>(i)) : 1.0));
          }
          const auto result = transform(line, 12, false);
          for (int64_t k = 0; k < bins; ++k) {
            y.push_back(static_cast<float>(result[static_cast<size_t>(k)].real()));
            y.push_back(static_cast<float>(result[static_cast<size_t>(k)].imag()));
          }
        }
      }
      TestGraph graph;
      graph.set_threads(3);
      const auto step = graph.constant(tensor<int64_t>({}, {5}));
      std::vector<TestGraph::Ref> inputs{graph.input(signal), step};
      inputs.push_back(windowed ? graph.input(window) : TestGraph::kOmitted);
      inputs.push_back(windowed ? TestGraph::kOmitted : graph.constant(tensor<int64_t>({}, {12})));
      graph.expect(graph.node("STFT", inputs, {{"onesided", int{half}}}, {Type::kFloat32, {-1, -1, -1, -1}}),
                   tensor<float>({2, frames, bins, 2}, y));
      graph.run();
    }
  }
}

TEST(CpuMelWeightMatrix, TrianglesOverBins) {
  TestGraph graph;
  const auto two = graph.constant(tensor<int64_t>({}, {2}));
  const auto length = graph.constant(tensor<int64_t>({}, {8}));
  const auto rate = graph.input(tensor<int64_t>({}, {8000}));
  const auto low = graph.input(tensor<float>({}, {0}));
  const auto high = graph.input(tensor<float>({}, {4000}));
  // Edges at mel 0, 536.5, 1073.0, 1609.5: 0, 426.9, 1114.1, 2220.2 Hz; bins 9 / 8000 per Hz: 0, 0, 1, 2.
  graph.expect(graph.node("MelWeightMatrix", {two, length, rate, low, high}, {}, {Type::kFloat32, {-1, -1}}),
               tensor<float>({5, 2}, {1, 0, 0, 1, 0, 0, 0, 0, 0, 0}));
  graph.run();
}

TEST(CpuDet, AgreesWithRules) {
  TestGraph graph;
  // A product of triangles with known diagonals, rows exchanged once.
  graph.expect(graph.node("Det",
                          {graph.input(tensor<double>({2, 3, 3}, {0, 2, 1, 3, 1, 2, 0, 0, 4,  //
                                                                  1, 2, 3, 2, 4, 6, 7, 8, 9}))},
                          {}, {Type::kFloat64, {-1}}),
               tensor<double>({2}, {-24, 0}), 1e-12);
  graph.expect(graph.node("Det", {graph.input(tensor<float>({1, 1}, {-3}))}, {}, {Type::kFloat32, {}, true}),
               tensor<float>({}, {-3}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
