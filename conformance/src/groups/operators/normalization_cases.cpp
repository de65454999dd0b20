// Normalization, softmax, attention.
#include <cmath>

#include "compare/numbers.hpp"
#include "groups/operators/case_list.hpp"

namespace bp::conformance {
namespace {

using Ints = std::vector<int64_t>;

void add_norms(CaseList& cases) {
  const Operand x = data({2, 4, 3, 5}, -2, 2), per_channel = data({4}), variance = data({4}, 0.5, 2);
  cases.begin("BatchNormalization");
  cases.add_all("plain", {x, fixed(per_channel), fixed(per_channel), fixed(per_channel), fixed(variance)});
  cases.add("parameters_as_inputs", {x, per_channel, per_channel, per_channel, variance}, {{"epsilon", 0.01f}});
  cases.add("training", {x, per_channel, per_channel, per_channel, variance}, {{"training_mode", int64_t{1}}},
            3);
  cases.add("rank2",
            {data({3, 4}), fixed(per_channel), fixed(per_channel), fixed(per_channel), fixed(variance)});
  cases.add("rank3",
            {data({2, 4, 6}), fixed(per_channel), fixed(per_channel), fixed(per_channel), fixed(variance)});
  cases.begin("InstanceNormalization");
  cases.add_all("plain", {x, per_channel, per_channel});
  cases.add("rank3", {data({2, 4, 6}), per_channel, per_channel}, {{"epsilon", 0.01f}});
  cases.begin("GroupNormalization");
  cases.add_all("plain", {x, per_channel, per_channel}, {{"num_groups", int64_t{2}}});
  cases.add("one_group", {x, per_channel, per_channel}, {{"num_groups", int64_t{1}}});
  cases.begin("LayerNormalization");
  const Operand last = data({5});
  cases.add_all("plain", {x, last, last});
  cases.add("no_bias", {x, last});
  cases.add("two_axes", {x, data({3, 5}), data({3, 5})}, {{"axis", int64_t{2}}});
  cases.add("all_axes", {data({3, 4}), data({3, 4})}, {{"axis", int64_t{0}}});
  cases.add("statistics", {x, last, last}, {{"epsilon", 0.01f}}, 3);
  cases.add("constant_rows", {listed({2, 5}, {3}), last, last});
  cases.add("offset", {data({3, 5}, 8, 9), last, last});
  cases.begin("RMSNormalization");
  cases.add_all("plain", {x, last});
  cases.add("two_axes", {x, data({3, 5})}, {{"axis", int64_t{-2}}, {"epsilon", 0.01f}});
  cases.begin("LpNormalization");
  cases.add_all("plain", {data({3, 5}, -2, 2)});
  cases.add("l1", {data({3, 5})}, {{"p", int64_t{1}}, {"axis", int64_t{0}}});
  cases.add("zeros", {listed({2, 3}, {0})});
  cases.begin("MeanVarianceNormalization");
  cases.add_all("plain", {x});
  cases.add("axes", {x}, {{"axes", Ints{0, 2}}});
  cases.begin("LRN");
  cases.add_all("plain", {x}, {{"size", int64_t{3}}});
  cases.add("parameters", {x}, {{"size", int64_t{2}}, {"alpha", 0.01f}, {"beta", 0.5f}, {"bias", 2.0f}});
}

void add_softmax(CaseList& cases) {
  for (const char* op_type : {"Softmax", "LogSoftmax", "Hardmax"}) {
    cases.begin(op_type);
    const bool hard = std::string_view(op_type) == "Hardmax";
    const auto x = [&](ConcreteDims dims, double size = 3) {
      return hard ? distinct(std::move(dims), -size, size) : data(std::move(dims), -size, size);
    };
    cases.add_all("plain", {x({3, 4, 5})});
    cases.add("axis_0", {x({4, 3})}, {{"axis", int64_t{0}}});
    cases.add("axis_1", {x({2, 6, 3})}, {{"axis", int64_t{1}}});
    cases.add("negative_axis", {x({2, 3, 4})}, {{"axis", int64_t{-3}}});
    cases.add("large_numbers", {x({3, 5}, 1000)});
    cases.add("long", {x({2, 1031})});
    cases.add("one_column", {x({3, 1})});
    cases.add("empty", {x({0, 4})});
    if (!hard) cases.add("minus_infinity", {listed({2, 4}, {1, -INFINITY, 2, 3})});
  }
}

void add_attention(CaseList& cases) {
  cases.begin("Attention");
  const Operand q = data({2, 3, 4, 8}), k = data({2, 3, 6, 8}), v = data({2, 3, 6, 5});
  for (const ElementType type : cases.types()) cases.add(type, "plain", {q, k, v});
  cases.add("causal", {q, data({2, 3, 4, 8}), data({2, 3, 4, 5})}, {{"is_causal", int64_t{1}}});
  cases.add("scale", {q, k, v}, {{"scale", 0.1f}});
  cases.add("mask", {q, k, v, data({4, 6})});
  cases.add("bool_mask", {q, k, v, typed(ElementType::kBool, listed({4, 6}, {1, 0, 1, 1, 1}))});
  cases.add("shared_heads", {data({2, 4, 3, 8}), data({2, 2, 5, 8}), data({2, 2, 5, 8})});
  cases.add("rank3", {data({2, 4, 24}), data({2, 6, 24}), data({2, 6, 24})},
            {{"q_num_heads", int64_t{3}}, {"kv_num_heads", int64_t{3}}});
  cases.add("softcap", {q, k, v}, {{"softcap", 2.0f}});
  cases.begin("RotaryEmbedding");
  const Operand positions = typed(ElementType::kInt64, listed({2, 3}, {0, 1, 2, 4, 3, 1}));
  for (const ElementType type : cases.types())
    cases.add(type, "plain", {data({2, 4, 3, 8}), data({6, 4}), data({6, 4}), positions});
  cases.add("interleaved", {data({2, 4, 3, 8}), data({6, 4}), data({6, 4}), positions},
            {{"interleaved", int64_t{1}}});
  cases.add("partial", {data({2, 4, 3, 8}), data({6, 2}), data({6, 2}), positions},
            {{"rotary_embedding_dim", int64_t{4}}});
  cases.add("no_positions", {data({2, 4, 3, 8}), data({2, 3, 4}), data({2, 3, 4})});
  cases.add("rank3", {data({2, 3, 32}), data({6, 4}), data({6, 4}), positions}, {{"num_heads", int64_t{4}}});
}

}  // namespace

void add_normalization_cases(CaseList& cases) {
  add_norms(cases);
  add_softmax(cases);
  add_attention(cases);
}

}  // namespace bp::conformance
