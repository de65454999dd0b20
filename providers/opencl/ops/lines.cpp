// What is computed line by line along an axis: Softmax and its like, and the normalizations.
#include <algorithm>

#include "ops/table.hpp"

namespace bp::opencl {

namespace {

struct Lines {
  int64_t lines = 1, length = 1, step = 1;
};

Lines along(const Dims& dims, int64_t axis) {
  Lines result;
  const auto at = dims.begin() + axis;
  result.length = *at;
  result.step = element_count(Dims(at + 1, dims.end()));
  result.lines = element_count(Dims(dims.begin(), at)) * result.step;
  return result;
}

Launch line_launch(Builder& b, std::string_view entry, const Lines& lines, Ref output) {
  const Type type = b.input_type(0);
  Launch launch("lines", entry);
  launch.define("T", storage_name(type)).define("C", compute_name(type));
  if (lines.step == 1) launch.define("BP_DENSE", 1);
  launch.memory(b.input(0), type).memory(output, type);
  launch.integer(lines.lines).integer(lines.length).integer(lines.step);
  launch.work(lines.lines, lines.step == 1 ? 1 : 16);
  return launch;
}

void check_axis(Check& check) {
  check.required(0);
  check.types(0, kFloats);
}

enum class Form { kSoftmax, kLogSoftmax, kHardmax };

template <Form kForm>
void build_axis(Builder& b) {
  const Dims dims = b.input_dims(0);
  if (dims.empty()) b.fail("a scalar has no axis");
  const int64_t axis = b.axis(b.attributes().int_or("axis", -1), b.rank(0));
  const Ref output = b.output(0, dims);
  if (element_count(dims) == 0) return;
  Launch launch = line_launch(b, kForm == Form::kHardmax ? "hardmax" : "softmax", along(dims, axis), output);
  launch.define("BP_PARAMETER(i)", 0);
  if (kForm == Form::kLogSoftmax) launch.define("BP_LOGARITHM", 1);
  b.launch(std::move(launch));
}

void check_lp(Check& check) {
  check_axis(check);
  const int64_t p = check.node.attributes.int_or("p", 2);
  if (p != 1 && p != 2) check.reject_attribute("p", text("attribute 'p' is ", p, "; taken: 1, 2"));
}

void build_lp(Builder& b) {
  const Dims dims = b.input_dims(0);
  const int64_t axis = b.axis(b.attributes().int_or("axis", -1), b.rank(0));
  const Ref output = b.output(0, dims);
  if (element_count(dims) == 0) return;
  Launch launch = line_launch(b, "lp", along(dims, axis), output);
  launch.define("BP_PARAMETER(i)", 0);
  if (b.attributes().int_or("p", 2) == 2) launch.define("BP_SQUARES", 1);
  b.launch(std::move(launch));
}

// What the normalizations have in common: `parameter` says which scale and bias element i has.
void add_normalize(Builder& b, Launch launch, std::string_view parameter, int64_t parameters, int64_t area) {
  const Type type = b.input_type(0);
  launch.define("BP_PARAMETER(i)", parameter);
  const bool bias = b.has_input(2);
  if (bias) launch.define("BP_BIAS", 1);
  launch.memory(b.input(1), type).memory(bias ? b.input(2) : Ref{}, type);
  const char* const names[] = {"BP_MEAN_OUT", "BP_DEVIATION_OUT"};
  for (size_t output = 1; output < 3; ++output) {
    Ref statistics;
    if (b.has_output(output)) {
      launch.define(names[output - 1], 1);
      Dims dims = b.input_dims(0);
      const int64_t axis = b.axis(b.attributes().int_or("axis", -1), b.rank(0));
      std::fill(dims.begin() + axis, dims.end(), 1);
      statistics = b.output(output, dims);
    }
    launch.memory(statistics, Type::kFloat32);
  }
  launch.number(b.attributes().float_or("epsilon", 1e-5f)).integer(parameters).integer(area);
  b.launch(std::move(launch));
}

void check_layer(Check& check) {
  check.required(0);
  check.required(1);
  for (size_t i = 0; i < 3; ++i) check.types(i, kFloats);
  for (size_t output = 1; output < 3; ++output) check.output_types(output, kFloat);
  if (check.has_input(0) && check.has_input(1) && check.input(0).type != check.input(1).type) {
    check.reject_input(
        BP_REASON_TYPE, 1,
        text("the scale must be ", type_name(check.input(0).type), ", is ", type_name(check.input(1).type)));
  }
}

template <bool kMean>
void build_layer(Builder& b) {
  const Dims dims = b.input_dims(0);
  const int64_t axis = b.axis(b.attributes().int_or("axis", -1), b.rank(0));
  const auto front = dims.begin() + axis;
  Lines lines;
  lines.length = element_count(Dims(front, dims.end()));
  lines.lines = element_count(Dims(dims.begin(), front));
  const int64_t parameters = element_count(b.input_dims(1));
  if (parameters == 0 || lines.length % parameters != 0 ||
      (b.has_input(2) && element_count(b.input_dims(2)) != parameters)) {
    b.fail(text("scale and bias must repeat over the normalized dims ", dims_text(Dims(front, dims.end())),
                ", scale is ", dims_text(b.input_dims(1))));
  }
  const Ref output = b.output(0, dims);
  if (element_count(dims) == 0) b.fail("an input without elements", BP_STATUS_UNSUPPORTED);
  Launch launch = line_launch(b, "standardize", lines, output);
  if (!kMean) launch.define("BP_NO_MEAN", 1);
  add_normalize(b, std::move(launch), parameters == lines.length ? "(i)" : "((i) % parameters)", parameters, 1);
}

void check_blocks(Check& check) {
  for (size_t i = 0; i < 3; ++i) {
    check.required(i);
    check.types(i, kFloats);
  }
}

// groups: of the channels; 0: one per channel.
void build_blocks(Builder& b, int64_t groups) {
  const Dims dims = b.input_dims(0);
  if (dims.size() < 2) b.fail(text("input 0 must have at least 2 dims, has ", dims.size()));
  const int64_t channels = dims[1];
  if (groups == 0) groups = std::max<int64_t>(channels, 1);
  if (groups < 1 || channels % groups != 0) {
    b.fail(text(channels, " channels do not divide into ", groups, " groups"));
  }
  for (size_t i = 1; i < 3; ++i) {
    if (b.input_dims(i) == Dims{channels}) continue;
    b.fail(text("input ", i, " must have dims [", channels, "], has ", dims_text(b.input_dims(i))));
  }
  const Ref output = b.output(0, dims);
  if (element_count(dims) == 0) return;
  const int64_t area = element_count(Dims(dims.begin() + 2, dims.end()));
  Lines lines;
  lines.length = channels / groups * area;
  lines.lines = dims[0] * groups;
  // `parameters`: groups of an image.
  add_normalize(b, line_launch(b, "standardize", lines, output),
                "(line % parameters * (length / area) + (i) / area)", groups, area);
}

void build_instance(Builder& b) { build_blocks(b, 0); }

void build_group(Builder& b) {
  const int64_t groups = b.attributes().int_or("num_groups", 0);
  if (groups < 1) b.fail(text("num_groups must be at least 1, is ", groups));
  build_blocks(b, groups);
}

constexpr Row kRows[] = {
    {"Softmax", check_axis, build_axis<Form::kSoftmax>, 13},
    {"LogSoftmax", check_axis, build_axis<Form::kLogSoftmax>, 13},
    {"Hardmax", check_axis, build_axis<Form::kHardmax>, 13},
    {"LpNormalization", check_lp, build_lp, 1},
    {"LayerNormalization", check_layer, build_layer<true>, 17},
    {"RMSNormalization", check_layer, build_layer<false>, 23},
    {"InstanceNormalization", check_blocks, build_instance, 6},
    {"GroupNormalization", check_blocks, build_group, 21},
};

}  // namespace

std::span<const Row> lines_rows() { return kRows; }

}  // namespace bp::opencl
