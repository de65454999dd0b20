// Between numbers and their quantized form, and between types.
#include <fmt/format.h>

#include <cmath>

#include "compare/numbers.hpp"
#include "groups/operators/case_list.hpp"

namespace bp::conformance {
namespace {

constexpr ElementType kBytes[] = {ElementType::kUint8,        ElementType::kInt8,
                                  ElementType::kUint16,       ElementType::kInt16,
                                  ElementType::kUint4,        ElementType::kInt4,
                                  ElementType::kFloat8E4M3FN, ElementType::kFloat8E4M3FNUZ,
                                  ElementType::kFloat8E5M2,   ElementType::kFloat8E5M2FNUZ};

Operand scale(std::vector<double> values, ConcreteDims dims = {}) {
  return fixed(typed(ElementType::kFloat32, listed(std::move(dims), std::move(values))));
}

void add_quantize(CaseList& cases) {
  cases.begin("QuantizeLinear");
  for (const ElementType to : kBytes) {
    const bool real = is_float_type(to);
    const Operand zero = fixed(typed(to, listed({}, {real ? 0.0 : 3})));
    const std::string name(element_type_name(to));
    cases.add(ElementType::kFloat32, to == ElementType::kUint8 ? "plain" : "to_" + name,
              {data({3, 5}, -4, 4), scale({0.037}), zero});
    cases.add(ElementType::kFloat32, "saturate_" + name,
              {listed({6}, {1e6, -1e6, 0, 1, -1, 300}), scale({0.5}), zero});
  }
  const Operand x = data({2, 3, 4}, -4, 4);
  cases.add("axis",
            {x, scale({0.03, 0.05, 0.02}, {3}), fixed(typed(ElementType::kUint8, listed({3}, {1, 128, 200})))},
            {{"axis", int64_t{1}}});
  cases.add("negative_axis",
            {x, scale({0.03, 0.05, 0.02}, {3}), fixed(typed(ElementType::kInt8, listed({3}, {1, 2, 0})))},
            {{"axis", int64_t{-2}}});
  cases.add("blocks",
            {data({2, 6}, -4, 4), scale({0.03, 0.05, 0.02, 0.04}, {2, 2}),
             fixed(typed(ElementType::kUint8, listed({2, 2}, {1, 2, 3, 4})))},
            {{"axis", int64_t{1}}, {"block_size", int64_t{3}}});
  cases.add("no_zero_point", {data({3, 5}, 0, 4), scale({0.02})});
  cases.add("ties", {listed({8}, {0.5, 1.5, 2.5, 3.5, -0.5, -1.5, 10.5, 11.5}), scale({1}),
                     fixed(typed(ElementType::kInt8, listed({}, {0})))});
  cases.add(ElementType::kFloat16, "plain",
            {data({3, 5}, -4, 4), fixed(typed(ElementType::kFloat16, listed({}, {0.0625}))),
             fixed(typed(ElementType::kUint8, listed({}, {100})))});
  cases.begin("DequantizeLinear");
  for (const ElementType from : kBytes) {
    const bool real = is_float_type(from);
    cases.add(from, "plain",
              {whole(data({3, 6}, -4, 4), -120, 250), scale({0.037}), fixed(listed({}, {real ? 0.0 : 3}))});
    cases.add(from, "no_zero_point", {whole(data({7}, -4, 4), -120, 250), scale({0.5})});
  }
  for (const ElementType from : {ElementType::kUint2, ElementType::kInt2})
    cases.add(from, "plain", {whole(data({3, 6}), -2, 3), scale({0.037}), fixed(listed({}, {1}))});
  cases.add(ElementType::kFloat4E2M1, "plain", {data({3, 6}, -4, 4), scale({0.037})});
  const Operand y = whole(data({2, 3, 4}), 0, 250);
  cases.add(ElementType::kInt32, "plain", {whole(data({5}), -9000, 9000), scale({0.037})});
  cases.add(ElementType::kUint8, "axis", {y, scale({0.03, 0.05, 0.02}, {3}), fixed(listed({3}, {1, 128, 200}))},
            {{"axis", int64_t{1}}});
  cases.add(ElementType::kUint8, "blocks",
            {whole(data({2, 6}), 0, 250), scale({0.03, 0.05, 0.02, 0.04}, {2, 2}),
             fixed(listed({2, 2}, {1, 2, 3, 4}))},
            {{"axis", int64_t{1}}, {"block_size", int64_t{3}}});
  cases.begin("DynamicQuantizeLinear");
  cases.add("plain", {data({3, 5}, -3, 5)}, {}, 3);
  cases.add("positive", {data({7}, 1, 5)}, {}, 3);
  cases.add("negative", {data({7}, -5, -1)}, {}, 3);
}

void add_casts(CaseList& cases) {
  cases.begin("Cast");
  const std::vector<ElementType> types = cases.types();
  for (const ElementType from : types)
    for (const ElementType to : types) {
      if (from == ElementType::kString || to == ElementType::kString) continue;
      const bool to_packed = element_bits(to) < 8 || element_bits(from) < 8 || to == ElementType::kFloat8E8M0 ||
                             from == ElementType::kFloat8E8M0;
      // Numbers that both types have.
      const std::vector<double> exact = {0, 1, 2, 3, 1, 0, 2};
      const Operand x = to_packed ? listed({7}, {0, 1, 1, 0, 1, 1, 0}) : listed({7}, exact);
      cases.add(from,
                from == ElementType::kFloat32 && to == ElementType::kFloat64
                    ? "plain"
                    : fmt::format("to_{}", element_type_name(to)),
                {x}, {{"to", static_cast<int64_t>(to)}});
    }
  const auto to = [](ElementType type) { return std::vector<Attribute>{{"to", static_cast<int64_t>(type)}}; };
  const Operand rounded =
      listed({9}, {1.0009765625, 1.00048828125, 0.1, -0.1, 1.00390625, 2049, 4097, -1.001953125, 3.14159});
  cases.add("rounding_to_float16", {rounded}, to(ElementType::kFloat16));
  cases.add("rounding_to_bfloat16", {rounded}, to(ElementType::kBfloat16));
  for (const ElementType type : {ElementType::kFloat8E4M3FN, ElementType::kFloat8E5M2,
                                 ElementType::kFloat8E4M3FNUZ, ElementType::kFloat8E5M2FNUZ}) {
    cases.add(fmt::format("rounding_to_{}", element_type_name(type)), {rounded}, to(type));
    cases.add(fmt::format("special_to_{}", element_type_name(type)), {specials({5, 5})}, to(type));
    std::vector<Attribute> wrap = to(type);
    wrap.push_back({"saturate", int64_t{0}});
    cases.add(fmt::format("unsaturated_to_{}", element_type_name(type)), {specials({5, 5})}, wrap);
  }
  cases.add("special_to_float16", {specials({5, 5})}, to(ElementType::kFloat16));
  cases.add("special_to_bfloat16", {specials({5, 5})}, to(ElementType::kBfloat16));
  cases.add("special_to_float64", {specials({5, 5})}, to(ElementType::kFloat64));
  cases.add("special_to_bool", {specials({5, 5})}, to(ElementType::kBool));
  cases.add("fractions_to_int32", {listed({6}, {1.9, -1.9, 0.5, -0.5, 2.5, -2.5})}, to(ElementType::kInt32));
  cases.add(ElementType::kInt64, "wraps_to_int32", {listed({3}, {4294967297.0, -4294967297.0, 2147483648.0})},
            to(ElementType::kInt32));
  cases.add(ElementType::kFloat64, "special_to_float32", {listed({4}, {1e300, -1e300, 1e-300, 1e-40})},
            to(ElementType::kFloat32));
  cases.add("empty", {data({0, 3})}, to(ElementType::kInt32));
  cases.add("rank0", {data({})}, to(ElementType::kFloat64));
  cases.begin("CastLike");
  for (const ElementType from : types)
    if (from != ElementType::kString)
      cases.add(
          from, "plain",
          {listed({7}, {0, 1, 1, 0, 1, 1, 0}),
           typed(from == ElementType::kFloat32 ? ElementType::kInt32 : ElementType::kFloat32, data({1}))});
  cases.begin("BitCast");
  cases.add("plain", {specials({5, 5})}, to(ElementType::kInt32));
  cases.add(ElementType::kInt64, "plain", {data({3, 4})}, to(ElementType::kFloat64));
  cases.add(ElementType::kInt32, "plain", {data({3, 4})}, to(ElementType::kUint32));
  cases.add(ElementType::kUint32, "plain", {data({3, 4})}, to(ElementType::kInt32));
  cases.add(ElementType::kUint8, "plain", {data({3, 4})}, to(ElementType::kInt8));
}

}  // namespace

void add_quantization_cases(CaseList& cases) {
  add_quantize(cases);
  add_casts(cases);
}

}  // namespace bp::conformance
