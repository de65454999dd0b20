#include "image_file.hpp"

#include <fmt/format.h>
#include <stb_image.h>
#include <stb_image_resize.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

namespace bp::cli {
namespace {

constexpr int64_t kLargestSide = 1 << 16;

// Samples 0..255, interleaved: [height, width, channels].
struct Picture {
  int64_t height = 0, width = 0, channels = 0;
  std::vector<float> samples;
};

// Where an input keeps height, width and channels; -1: it has no such dim.
struct Layout {
  int channel_axis = -1, height_axis = -1, width_axis = -1;
};

bool is_channel_count(const DimInfo& dim) { return dim.size == 1 || dim.size == 3 || dim.size == 4; }

Result<Layout> find_layout(const ValueInfo& input, const std::string& asked) {
  const int rank = static_cast<int>(input.dims.size());
  const auto channels_at = [&](int axis) { return is_channel_count(input.dims[static_cast<size_t>(axis)]); };
  if (input.kind == ValueKind::kTensor && input.has_rank) {
    if (rank == 2) return Layout{-1, 0, 1};
    if (rank == 3 || rank == 4) {
      const int first = rank - 3;
      if (asked == "nchw" || (asked == "auto" && channels_at(first)))
        return Layout{first, first + 1, first + 2};
      if (asked == "nhwc" || (asked == "auto" && channels_at(rank - 1)))
        return Layout{rank - 1, first, first + 1};
    }
  }
  return Status(
      ErrorCode::kInvalidArgument,
      fmt::format("input '{}' is {}: a picture needs [N,C,H,W] or [N,H,W,C] with 1, 3 or 4 channels, without "
                  "N too, or [H,W]; --layout says which where it is open",
                  input.name, input.type));
}

// Whether a PGM or PPM ends before its last sample: stb leaves the rest undefined. Header: "P6", width, height,
// highest sample, apart from each other by white space and comments, then one white space.
bool is_short_pnm(const std::string& path, int64_t sample_count) {
  std::ifstream file(path, std::ios::binary);
  if (file.get() != 'P') return false;
  file.get();
  int64_t highest = 0;
  for (int field = 0; field < 3; ++field) {
    while ((file >> std::ws).peek() == '#') file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    file >> highest;
  }
  const auto begin = file.tellg() + std::streamoff{1};
  file.seekg(0, std::ios::end);
  return !file || file.tellg() - begin < sample_count * (highest > 255 ? 2 : 1);
}

Result<Picture> decode(const std::string& path, int64_t channels) {
  int width = 0, height = 0, found_channels = 0;
  const std::unique_ptr<unsigned char, decltype(&stbi_image_free)> bytes(
      stbi_load(path.c_str(), &width, &height, &found_channels, static_cast<int>(channels)), &stbi_image_free);
  if (!bytes)
    return Status(ErrorCode::kIo,
                  fmt::format("{}: cannot be read as a picture: {}", path, stbi_failure_reason()));
  if (width < 1 || height < 1)
    return Status(ErrorCode::kIo, path + ": cannot be read as a picture: it has no pixels");
  if (is_short_pnm(path, int64_t{height} * width * found_channels))
    return Status(ErrorCode::kIo, path + ": cannot be read as a picture: the file is too short");
  Picture picture{height, width, channels, {}};
  picture.samples.assign(bytes.get(),
                         bytes.get() + static_cast<size_t>(picture.height * picture.width * channels));
  return picture;
}

Result<Picture> resize(Picture source, int64_t height, int64_t width) {
  if (source.height == height && source.width == width) return source;
  Picture result{height, width, source.channels, {}};
  result.samples.resize(static_cast<size_t>(height * width * source.channels));
  const bool shrinks = height <= source.height && width <= source.width;
  const int done = stbir_resize_float_generic(
      source.samples.data(), static_cast<int>(source.width), static_cast<int>(source.height), 0,
      result.samples.data(), static_cast<int>(width), static_cast<int>(height), 0,
      static_cast<int>(source.channels), STBIR_ALPHA_CHANNEL_NONE, 0, STBIR_EDGE_CLAMP,
      shrinks ? STBIR_FILTER_BOX : STBIR_FILTER_TRIANGLE, STBIR_COLORSPACE_LINEAR, nullptr);
  if (!done) return Status(ErrorCode::kOutOfHostMemory, "a picture cannot be resized");
  return result;
}

double of_channel(const std::vector<double>& values, int64_t channel, double otherwise) {
  if (values.empty()) return otherwise;
  return values[values.size() == 1 ? 0 : static_cast<size_t>(channel)];
}

// Writes sample (y, x, c) to its place: strides in elements.
template <class T, class Convert>
void lay_out(const Picture& picture, std::array<int64_t, 3> strides, T* dst, Convert convert) {
  const float* src = picture.samples.data();
  for (int64_t y = 0; y < picture.height; ++y)
    for (int64_t x = 0; x < picture.width; ++x)
      for (int64_t c = 0; c < picture.channels; ++c)
        dst[y * strides[0] + x * strides[1] + c * strides[2]] = convert(*src++, c);
}

Result<Value> to_value(const Picture& picture, const ValueInfo& input, const Layout& layout,
                       const ImageOptions& options) {
  std::vector<int64_t> dims(input.dims.size(), 1);
  dims[static_cast<size_t>(layout.height_axis)] = picture.height;
  dims[static_cast<size_t>(layout.width_axis)] = picture.width;
  if (layout.channel_axis >= 0) dims[static_cast<size_t>(layout.channel_axis)] = picture.channels;
  const bool channels_last = layout.channel_axis > layout.width_axis;
  const std::array<int64_t, 3> strides =
      channels_last ? std::array<int64_t, 3>{picture.width * picture.channels, picture.channels, 1}
                    : std::array<int64_t, 3>{picture.width, 1, picture.height * picture.width};
  BP_ASSIGN_OR_RETURN(Value value, Value::tensor(input.element_type, std::move(dims)));
  void* const data = value.mutable_data();
  if (input.element_type == ElementType::kFloat32) {
    lay_out(picture, strides, static_cast<float*>(data), [&](float sample, int64_t c) {
      return static_cast<float>((sample * options.scale - of_channel(options.mean, c, 0)) /
                                of_channel(options.std, c, 1));
    });
  } else {
    lay_out(picture, strides, static_cast<uint8_t*>(data), [](float sample, int64_t) {
      return static_cast<uint8_t>(std::clamp(std::lround(sample), 0L, 255L));
    });
  }
  return value;
}

Status check_options(const ImageOptions& options, int64_t channels) {
  for (const auto& [name, values] : {std::pair{"--mean", &options.mean}, std::pair{"--std", &options.std}})
    if (values->size() > 1 && std::cmp_not_equal(values->size(), channels))
      return {ErrorCode::kInvalidArgument,
              fmt::format("{} has {} values, the input has {} channels", name, values->size(), channels)};
  for (const double divisor : options.std)
    if (divisor == 0) return {ErrorCode::kInvalidArgument, "--std must not hold 0"};
  return {};
}

}  // namespace

bool is_image_file(const std::string& path) {
  const size_t dot = path.rfind('.');
  if (dot == std::string::npos) return false;
  std::string ending = path.substr(dot + 1);
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::array<std::string_view, 6> kEndings = {"png", "jpg", "jpeg", "pgm", "ppm", "bmp"};
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

Result<Value> read_image_file(const std::string& path, const ValueInfo& input, const ImageOptions& options) {
  if (input.element_type != ElementType::kFloat32 && input.element_type != ElementType::kUint8)
    return Status(ErrorCode::kUnsupported,
                  fmt::format("input '{}' is {}: pictures become float32 or uint8", input.name, input.type));
  BP_ASSIGN_OR_RETURN(const Layout layout, find_layout(input, options.layout));
  const auto size_of = [&](int axis) { return axis < 0 ? 1 : input.dims[static_cast<size_t>(axis)].size; };
  if (input.dims.size() == 4 && input.dims[0].size > 1)
    return Status(ErrorCode::kInvalidArgument,
                  fmt::format("input '{}' is {}: a picture fills a batch of one only", input.name, input.type));
  const int64_t channels = size_of(layout.channel_axis) < 0 ? 3 : size_of(layout.channel_axis);
  if (channels != 1 && channels != 3 && channels != 4)
    return Status(ErrorCode::kInvalidArgument,
                  fmt::format("input '{}' has {} channels: a picture has 1, 3 or 4", input.name, channels));
  BP_RETURN_IF_ERROR(check_options(options, channels));

  BP_ASSIGN_OR_RETURN(Picture picture, decode(path, channels));
  int64_t height = size_of(layout.height_axis), width = size_of(layout.width_axis);
  if (height < 0) height = picture.height;
  if (width < 0) width = picture.width;
  if (height < 1 || width < 1 || height > kLargestSide || width > kLargestSide)
    return Status(ErrorCode::kInvalidArgument,
                  fmt::format("input '{}' is {}: not a size for a picture", input.name, input.type));
  BP_ASSIGN_OR_RETURN(picture, resize(std::move(picture), height, width));
  return to_value(picture, input, layout, options);
}

}  // namespace bp::cli
