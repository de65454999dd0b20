// Elements that move: all types, since nothing is computed.
#include "groups/operators/case_list.hpp"

namespace bp::conformance {
namespace {

using Ints = std::vector<int64_t>;

void add_shapes(CaseList& cases) {
  const Operand x = data({2, 3, 4}, -9, 9);
  cases.begin("Reshape");
  cases.add_all("plain", {x, list({4, 6})});
  cases.add("infer_dim", {x, list({2, -1, 2})});
  cases.add("keep_dim", {x, list({0, 0, 2, 2})});
  cases.add("to_rank0", {data({1, 1}), list({})});
  cases.add("from_rank0", {data({}), list({1, 1})});
  cases.add("empty", {data({0, 4}), list({2, 0})}, {{"allowzero", int64_t{1}}});
  cases.add("shape_as_input", {x, fed(list({6, 4}))});
  cases.begin("Flatten");
  cases.add_all("plain", {x});
  for (const int64_t axis : {int64_t{0}, int64_t{3}, int64_t{-1}, int64_t{-3}})
    cases.add(axis < 0 ? "axis_minus_" + std::to_string(-axis) : "axis_" + std::to_string(axis), {x},
              {{"axis", axis}});
  cases.add("empty", {data({0, 3, 2})});
  cases.begin("Squeeze");
  cases.add_all("plain", {data({1, 3, 1, 4}), list({0, 2})});
  cases.add("negative_axis", {data({3, 1, 4, 1}), list({-1, -3})});
  cases.add("all", {data({1, 3, 1}), none()});
  cases.add("to_rank0", {data({1, 1}), list({0, 1})});
  cases.begin("Unsqueeze");
  cases.add_all("plain", {data({3, 4}), list({0, 2})});
  cases.add("negative_axis", {data({3, 4}), list({-1, -3})});
  cases.add("from_rank0", {data({}), list({0, 1})});
  cases.add("empty", {data({0, 4}), list({1})});
  cases.begin("Shape");
  cases.add_all("plain", {x});
  cases.add("slice", {x}, {{"start", int64_t{-2}}, {"end", int64_t{-1}}});
  cases.add("rank0", {data({})});
  cases.begin("Size");
  cases.add_all("plain", {x});
  cases.add("empty", {data({0, 4})});
}

void add_orders(CaseList& cases) {
  cases.begin("Transpose");
  const Operand x = data({2, 3, 4}, -9, 9);
  cases.add_all("plain", {x}, {{"perm", Ints{2, 0, 1}}});
  cases.add_all("reverse", {x});
  cases.add("same", {x}, {{"perm", Ints{0, 1, 2}}});
  cases.add("rank0", {data({})});
  cases.add("rank6", {data({2, 3, 1, 2, 3, 2})}, {{"perm", Ints{5, 1, 4, 0, 3, 2}}});
  cases.add("empty", {data({0, 3, 2})}, {{"perm", Ints{1, 0, 2}}});
  cases.add("large", {data({61, 67})}, {{"perm", Ints{1, 0}}});
  cases.add("special", {specials({5, 5})}, {{"perm", Ints{1, 0}}});
  cases.add("channels_last", {data({2, 5, 7, 3})}, {{"perm", Ints{0, 3, 1, 2}}});
  cases.begin("Concat");
  cases.add_all("plain", {x, data({2, 1, 4}, -9, 9)}, {{"axis", int64_t{1}}});
  cases.add("negative_axis", {x, data({2, 3, 2}), data({2, 3, 1})}, {{"axis", int64_t{-1}}});
  cases.add("one_input", {x}, {{"axis", int64_t{0}}});
  cases.add("with_empty", {data({2, 0}), data({2, 3})}, {{"axis", int64_t{1}}});
  cases.add("same_input_dims", {data({3}), data({3}), data({3}), data({3})}, {{"axis", int64_t{0}}});
  cases.add("constant", {x, fixed(data({5, 3, 4}))}, {{"axis", int64_t{0}}});
  cases.begin("Split");
  cases.add_all("plain", {data({6, 4}, -9, 9), list({1, 2, 3})}, {{"axis", int64_t{0}}}, 3);
  cases.add("equal", {data({4, 6})}, {{"axis", int64_t{1}}, {"num_outputs", int64_t{3}}}, 3);
  cases.add("smaller_last", {data({7, 2})}, {{"axis", int64_t{0}}, {"num_outputs", int64_t{3}}}, 3);
  cases.add("negative_axis", {data({3, 4}), list({1, 3})}, {{"axis", int64_t{-1}}}, 2);
  cases.add("empty_part", {data({3, 4}), list({0, 4})}, {{"axis", int64_t{1}}}, 2);
  cases.begin("Expand");
  cases.add_all("plain", {data({3, 1}, -9, 9), list({2, 3, 4})});
  cases.add("smaller_shape", {data({3, 4}), list({1})});
  cases.add("rank0", {data({}), list({2, 3})});
  cases.add("to_empty", {data({1, 3}), list({0, 3})});
  cases.begin("Tile");
  cases.add_all("plain", {data({2, 3}, -9, 9), list({2, 3})});
  cases.add("none", {data({2, 3}), list({1, 0})});
  cases.add("rank4", {data({1, 2, 1, 3}), list({2, 1, 3, 1})});
}

void add_slices(CaseList& cases) {
  cases.begin("Slice");
  const Operand x = data({5, 7, 6}, -9, 9);
  cases.add_all("plain", {x, list({1, 2}), list({4, 6}), list({0, 1}), list({1, 2})});
  cases.add("no_axes", {x, list({1, 2, 3}), list({3, 7, 5})});
  cases.add("negative", {x, list({-3, -2}), list({-1, 100}), list({-3, -1})});
  cases.add("backwards", {x, list({-1, 4}), list({-100, 0}), list({1, 0}), list({-1, -2})});
  cases.add("large_step", {x, list({0}), list({7}), list({1}), list({5})});
  cases.add("int64_ends", {x, list({1}), list({INT64_MAX}), list({1})});
  cases.add("int64_begins", {x, list({6}), list({INT64_MIN}), list({1}), list({-1})});
  cases.add("nothing", {x, list({3}), list({3}), list({0})});
  cases.add("of_empty", {data({0, 4}), list({0}), list({2}), list({1})});
  cases.add("int32_indices", {x, typed(ElementType::kInt32, list({1})), typed(ElementType::kInt32, list({4}))});
  cases.add("indices_as_inputs", {x, fed(list({1, 0})), fed(list({4, 6})), fed(list({0, 2}))});
  cases.begin("Pad");
  const Operand y = data({3, 4}, -9, 9);
  cases.add_all("plain", {y, list({1, 0, 2, 3})});
  for (const char* mode : {"edge", "reflect", "wrap"}) {
    cases.add(mode, {data({4, 5}), list({2, 1, 1, 3})}, {{"mode", std::string(mode)}});
    cases.add(std::string(mode) + "_rank4", {data({1, 2, 4, 5}), list({0, 0, 1, 2, 0, 0, 3, 0})},
              {{"mode", std::string(mode)}});
  }
  cases.add("value", {y, list({1, 0, 2, 3}), fixed(listed({}, {2.5}))});
  cases.add("negative", {y, list({-1, 1, 0, -2})});
  cases.add("axes", {y, list({2, 1}), none(), list({-1})});
  cases.add("of_empty", {data({0, 2}), list({1, 0, 2, 0})});
  cases.begin("CenterCropPad");
  cases.add_all("plain", {data({5, 8}, -9, 9), list({7, 3})});
  cases.add("axes", {data({4, 9, 3}), list({6, 2})}, {{"axes", Ints{1, -1}}});
  cases.begin("Trilu");
  cases.add_all("plain", {data({2, 4, 5}, -9, 9)});
  cases.add_all("lower", {data({4, 4}, -9, 9)}, {{"upper", int64_t{0}}});
  for (const int64_t k : {int64_t{-2}, int64_t{1}, int64_t{9}, int64_t{-9}})
    cases.add("k_" + std::string(k < 0 ? "minus_" : "") + std::to_string(k < 0 ? -k : k),
              {data({4, 5}), scalar(k)});
  cases.add("special", {specials({5, 5})}, {{"upper", int64_t{0}}});
}

void add_blocks(CaseList& cases) {
  cases.begin("DepthToSpace");
  cases.add_all("plain", {data({1, 8, 2, 3}, -9, 9)}, {{"blocksize", int64_t{2}}});
  cases.add("crd", {data({2, 8, 2, 3})}, {{"blocksize", int64_t{2}}, {"mode", std::string("CRD")}});
  cases.add("block_3", {data({1, 18, 1, 2})}, {{"blocksize", int64_t{3}}});
  cases.begin("SpaceToDepth");
  cases.add_all("plain", {data({1, 2, 4, 6}, -9, 9)}, {{"blocksize", int64_t{2}}});
  cases.add("block_3", {data({2, 1, 3, 6})}, {{"blocksize", int64_t{3}}});
  cases.begin("ReverseSequence");
  const Operand lengths = typed(ElementType::kInt64, fed(list({1, 3, 4})));
  cases.add_all("plain", {data({4, 3, 2}, -9, 9), lengths},
                {{"batch_axis", int64_t{1}}, {"time_axis", int64_t{0}}});
  cases.add("batch_first", {data({3, 4}), lengths}, {{"batch_axis", int64_t{0}}, {"time_axis", int64_t{1}}});
}

}  // namespace

void add_movement_cases(CaseList& cases) {
  add_shapes(cases);
  add_orders(cases);
  add_slices(cases);
  add_blocks(cases);
}

}  // namespace bp::conformance
