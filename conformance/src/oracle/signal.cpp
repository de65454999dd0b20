// Fourier transforms, by the sum that defines them.
#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

using Complex = std::complex<double>;

std::vector<Complex> transform(const std::vector<Complex>& x, int64_t length, bool inverse) {
  std::vector<Complex> y(static_cast<size_t>(length));
  for (int64_t k = 0; k < length; ++k) {
    Complex sum = 0;
    for (int64_t n = 0; n < std::min(length, static_cast<int64_t>(x.size())); ++n) {
      const double turn =
          2 * std::numbers::pi * static_cast<double>(k * n % length) / static_cast<double>(length);
      sum += x[static_cast<size_t>(n)] * std::polar(1.0, inverse ? turn : -turn);
    }
    y[static_cast<size_t>(k)] = inverse ? sum / static_cast<double>(length) : sum;
  }
  return y;
}

// x [..., 1 or 2], the axis an input since opset 20.
std::vector<Array> dft(const OracleCall& call) {
  const Array& x = call.in(0);
  const int64_t given =
      call.node.find_attribute("axis") != nullptr ? call.attribute("axis", 1) : call.int_input(2, -2);
  const auto axis = static_cast<size_t>(axis_in(given, x.rank()));
  const bool inverse = call.attribute("inverse", 0) != 0, half = call.attribute("onesided", 0) != 0;
  const int64_t length = call.int_input(1, x.dims[axis]), parts = x.dims.back();
  ConcreteDims dims = x.dims;
  dims[axis] = half ? length / 2 + 1 : length;
  dims.back() = 2;
  Array y(call.out(0), dims);
  const int64_t inner = product(std::span(x.dims).subspan(axis + 1)) / parts;
  const int64_t lines = product(std::span(x.dims).first(axis)) * inner;
  for (int64_t line = 0; line < lines; ++line) {
    std::vector<Complex> values;
    for (int64_t i = 0; i < x.dims[axis]; ++i) {
      const int64_t at = ((line / inner * x.dims[axis] + i) * inner + line % inner) * parts;
      values.emplace_back(x.real(at), parts == 2 ? x.real(at + 1) : 0);
    }
    const std::vector<Complex> result = transform(values, length, inverse);
    for (int64_t i = 0; i < dims[axis]; ++i) {
      const int64_t at = ((line / inner * dims[axis] + i) * inner + line % inner) * 2;
      y.set(at, result[static_cast<size_t>(i)].real());
      y.set(at + 1, result[static_cast<size_t>(i)].imag());
    }
  }
  return {y};
}

// signal [batch, length, 1 or 2], frame step, window, frame length.
std::vector<Array> stft(const OracleCall& call) {
  const Array& x = call.in(0);
  const int64_t step = call.int_input(1, 1), parts = x.dims[2];
  const int64_t length = call.has(3) ? call.int_input(3, 1) : call.in(2).dims[0];
  const bool half = call.attribute("onesided", 1) != 0;
  const int64_t frames = (x.dims[1] - length) / step + 1, bins = half ? length / 2 + 1 : length;
  Array y(call.out(0), {x.dims[0], frames, bins, 2});
  for (int64_t batch = 0; batch < x.dims[0]; ++batch)
    for (int64_t frame = 0; frame < frames; ++frame) {
      std::vector<Complex> values;
      for (int64_t i = 0; i < length; ++i) {
        const int64_t at = (batch * x.dims[1] + frame * step + i) * parts;
        const double weight = call.has(2) ? call.in(2).real(i) : 1;
        values.emplace_back(weight * x.real(at), parts == 2 ? weight * x.real(at + 1) : 0);
      }
      const std::vector<Complex> result = transform(values, length, false);
      for (int64_t bin = 0; bin < bins; ++bin) {
        const int64_t at = ((batch * frames + frame) * bins + bin) * 2;
        y.set(at, result[static_cast<size_t>(bin)].real());
        y.set(at + 1, result[static_cast<size_t>(bin)].imag());
      }
    }
  return {y};
}

constexpr OracleRow kRows[] = {{"", "DFT", dft}, {"", "STFT", stft}};

}  // namespace

std::span<const OracleRow> signal_rows() { return kRows; }

}  // namespace bp::conformance
