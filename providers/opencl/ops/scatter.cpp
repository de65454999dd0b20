// ScatterElements and ScatterND: updates written at indices into a copy of the data.
#include "ops/strided.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

void check_scatter(Check& check) {
  for (size_t i = 0; i < 3; ++i) check.required(i);
  check.types(0, kMovable);
  check.types(1, kIndices);
  check.string_attribute("reduction", "none", {"none", "add", "mul", "min", "max"});
}

// The copy, and a launch with what both kernels take.
Launch scatter_launch(Builder& b, std::string_view entry) {
  const Type type = b.input_type(0);
  const Dims dims = b.input_dims(0);
  const Ref output = b.output(0, dims);
  b.launch(copy_kernel(b.input(0), output, element_count(dims), type));
  Launch launch("scatter", entry);
  launch.define("T", storage_name(type)).define("C", compute_name(type));
  launch.define("I", storage_name(b.input_type(1)));
  const std::string reduction = b.attributes().string_or("reduction", "none");
  launch.define("BP_JOIN_UPDATE(a, b)", reduction == "add"   ? "((a) + (b))"
                                        : reduction == "mul" ? "((a) * (b))"
                                        : reduction == "min" ? "BP_MIN(a, b)"
                                        : reduction == "max" ? "BP_MAX(a, b)"
                                                             : "(b)");
  launch.memory(b.input(1), b.input_type(1)).memory(b.input(2), type).memory(output, type);
  return launch;
}

void build_scatter_elements(Builder& b) {
  const Dims from = b.input_dims(0);
  const Dims dims = b.input_dims(1);
  const auto axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 0), b.rank(0)));
  if (dims.size() != from.size() || b.input_dims(2) != dims) {
    b.fail(text("indices ", dims_text(dims), " and updates ", dims_text(b.input_dims(2)),
                " must have equal dims, as many as the data ", dims_text(from)));
  }
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i != axis && dims[i] > from[i]) {
      b.fail(text("indices ", dims_text(dims), " reach beyond ", dims_text(from), " along axis ", i));
    }
  }
  if (element_count(from) == 0) {
    b.output(0, from);
    return;
  }
  Launch launch = scatter_launch(b, "scatter_elements");
  if (element_count(dims) == 0) return;
  const Dims to = row_major(from);
  const Dims strides = row_major(dims);
  const int64_t lines = element_count(dims) / dims[axis];
  launch.integer(lines).integer(dims[axis]).integer(strides[axis]).integer(from[axis]).integer(to[axis]);
  std::string parameters;
  std::string steps;
  for (size_t i = dims.size(); i-- > 0;) {
    if (i == axis) continue;
    parameters += text(" BP_AXIS(", i, ")");
    steps += text(" BP_STEP(", i, ")");
    launch.integer(dims[i]).integer(strides[i]).integer(to[i]);
  }
  launch.define("BP_AXES", parameters).define("BP_STEPS", steps);
  launch.define("BP_INDEX_AXES", "").define("BP_INDEX_STEPS", "");
  launch.work(lines, lines >= 64 ? 64 : 1);
  b.launch(std::move(launch));
}

void build_scatter_nd(Builder& b) {
  const Dims from = b.input_dims(0);
  const Dims indices = b.input_dims(1);
  if (indices.empty() || indices.back() < 1 || indices.back() > static_cast<int64_t>(from.size())) {
    b.fail(text("indices ", dims_text(indices), " do not fit ", dims_text(from)));
  }
  const int64_t axes = indices.back();
  Dims expected(indices.begin(), indices.end() - 1);
  const int64_t rows = element_count(expected);
  expected.insert(expected.end(), from.begin() + axes, from.end());
  if (b.input_dims(2) != expected) {
    b.fail(text("updates must have dims ", dims_text(expected), ", have ", dims_text(b.input_dims(2))));
  }
  if (element_count(from) == 0) {
    b.output(0, from);
    return;
  }
  Launch launch = scatter_launch(b, "scatter_nd");
  if (element_count(expected) == 0) return;
  const Dims strides = row_major(from);
  const int64_t inner = element_count(Dims(from.begin() + axes, from.end()));
  launch.integer(inner).integer(rows).integer(axes);
  std::string parameters;
  std::string steps;
  for (int64_t i = 0; i < axes; ++i) {
    parameters += text(" BP_INDEX_AXIS(", i, ")");
    steps += text(" BP_INDEX_STEP(", i, ")");
    launch.integer(from[static_cast<size_t>(i)]).integer(strides[static_cast<size_t>(i)]);
  }
  launch.define("BP_AXES", "").define("BP_STEPS", "");
  launch.define("BP_INDEX_AXES", parameters).define("BP_INDEX_STEPS", steps);
  launch.work(inner, inner >= 64 ? 64 : 1);
  b.launch(std::move(launch));
}

constexpr Row kRows[] = {
    {"ScatterElements", check_scatter, build_scatter_elements, 11},
    {"ScatterND", check_scatter, build_scatter_nd, 11},
};

}  // namespace

std::span<const Row> scatter_rows() { return kRows; }

}  // namespace bp::opencl
