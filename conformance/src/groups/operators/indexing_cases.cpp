// Places that come as data, and results whose number depends on it.
#include <cmath>

#include "groups/operators/case_list.hpp"

namespace bp::conformance {
namespace {

Operand places(ConcreteDims dims, std::vector<double> values) {
  return typed(ElementType::kInt64, listed(std::move(dims), std::move(values)));
}

void add_gathers(CaseList& cases) {
  const Operand x = data({4, 5, 3}, -9, 9);
  cases.begin("Gather");
  cases.add_all("plain", {x, places({2, 2}, {3, 0, 1, 3})}, {{"axis", int64_t{0}}});
  cases.add("axis_1", {x, places({3}, {4, 0, 2})}, {{"axis", int64_t{1}}});
  cases.add("negative_axis", {x, places({2}, {2, 0})}, {{"axis", int64_t{-1}}});
  cases.add("negative_index", {x, places({3}, {-1, -4, 0})});
  cases.add("scalar_index", {x, places({}, {2})}, {{"axis", int64_t{1}}});
  cases.add("int32_index", {x, typed(ElementType::kInt32, listed({2}, {1, 3}))});
  cases.add("no_indices", {x, places({0}, {})});
  cases.add("constant_data", {fixed(x), places({5}, {0, 1, 2, 3, 0})});
  cases.begin("GatherElements");
  cases.add_all("plain", {x, places({2, 5, 3}, {0, 1, 2, 3})}, {{"axis", int64_t{0}}});
  cases.add("negative_axis", {x, places({4, 5, 2}, {0, 2, -1, -3})}, {{"axis", int64_t{-1}}});
  cases.add("axis_1", {x, places({4, 2, 3}, {4, 0, 2})}, {{"axis", int64_t{1}}});
  cases.begin("GatherND");
  cases.add_all("plain", {x, places({3, 2}, {0, 4, 3, 0, 1, 2})});
  cases.add("rows", {x, places({2, 1}, {3, -1})});
  cases.add("elements", {x, places({2, 3}, {3, 4, 2, 0, 0, 0})});
  cases.add("batch", {data({2, 3, 4}), places({2, 2, 1}, {0, 2, 1, 1})}, {{"batch_dims", int64_t{1}}});
  cases.begin("OneHot");
  const Operand indices = places({2, 3}, {0, 2, 4, -1, 3, 9});
  for (const ElementType type : cases.types(2))
    cases.add(type, "plain",
              {indices, scalar(5),
               fixed(typed(type, type == ElementType::kString ? data({2}) : listed({2}, {0, 1})))});
  cases.add("axis_0", {indices, scalar(5), fixed(listed({2}, {-1, 3}))}, {{"axis", int64_t{0}}});
  cases.add("depth_vector", {indices, list({4}), fixed(listed({2}, {2, 5}))}, {{"axis", int64_t{-2}}});
}

void add_scatters(CaseList& cases) {
  const Operand x = data({4, 5}, -9, 9);
  cases.begin("ScatterElements");
  const Operand at = places({2, 5}, {0, 3, 1, 2, 0, 1, 2, 3, 0, 3});
  cases.add_all("plain", {x, at, data({2, 5}, -9, 9)});
  cases.add("negative_axis", {x, places({4, 2}, {0, -1, 2, 3, 1, 4, -5, 2}), data({4, 2})},
            {{"axis", int64_t{-1}}});
  for (const char* reduction : {"add", "mul", "max", "min"}) {
    const Operand same = places({3, 5}, {1, 2, 3, 0, 1});
    cases.add(reduction, {x, same, data({3, 5}, -2, 2)}, {{"reduction", std::string(reduction)}});
    cases.add(ElementType::kInt32, reduction, {x, same, data({3, 5})}, {{"reduction", std::string(reduction)}});
  }
  cases.add("nothing", {x, places({0, 5}, {}), data({0, 5})});
  cases.begin("ScatterND");
  cases.add_all("plain", {x, places({2, 1}, {3, 0}), data({2, 5}, -9, 9)});
  cases.add("elements", {x, places({3, 2}, {3, 4, 0, 0, 1, -1}), data({3})});
  for (const char* reduction : {"add", "mul", "max", "min"})
    cases.add(reduction, {x, places({3, 1}, {1, 1, 2}), data({3, 5}, -2, 2)},
              {{"reduction", std::string(reduction)}});
  cases.begin("TensorScatter");
  for (const ElementType type : cases.types())
    if (type != ElementType::kString)
      cases.add(type, "plain", {data({2, 3, 6, 2}, -9, 9), data({2, 3, 2, 2}, -9, 9), places({2}, {1, 4})});
  cases.add("circular", {data({2, 4, 3}), data({2, 2, 3}), places({2}, {3, 0})},
            {{"mode", std::string("circular")}});
  cases.add("from_0", {data({2, 1, 4, 3}), data({2, 1, 2, 3})});
}

void add_selections(CaseList& cases) {
  cases.begin("Compress");
  const Operand mask = typed(ElementType::kBool, listed({4}, {1, 0, 0, 1}));
  cases.add_all("plain", {data({4, 3}, -9, 9), mask}, {{"axis", int64_t{0}}});
  cases.add("flat", {data({3, 3}), typed(ElementType::kBool, listed({5}, {0, 1, 1, 0, 1}))});
  cases.add("negative_axis", {data({2, 5}), mask}, {{"axis", int64_t{-1}}});
  cases.add("none", {data({4, 3}), typed(ElementType::kBool, listed({4}, {0}))}, {{"axis", int64_t{0}}});
  cases.begin("NonZero");
  for (const ElementType type : cases.types())
    if (type != ElementType::kString) cases.add(type, "plain", {listed({3, 4}, {1, 0, 0, 1, 1, 0, 1})});
  cases.add("none", {listed({2, 3}, {0})});
  cases.add("all", {listed({2, 3, 2}, {1})});
  cases.add("special", {specials({5, 5})});
  cases.add("empty", {data({0, 3})});
  cases.begin("TopK");
  for (const ElementType type : cases.types()) {
    cases.add(type, "plain", {distinct({3, 7}, -9, 9), list({3})}, {}, 2);
    cases.add(type, "smallest", {distinct({3, 7}, -9, 9), list({2})}, {{"largest", int64_t{0}}}, 2);
  }
  cases.add("axis_0", {distinct({6, 3}), list({4})}, {{"axis", int64_t{0}}}, 2);
  cases.add("equal_elements", {listed({2, 6}, {1, 3, 3, 2, 3, 1}), list({4})}, {}, 2);
  cases.add("all_of_them", {distinct({2, 5}), list({5})}, {}, 2);
  cases.add("none_of_them", {distinct({2, 5}), list({0})}, {}, 2);
  cases.add("infinities", {listed({2, 5}, {1, INFINITY, -INFINITY, 0, 2}), list({5})}, {}, 2);
  cases.add("k_as_input", {distinct({3, 7}), fed(list({2}))}, {}, 2);
  cases.begin("Unique");
  const Operand repeated = listed({9}, {3, 1, 2, 3, 1, 1, 7, 2, 3});
  for (const ElementType type : cases.types()) cases.add(type, "plain", {repeated}, {}, 4);
  cases.add("unsorted", {repeated}, {{"sorted", int64_t{0}}}, 4);
  cases.add("axis", {listed({4, 3}, {1, 0, 0, 1, 0, 0, 2, 3, 4, 1, 0, 1})}, {{"axis", int64_t{0}}}, 4);
  cases.add("negative_axis", {listed({2, 4}, {1, 0, 1, 2, 1, 0, 1, 2})}, {{"axis", int64_t{-1}}}, 4);
  cases.begin("NonMaxSuppression");
  const Operand boxes = listed(
      {1, 6, 4}, {0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, -0.1, 1, 0.9, 0, 10, 1, 11, 0, 10.1, 1, 11.1, 0, 100, 1, 101});
  const Operand scores = listed({1, 1, 6}, {0.9, 0.75, 0.6, 0.95, 0.5, 0.3});
  const Operand limit = fixed(listed({1}, {0.5}));
  cases.add("plain", {boxes, scores, list({3}), limit, fixed(listed({1}, {0}))});
  cases.add("threshold", {boxes, scores, list({5}), limit, fixed(listed({1}, {0.55}))});
  cases.add("one", {boxes, scores, list({1}), limit});
  cases.add("two_classes",
            {boxes, listed({1, 2, 6}, {0.9, 0.75, 0.6, 0.95, 0.5, 0.3, 0.1, 0.2, 0.3, 0.4, 0.45, 0.6}),
             list({2}), limit});
  cases.add("centres",
            {listed({1, 3, 4}, {0.5, 0.5, 1, 1, 0.5, 0.6, 1, 1, 0.5, 10.5, 1, 1}),
             listed({1, 1, 3}, {0.9, 0.75, 0.6}), list({3}), limit},
            {{"center_point_box", int64_t{1}}});
}

}  // namespace

void add_indexing_cases(CaseList& cases) {
  add_gathers(cases);
  add_scatters(cases);
  add_selections(cases);
}

}  // namespace bp::conformance
