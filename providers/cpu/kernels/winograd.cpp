// Winograd's algorithm without special instructions, the choice among the variants, and how threads share it.
#include "kernels/winograd.hpp"

#include <algorithm>

#include "instruction_set.hpp"
#include "kernels/winograd_impl.hpp"
#include "parallel.hpp"

namespace bp::cpu {

const WinogradKernels WinogradVariants::kPlain[2] = {
    {Winograd<16>::read<2>, Winograd<16>::multiply, Winograd<16>::write<2>},
    {Winograd<16>::read<4>, Winograd<16>::multiply, Winograd<16>::write<4>},
};

namespace {

// Tiles that are done together: enough that the weights, read once for them, do not hold the multipliers up;
// few enough that a point's matrices stay in the second-level cache.
constexpr int64_t kTogether = 60;
// Elements by which planes are apart beyond their size, lest they all compete for the same cache lines.
constexpr int64_t kGap = 16;

int64_t block_count(int64_t tiles) { return (tiles + kTogether - 1) / kTogether; }

// Few blocks are shared by the threads, step by step; of many each thread takes its own.
bool shares_blocks(const WinogradPlan& plan) {
  return plan.threads > 1 && block_count(plan.tiles()) < 2 * plan.threads;
}

int64_t read_stride(const WinogradPlan& plan, int64_t tiles) { return tiles * plan.channels + kGap; }
int64_t write_stride(const WinogradPlan& plan, int64_t tiles) { return tiles * plan.outputs + kGap; }

// Tiles of the largest block.
int64_t block_tiles(const WinogradPlan& plan) {
  const int64_t blocks = shares_blocks(plan) ? 1 : block_count(plan.tiles());
  return (plan.tiles() + blocks - 1) / blocks;
}

int64_t block_elements(const WinogradPlan& plan) {
  const int64_t tiles = block_tiles(plan);
  return plan.points() * (read_stride(plan, tiles) + write_stride(plan, tiles));
}

// Products of points [begin, end) counted per point and block of outputs.
void multiply(const WinogradPlan& plan, const WinogradKernels& kernels, const float* weights, int64_t tiles,
              const float* points, float* sums, int64_t begin, int64_t end) {
  const int64_t blocks = plan.outputs / 16;
  const int64_t weights_stride = plan.points() * plan.channels * 16;
  while (begin < end) {
    const int64_t point = begin / blocks;
    const int64_t block = begin % blocks;
    const int64_t count = std::min(blocks - block, end - begin);
    const float* from = weights + (block * plan.points() + point) * plan.channels * 16;
    const float* next = weights + (point + 1) % plan.points() * plan.channels * 16;
    kernels.multiply({points + point * read_stride(plan, tiles), tiles, plan.channels, from, weights_stride,
                      count, sums + point * write_stride(plan, tiles) + block * 16, plan.outputs, next});
    begin += count;
  }
}

}  // namespace

uint64_t WinogradPlan::scratch_bytes() const noexcept {
  const int64_t parts = shares_blocks(*this) ? 1 : std::min<int64_t>(threads, block_count(tiles()));
  return static_cast<uint64_t>(parts * block_elements(*this)) * sizeof(float);
}

void run_winograd(const WinogradPlan& plan, const WinogradOperands& operands, const WinogradKernels* variants) {
  if (variants == nullptr) variants = best_variant<WinogradVariants>();
  const WinogradKernels& kernels = variants[plan.tile == 4 ? 1 : 0];
  const int64_t tiles = plan.tiles();
  const int64_t products = plan.points() * (plan.outputs / 16);
  if (shares_blocks(plan)) {
    const int64_t work = tiles * plan.points() * plan.channels;
    float* points = operands.scratch;
    float* sums = points + plan.points() * read_stride(plan, tiles);
    parallel_for(plan.threads, tiles, work, [&](int64_t begin, int64_t end) {
      kernels.read(plan, operands.src, begin, end, points + begin * plan.channels, read_stride(plan, tiles));
    });
    parallel_for(plan.threads, products, work * plan.outputs / 16, [&](int64_t begin, int64_t end) {
      multiply(plan, kernels, operands.weights, tiles, points, sums, begin, end);
    });
    parallel_for(plan.threads, tiles, tiles * plan.points() * plan.outputs, [&](int64_t begin, int64_t end) {
      kernels.write(plan, operands, begin, end, sums + begin * plan.outputs, write_stride(plan, tiles));
    });
    return;
  }
  const int64_t blocks = block_count(tiles);
  const int64_t parts = std::min<int64_t>(plan.threads, blocks);
  parallel_for(plan.threads, parts, plan.threads * kSerialElements, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      float* points = operands.scratch + part * block_elements(plan);
      float* sums = points + plan.points() * read_stride(plan, block_tiles(plan));
      for (int64_t block = blocks * part / parts; block < blocks * (part + 1) / parts; ++block) {
        const int64_t first = tiles * block / blocks;
        const int64_t last = tiles * (block + 1) / blocks;
        const int64_t count = last - first;
        kernels.read(plan, operands.src, first, last, points, read_stride(plan, count));
        multiply(plan, kernels, operands.weights, count, points, sums, 0, products);
        kernels.write(plan, operands, first, last, sums, write_stride(plan, count));
      }
    }
  });
}

}  // namespace bp::cpu
