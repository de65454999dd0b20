// Along axes.
#include <cmath>

#include "compare/numbers.hpp"
#include "groups/operators/case_list.hpp"

namespace bp::conformance {
namespace {

void add_reductions(CaseList& cases) {
  for (const char* op_type : {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1",
                              "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"}) {
    cases.begin(op_type);
    const std::string_view name = op_type;
    const bool positive = name == "ReduceLogSum",
               root = name == "ReduceL2" || positive || name == "ReduceLogSumExp" || name == "ReduceMean";
    // Integers where the result is rooted or logged: what a cut number means is not said, so sums of squares
    // fit.
    const auto x = [&](ConcreteDims dims) {
      return whole(data(std::move(dims), positive ? 0.1 : -2, 2), name == "ReduceProd" ? 1 : 0,
                   name == "ReduceProd" ? 2 : 9);
    };
    for (const ElementType type : cases.types()) {
      if (root && !is_float_type(type)) continue;
      cases.add(type, "plain", {x({3, 4, 5}), list({1})});
      cases.add(type, "all", {x({3, 4}), none()}, {{"keepdims", int64_t{0}}});
      cases.add(type, "negative_axis", {x({3, 4, 5}), list({-1, -3})}, {{"keepdims", int64_t{0}}});
    }
    cases.add("axes_as_input", {x({3, 4, 5}), fed(list({2}))});
    cases.add("inner", {x({7, 33}), list({1})}, {{"keepdims", int64_t{0}}});
    cases.add("outer", {x({33, 7}), list({0})}, {{"keepdims", int64_t{0}}});
    cases.add("long", {x({2, 1000}), list({1})});
    cases.add("rank0", {x({}), none()});
    cases.add("noop", {x({2, 3}), list({})}, {{"noop_with_empty_axes", int64_t{1}}});
    cases.add("empty_axes", {x({2, 3}), list({})});
    cases.add("size_1", {x({3, 1, 2}), list({1})});
    if (!root) cases.add("of_empty", {x({2, 0, 3}), list({1})});
    cases.add("outer_empty", {x({0, 3}), list({1})});
    if (!positive) cases.add("special", {specials({5, 5}), list({1})});
    cases.add("infinities", {listed({3, 3}, {1, 2, INFINITY, 1, 2, 3, -INFINITY, 1, 2}), list({1})});
  }
}

void add_places(CaseList& cases) {
  for (const char* op_type : {"ArgMax", "ArgMin"}) {
    cases.begin(op_type);
    cases.add_all("plain", {distinct({3, 4, 5}, -9, 9)}, {{"axis", int64_t{1}}});
    cases.add("negative_axis", {distinct({3, 4})}, {{"axis", int64_t{-2}}, {"keepdims", int64_t{0}}});
    cases.add("equal_elements", {listed({2, 6}, {1, 3, 3, 2, 1, 1})}, {{"axis", int64_t{1}}});
    cases.add("last_of_equal", {listed({2, 6}, {1, 3, 3, 2, 1, 1})},
              {{"axis", int64_t{1}}, {"select_last_index", int64_t{1}}});
    cases.add("infinities", {listed({2, 4}, {1, INFINITY, -INFINITY, 3})}, {{"axis", int64_t{1}}});
    cases.add("size_1", {data({3, 1})}, {{"axis", int64_t{1}}});
    cases.add("long", {distinct({2, 500})}, {{"axis", int64_t{-1}}});
  }
}

void add_running(CaseList& cases) {
  for (const char* op_type : {"CumSum", "CumProd"}) {
    cases.begin(op_type);
    const auto x = [&](ConcreteDims dims) { return whole(data(std::move(dims), 0.5, 1.5), 1, 3); };
    cases.add_all("plain", {x({3, 5}), scalar(1)});
    cases.add("axis_0", {x({4, 3}), scalar(0)});
    cases.add("negative_axis", {x({2, 3, 4}), scalar(-2)});
    cases.add("exclusive", {x({3, 5}), scalar(1)}, {{"exclusive", int64_t{1}}});
    cases.add("reverse", {x({3, 5}), scalar(1)}, {{"reverse", int64_t{1}}});
    cases.add("both", {x({3, 5}), scalar(1)}, {{"reverse", int64_t{1}}, {"exclusive", int64_t{1}}});
    cases.add("empty", {x({2, 0}), scalar(1)});
    cases.add("axis_as_input", {x({3, 5}), fed(scalar(0))});
  }
}

}  // namespace

void add_reduction_cases(CaseList& cases) {
  add_reductions(cases);
  add_places(cases);
  add_running(cases);
}

}  // namespace bp::conformance
