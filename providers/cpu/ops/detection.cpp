// Operators of object detectors: NonMaxSuppression and RoiAlign.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_non_max_suppression(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kFloat);
  check.types(1, kFloat);
  check.types(2, mask(Type::kInt64));
  check.types(3, kFloat);
  check.types(4, kFloat);
}

struct Box {
  float y1, x1, y2, x2;
  float area() const { return (y2 - y1) * (x2 - x1); }
};

Box read_box(const float* at, bool center) {
  if (center) {  // x, y, width, height
    return {at[1] - at[3] / 2, at[0] - at[2] / 2, at[1] + at[3] / 2, at[0] + at[2] / 2};
  }
  // Any two opposite corners.
  return {std::min(at[0], at[2]), std::min(at[1], at[3]), std::max(at[0], at[2]), std::max(at[1], at[3])};
}

// The boxes kept so far, a number of theirs beside the next, so that a box meets several of them at once.
struct KeptBoxes {
  float* numbers;  // kNumbersPerBox rows of `most`
  int64_t most;
  int64_t count = 0;

  static constexpr int64_t kNumbersPerBox = 5;
  enum Row { kY1, kX1, kY2, kX2, kArea };
  float* row(Row which) const { return numbers + which * most; }

  void add(const Box& box) {
    row(kY1)[count] = box.y1;
    row(kX1)[count] = box.x1;
    row(kY2)[count] = box.y2;
    row(kX2)[count] = box.x2;
    row(kArea)[count++] = box.area();
  }

  bool overlap(const Box& box, float threshold) const {
    constexpr int64_t kBlock = 16;
    int64_t at = 0;
    for (; at + kBlock <= count; at += kBlock) {
      if (overlap(box, threshold, at, kBlock)) return true;
    }
    return overlap(box, threshold, at, count - at);
  }

 private:
  bool overlap(const Box& box, float threshold, int64_t begin, int64_t length) const {
    const float *y1 = row(kY1) + begin, *x1 = row(kX1) + begin, *y2 = row(kY2) + begin, *x2 = row(kX2) + begin;
    const float* areas = row(kArea) + begin;
    const float area = box.area();
    int hits = 0;
    for (int64_t i = 0; i < length; ++i) {
      const float height = std::min(box.y2, y2[i]) - std::max(box.y1, y1[i]);
      const float width = std::min(box.x2, x2[i]) - std::max(box.x1, x1[i]);
      const float both = height * width;
      const float either = area + areas[i] - both;
      hits |= static_cast<int>(height > 0) & static_cast<int>(width > 0) & static_cast<int>(either > 0) &
              static_cast<int>(both / either > threshold);
    }
    return hits != 0;
  }
};

// A candidate as one number, the larger the better: by score, of equal ones the first box.
uint64_t candidate_key(float score, int64_t box) {
  const auto bits = std::bit_cast<uint32_t>(score + 0.0f);  // -0 is 0
  const uint32_t ordered = (bits >> 31) != 0 ? ~bits : bits | 0x80000000u;
  return uint64_t{ordered} << 32 | (std::numeric_limits<uint32_t>::max() - static_cast<uint32_t>(box));
}
int64_t candidate_box(uint64_t key) {
  return std::numeric_limits<uint32_t>::max() - static_cast<uint32_t>(key);
}

// A heap of the boxes that may be chosen; their number.
int64_t gather_candidates(const float* scores, int64_t boxes, const float* least, uint64_t* keys) {
  int64_t count = 0;
  for (int64_t i = 0; i < boxes; ++i) {
    const bool is_number = scores[i] == scores[i];
    if (is_number && (least == nullptr || scores[i] > *least)) keys[count++] = candidate_key(scores[i], i);
  }
  std::make_heap(keys, keys + count);
  return count;
}

void build_non_max_suppression(Builder& b) {
  const Dims& dims = b.input_dims(0);
  const Dims& score_dims = b.input_dims(1);
  if (dims.size() != 3 || score_dims.size() != 3 || dims[2] != 4 || dims[0] != score_dims[0] ||
      dims[1] != score_dims[2]) {
    b.fail(text("boxes ", dims_text(dims), " and scores ", dims_text(score_dims),
                " must have dims [batches,boxes,4] and [batches,classes,boxes]"));
  }
  for (size_t i = 2; i < 5; ++i) {
    if (b.has_input(i) && element_count(b.input_dims(i)) != 1)
      b.fail(text("input ", i, " must be one element"));
  }
  const int64_t batches = dims[0];
  const int64_t boxes = dims[1];
  const int64_t classes = score_dims[1];
  int64_t most = boxes;
  if (b.value(2) != nullptr) most = std::clamp<int64_t>(b.value(2)->ints()[0], 0, boxes);
  const size_t true_dims = b.bounded_output(0, {batches * classes * most, 3});
  if (boxes > std::numeric_limits<uint32_t>::max())
    b.fail(text("at most 2^32 - 1 boxes are known, found ", boxes));
  const size_t keys_at = b.scratch(static_cast<uint64_t>(boxes) * sizeof(uint64_t));
  const size_t kept_at = b.scratch(static_cast<uint64_t>(most * KeptBoxes::kNumbersPerBox) * sizeof(float));
  const bool center = b.attributes().int_or("center_point_box", 0) != 0;
  const size_t output = b.input_count();
  const bool has_most = b.has_input(2);
  const bool has_overlap = b.has_input(3);
  const bool has_least = b.has_input(4);
  b.run([=](const Call& call) {
    auto* target = call.out<int64_t>(output);
    auto* keys = call.out<uint64_t>(keys_at);
    const int64_t limit = has_most ? std::clamp<int64_t>(*call.in<int64_t>(2), 0, most) : 0;
    const float overlap = has_overlap ? *call.in<float>(3) : 0;
    const float* least = has_least ? call.in<float>(4) : nullptr;
    int64_t found = 0;
    for (int64_t unit = 0; unit < batches * classes && limit > 0; ++unit) {
      const int64_t batch = unit / classes;
      const float* box = call.in<float>(0) + batch * boxes * 4;
      int64_t count = gather_candidates(call.in<float>(1) + unit * boxes, boxes, least, keys);
      KeptBoxes kept{call.out<float>(kept_at), most};
      while (count > 0 && kept.count < limit) {
        std::pop_heap(keys, keys + count);
        const int64_t index = candidate_box(keys[--count]);
        const Box candidate = read_box(box + index * 4, center);
        if (kept.overlap(candidate, overlap)) continue;
        kept.add(candidate);
        *target++ = batch;
        *target++ = unit % classes;
        *target++ = index;
      }
      found += kept.count;
    }
    call.out<int64_t>(true_dims)[0] = found;
    call.out<int64_t>(true_dims)[1] = 3;
  });
}

struct RoiPlan {
  int64_t rois, batches, channels, height, width, out_height, out_width, ratio;
  double scale;
  bool half_pixel, maximum;
};

// Up to four elements around a point, with weights.
struct Corners {
  int64_t index[4];
  double weight[4];
};

Corners corners_at(const RoiPlan& plan, double y, double x) {
  Corners corners = {};
  const auto height = static_cast<double>(plan.height);
  const auto width = static_cast<double>(plan.width);
  if (!(y >= -1 && y <= height && x >= -1 && x <= width)) return corners;
  y = std::clamp(y, 0.0, height - 1);
  x = std::clamp(x, 0.0, width - 1);
  const auto top = static_cast<int64_t>(y);
  const auto left = static_cast<int64_t>(x);
  const int64_t bottom = std::min(top + 1, plan.height - 1);
  const int64_t right = std::min(left + 1, plan.width - 1);
  const double down = y - static_cast<double>(top);
  const double across = x - static_cast<double>(left);
  const int64_t index[4] = {top * plan.width + left, top * plan.width + right, bottom * plan.width + left,
                            bottom * plan.width + right};
  const double weight[4] = {(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across};
  std::copy_n(index, 4, corners.index);
  std::copy_n(weight, 4, corners.weight);
  return corners;
}

// One region: begin and bin sizes in elements of the image.
struct Region {
  double y, x, bin_height, bin_width;
  int64_t rows, columns;  // samples per bin
};

template <class T>
Region read_region(const RoiPlan& plan, const T* roi) {
  using C = Compute<T>;
  const double shift = plan.half_pixel ? 0.5 : 0;
  const auto at = [&](size_t i) { return static_cast<double>(static_cast<C>(roi[i])) * plan.scale - shift; };
  double height = at(3) - at(1);
  double width = at(2) - at(0);
  if (!plan.half_pixel) {
    height = std::max(height, 1.0);
    width = std::max(width, 1.0);
  }
  Region region{at(1),
                at(0),
                height / static_cast<double>(plan.out_height),
                width / static_cast<double>(plan.out_width),
                plan.ratio,
                plan.ratio};
  if (plan.ratio <= 0) {
    constexpr double kMost = 1 << 12;
    region.rows = static_cast<int64_t>(std::ceil(std::clamp(region.bin_height, 0.0, kMost)));
    region.columns = static_cast<int64_t>(std::ceil(std::clamp(region.bin_width, 0.0, kMost)));
  }
  return region;
}

// The samples of one bin, found once for all channels, and what they give. The operator's maximum is over the
// weighted corners, as its reference has it.
class Bin {
 public:
  Bin(const RoiPlan& plan, const Region& region, int64_t row, int64_t column)
      : plan_(plan), region_(region), row_(row), column_(column), samples_(region.rows * region.columns) {}

  // images: [channels, height, width]; results: one for each channel, `stride` apart. `sums` holds one for
  // each.
  template <class T>
  void pool(const T* images, double* sums, T* results, int64_t stride) {
    const int64_t area = plan_.height * plan_.width;
    std::fill_n(sums, plan_.channels, plan_.maximum ? -std::numeric_limits<double>::infinity() : 0.0);
    for (int64_t begin = 0; begin < samples_; begin += kStretch) {
      const int64_t count = std::min(kStretch, samples_ - begin);
      for (int64_t i = 0; i < count; ++i) corners_[static_cast<size_t>(i)] = sample(begin + i);
      for (int64_t channel = 0; channel < plan_.channels; ++channel) {
        const T* image = images + channel * area;
        sums[channel] =
            plan_.maximum ? greatest(image, count, sums[channel]) : sum(image, count, sums[channel]);
      }
    }
    const double divisor = plan_.maximum ? 1 : static_cast<double>(std::max<int64_t>(samples_, 1));
    for (int64_t channel = 0; channel < plan_.channels; ++channel) {
      const double value = plan_.maximum && samples_ == 0 ? 0 : sums[channel] / divisor;
      results[channel * stride] = static_cast<T>(static_cast<Compute<T>>(value));
    }
  }

 private:
  static constexpr int64_t kStretch = 64;

  Corners sample(int64_t index) const {
    const auto place = [](double first, double bin, int64_t at, int64_t part, int64_t parts) {
      return first +
             bin * (static_cast<double>(at) + (static_cast<double>(part) + 0.5) / static_cast<double>(parts));
    };
    return corners_at(plan_, place(region_.y, region_.bin_height, row_, index / region_.columns, region_.rows),
                      place(region_.x, region_.bin_width, column_, index % region_.columns, region_.columns));
  }

  template <class T>
  static double part(const T* image, const Corners& corners, size_t k) {
    return corners.weight[k] * static_cast<double>(static_cast<Compute<T>>(image[corners.index[k]]));
  }

  template <class T>
  double sum(const T* image, int64_t count, double so_far) const {
    for (int64_t i = 0; i < count; ++i) {
      const Corners& at = corners_[static_cast<size_t>(i)];
      so_far += part(image, at, 0) + part(image, at, 1) + part(image, at, 2) + part(image, at, 3);
    }
    return so_far;
  }

  template <class T>
  double greatest(const T* image, int64_t count, double so_far) const {
    for (int64_t i = 0; i < count; ++i) {
      for (size_t k = 0; k < 4; ++k)
        so_far = std::max(so_far, part(image, corners_[static_cast<size_t>(i)], k));
    }
    return so_far;
  }

  const RoiPlan& plan_;
  const Region& region_;
  int64_t row_;
  int64_t column_;
  int64_t samples_;
  std::array<Corners, kStretch> corners_;
};

void check_roi_align(Check& check) {
  for (size_t i = 0; i < 3; ++i) check.required(i);
  check.types(0, kFloats);
  check.types(1, kFloats);
  check.types(2, mask(Type::kInt64));
  check.string_attribute("mode", "avg", {"avg", "max"});
  check.string_attribute("coordinate_transformation_mode", "half_pixel", {"half_pixel", "output_half_pixel"});
}

void build_roi_align(Builder& b) {
  const Dims& dims = b.input_dims(0);
  const Dims& rois = b.input_dims(1);
  if (dims.size() != 4 || rois.size() != 2 || rois[1] != 4 || b.input_dims(2) != Dims{rois[0]}) {
    b.fail(text("rois ", dims_text(rois), " and batch_indices ", dims_text(b.input_dims(2)),
                " must have dims [regions,4] and [regions], the image ", dims_text(dims), " 4 dims"));
  }
  const Attributes& attributes = b.attributes();
  const RoiPlan plan{rois[0],
                     dims[0],
                     dims[1],
                     dims[2],
                     dims[3],
                     attributes.int_or("output_height", 1),
                     attributes.int_or("output_width", 1),
                     attributes.int_or("sampling_ratio", 0),
                     static_cast<double>(attributes.float_or("spatial_scale", 1)),
                     attributes.string_or("coordinate_transformation_mode", "half_pixel") == "half_pixel",
                     attributes.string_or("mode", "avg") == "max"};
  const Dims to = {plan.rois, plan.channels, plan.out_height, plan.out_width};
  b.output(0, to);
  if (plan.height * plan.width == 0 && element_count(to) > 0) b.fail("an empty image has no regions");
  const int threads = b.threads();
  const size_t sums = b.scratch(static_cast<uint64_t>(threads * plan.channels) * sizeof(double));
  const int64_t total = element_count(to);
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) -> RunError {
      const auto* batch = call.in<int64_t>(2);
      for (int64_t i = 0; i < plan.rois; ++i) {
        if (batch[i] < 0 || batch[i] >= plan.batches) return "a batch index is outside the batch";
      }
      const int64_t bins = plan.out_height * plan.out_width;
      const int64_t units = plan.rois * bins;
      // As many pieces as there are rows of sums.
      parallel_for(threads, threads, total * 16, [&](int64_t begin, int64_t end) {
        double* own = call.out<double>(sums) + begin * plan.channels;
        for (int64_t unit = units * begin / threads; unit < units * end / threads; ++unit) {
          const int64_t roi = unit / bins;
          const int64_t at = unit % bins;
          const Region region = read_region(plan, call.in<T>(1) + roi * 4);
          const T* images = call.in<T>(0) + batch[roi] * plan.channels * plan.height * plan.width;
          Bin(plan, region, at / plan.out_width, at % plan.out_width)
              .pool(images, own, call.out<T>(3) + roi * plan.channels * bins + at, bins);
        }
      });
      return nullptr;
    });
  });
}

constexpr Row kRows[] = {
    {"NonMaxSuppression", check_non_max_suppression, build_non_max_suppression, 10},
    {"RoiAlign", check_roi_align, build_roi_align, 10},
};

}  // namespace

std::span<const Row> detection_rows() { return kRows; }

}  // namespace bp::cpu
