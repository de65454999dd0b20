// MelWeightMatrix: triangles over the bins of a spectrum, evenly spaced on the mel scale.
#include <algorithm>
#include <cmath>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_mel(Check& check) {
  for (size_t i = 0; i < 5; ++i) {
    check.required(i);
    check.types(i, i < 3 ? kIndices : kFloats);
  }
  check.want_value(0);
  check.want_value(1);
  check.output_types(0, kNumbers);
}

int64_t one_int(const Builder& b, size_t input, const char* name) {
  const HostTensor& value = b.needed_value(input);
  if (value.count() != 1) b.fail(text(name, " must be one element, has ", value.count()));
  const int64_t number = value.ints()[0];
  if (number < 1) b.fail(text(name, " must be at least 1, is ", number));
  return number;
}

double to_mel(double hertz) { return 2595.0 * std::log10(1.0 + hertz / 700.0); }
double to_hertz(double mel) { return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0); }

// Bins at which the triangles begin and end.
struct Edges {
  double low = 0;
  double step = 0;
  double scale = 0;  // bins per hertz

  int64_t bin(int64_t edge) const {
    return static_cast<int64_t>(std::floor(scale * to_hertz(low + step * static_cast<double>(edge))));
  }
};

template <class T>
RunError mel_weights(const Edges& edges, int64_t bins, int64_t bands, T* y) {
  std::fill(y, y + bins * bands, T(0));
  const auto set = [&](int64_t bin, int64_t band, int64_t part, int64_t whole) {
    const double weight = static_cast<double>(part) / static_cast<double>(whole);
    y[bin * bands + band] = static_cast<T>(static_cast<Compute<T>>(weight));
  };
  for (int64_t band = 0; band < bands; ++band) {
    const int64_t left = edges.bin(band), centre = edges.bin(band + 1), right = edges.bin(band + 2);
    if (left < 0 || left > centre || centre > right || right > bins) {
      return "the band edges are not in order between 0 and half the sample rate";
    }
    if (left == centre && centre < bins) set(centre, band, 1, 1);
    for (int64_t bin = left; left != centre && bin <= std::min(centre, bins - 1); ++bin) {
      set(bin, band, bin - left, centre - left);
    }
    for (int64_t bin = centre; bin < right; ++bin) set(bin, band, right - bin, right - centre);
  }
  return nullptr;
}

void build_mel(Builder& b) {
  const int64_t bands = one_int(b, 0, "num_mel_bins");
  const int64_t length = one_int(b, 1, "dft_length");
  const int64_t bins = length / 2 + 1;
  b.output(0, {bins, bands});
  const bool wide_rate = b.input_type(2) == Type::kInt64;
  dispatch<kFloats>(b.input_type(3), [&]<class F>(Tag<F>) {
    dispatch<kNumbers>(b.output_type(0), [&]<class T>(Tag<T>) {
      b.run([=](const Call& call) -> RunError {
        const auto rate = static_cast<double>(wide_rate ? *call.in<int64_t>(2) : *call.in<int32_t>(2));
        if (rate < 1) return "the sample rate must be at least 1";
        const double low = to_mel(static_cast<double>(static_cast<Compute<F>>(*call.in<F>(3))));
        const double high = to_mel(static_cast<double>(static_cast<Compute<F>>(*call.in<F>(4))));
        // NaN has no bin.
        if (!(low >= 0) || !(high >= low) || !(to_hertz(high) <= rate)) {
          return "the band edges are not in order between 0 and half the sample rate";
        }
        const Edges edges{low, (high - low) / static_cast<double>(bands + 2),
                          static_cast<double>(length + 1) / rate};
        return mel_weights(edges, bins, bands, call.out<T>(5));
      });
    });
  });
}

constexpr Row kRows[] = {
    {"MelWeightMatrix", check_mel, build_mel, 17},
};

}  // namespace

std::span<const Row> mel_rows() { return kRows; }

}  // namespace bp::cpu
