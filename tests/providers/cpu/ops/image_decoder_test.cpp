#include <gtest/gtest.h>

#include <string>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

// Two pixels, red and (10, 20, 30), as a binary PNM.
std::vector<uint8_t> pnm() {
  const std::string header = "P6 2 1 255\n";
  std::vector<uint8_t> bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), {255, 0, 0, 10, 20, 30});
  return bytes;
}

// The same as a BMP of 24 bits: rows from the bottom, blue first, padded to four bytes.
std::vector<uint8_t> bmp() {
  std::vector<uint8_t> bytes{'B', 'M', 62, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0,
                             2,   0,   0,  0, 1, 0, 0, 0, 1, 0, 24, 0, 0, 0, 0,  0, 0, 0,
                             8,   0,   0,  0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0,  0, 0, 0};
  bytes.insert(bytes.end(), {0, 0, 255, 30, 20, 10, 0, 0});
  return bytes;
}

TestGraph::Ref decoder(TestGraph& graph, const std::vector<uint8_t>& file, const char* format) {
  const auto bytes = graph.input(tensor<uint8_t>({static_cast<int64_t>(file.size())}, file));
  return graph.nodes("ImageDecoder", {bytes}, {{"pixel_format", format}},
                     {{Type::kUint8, {-1, -1, -1}, true, true}}, "", 20)[0];
}

TEST(CpuImageDecoder, GivesTheColorsInTheOrderAskedFor) {
  for (const auto& file : {pnm(), bmp()}) {
    for (const auto& [format, expected] :
         {std::pair{"RGB", tensor<uint8_t>({1, 2, 3}, {255, 0, 0, 10, 20, 30})},
          std::pair{"BGR", tensor<uint8_t>({1, 2, 3}, {0, 0, 255, 30, 20, 10})},
          std::pair{"Grayscale", tensor<uint8_t>({1, 2, 1}, {76, 18})}}) {
      TestGraph graph;
      graph.expect(decoder(graph, file, format), expected, 0);
      graph.run();
    }
  }
}

TEST(CpuImageDecoder, RefusesAnotherPixelFormat) {
  TestGraph graph;
  graph.output(decoder(graph, pnm(), "CMYK"));
  EXPECT_NE(graph.reasons().find("attribute 'pixel_format' is 'CMYK'"), std::string::npos) << graph.reasons();
}

}  // namespace
}  // namespace bp::cpu::test
