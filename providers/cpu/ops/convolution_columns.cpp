// Gathering the columns of a convolution with any number of spatial dims.
#include "ops/convolution_columns.hpp"

#include <cstring>

#include "constants.hpp"
#include "kernels/column_conv.hpp"

namespace bp::cpu {

namespace {

constexpr int64_t kOutside = -1;
constexpr int64_t kWidestPanel = 64;  // of all PanelKernels

// Where the taps of a kernel meet the input, dim by dim: at[dim][out * kernel + k] is the input's coordinate or
// kOutside.
struct Meeting {
  Dims in;
  Dims out;
  Dims kernel;
  std::vector<std::vector<int64_t>> at;
};

Meeting find_meeting(bool transposed, const Dims& in, const Dims& out, const Window& window) {
  Meeting meeting{in, out, window.kernel, {}};
  for (size_t d = 0; d < in.size(); ++d) {
    std::vector<int64_t>& at = meeting.at.emplace_back();
    for (int64_t o = 0; o < out[d]; ++o) {
      for (int64_t k = 0; k < window.kernel[d]; ++k) {
        int64_t i = 0;
        if (transposed) {
          const int64_t reach = o + window.pads_begin[d] - k * window.dilations[d];
          i = reach % window.strides[d] == 0 ? reach / window.strides[d] : kOutside;
        } else {
          i = o * window.strides[d] - window.pads_begin[d] + k * window.dilations[d];
        }
        at.push_back(i >= 0 && i < in[d] ? i : kOutside);
      }
    }
  }
  return meeting;
}

// Where one tap meets the input at `count` positions from `position` on: offsets in a plane, or kOutside.
void find_offsets(const Meeting& meeting, int64_t tap, int64_t position, int64_t count, int64_t* offsets) {
  for (int64_t i = 0; i < count; ++i) {
    int64_t place = position + i;
    int64_t rest = tap;
    int64_t offset = 0;
    int64_t step = 1;
    for (size_t d = meeting.in.size(); d-- > 0;) {
      const int64_t at = meeting.at[d][static_cast<size_t>(place % meeting.out[d] * meeting.kernel[d] +
                                                           rest % meeting.kernel[d])];
      offset = at == kOutside || offset == kOutside ? kOutside : offset + at * step;
      place /= meeting.out[d];
      rest /= meeting.kernel[d];
      step *= meeting.in[d];
    }
    offsets[i] = offset;
  }
}

// The columns of the positions [position, position + count) from the planes of one group.
template <class T, class C>
void gather_columns(const Meeting& meeting, const T* planes, int64_t channels, int64_t position, int64_t count,
                    C* panel, int64_t width) {
  const int64_t taps = element_count(meeting.kernel);
  const int64_t area = element_count(meeting.in);
  int64_t offsets[kWidestPanel];
  for (int64_t tap = 0; tap < taps; ++tap) {
    find_offsets(meeting, tap, position, count, offsets);
    for (int64_t c = 0; c < channels; ++c) {
      C* to = panel + (c * taps + tap) * width;
      const T* plane = planes + c * area;
      for (int64_t i = 0; i < count; ++i) {
        to[i] = offsets[i] == kOutside ? C(0) : static_cast<C>(plane[offsets[i]]);
      }
    }
  }
}

// w: [groups, rows, channels, taps], or [groups, channels, rows, taps] for transposed ones; at any address.
template <class T>
void arrange_weights(const void* w, bool transposed, int64_t groups, int64_t rows, int64_t channels,
                     int64_t taps, Compute<T>* to) {
  const auto* bytes = static_cast<const unsigned char*>(w);
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t from = transposed ? (g * channels + c) * rows + r : (g * rows + r) * channels + c;
        for (int64_t t = 0; t < taps; ++t) {
          T element;
          std::memcpy(&element, bytes + (from * taps + t) * int64_t{sizeof(T)}, sizeof(T));
          *to++ = static_cast<Compute<T>>(element);
        }
      }
    }
  }
}

}  // namespace

void build_column_convolution(Builder& b, bool transposed, const Dims& src, const Dims& dst,
                              const Window& window, int64_t groups) {
  const Meeting meeting =
      find_meeting(transposed, Dims(src.begin() + 2, src.end()), Dims(dst.begin() + 2, dst.end()), window);
  const int64_t channels = src[1] / groups;
  const int64_t taps = element_count(window.kernel);
  ColumnConvolution what;
  what.batch = dst[0];
  what.groups = groups;
  what.rows = dst[1] / groups;
  what.depth = channels * taps;
  what.positions = element_count(meeting.out);
  what.threads = b.threads();
  const uint32_t weights = b.node().inputs[1];
  const bool constant = b.is_constant(1);
  const bool has_bias = b.has_input(2);
  const Builder::Ref x = b.read(b.node().inputs[0], Layout::kPlain);
  const Builder::Ref y = b.write(b.node().outputs[0], dst, Layout::kPlain);
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    using C = Compute<T>;
    const auto weight_bytes = static_cast<uint64_t>(what.groups * what.rows * what.depth) * sizeof(C);
    const auto arrange = [=](const void* from, void* to) {
      arrange_weights<T>(from, transposed, what.groups, what.rows, channels, taps, static_cast<C*>(to));
    };
    Builder::RawStep step;
    if (constant) {
      const uint64_t id = b.graph().values[weights].constant_id;
      Constants& constants = b.constants();
      const auto packed =
          b.packed_ref(text(id, "/columns/", transposed, "/", groups), weight_bytes, [=, &constants](void* to) {
            constants.with_bytes(id, [&](const HostTensor& from) { arrange(from.data, to); });
          });
      step.operands = {x, {}, packed};
    } else {
      step.operands = {x, b.read(weights, Layout::kPlain), b.scratch_ref(weight_bytes)};
    }
    step.operands.push_back(has_bias ? b.read(b.node().inputs[2], Layout::kPlain) : Builder::Ref{});
    step.operands.push_back(y);
    step.operands.push_back(b.scratch_ref(static_cast<uint64_t>(column_scratch_elements<T>(what)) * sizeof(C)));
    step.kernel = make_kernel([=](const Call& call) {
      if (const void* raw = call.args[1]; raw != nullptr) arrange(raw, call.args[2]);
      const int64_t area = element_count(meeting.in);
      run_columns<T>(what, call.in<C>(2), call.in<T>(3), call.out<T>(4), call.out<C>(5),
                     [&](int64_t n, int64_t g, int64_t position, int64_t count, C* panel, int64_t width) {
                       const T* planes = call.in<T>(0) + (n * what.groups + g) * channels * area;
                       gather_columns(meeting, planes, channels, position, count, panel, width);
                     });
    });
    step.name = b.node().op_type;
    step.implementation = "columns";
    step.nodes = {b.node_index()};
    b.raw_step(std::move(step));
  });
}

}  // namespace bp::cpu
