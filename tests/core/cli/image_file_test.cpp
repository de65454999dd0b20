#include "image_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "backplane/tensor_file.hpp"
#include "support/paths.hpp"

namespace bp::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;

ValueInfo input(const std::vector<int64_t>& sizes, ElementType type = ElementType::kFloat32) {
  ValueInfo info;
  info.name = "image";
  info.kind = ValueKind::kTensor;
  info.element_type = type;
  info.has_rank = true;
  for (const int64_t size : sizes) info.dims.push_back({size, {}});
  info.type = "float32[...]";
  return info;
}

class ImageFile : public ::testing::Test {
 protected:
  void write(const std::string& bytes) { std::ofstream(path_, std::ios::binary) << bytes; }
  std::vector<float> read(const ValueInfo& info, const ImageOptions& options = {}) {
    const Value value = read_image_file(path_, info, options).value();
    const auto samples = value.as<float>().value();
    return {samples.begin(), samples.end()};
  }
  std::string error(const ValueInfo& info, const ImageOptions& options = {}) {
    return read_image_file(path_, info, options).status().message();
  }
  void TearDown() override { std::filesystem::remove(path_); }

  const std::string path_ = ::testing::TempDir() + "image_file_" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".ppm";
  // Two pixels side by side: (255, 0, 51) and (0, 102, 255).
  const std::string two_pixels_ = std::string("P6\n2 1\n255\n") + std::string("\xFF\x00\x33\x00\x66\xFF", 6);
};

TEST_F(ImageFile, PlacesChannelsFirstAndLast) {
  write(two_pixels_);
  EXPECT_THAT(read(input({1, 3, 1, 2})),
              ElementsAre(1, 0, 0, FloatNear(0.4F, 1e-6F), FloatNear(0.2F, 1e-6F), 1));
  ImageOptions last;
  last.layout = "nhwc";
  EXPECT_THAT(read(input({1, 1, 2, 3}), last),
              ElementsAre(1, 0, FloatNear(0.2F, 1e-6F), 0, FloatNear(0.4F, 1e-6F), 1));
  EXPECT_THAT(read(input({3, 1, 2})), ElementsAre(1, 0, 0, FloatNear(0.4F, 1e-6F), FloatNear(0.2F, 1e-6F), 1));
}

TEST_F(ImageFile, ScalesThenSubtractsThenDivides) {
  write(two_pixels_);
  ImageOptions options;
  options.scale = 1;
  options.mean = {1, 2, 3};
  options.std = {2, 4, 8};
  EXPECT_THAT(read(input({1, 3, 1, 2}), options), ElementsAre(127, -0.5, -0.5, 25, 6, 31.5));
}

TEST_F(ImageFile, OpenDimsKeepThePictureSize) {
  write(two_pixels_);
  EXPECT_EQ(read_image_file(path_, input({-1, 3, -1, -1}), {}).value().dims(),
            (std::vector<int64_t>{1, 3, 1, 2}));
}

TEST_F(ImageFile, IntegersTakeTheSamples) {
  write(two_pixels_);
  ImageOptions last;
  last.layout = "nhwc";
  const Value value = read_image_file(path_, input({1, 1, 2, 3}, ElementType::kUint8), last).value();
  EXPECT_THAT(value.as<uint8_t>().value(), ElementsAre(255, 0, 51, 0, 102, 255));
}

// The digits example's pictures are its test data, every pixel enlarged: shrinking them by areas gives the data
// back.
TEST_F(ImageFile, ShrinkingAveragesAreas) {
  const std::string digits = (test::source_dir() / "examples/digits").string();
  const Value data = read_value_file(digits + "/test_data_set_0/input_0.pb").value();
  std::ifstream labels(digits + "/test_labels.txt");
  size_t index = 0;
  for (int label = 0; labels >> label && label != 3;) ++index;
  const auto expected = data.as<float>().value().subspan(index * 64, 64);
  const Value found = read_image_file(digits + "/digit_3.png", input({-1, 1, 8, 8}), {}).value();
  const auto samples = found.as<float>().value();
  ASSERT_EQ(samples.size(), 64u);
  for (size_t i = 0; i < 64; ++i) EXPECT_NEAR(samples[i], expected[i], 0.5 / 255 + 1e-5) << "pixel " << i;
}

TEST_F(ImageFile, SaysWhatAPictureCannotFill) {
  write(two_pixels_);
  EXPECT_THAT(error(input({1, 5, 8, 8})), HasSubstr("with 1, 3 or 4 channels"));
  EXPECT_THAT(error(input({1, 3, 4, 8, 8})), HasSubstr("a picture needs"));
  EXPECT_THAT(error(input({2, 3, 8, 8})), HasSubstr("a batch of one only"));
  EXPECT_THAT(error(input({1, 3, 8, 8}, ElementType::kInt64)), HasSubstr("float32 or uint8"));
  ImageOptions options;
  options.mean = {1, 2};
  EXPECT_THAT(error(input({1, 3, 8, 8}), options), HasSubstr("--mean has 2 values, the input has 3 channels"));
  options.mean = {};
  options.std = {0};
  EXPECT_THAT(error(input({1, 3, 8, 8}), options), HasSubstr("--std must not hold 0"));
}

TEST_F(ImageFile, SaysWhyAFileCannotBeRead) {
  EXPECT_THAT(error(input({1, 3, 8, 8})), HasSubstr("cannot be read as a picture"));
  write("P6\n2 1\n255\n");
  EXPECT_THAT(error(input({1, 3, 8, 8})), HasSubstr("cannot be read as a picture"));
  write("no picture");
  EXPECT_THAT(error(input({1, 3, 8, 8})), HasSubstr("cannot be read as a picture"));
  write(two_pixels_.substr(0, two_pixels_.size() - 12));
  EXPECT_THAT(error(input({1, 3, 8, 8})), HasSubstr("cannot be read as a picture"));
}

TEST(IsImageFile, GoesByTheEnding) {
  EXPECT_TRUE(is_image_file("a/b.PNG"));
  EXPECT_TRUE(is_image_file("b.jpeg"));
  EXPECT_FALSE(is_image_file("b.npy"));
  EXPECT_FALSE(is_image_file("png"));
}

}  // namespace
}  // namespace bp::cli
