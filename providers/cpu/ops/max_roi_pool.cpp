// MaxRoiPool: regions of the image in bins of whole elements, the largest of each.
#include <algorithm>
#include <cmath>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_max_roi_pool(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kFloats);
  check.types(1, kFloats);
}

struct Plan {
  int64_t rois = 0, batches = 0, channels = 0;
  int64_t in[2] = {0, 0};
  int64_t out[2] = {1, 1};
  double scale = 1;
};

// Elements [begin, end) of a bin along one dim; a region has at least one element.
struct Span {
  int64_t begin, end;
};

Span bin_span(double first, double last, int64_t bin, int64_t bins, int64_t size) {
  const double start = std::round(first);
  const double step = std::max(std::round(last) - start + 1, 1.0) / static_cast<double>(bins);
  const auto limit = static_cast<double>(size);
  const double begin = std::clamp(std::floor(static_cast<double>(bin) * step) + start, 0.0, limit);
  const double end = std::clamp(std::ceil(static_cast<double>(bin + 1) * step) + start, 0.0, limit);
  return {static_cast<int64_t>(begin), static_cast<int64_t>(end)};
}

template <class T>
RunError pool_regions(const Plan& plan, const T* x, const T* rois, T* y, int threads) {
  using C = Compute<T>;
  for (int64_t r = 0; r < plan.rois; ++r) {
    const auto batch = static_cast<double>(static_cast<C>(rois[r * 5]));
    if (!(batch >= 0) || batch >= static_cast<double>(plan.batches))
      return "a region's image is outside the batch";
    for (int64_t i = 1; i < 5; ++i) {
      if (!std::isfinite(static_cast<double>(static_cast<C>(rois[r * 5 + i]))))
        return "a region has no finite edge";
    }
  }
  const int64_t area = plan.in[0] * plan.in[1];
  const int64_t bins = plan.out[0] * plan.out[1];
  parallel_for(
      threads, plan.rois * plan.channels, plan.rois * plan.channels * (area + bins),
      [&](int64_t begin, int64_t end) {
        for (int64_t unit = begin; unit < end; ++unit) {
          const T* roi = rois + unit / plan.channels * 5;
          const auto edge = [&](size_t i) { return static_cast<double>(static_cast<C>(roi[i])) * plan.scale; };
          const auto batch = static_cast<int64_t>(static_cast<C>(roi[0]));
          const T* plane = x + (batch * plan.channels + unit % plan.channels) * area;
          for (int64_t bin = 0; bin < bins; ++bin) {
            const Span rows = bin_span(edge(2), edge(4), bin / plan.out[1], plan.out[0], plan.in[0]);
            const Span columns = bin_span(edge(1), edge(3), bin % plan.out[1], plan.out[1], plan.in[1]);
            bool empty = true;
            C largest = C(0);
            for (int64_t i = rows.begin; i < rows.end; ++i) {
              for (int64_t j = columns.begin; j < columns.end; ++j) {
                const C value = static_cast<C>(plane[i * plan.in[1] + j]);
                if (empty || value > largest) largest = value;
                empty = false;
              }
            }
            y[unit * bins + bin] = static_cast<T>(largest);
          }
        }
      });
  return nullptr;
}

void build_max_roi_pool(Builder& b) {
  const Dims& dims = b.input_dims(0);
  const Dims& rois = b.input_dims(1);
  const Dims pooled = b.attributes().ints_or("pooled_shape", {});
  if (dims.size() != 4 || rois.size() != 2 || rois[1] != 5) {
    b.fail(text("the image must have 4 dims and rois dims [regions,5], have ", dims_text(dims), " and ",
                dims_text(rois)));
  }
  if (pooled.size() != 2 || pooled[0] < 1 || pooled[1] < 1) {
    b.fail(text("pooled_shape must be 2 positive numbers, is ", dims_text(pooled)));
  }
  Plan plan;
  plan.rois = rois[0];
  plan.batches = dims[0];
  plan.channels = dims[1];
  plan.in[0] = dims[2];
  plan.in[1] = dims[3];
  plan.out[0] = pooled[0];
  plan.out[1] = pooled[1];
  plan.scale = static_cast<double>(b.attributes().float_or("spatial_scale", 1));
  b.output(0, {rois[0], dims[1], pooled[0], pooled[1]});
  const int threads = b.threads();
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) -> RunError {
      return pool_regions(plan, call.in<T>(0), call.in<T>(1), call.out<T>(2), threads);
    });
  });
}

constexpr Row kRows[] = {
    {"MaxRoiPool", check_max_roi_pool, build_max_roi_pool, 1},
};

}  // namespace

std::span<const Row> max_roi_pool_rows() { return kRows; }

}  // namespace bp::cpu
