#include "images/picture.hpp"
#include "images/shared_library.hpp"

#if __has_include(<openjpeg-2.5/openjpeg.h>)
#include <openjpeg-2.5/openjpeg.h>

#include <algorithm>
#include <cstring>

namespace bp::cpu {

namespace {

struct Library {
  decltype(opj_create_decompress)* create = nullptr;
  decltype(opj_set_default_decoder_parameters)* defaults = nullptr;
  decltype(opj_setup_decoder)* setup = nullptr;
  decltype(opj_destroy_codec)* destroy_codec = nullptr;
  decltype(opj_stream_create)* create_stream = nullptr;
  decltype(opj_stream_destroy)* destroy_stream = nullptr;
  decltype(opj_stream_set_read_function)* set_read = nullptr;
  decltype(opj_stream_set_skip_function)* set_skip = nullptr;
  decltype(opj_stream_set_seek_function)* set_seek = nullptr;
  decltype(opj_stream_set_user_data)* set_data = nullptr;
  decltype(opj_stream_set_user_data_length)* set_length = nullptr;
  decltype(opj_read_header)* header = nullptr;
  decltype(opj_decode)* decode = nullptr;
  decltype(opj_image_destroy)* destroy_image = nullptr;
  SharedLibrary file{"libopenjp2.so.7"};

  Library() {
    file.find(create, "opj_create_decompress");
    file.find(defaults, "opj_set_default_decoder_parameters");
    file.find(setup, "opj_setup_decoder");
    file.find(destroy_codec, "opj_destroy_codec");
    file.find(create_stream, "opj_stream_create");
    file.find(destroy_stream, "opj_stream_destroy");
    file.find(set_read, "opj_stream_set_read_function");
    file.find(set_skip, "opj_stream_set_skip_function");
    file.find(set_seek, "opj_stream_set_seek_function");
    file.find(set_data, "opj_stream_set_user_data");
    file.find(set_length, "opj_stream_set_user_data_length");
    file.find(header, "opj_read_header");
    file.find(decode, "opj_decode");
    file.find(destroy_image, "opj_image_destroy");
  }
};

struct Bytes {
  std::span<const uint8_t> data;
  size_t at = 0;
};

OPJ_SIZE_T read_bytes(void* to, OPJ_SIZE_T size, void* user) {
  auto& bytes = *static_cast<Bytes*>(user);
  const size_t count = std::min<size_t>(size, bytes.data.size() - bytes.at);
  if (count == 0) return static_cast<OPJ_SIZE_T>(-1);  // the end
  std::memcpy(to, bytes.data.data() + bytes.at, count);
  bytes.at += count;
  return count;
}
OPJ_BOOL seek_bytes(OPJ_OFF_T to, void* user) {
  auto& bytes = *static_cast<Bytes*>(user);
  if (to < 0 || static_cast<size_t>(to) > bytes.data.size()) return OPJ_FALSE;
  bytes.at = static_cast<size_t>(to);
  return OPJ_TRUE;
}
OPJ_OFF_T skip_bytes(OPJ_OFF_T by, void* user) {
  const auto& bytes = *static_cast<Bytes*>(user);
  return seek_bytes(static_cast<OPJ_OFF_T>(bytes.at) + by, user) == OPJ_TRUE ? by : -1;
}

RunError convert(const opj_image_t& image, Picture& picture) {
  if (image.numcomps < 1 || image.color_space == OPJ_CLRSPC_SYCC || image.color_space == OPJ_CLRSPC_EYCC ||
      image.color_space == OPJ_CLRSPC_CMYK)
    return "the JPEG 2000 picture is in other colors; taken: gray, RGB";
  const opj_image_comp_t& first = image.comps[0];
  if (!picture.resize(first.w, first.h)) return "the JPEG 2000 picture is too large";
  const size_t count = picture.pixels.size() / 3;
  for (uint32_t color = 0; color < 3; ++color) {
    const opj_image_comp_t& plane = image.comps[image.numcomps >= 3 ? color : 0];
    if (plane.w != first.w || plane.h != first.h || plane.data == nullptr || plane.prec < 1 || plane.prec > 16)
      return "the JPEG 2000 picture's colors differ in size; taken: one size, 1 to 16 bits";
    const int32_t lift = plane.sgnd != 0 ? 1 << (plane.prec - 1) : 0;
    for (size_t i = 0; i < count; ++i) {
      const int32_t value = plane.data[i] + lift;
      const int32_t byte = plane.prec >= 8 ? value >> (plane.prec - 8) : value * 255 / ((1 << plane.prec) - 1);
      picture.pixels[3 * i + color] = static_cast<uint8_t>(std::clamp(byte, 0, 255));
    }
  }
  return nullptr;
}

}  // namespace

RunError read_jpeg_2000(std::span<const uint8_t> file, Picture& picture) {
  static const Library library;
  if (!library.file.complete()) return "JPEG 2000 pictures need libopenjp2.so.7, which this machine lacks";
  Bytes bytes{file};
  opj_codec_t* codec = library.create(file[0] == 0 ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K);
  opj_stream_t* stream = library.create_stream(size_t{1} << 16, OPJ_TRUE);
  opj_image_t* image = nullptr;
  RunError error = "libopenjp2 cannot be started";
  if (codec != nullptr && stream != nullptr) {
    opj_dparameters_t parameters{};
    library.defaults(&parameters);
    library.set_read(stream, read_bytes);
    library.set_skip(stream, skip_bytes);
    library.set_seek(stream, seek_bytes);
    library.set_data(stream, &bytes, nullptr);
    library.set_length(stream, file.size());
    const bool read = library.setup(codec, &parameters) == OPJ_TRUE &&
                      library.header(stream, codec, &image) == OPJ_TRUE &&
                      library.decode(codec, stream, image) == OPJ_TRUE;
    error = read ? convert(*image, picture) : "the JPEG 2000 picture is damaged";
  }
  if (image != nullptr) library.destroy_image(image);
  if (stream != nullptr) library.destroy_stream(stream);
  if (codec != nullptr) library.destroy_codec(codec);
  return error;
}

}  // namespace bp::cpu

#else

namespace bp::cpu {
RunError read_jpeg_2000(std::span<const uint8_t>, Picture&) {
  return "JPEG 2000 pictures: this provider was built without libopenjp2";
}
}  // namespace bp::cpu

#endif
