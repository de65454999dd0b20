// DFT and STFT: lines of the input, several side by side, through kernels/fft. 16-bit floats are computed in
// float.
#include <algorithm>
#include <memory>

#include "kernels/fft.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

// Line (o, i) of the input begins at o * outer + i * inner and goes on by `step`; in complex or real elements.
struct LineStrides {
  int64_t outer = 0;
  int64_t inner = 0;
  int64_t step = 0;
};

struct Transform {
  int64_t outer = 1;
  int64_t inner = 1;
  LineStrides in;
  LineStrides out;
  int64_t length = 0;      // of the transform
  int64_t in_length = 0;   // elements read, at most `length`; zeros follow
  int64_t out_length = 0;  // elements written
  bool complex_in = false;
  bool inverse = false;
  bool real_out = false;  // inverse of half a spectrum
  size_t window = SIZE_MAX;
  int threads = 1;
};

template <class T>
class Lines {
  using C = Compute<T>;

 public:
  Lines(const Transform& what, const Fft<C>& fft) : what_(what), fft_(fft) {}

  // Elements of C that one thread needs.
  static int64_t scratch_elements(const Fft<C>& fft) {
    return 2 * fft.length() * Fft<C>::lanes() + fft.scratch_elements();
  }

  void run(const T* x, const T* window, T* y, C* scratch) const {
    const int64_t groups = group_count();
    const int64_t parts = std::min<int64_t>(what_.threads, groups);
    const int64_t work = groups * fft_.length() * Fft<C>::lanes() * 8;
    parallel_for(what_.threads, parts, work, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part) {
        C* own = scratch + part * scratch_elements(fft_);
        for (int64_t g = groups * part / parts; g < groups * (part + 1) / parts; ++g)
          group(g, x, window, y, own);
      }
    });
  }

  int64_t group_count() const { return (what_.outer * what_.inner + Fft<C>::lanes() - 1) / Fft<C>::lanes(); }

 private:
  static int64_t offset(const LineStrides& strides, int64_t line, int64_t inner) {
    return line / inner * strides.outer + line % inner * strides.inner;
  }

  void group(int64_t g, const T* x, const T* window, T* y, C* scratch) const {
    const int64_t lanes = Fft<C>::lanes();
    const int64_t n = what_.length;
    const int64_t first = g * lanes;
    const int64_t count = std::min(lanes, what_.outer * what_.inner - first);
    C* re = scratch;
    C* im = scratch + n * lanes;
    std::fill(re, re + 2 * n * lanes, C(0));
    for (int64_t lane = 0; lane < count; ++lane) {
      load(x + offset(what_.in, first + lane, what_.inner) * (what_.complex_in ? 2 : 1), window, re + lane,
           im + lane);
    }
    C* rest = scratch + 2 * n * lanes;
    what_.inverse ? fft_.run(im, re, rest) : fft_.run(re, im, rest);
    const C scale = what_.inverse ? C(1) / static_cast<C>(n) : C(1);
    const int64_t parts = what_.real_out ? 1 : 2;
    for (int64_t lane = 0; lane < count; ++lane) {
      T* to = y + offset(what_.out, first + lane, what_.inner) * parts;
      for (int64_t k = 0; k < what_.out_length; ++k, to += what_.out.step * parts) {
        to[0] = static_cast<T>(re[k * lanes + lane] * scale);
        if (parts == 2) to[1] = static_cast<T>(im[k * lanes + lane] * scale);
      }
    }
  }

  void load(const T* from, const T* window, C* re, C* im) const {
    const int64_t lanes = Fft<C>::lanes();
    const int64_t width = what_.complex_in ? 2 : 1;
    for (int64_t k = 0; k < what_.in_length; ++k, from += what_.in.step * width) {
      const C factor = window == nullptr ? C(1) : static_cast<C>(window[k]);
      re[k * lanes] = static_cast<C>(from[0]) * factor;
      if (width == 2) im[k * lanes] = static_cast<C>(from[1]) * factor;
    }
    if (!what_.real_out) return;
    // The other half is the conjugate; what has no partner is real.
    const int64_t n = what_.length;
    im[0] = C(0);
    if (n % 2 == 0) im[n / 2 * lanes] = C(0);
    for (int64_t k = 1; k < (n + 1) / 2; ++k) {
      re[(n - k) * lanes] = re[k * lanes];
      im[(n - k) * lanes] = -im[k * lanes];
    }
  }

  const Transform& what_;
  const Fft<C>& fft_;
};

void add_transform(Builder& b, const Transform& what) {
  const size_t out = b.input_count();
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    using C = Compute<T>;
    const auto fft = std::make_shared<const Fft<C>>(what.length);
    const auto parts = std::min<int64_t>(what.threads, Lines<T>(what, *fft).group_count());
    const size_t scratch =
        b.scratch(static_cast<uint64_t>(parts * Lines<T>::scratch_elements(*fft)) * sizeof(C));
    b.run(
        [=](const Call& call) {
          const T* window = what.window == SIZE_MAX ? nullptr : call.in<T>(what.window);
          Lines<T>(what, *fft).run(call.in<T>(0), window, call.out<T>(out), call.out<C>(scratch));
        },
        "fft");
  });
}

int64_t one_int(const Builder& b, size_t input, const char* name) {
  const HostTensor& value = b.needed_value(input);
  if (value.count() != 1) b.fail(text(name, " must be one element, has ", value.count()));
  return value.ints()[0];
}

void check_dft(Check& check) {
  check.required(0);
  check.types(0, kFloats);
  check.types(1, kIndices);
  check.types(2, kIndices);
  check.want_value(1);
  check.want_value(2);
}

void build_dft(Builder& b) {
  Dims dims = b.input_dims(0);
  const int64_t rank = b.rank(0);
  if (rank < 2) b.fail(text("input 0 must have at least 2 dims, has ", rank));
  if (dims.back() != 1 && dims.back() != 2) b.fail(text("the last dim must be 1 or 2, is ", dims.back()));
  const int64_t axis = b.axis(b.has_input(2) ? one_int(b, 2, "axis") : -2, rank);
  if (axis == rank - 1) b.fail(text("axis ", axis, " is that of real and imaginary parts"));
  const bool half = b.attributes().int_or("onesided", 0) != 0;
  Transform what;
  what.threads = b.threads();
  what.inverse = b.attributes().int_or("inverse", 0) != 0;
  what.real_out = what.inverse && half;
  what.complex_in = dims.back() == 2;
  const int64_t given = dims[static_cast<size_t>(axis)];
  what.length = b.has_input(1) ? one_int(b, 1, "dft_length") : what.real_out ? 2 * (given - 1) : given;
  if (what.length < 1) b.fail(text("the transform's length must be at least 1, is ", what.length));
  what.in_length = std::min(given, what.real_out ? what.length / 2 + 1 : what.length);
  what.out_length = half && !what.inverse ? what.length / 2 + 1 : what.length;
  what.outer = element_count(Dims(dims.begin(), dims.begin() + axis));
  what.inner = element_count(Dims(dims.begin() + axis + 1, dims.end() - 1));
  what.in = {given * what.inner, 1, what.inner};
  what.out = {what.out_length * what.inner, 1, what.inner};
  dims[static_cast<size_t>(axis)] = what.out_length;
  dims.back() = what.real_out ? 1 : 2;
  b.output(0, dims);
  add_transform(b, what);
}

void check_stft(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kFloats);
  check.types(1, kIndices);
  check.types(2, kFloats);
  check.types(3, kIndices);
  check.want_value(1);
  check.want_value(3);
}

void build_stft(Builder& b) {
  const Dims& signal = b.input_dims(0);
  // [batch, length] is a real signal as well.
  if (signal.size() != 2 && !(signal.size() == 3 && (signal[2] == 1 || signal[2] == 2))) {
    b.fail(text("input 0 must have dims [batch, length, 1 or 2], has ", dims_text(signal)));
  }
  Transform what;
  what.threads = b.threads();
  what.length = signal[1];
  if (b.has_input(2)) {
    if (b.rank(2) != 1) b.fail(text("input 2 must have 1 dim, has ", b.rank(2)));
    what.length = b.input_dims(2)[0];
    what.window = 2;
  }
  if (b.has_input(3)) {
    const int64_t length = one_int(b, 3, "frame_length");
    if (b.has_input(2) && length != what.length) {
      b.fail(text("frame_length is ", length, ", but the window has ", what.length, " elements"));
    }
    what.length = length;
  }
  const int64_t step = one_int(b, 1, "frame_step");
  if (step < 1) b.fail(text("frame_step must be at least 1, is ", step));
  if (what.length < 1 || what.length > signal[1]) {
    b.fail(text("a frame of ", what.length, " elements does not fit a signal of ", signal[1]));
  }
  const int64_t frames = (signal[1] - what.length) / step + 1;
  what.complex_in = signal.size() == 3 && signal[2] == 2;
  what.in_length = what.length;
  what.out_length = b.attributes().int_or("onesided", 1) != 0 ? what.length / 2 + 1 : what.length;
  what.outer = signal[0];
  what.inner = frames;
  what.in = {signal[1], step, 1};
  what.out = {frames * what.out_length, what.out_length, 1};
  b.output(0, {signal[0], frames, what.out_length, 2});
  add_transform(b, what);
}

constexpr Row kRows[] = {
    {"DFT", check_dft, build_dft, 20},
    {"STFT", check_stft, build_stft, 17},
};

}  // namespace

std::span<const Row> fourier_rows() { return kRows; }

}  // namespace bp::cpu
