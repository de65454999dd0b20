// ImageDecoder: the bytes of a picture's file become [height, width, colors].
#include <new>

#include "images/picture.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_image_decoder(Check& check) {
  check.required(0);
  check.types(0, mask(Type::kUint8));
  check.rank_between(0, 1, 1);
  check.string_attribute("pixel_format", "RGB", {"RGB", "BGR", "Grayscale"});
}

struct PictureState final : KernelState {
  Picture picture;
};

enum class Colors { kRgb, kBgr, kGray };

// In place; gray takes a third of the bytes.
void arrange(Colors colors, Picture& picture) {
  auto& pixels = picture.pixels;
  if (colors == Colors::kBgr) {
    for (size_t i = 0; i < pixels.size(); i += 3) std::swap(pixels[i], pixels[i + 2]);
  }
  if (colors == Colors::kGray) {
    // The luma of ITU-R 601-2, in 16 fractional bits.
    for (size_t i = 0; i < pixels.size() / 3; ++i)
      pixels[i] = static_cast<uint8_t>(
          (pixels[3 * i] * 19595u + pixels[3 * i + 1] * 38470u + pixels[3 * i + 2] * 7471u + 0x8000u) >> 16);
  }
}

class DecodeKernel final : public Kernel {
 public:
  DecodeKernel(int64_t bytes, Colors colors, size_t true_dims)
      : bytes_(bytes), colors_(colors), true_dims_(true_dims) {}

  RunError run(const Call& call) const override try {
    Picture& picture = static_cast<PictureState&>(*call.state).picture;
    const std::span<const uint8_t> file(call.in<uint8_t>(0), static_cast<size_t>(bytes_));
    if (const RunError error = read_picture(file, picture)) return error;
    arrange(colors_, picture);
    *call.out<const void*>(1) = picture.pixels.data();
    auto* dims = call.out<int64_t>(true_dims_);
    dims[0] = picture.height;
    dims[1] = picture.width;
    dims[2] = colors_ == Colors::kGray ? 1 : 3;
    return nullptr;
  } catch (const std::bad_alloc&) {
    return "out of memory for the picture";
  }
  std::unique_ptr<KernelState> make_state() const override { return std::make_unique<PictureState>(); }

 private:
  int64_t bytes_;
  Colors colors_;
  size_t true_dims_;
};

void build_image_decoder(Builder& b) {
  const std::string format = b.attributes().string_or("pixel_format", "RGB");
  const Colors colors = format == "BGR" ? Colors::kBgr : format == "Grayscale" ? Colors::kGray : Colors::kRgb;
  const int64_t bytes = b.input_dims(0)[0];
  const size_t true_dims = b.grown_output(0, 3);
  b.step(std::make_unique<DecodeKernel>(bytes, colors, true_dims));
}

constexpr Row kRows[] = {
    {"ImageDecoder", check_image_decoder, build_image_decoder, 20},
};

}  // namespace

std::span<const Row> image_decoder_rows() { return kRows; }

}  // namespace bp::cpu
