// Pictures as inputs: decoded and resized by the stb library, then laid out as the model's input asks.
#pragma once

#include <string>
#include <vector>

#include "backplane/model.hpp"
#include "backplane/status.hpp"
#include "backplane/value.hpp"

namespace bp::cli {

struct ImageOptions {
  // What a sample 0..255 becomes: (sample * scale - mean) / std, per channel or one for all. Integer inputs
  // take the samples as they are.
  double scale = 1.0 / 255.0;
  std::vector<double> mean;
  std::vector<double> std;
  std::string layout = "auto";  // "nchw", "nhwc"; auto: where the input has 1, 3 or 4 channels
};

// Whether the name's ending is one of a picture that can be decoded: .png .jpg .jpeg .pgm .ppm .bmp
bool is_image_file(const std::string& path);

// A batch of one. The picture is made grey or colour as the channels ask and resized to the input's height and
// width (averaging areas when it shrinks, linear when it grows); dims that the model leaves open keep the
// picture's size.
Result<Value> read_image_file(const std::string& path, const ValueInfo& input, const ImageOptions& options);

}  // namespace bp::cli
