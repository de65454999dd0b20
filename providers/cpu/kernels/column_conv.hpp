// Convolutions as products of the weights with columns that are gathered from the input: for types and forms
// that oneDNN has not. A block of neighbouring output positions at a time becomes one packed panel, so that the
// columns never exist as a whole.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/panel_product.hpp"
#include "parallel.hpp"
#include "types.hpp"

namespace bp::cpu {

struct ColumnConvolution {
  int64_t batch = 1;
  int64_t groups = 1;
  int64_t rows = 1;       // output channels of a group
  int64_t depth = 1;      // input channels of a group times taps of the kernel
  int64_t positions = 1;  // output elements of a channel
  int threads = 1;

  // So many pieces run side by side, each with scratch memory of its own.
  int64_t row_pieces(int64_t width) const {
    const int64_t tasks = batch * groups * panel_count(positions, width);
    return std::clamp<int64_t>(threads / std::max<int64_t>(tasks, 1), 1, rows);
  }
};

// Elements of Compute<T> that run_columns needs.
template <class T>
int64_t column_scratch_elements(const ColumnConvolution& what) {
  const int64_t width = panel_kernels<Compute<T>>().width;
  return what.threads * (what.depth + what.rows) * width;
}

// y[batch, groups * rows, positions] = weights[groups, rows, depth] * columns (+ bias[groups * rows]).
// fill(n, g, position, count, panel, width) writes the columns of `count` positions from `position` on: row k
// of the panel has `width` elements, of which those from `count` on are free.
template <class T, class Fill>
void run_columns(const ColumnConvolution& what, const Compute<T>* weights, const T* bias, T* y,
                 Compute<T>* scratch, Fill&& fill) {
  using C = Compute<T>;
  const PanelKernels<C>& kernels = panel_kernels<C>();
  const int64_t width = kernels.width;
  const int64_t blocks = panel_count(what.positions, width);
  const int64_t pieces = what.row_pieces(width);
  const int64_t tasks = what.batch * what.groups * blocks * pieces;
  const int64_t parts = std::min<int64_t>(what.threads, tasks);
  const int64_t work = what.batch * what.groups * what.positions * (what.depth + what.rows * what.depth / 16);
  parallel_for(what.threads, parts, work, [&](int64_t first_part, int64_t last_part) {
    for (int64_t part = first_part; part < last_part; ++part) {
      C* panel = scratch + part * (what.depth + what.rows) * width;
      C* sums = panel + what.depth * width;
      for (int64_t task = tasks * part / parts; task < tasks * (part + 1) / parts; ++task) {
        const int64_t block = task / pieces % blocks;
        const int64_t g = task / pieces / blocks % what.groups;
        const int64_t n = task / pieces / blocks / what.groups;
        const int64_t first = what.rows * (task % pieces) / pieces;
        const int64_t last = what.rows * (task % pieces + 1) / pieces;
        const int64_t position = block * width;
        const int64_t count = std::min(width, what.positions - position);
        fill(n, g, position, count, panel, width);
        const C* a = weights + (g * what.rows + first) * what.depth;
        kernels.product(a, what.depth, last - first, what.depth, panel, nullptr, 0, sums, width, width);
        for (int64_t row = first; row < last; ++row) {
          const int64_t channel = g * what.rows + row;
          const C add = bias == nullptr ? C(0) : static_cast<C>(bias[channel]);
          T* to = y + (n * what.groups * what.rows + channel) * what.positions + position;
          const C* from = sums + (row - first) * width;
          for (int64_t i = 0; i < count; ++i) to[i] = static_cast<T>(from[i] + add);
        }
      }
    }
  });
}

}  // namespace bp::cpu
