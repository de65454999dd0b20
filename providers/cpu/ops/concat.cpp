// Operators that put tensors beside each other: Concat, and copies of one tensor, Expand and Tile.
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "kernels/copy.hpp"
#include "kernels/strided_copy.hpp"
#include "ops/blocked.hpp"
#include "ops/strided.hpp"
#include "ops/table.hpp"
#include "specialize.hpp"

namespace bp::cpu {

namespace {

void check_concat(Check& check) {
  for (size_t i = 0; i < check.input_count(); ++i) {
    check.required(i);
    check.types(i, kMovable);
  }
}

struct Piece {
  size_t input;
  int64_t bytes;   // of one row
  int64_t offset;  // in the output's row
};

// Every output row is the pieces in order. A share of the work starts and ends at any byte.
void concat(const std::vector<Piece>& pieces, int64_t row_bytes, int64_t begin, int64_t end, const Call& call,
            std::byte* target) {
  int64_t row = begin / row_bytes;
  int64_t at = begin % row_bytes;
  while (begin < end) {
    for (const Piece& piece : pieces) {
      const int64_t skip = at - piece.offset;
      if (skip >= piece.bytes) continue;
      const int64_t count = std::min(piece.bytes - skip, end - begin);
      std::memcpy(target + begin, call.in<std::byte>(piece.input) + row * piece.bytes + skip,
                  static_cast<size_t>(count));
      begin += count;
      at += count;
      if (begin == end) return;
    }
    ++row;
    at = 0;
  }
}

// One row: what makes the pieces writes them into the output at once, where it can; copies the others. False
// when that is none of them.
bool join_pieces(Builder& b, const std::vector<Piece>& pieces, const std::vector<Builder::Ref>& parts,
                 Builder::Ref whole) {
  std::vector<Piece> apart;
  for (const Piece& piece : pieces) {
    const auto offset = static_cast<uint64_t>(piece.offset);
    if (!b.specializer().join(parts[piece.input], whole, offset, static_cast<uint64_t>(piece.bytes)))
      apart.push_back(piece);
  }
  if (apart.size() == pieces.size()) return false;
  for (const Piece& piece : apart) {
    Builder::RawStep step;
    step.kernel = copy_kernel(static_cast<uint64_t>(piece.bytes), b.threads());
    step.operands = {parts[piece.input], {whole.storage, whole.offset + static_cast<uint64_t>(piece.offset)}};
    step.name = b.node().op_type;
    step.implementation = "copy";
    step.nodes = {b.node_index()};
    b.raw_step(std::move(step));
  }
  return true;
}

// Dims of the output; throws where inputs do not fit each other.
Dims joined_dims(Builder& b, size_t axis) {
  Dims dims = b.input_dims(0);
  dims[axis] = 0;
  for (size_t i = 0; i < b.input_count(); ++i) {
    const Dims& from = b.input_dims(i);
    bool fits = from.size() == dims.size();
    for (size_t d = 0; fits && d < from.size(); ++d) fits = d == axis || from[d] == dims[d];
    if (!fits) {
      b.fail(text("input ", i, " with dims ", dims_text(from), " does not fit input 0 with dims ",
                  dims_text(b.input_dims(0)), " along axis ", axis));
    }
    dims[axis] += from[axis];
  }
  return dims;
}

// The layout in which most bytes lie, where every input's channels fill it.
Layout shared_layout(Builder& b, size_t axis) {
  const Layout layout = movable_layout(b);
  const int64_t block = channel_block(layout);
  int64_t there = 0;
  int64_t elsewhere = 0;
  for (size_t i = 0; i < b.input_count(); ++i) {
    const Dims& dims = b.input_dims(i);
    if (block > 0 && axis == 1 && dims[1] % block != 0) return Layout::kPlain;
    (b.layout_of(b.node().inputs[i]) == layout ? there : elsewhere) += element_count(dims);
  }
  return there > elsewhere ? layout : Layout::kPlain;
}

void build_concat(Builder& b) {
  const size_t rank = b.input_dims(0).size();
  const auto axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 0), b.rank(0)));
  const Dims dims = joined_dims(b, axis);
  const Layout layout = shared_layout(b, axis);
  const int64_t size = element_size(b.input_type(0));
  std::vector<Piece> pieces;
  int64_t row_bytes = 0;
  for (size_t i = 0; i < b.input_count(); ++i) {
    const Dims lying = lying_dims(b.input_dims(i), layout);
    const auto first = lying.begin() + static_cast<std::ptrdiff_t>(lying_axis(axis, rank, layout));
    const int64_t bytes = element_count(Dims(first, lying.end())) * size;
    if (bytes == 0) continue;
    pieces.push_back({i, bytes, row_bytes});
    row_bytes += bytes;
  }
  if (pieces.size() == 1) {
    b.alias(0, pieces[0].input, dims);
    return;
  }
  std::vector<Builder::Ref> parts;
  for (const uint32_t input : b.node().inputs) parts.push_back(b.read(input, layout));
  const Builder::Ref whole = b.write(b.node().outputs[0], dims, layout);
  const int64_t total = element_count(lying_dims(dims, layout)) * size;
  if (total == 0 || (total == row_bytes && join_pieces(b, pieces, parts, whole))) return;
  Builder::RawStep step;
  step.operands = parts;
  step.operands.push_back(whole);
  const size_t output = b.input_count();
  const int threads = b.threads();
  step.kernel = make_kernel([pieces, row_bytes, total, size, output, threads](const Call& call) {
    auto* target = call.out<std::byte>(output);
    parallel_for(threads, total, total / size,
                 [&](int64_t begin, int64_t end) { concat(pieces, row_bytes, begin, end, call, target); });
  });
  step.name = b.node().op_type;
  step.implementation = layout == Layout::kPlain ? "plain" : "blocked";
  step.nodes = {b.node_index()};
  b.raw_step(std::move(step));
}

void check_repeated(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kMovable);
  check.types(1, kIndices);
  check.want_value(1);
}

void build_expand(Builder& b) {
  const Dims& from = b.input_dims(0);
  Dims to = b.needed_value(1).ints();
  if (to.size() < from.size()) to.insert(to.begin(), from.size() - to.size(), 1);
  const Dims from_strides = row_major_strides(from);
  Dims strides(to.size(), 0);
  const size_t lead = to.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i) {
    int64_t& dim = to[lead + i];
    if (dim == 1) dim = from[i];
    if (from[i] != 1 && from[i] != dim) {
      b.fail(text("cannot expand ", dims_text(from), " to ", dims_text(b.needed_value(1).ints())));
    }
    if (from[i] != 1) strides[lead + i] = from_strides[i];
  }
  strided_output(b, to, strides, 0);
}

// Every axis becomes two: the repetitions, which do not move in the source, and the elements.
void build_tile(Builder& b) {
  const Dims& from = b.input_dims(0);
  const Dims repeats = b.needed_value(1).ints();
  if (repeats.size() != from.size()) {
    b.fail(text("repeats must have ", from.size(), " elements, has ", repeats.size()));
  }
  const Dims from_strides = row_major_strides(from);
  Dims to;
  Dims dims;
  Dims strides;
  for (size_t i = 0; i < from.size(); ++i) {
    if (repeats[i] < 0) b.fail(text("repeats ", dims_text(repeats), " must not be negative"));
    to.push_back(from[i] * repeats[i]);
    dims.insert(dims.end(), {repeats[i], from[i]});
    strides.insert(strides.end(), {0, from_strides[i]});
  }
  strided_output(b, dims, strides, 0, to);
}

constexpr Row kRows[] = {
    {"Concat", check_concat, build_concat, 4, LayoutUse::kOwn},
    {"Expand", check_repeated, build_expand, 8},
    {"Tile", check_repeated, build_tile, 6},
};

}  // namespace

std::span<const Row> concat_rows() { return kRows; }

}  // namespace bp::cpu
