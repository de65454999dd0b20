#include "images/picture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace bp::cpu::test {
namespace {

using namespace std::string_view_literals;

// The sentence that reading these bytes ends with.
std::string error_of(std::string_view bytes) {
  Picture picture;
  const std::vector<uint8_t> file(bytes.begin(), bytes.end());
  const RunError error = read_picture(file, picture);
  return error == nullptr ? "" : error;
}

TEST(CpuPicture, NamesTheFormatsThatItKnows) {
  EXPECT_EQ(error_of(""),
            "the picture is in no known format; taken: JPEG, PNG, BMP, PNM, TIFF, WebP, JPEG 2000");
  EXPECT_NE(error_of("GIF89a......").find("no known format"), std::string::npos);
}

// A mark alone is no picture; each reader says so, whether its library is there or not.
TEST(CpuPicture, SaysThatAPictureIsDamaged) {
  for (const std::string_view mark :
       {"\xFF\xD8\xFF\xE0"sv, "RIFF\x10\0\0\0WEBPVP8 "sv, "II*\0\x08\0\0\0"sv, "\0\0\0\x0CjP  \r\n\x87\n"sv,
        "\x89PNG\r\n\x1A\n"sv, "BM\0\0"sv, "P6 2 2 255\n"sv}) {
    EXPECT_NE(error_of(mark), "") << mark;
  }
}

TEST(CpuPicture, RefusesSizesOutOfProportion) {
  Picture picture;
  EXPECT_FALSE(picture.resize(0, 1));
  EXPECT_FALSE(picture.resize(int64_t{1} << 40, 2));
  EXPECT_NE(error_of("P6 99999 99999 255\n123"), "");
}

}  // namespace
}  // namespace bp::cpu::test
