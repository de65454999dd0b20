// Gather, GatherElements, GatherND: elements picked by indices on the device.
#include "ops/strided.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

void check_gather(Check& check) {
  check.required(0);
  check.required(1);
  check.movable(0);
  check.types(1, kIndices);
}

Launch gather_launch(Builder& b, std::string_view entry, Ref output) {
  Launch launch("gather", entry);
  const Type type = b.input_type(0);
  launch.define("BP_BITS", bits_name(type)).define("I", storage_name(b.input_type(1)));
  launch.memory(b.input(0), type).memory(b.input(1), b.input_type(1)).memory(output, type);
  return launch;
}

// What a kernel of this file does not have: the other two entries' macros.
void define_axes(Launch& launch, std::string_view parameters, std::string_view steps,
                 std::string_view index_axes, std::string_view index_steps) {
  launch.define("BP_AXES", parameters).define("BP_STEPS", steps);
  launch.define("BP_INDEX_AXES", index_axes).define("BP_INDEX_STEPS", index_steps);
}

void work_rows(Launch& launch, int64_t inner, int64_t rows) {
  launch.work({inner, rows, 1}, {inner >= 256 ? 256 : inner >= 64 ? 64 : inner >= 8 ? 16 : 1, 1, 1});
}

void build_gather(Builder& b) {
  const Dims from = b.input_dims(0);
  const Dims indices = b.input_dims(1);
  const auto axis = b.axis(b.attributes().int_or("axis", 0), b.rank(0));
  const auto at = from.begin() + axis;
  Dims dims(from.begin(), at);
  const int64_t outer = element_count(dims);
  dims.insert(dims.end(), indices.begin(), indices.end());
  dims.insert(dims.end(), at + 1, from.end());
  const int64_t inner = element_count(Dims(at + 1, from.end()));
  const Ref output = b.output(0, dims);
  if (element_count(dims) == 0) return;
  if (*at == 0) b.fail(text("axis ", axis, " is empty: no index lies in it"));
  Launch launch = gather_launch(b, "gather", output);
  define_axes(launch, "", "", "", "");
  const int64_t picked = element_count(indices);
  launch.integer(inner).integer(picked).integer(*at);
  work_rows(launch, inner, outer * picked);
  b.launch(std::move(launch));
}

void build_gather_elements(Builder& b) {
  const Dims from = b.input_dims(0);
  const Dims dims = b.input_dims(1);
  const auto axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 0), b.rank(0)));
  if (dims.size() != from.size()) {
    b.fail(text("indices must have ", from.size(), " dims, have ", dims_text(dims)));
  }
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i != axis && dims[i] > from[i]) {
      b.fail(text("indices ", dims_text(dims), " reach beyond ", dims_text(from), " along axis ", i));
    }
  }
  const Ref output = b.output(0, dims);
  const int64_t total = element_count(dims);
  if (total == 0) return;
  if (from[axis] == 0) b.fail(text("axis ", axis, " is empty: no index lies in it"));
  const Dims strides = row_major(from);
  Launch launch = gather_launch(b, "gather_elements", output);
  launch.integer(total).integer(from[axis]).integer(strides[axis]);
  std::string parameters;
  std::string steps;
  for (size_t i = dims.size(); i-- > 0;) {
    parameters += text(" BP_AXIS(", i, ")");
    steps += text(" BP_STEP(", i, ")");
    launch.integer(dims[i]).integer(i == axis ? 0 : strides[i]);
  }
  define_axes(launch, parameters, steps, "", "");
  launch.work(total, total >= 256 ? 256 : 16);
  b.launch(std::move(launch));
}

void build_gather_nd(Builder& b) {
  const Dims from = b.input_dims(0);
  const Dims indices = b.input_dims(1);
  const auto batch = static_cast<std::ptrdiff_t>(b.attributes().int_or("batch_dims", 0));
  if (indices.empty() || batch < 0 || batch >= static_cast<int64_t>(indices.size()) ||
      batch + indices.back() > static_cast<int64_t>(from.size()) || indices.back() < 1) {
    b.fail(text("indices ", dims_text(indices), " with ", batch, " batch dims do not fit ", dims_text(from)));
  }
  const int64_t axes = indices.back();
  Dims dims(indices.begin(), indices.end() - 1);
  const auto inner_begin = from.begin() + batch + axes;
  dims.insert(dims.end(), inner_begin, from.end());
  const int64_t inner = element_count(Dims(inner_begin, from.end()));
  const int64_t picked = element_count(Dims(indices.begin() + batch, indices.end() - 1));
  const int64_t rows = element_count(Dims(indices.begin(), indices.end() - 1));
  const Ref output = b.output(0, dims);
  if (element_count(dims) == 0) return;
  if (element_count(from) == 0) b.fail("the data are empty: no index lies in them");
  const Dims strides = row_major(from);
  Launch launch = gather_launch(b, "gather_nd", output);
  launch.integer(inner)
      .integer(picked)
      .integer(element_count(Dims(from.begin() + batch, from.end())))
      .integer(axes);
  std::string parameters;
  std::string steps;
  for (int64_t i = 0; i < axes; ++i) {
    parameters += text(" BP_INDEX_AXIS(", i, ")");
    steps += text(" BP_INDEX_STEP(", i, ")");
    const auto axis = static_cast<size_t>(batch + i);
    launch.integer(from[axis]).integer(strides[axis]);
  }
  define_axes(launch, "", "", parameters, steps);
  work_rows(launch, inner, rows);
  b.launch(std::move(launch));
}

constexpr Row kRows[] = {
    {"Gather", check_gather, build_gather},
    {"GatherElements", check_gather, build_gather_elements, 11},
    {"GatherND", check_gather, build_gather_nd, 11},
};

}  // namespace

std::span<const Row> gather_rows() { return kRows; }

}  // namespace bp::opencl
