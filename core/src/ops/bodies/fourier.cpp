// STFT of a real signal as a convolution: each pair of output channels correlates a frame with the cosine and
// the negative sine of one frequency.
#include <cmath>
#include <numbers>

#include "ops/bodies/families.hpp"

namespace bp::bodies {

bool stft(BodyBuilder& b) {
  const Tensor* step = b.constant(1);
  const Tensor* stated = b.constant(3);
  const Dims* window = b.dims(2);
  const Dims* signal = b.dims(0);
  if (step == nullptr || step->to_int64().size() != 1 || step->to_int64()[0] < 1) return false;
  if (signal == nullptr || b.element(0) != ElementType::kFloat32) return false;
  // [batch, length, 1]; two dims are real as well.
  if (signal->size() != 2 && (signal->size() != 3 || (*signal)[2] != Dim::of(1))) return false;
  int64_t length = 0;
  if (stated != nullptr && stated->to_int64().size() == 1) {
    length = stated->to_int64()[0];
  } else if (!b.has_input(3) && window != nullptr && window->size() == 1 && (*window)[0].known()) {
    length = (*window)[0].size;
  }
  constexpr int64_t kMaxLength = 4096;
  if (length < 1 || length > kMaxLength) return false;
  const int64_t bins = b.node().int_or("onesided", 1) != 0 ? length / 2 + 1 : length;
  // [bins * 2, 1, length]
  std::vector<float> waves;
  waves.reserve(static_cast<size_t>(bins * 2 * length));
  for (int64_t bin = 0; bin < bins; ++bin) {
    for (const bool imaginary : {false, true}) {
      for (int64_t n = 0; n < length; ++n) {
        const double angle =
            2.0 * std::numbers::pi * static_cast<double>(bin * n % length) / static_cast<double>(length);
        waves.push_back(static_cast<float>(imaginary ? -std::sin(angle) : std::cos(angle)));
      }
    }
  }
  ValueId filter = b.tensor(Tensor::of_float({bins * 2, 1, length}, waves));
  if (b.has_input(2)) filter = b.add("Mul", {filter, b.add("Reshape", {b.input(2), b.ints({1, 1, -1})})});
  const ValueId line = b.add("Reshape", {b.input(0), b.ints({0, 1, -1})});
  const ValueId out = b.add("Conv", {line, filter}, {{"strides", std::vector<int64_t>{step->to_int64()[0]}}});
  const ValueId parts = b.add("Reshape", {out, b.ints({0, bins, 2, -1})});
  b.output(b.add("Transpose", {parts}, {{"perm", std::vector<int64_t>{0, 3, 1, 2}}}));
  return true;
}

}  // namespace bp::bodies
