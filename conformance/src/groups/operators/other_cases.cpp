// Images, signals, losses, generators, strings, ai.onnx.ml.
#include <cmath>

#include "compare/numbers.hpp"
#include "groups/operators/case_list.hpp"

namespace bp::conformance {
namespace {

Attribute text(const char* name, std::string value) { return {name, std::move(value)}; }

void add_images(CaseList& cases) {
  cases.begin("Resize");
  const Operand x = data({1, 2, 4, 5}, -9, 9);
  const auto scales = [](std::vector<double> values) {
    return fixed(typed(ElementType::kFloat32, listed({4}, std::move(values))));
  };
  cases.add_all("plain", {x, none(), scales({1, 1, 2, 2})},
                {text("coordinate_transformation_mode", "asymmetric"), text("nearest_mode", "floor")});
  for (const char* places :
       {"half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric"})
    for (const char* mode : {"nearest", "linear", "cubic"})
      cases.add(std::string(mode) + "_" + places, {x, none(), scales({1, 1, 1.75, 3})},
                {text("mode", mode), text("coordinate_transformation_mode", places)});
  for (const char* rounding : {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"})
    cases.add(std::string("nearest_") + rounding, {x, none(), scales({1, 1, 2, 0.5})},
              {text("nearest_mode", rounding)});
  cases.add("sizes", {x, none(), none(), list({1, 2, 7, 3})}, {text("mode", "linear")});
  cases.add("smaller", {x, none(), scales({1, 1, 0.5, 0.6})}, {text("mode", "linear")});
  cases.add("cubic_outside", {x, none(), scales({1, 1, 2, 2})},
            {text("mode", "cubic"), {"exclude_outside", int64_t{1}}, {"cubic_coeff_a", -0.5f}});
  cases.add("one_axis", {data({1, 2, 5}), none(), fixed(typed(ElementType::kFloat32, listed({3}, {1, 1, 2})))},
            {text("mode", "linear")});
  cases.add("same_size", {x, none(), scales({1, 1, 1, 1})}, {text("mode", "linear")});
  cases.begin("GridSample");
  const Operand grid = data({1, 3, 4, 2}, -1.2, 1.2);
  for (const ElementType type : cases.types())
    if (is_float_type(type)) cases.add(type, "plain", {x, grid}, {text("mode", "linear")});
  for (const char* mode : {"linear", "nearest", "cubic"})
    for (const char* padding : {"zeros", "border", "reflection"})
      cases.add(std::string(mode) + "_" + padding, {x, grid},
                {text("mode", mode), text("padding_mode", padding), {"align_corners", int64_t{1}}});
  cases.add("volume", {data({1, 2, 3, 4, 3}), data({1, 2, 2, 3, 3}, -1.2, 1.2)}, {text("mode", "linear")});
  cases.begin("AffineGrid");
  cases.add_all("plain", {data({2, 2, 3}), list({2, 1, 4, 5})});
  cases.add("corners", {data({2, 2, 3}), list({2, 1, 4, 5})}, {{"align_corners", int64_t{1}}});
  cases.add("volume", {data({1, 3, 4}), list({1, 1, 2, 3, 4})});
}

void add_signals(CaseList& cases) {
  cases.begin("DFT");
  for (const ElementType type : cases.types()) cases.add(type, "plain", {data({2, 8, 1}), none(), scalar(1)});
  cases.add("odd_length", {data({1, 9, 2}), none(), scalar(1)});
  cases.add("inverse", {data({1, 8, 2}), none(), scalar(1)}, {{"inverse", int64_t{1}}});
  cases.add("half", {data({1, 8, 1}), none(), scalar(1)}, {{"onesided", int64_t{1}}});
  cases.add("padded", {data({1, 5, 1}), scalar(8), scalar(1)});
  cases.add("cut", {data({1, 8, 1}), scalar(5), scalar(1)});
  cases.add("default_axis", {data({1, 3, 6, 1})});
  cases.begin("STFT");
  for (const ElementType type : cases.types())
    cases.add(type, "plain", {data({1, 32, 1}), scalar(8), fixed(data({16}, 0, 1)), scalar(16)});
  cases.add("no_window", {data({2, 20, 1}), scalar(4), none(), scalar(8)});
  cases.add("both_sides", {data({1, 20, 2}), scalar(4), fixed(data({8}, 0, 1))}, {{"onesided", int64_t{0}}});
  for (const char* op_type : {"HannWindow", "HammingWindow", "BlackmanWindow"}) {
    cases.begin(op_type);
    for (const ElementType type : cases.types()) cases.add(type, "plain", {fixed(listed({}, {10}))});
    cases.add(ElementType::kInt64, "symmetric", {scalar(9)}, {{"periodic", int64_t{0}}});
    cases.add(ElementType::kInt64, "float64", {scalar(7)}, {{"output_datatype", int64_t{11}}});
  }
}

void add_losses(CaseList& cases) {
  const Operand targets = typed(ElementType::kInt64, listed({3}, {0, 4, 2}));
  for (const char* op_type : {"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"}) {
    cases.begin(op_type);
    cases.add_all("plain", {data({3, 5}), targets});
    for (const char* reduction : {"none", "sum", "mean"}) {
      cases.add(reduction, {data({3, 5}), targets, data({5}, 0.5, 1)}, {text("reduction", reduction)});
      cases.add(std::string("image_") + reduction,
                {data({2, 5, 2, 3}), typed(ElementType::kInt64, listed({2, 2, 3}, {0, 4, 2, 1, 3}))},
                {text("reduction", reduction)});
    }
    cases.add("ignored", {data({3, 5}), targets}, {{"ignore_index", int64_t{4}}});
  }
  cases.begin("SoftmaxCrossEntropyLoss");
  cases.add("logs", {data({3, 5}), targets}, {}, 2);
}

void add_generators(CaseList& cases) {
  cases.begin("ConstantOfShape");
  cases.add(ElementType::kInt64, "plain", {list({3, 4})});
  cases.add(ElementType::kInt64, "rank0", {list({})});
  cases.add(ElementType::kInt64, "empty", {list({2, 0})});
  cases.add(ElementType::kInt64, "ints", {list({2, 3})},
            {{"value", Tensor::of_int64({1}, std::vector<int64_t>{7})}});
  cases.add(ElementType::kInt64, "floats", {list({5})},
            {{"value", Tensor::of_float({1}, std::vector<float>{2.5f})}});
  cases.add(ElementType::kInt64, "shape_as_input", {fed(list({3, 2}))});
  cases.begin("EyeLike");
  cases.add_all("plain", {data({4, 5})});
  cases.add("above", {data({4, 5})}, {{"k", int64_t{1}}, {"dtype", int64_t{7}}});
  cases.add("below", {data({5, 3})}, {{"k", int64_t{-2}}});
  cases.begin("Range");
  for (const ElementType type : cases.types())
    cases.add(type, "plain", {fixed(listed({}, {2})), fixed(listed({}, {11})), fixed(listed({}, {2}))});
  cases.add("fractions", {fixed(listed({}, {0.5})), fixed(listed({}, {3})), fixed(listed({}, {0.25}))});
  cases.add("nothing", {fixed(listed({}, {3})), fixed(listed({}, {1})), fixed(listed({}, {1}))});
  cases.add(ElementType::kInt64, "backwards", {scalar(10), scalar(-3), scalar(-4)});
  cases.add(ElementType::kInt64, "as_inputs", {fed(scalar(1)), fed(scalar(9)), fed(scalar(3))});
  cases.begin("Dropout");
  cases.add_all("plain", {data({3, 4})});
  cases.add("mask", {data({3, 4})}, {}, 2);
}

void add_texts(CaseList& cases) {
  cases.begin("StringConcat");
  const auto words = [](ConcreteDims dims, std::vector<std::string> values) {
    Operand operand = data(std::move(dims));
    operand.strings = std::move(values);
    return operand;
  };
  cases.add(ElementType::kString, "plain",
            {words({2, 2}, {"one", "", "three", "\xC3\xA4"}), words({2, 2}, {"!", "two", "", "b"})});
  cases.add(ElementType::kString, "broadcast", {words({3}, {"a", "b", "c"}), words({}, {"x"})});
  cases.begin("StringSplit");
  cases.add(ElementType::kString, "plain", {words({3}, {"a,b,c", "", "x,,y"})}, {text("delimiter", ",")}, 2);
  cases.add(ElementType::kString, "blanks", {words({2}, {"  hello  world ", "one"})}, {}, 2);
  cases.add(ElementType::kString, "at_most", {words({2}, {"a-b-c-d", "e"})},
            {text("delimiter", "-"), {"maxsplit", int64_t{2}}}, 2);
  cases.begin("Equal");
  cases.add(ElementType::kString, "words", {words({3}, {"a", "b", ""}), words({3}, {"a", "c", ""})});
}

void add_learning(CaseList& cases) {
  const Operand x = data({3, 4}, -3, 3);
  cases.begin("Binarizer", "ai.onnx.ml");
  cases.add_all("plain", {x}, {{"threshold", 0.5f}});
  cases.begin("Scaler", "ai.onnx.ml");
  cases.add_all("plain", {x},
                {{"offset", std::vector<float>{1, -1, 0.5f, 0}}, {"scale", std::vector<float>{2, 0.5f, 1, 3}}});
  cases.begin("Normalizer", "ai.onnx.ml");
  for (const char* norm : {"MAX", "L1", "L2"})
    cases.add(std::string_view(norm) == "L2" ? "plain" : norm, {x}, {text("norm", norm)});
  cases.begin("ArrayFeatureExtractor", "ai.onnx.ml");
  cases.add_all("plain", {data({3, 4}), typed(ElementType::kInt64, listed({2}, {3, 1}))});
}

}  // namespace

void add_other_cases(CaseList& cases) {
  add_images(cases);
  add_signals(cases);
  add_losses(cases);
  add_generators(cases);
  add_texts(cases);
  add_learning(cases);
}

}  // namespace bp::conformance
