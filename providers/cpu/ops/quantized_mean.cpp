// com.microsoft's QLinearGlobalAveragePool, and QLinearReduceMean over all spatial axes: exact sums of the
// bytes of a plane, in the layout in which they lie.
#include <algorithm>
#include <numeric>

#include "kernels/quantize.hpp"
#include "ops/own_step.hpp"
#include "ops/quantized_numbers.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_common(Check& check) {
  check_quantized_input(check, 0, 1);
  check_quantized_output(check, 3);
  check.rank_between(0, 3, 5);
}

void check_pool(Check& check) {
  check_common(check);
  if (check.node.attributes.int_or("channels_last", 0) != 0) {
    check.reject_attribute("channels_last", "expected 0");
  }
}

void check_mean(Check& check) {
  check_common(check);
  if (!check.has_input(0) || !check.input(0).has_rank) return;
  const auto rank = static_cast<int64_t>(check.input(0).dims.size());
  Dims axes = check.node.attributes.ints_or("axes", {});
  for (int64_t& axis : axes) axis = axis < 0 ? axis + rank : axis;
  std::sort(axes.begin(), axes.end());
  Dims spatial(static_cast<size_t>(std::max<int64_t>(rank - 2, 0)));
  std::iota(spatial.begin(), spatial.end(), 2);
  if (axes != spatial) check.reject_attribute("axes", "expected all axes but the first two");
}

struct Mean {
  Type type;
  int64_t batches = 0;
  int64_t channels = 0;
  int64_t area = 0;
  bool plain = true;
  float x_scale = 1;
  float x_zero = 0;
  float scale = 1;
  float zero = 0;
  int threads = 1;

  void store(int64_t sum, std::byte* code) const {
    const double total = static_cast<double>(sum) - static_cast<double>(x_zero) * static_cast<double>(area);
    const auto mean = static_cast<float>(total / static_cast<double>(area)) * x_scale;
    const float value = mean / scale;
    store_quantized(type, &value, &zero, 0, code, 1);
  }

  void run(const std::byte* x, int32_t* sums, std::byte* y) const {
    if (plain) {
      parallel_for(threads, batches * channels, batches * channels * area, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) store(sum_of_codes(type, x + i * area, area), y + i);
      });
      return;
    }
    constexpr int64_t kTogether = 64;
    const int64_t blocks = (channels + kTogether - 1) / kTogether;
    parallel_for(threads, batches * blocks, batches * channels * area, [&](int64_t begin, int64_t end) {
      for (int64_t task = begin; task < end; ++task) {
        const int64_t first = task % blocks * kTogether;
        const int64_t count = std::min(kTogether, channels - first);
        const int64_t image = task / blocks;
        int32_t* own = sums + image * channels + first;
        std::fill_n(own, count, 0);
        const std::byte* row = x + image * area * channels + first;
        for (int64_t pixel = 0; pixel < area; ++pixel) add_codes(type, row + pixel * channels, own, count);
        for (int64_t i = 0; i < count; ++i) store(own[i], y + image * channels + first + i);
      }
    });
  }
};

void build(Builder& b, bool keeps_dims) {
  const Dims& dims = b.input_dims(0);
  Mean mean;
  mean.type = b.output_type(0);
  mean.batches = dims[0];
  mean.channels = dims[1];
  mean.area = element_count(Dims(dims.begin() + 2, dims.end()));
  mean.x_scale = scale_or_zero(b, 1, 1);
  mean.x_zero = scale_or_zero(b, 2, 0);
  mean.scale = scale_or_zero(b, 3, 1);
  mean.zero = scale_or_zero(b, 4, 0);
  mean.threads = b.threads();
  constexpr int64_t kMostArea = int64_t{1} << 22;  // of which 32 bits hold the sum
  mean.plain = b.layout_of(b.node().inputs[0]) != Layout::kChannelsLast || mean.area > kMostArea;
  if (mean.area == 0) b.fail("a mean of nothing");
  Dims out = {dims[0], dims[1]};
  if (keeps_dims) out.resize(dims.size(), 1);
  OwnStep step(b, out, mean.plain ? Layout::kPlain : Layout::kChannelsLast);
  const size_t sums = step.scratch(static_cast<uint64_t>(mean.batches * mean.channels) * sizeof(int32_t));
  step.run(
      [=, y = step.output()](const Call& call) {
        mean.run(call.in<std::byte>(0), call.out<int32_t>(sums), call.out<std::byte>(y));
      },
      "plain");
}

void build_pool(Builder& b) { build(b, true); }
void build_mean(Builder& b) { build(b, b.attributes().int_or("keepdims", 1) != 0); }

constexpr Row kRows[] = {
    {"QLinearGlobalAveragePool", check_pool, build_pool, 1, LayoutUse::kOwn, kMicrosoftDomain},
    {"QLinearReduceMean", check_mean, build_mean, 1, LayoutUse::kOwn, kMicrosoftDomain},
};

}  // namespace

std::span<const Row> quantized_mean_rows() { return kRows; }

}  // namespace bp::cpu
