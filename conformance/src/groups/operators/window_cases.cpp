// Convolutions and pooling.
#include <cmath>

#include "compare/numbers.hpp"
#include "groups/operators/case_list.hpp"

namespace bp::conformance {
namespace {

using Ints = std::vector<int64_t>;

Attribute text(const char* name, const char* value) { return {name, std::string(value)}; }

void add_convolutions(CaseList& cases) {
  cases.begin("Conv");
  const Operand x = data({1, 3, 7, 6}), w = fixed(data({4, 3, 3, 3})), b = fixed(data({4}));
  cases.add_all("plain", {x, w, b}, {{"pads", Ints{1, 1, 1, 1}}});
  cases.add_all("one_by_one", {x, fixed(data({5, 3, 1, 1}))});
  cases.add("no_bias", {x, w});
  cases.add("strides", {x, w, b}, {{"strides", Ints{2, 3}}});
  cases.add("dilations", {x, w, b}, {{"dilations", Ints{2, 1}}, {"pads", Ints{2, 0, 1, 1}}});
  cases.add("groups", {data({2, 4, 5, 5}), fixed(data({6, 2, 3, 3}))}, {{"group", int64_t{2}}});
  cases.add("depthwise", {data({1, 5, 6, 6}), fixed(data({5, 1, 3, 3})), fixed(data({5}))},
            {{"group", int64_t{5}}, {"pads", Ints{1, 1, 1, 1}}});
  cases.add("depthwise_twice", {data({1, 3, 6, 6}), fixed(data({6, 1, 3, 3}))}, {{"group", int64_t{3}}});
  cases.add("same_upper", {x, w}, {text("auto_pad", "SAME_UPPER"), {"strides", Ints{2, 2}}});
  cases.add("same_lower", {x, w}, {text("auto_pad", "SAME_LOWER"), {"strides", Ints{2, 2}}});
  cases.add("valid", {x, w}, {text("auto_pad", "VALID")});
  cases.add("uneven_pads", {x, w}, {{"pads", Ints{0, 2, 1, 0}}});
  cases.add("one_axis", {data({2, 3, 9}), fixed(data({4, 3, 3}))}, {{"pads", Ints{1, 1}}});
  cases.add("three_axes", {data({1, 2, 4, 5, 3}), fixed(data({3, 2, 2, 3, 2}))});
  cases.add("weights_as_input", {x, data({4, 3, 3, 3}), data({4})});
  cases.add("kernel_larger_than_stride_room", {data({1, 1, 3, 3}), fixed(data({1, 1, 3, 3}))},
            {{"strides", Ints{5, 5}}});
  cases.add("many_channels", {data({1, 37, 5, 5}), fixed(data({19, 37, 3, 3}))}, {{"pads", Ints{1, 1, 1, 1}}});
  cases.add("no_batch", {data({0, 3, 5, 5}), w});
  cases.add("special", {listed({1, 1, 3, 3}, {1, INFINITY, 2, 0, NAN, 1, 3, 2, 1}),
                        fixed(listed({1, 1, 2, 2}, {1, 2, 3, 1}))});
  cases.begin("ConvTranspose");
  const Operand y = data({1, 3, 4, 5}), v = fixed(data({3, 2, 3, 3}));
  cases.add_all("plain", {y, v, fixed(data({2}))});
  cases.add("strides", {y, v}, {{"strides", Ints{3, 2}}});
  cases.add("pads", {y, v}, {{"strides", Ints{2, 2}}, {"pads", Ints{1, 0, 2, 1}}});
  cases.add("output_padding", {y, v}, {{"strides", Ints{3, 2}}, {"output_padding", Ints{1, 1}}});
  cases.add("output_shape", {y, v}, {{"strides", Ints{3, 2}}, {"output_shape", Ints{10, 8}}});
  cases.add("dilations", {y, v}, {{"dilations", Ints{2, 2}}});
  cases.add("groups", {data({1, 4, 3, 3}), fixed(data({4, 3, 2, 2}))}, {{"group", int64_t{2}}});
  cases.add("same_upper", {y, v}, {text("auto_pad", "SAME_UPPER"), {"strides", Ints{2, 2}}});
  cases.add("one_axis", {data({1, 2, 5}), fixed(data({2, 3, 3}))}, {{"strides", Ints{2}}});
  cases.add("three_axes", {data({1, 1, 2, 3, 2}), fixed(data({1, 2, 2, 2, 2}))});
  cases.begin("ConvInteger");
  const auto bytes = [](ConcreteDims dims) { return whole(data(std::move(dims)), 0, 250); };
  cases.add(ElementType::kUint8, "plain",
            {bytes({1, 2, 5, 5}), fixed(bytes({3, 2, 3, 3})), fixed(whole(data({}), 5, 9)),
             fixed(whole(data({}), 3, 7))});
  cases.add(ElementType::kUint8, "padding",
            {bytes({1, 1, 4, 4}), fixed(bytes({1, 1, 3, 3})), fixed(whole(data({}), 5, 9))},
            {{"pads", Ints{1, 1, 1, 1}}});
  cases.add(ElementType::kInt8, "plain",
            {whole(data({1, 2, 5, 5}), -120, 120), fixed(whole(data({3, 2, 3, 3}), -120, 120))});
  cases.begin("QLinearConv");
  for (const ElementType type : {ElementType::kUint8, ElementType::kInt8}) {
    const double low = type == ElementType::kUint8 ? 0 : -120, high = low + 240;
    const auto point = [&](double value) { return fixed(typed(type, listed({}, {value}))); };
    const auto scales = [](std::vector<double> values) {
      const ConcreteDims dims =
          values.size() == 1 ? ConcreteDims{} : ConcreteDims{static_cast<int64_t>(values.size())};
      return fixed(typed(ElementType::kFloat32, listed(dims, std::move(values))));
    };
    const Operand image = whole(data({1, 2, 6, 5}), low, high),
                  kernel = fixed(whole(data({3, 2, 3, 3}), low, high));
    const Operand bias = fixed(typed(ElementType::kInt32, whole(data({3}), -900, 900)));
    cases.add(
        type, "plain",
        {image, scales({0.0037}), point(7), kernel, scales({0.0017}), point(3), scales({0.0161}), point(12)});
    cases.add(type, "bias",
              {image, scales({0.0037}), point(7), kernel, scales({0.0017}), point(3), scales({0.0161}),
               point(12), bias},
              {{"pads", Ints{1, 1, 1, 1}}});
    cases.add(type, "per_channel",
              {image, scales({0.0037}), point(7), kernel, scales({0.0017, 0.0023, 0.0007}),
               fixed(typed(type, listed({3}, {0}))), scales({0.0161}), point(12), bias});
  }
  cases.begin("Col2Im");
  for (const ElementType type : cases.types())
    if (type != ElementType::kString && type != ElementType::kBool)
      cases.add(type, "plain", {whole(data({1, 5, 5}), 0, 9), list({5, 5}), list({1, 5})});
  cases.add("strides", {data({1, 9, 4}), list({5, 5}), list({3, 3})}, {{"strides", Ints{2, 2}}});
  cases.add("pads", {data({1, 5, 15}), list({5, 5}), list({1, 5})}, {{"pads", Ints{0, 1, 0, 1}}});
}

void add_pools(CaseList& cases) {
  const Operand x = data({1, 3, 7, 6});
  cases.begin("MaxPool");
  const Attribute kernel{"kernel_shape", Ints{3, 2}};
  cases.add_all("plain", {distinct({1, 3, 6, 6}, -9, 9)},
                {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
  cases.add("indices", {distinct({1, 2, 6, 6})}, {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}}, 2);
  cases.add("column_major", {distinct({1, 2, 5, 4})},
            {{"kernel_shape", Ints{2, 2}}, {"storage_order", int64_t{1}}}, 2);
  for (const char* op_type : {"MaxPool", "AveragePool", "LpPool"}) {
    cases.begin(op_type);
    if (std::string_view(op_type) != "MaxPool") cases.add_all("plain", {x}, {kernel});
    cases.add("pads", {x}, {kernel, {"pads", Ints{1, 0, 1, 1}}});
    cases.add("strides", {x}, {kernel, {"strides", Ints{2, 3}}});
    cases.add("dilations", {x}, {kernel, {"dilations", Ints{2, 2}}});
    cases.add("ceil", {x}, {kernel, {"strides", Ints{2, 4}}, {"ceil_mode", int64_t{1}}});
    cases.add("same_upper", {x}, {kernel, {"strides", Ints{2, 2}}, text("auto_pad", "SAME_UPPER")});
    cases.add("same_lower", {x}, {kernel, {"strides", Ints{2, 2}}, text("auto_pad", "SAME_LOWER")});
    cases.add("one_axis", {data({2, 3, 9})}, {{"kernel_shape", Ints{4}}, {"strides", Ints{3}}});
    cases.add("three_axes", {data({1, 2, 4, 5, 3})}, {{"kernel_shape", Ints{2, 2, 2}}});
    cases.add("whole_image", {x}, {{"kernel_shape", Ints{7, 6}}});
    cases.add("no_batch", {data({0, 2, 4, 4})}, {{"kernel_shape", Ints{2, 2}}});
  }
  cases.begin("MaxPool");
  cases.add("infinities", {listed({1, 1, 3, 3}, {1, INFINITY, 2, 0, -1, -INFINITY, -INFINITY, -2, -INFINITY})},
            {{"kernel_shape", Ints{2, 2}}});
  cases.begin("AveragePool");
  cases.add("count_padding", {x}, {kernel, {"pads", Ints{1, 1, 1, 0}}, {"count_include_pad", int64_t{1}}});
  cases.add("infinities", {listed({1, 1, 3, 3}, {1, INFINITY, 2, 0, 1, 1, -INFINITY, 2, 1})},
            {{"kernel_shape", Ints{2, 2}}});
  cases.begin("LpPool");
  cases.add("p_3", {x}, {kernel, {"p", int64_t{3}}});
  cases.add("p_1", {x}, {kernel, {"p", int64_t{1}}});
  for (const char* op_type : {"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"}) {
    cases.begin(op_type);
    cases.add_all("plain", {data({2, 3, 5, 4})});
    cases.add("one_axis", {data({2, 3, 9})});
    cases.add("three_axes", {data({1, 2, 3, 2, 4})});
    cases.add("one_pixel", {data({2, 3, 1, 1})});
  }
  cases.begin("MaxUnpool");
  const Operand places = typed(ElementType::kInt64, listed({1, 1, 2, 2}, {5, 7, 13, 15}));
  cases.add_all("plain", {data({1, 1, 2, 2}), places}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
  cases.add("output_shape", {data({1, 1, 2, 2}), places, list({1, 1, 5, 5})},
            {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
}

}  // namespace

void add_window_cases(CaseList& cases) {
  add_convolutions(cases);
  add_pools(cases);
}

}  // namespace bp::conformance
