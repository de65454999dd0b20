// StringConcat and StringSplit.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/broadcast.hpp"
#include "ops/table.hpp"
#include "texts.hpp"

namespace bp::cpu {

namespace {

void check_concat(Check& check) {
  for (size_t input = 0; input < 2; ++input) {
    check.required(input);
    check.types(input, kString);
  }
}

void build_concat(Builder& b) {
  const std::array<Dims, 2> inputs = {b.input_dims(0), b.input_dims(1)};
  Dims dims;
  if (!broadcast_dims({inputs.begin(), inputs.end()}, dims)) {
    b.fail(text("inputs must broadcast to one shape, are ", dims_text(inputs[0]), " ", dims_text(inputs[1])));
  }
  b.output(0, dims);
  const auto plan = plan_broadcast<2>(dims, inputs);
  b.step(make_text_kernel([plan](const Call& call, TextState& state) -> RunError {
    Text* out = call.out<Text>(2);
    for_broadcast(1, plan, [&](const auto& offsets, int64_t out_offset, int64_t count) {
      const Text* left = call.in<Text>(0) + offsets[0];
      const Text* right = call.in<Text>(1) + offsets[1];
      for (int64_t i = 0; i < count; ++i, left += plan.inner_steps[0], right += plan.inner_steps[1]) {
        char* characters = state.arena.allocate(left->size + right->size);
        std::copy_n(left->data, left->size, characters);
        std::copy_n(right->data, right->size, characters + left->size);
        out[out_offset + i] = {characters, left->size + right->size};
      }
    });
    return nullptr;
  }));
}

constexpr std::string_view kSpaces = " \t\n\v\f\r";

// Appends the parts of `whole` between delimiters, at most `most` + 1 of them.
void split_at(std::string_view whole, std::string_view delimiter, int64_t most, std::vector<Text>& parts) {
  for (int64_t cuts = 0; cuts < most; ++cuts) {
    const size_t end = whole.find(delimiter);
    if (end == std::string_view::npos) break;
    parts.emplace_back(whole.substr(0, end));
    whole.remove_prefix(end + delimiter.size());
  }
  parts.emplace_back(whole);
}

// The same between runs of spaces; those at both ends belong to no part, but what is left uncut keeps its end.
void split_at_spaces(std::string_view whole, int64_t most, std::vector<Text>& parts) {
  for (int64_t cuts = 0;; ++cuts) {
    const size_t begin = whole.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return;
    whole.remove_prefix(begin);
    const size_t end = whole.find_first_of(kSpaces);
    if (end == std::string_view::npos || cuts == most) {
      parts.emplace_back(whole);
      return;
    }
    parts.emplace_back(whole.substr(0, end));
    whole.remove_prefix(end);
  }
}

void check_split(Check& check) {
  check.required(0);
  check.types(0, kString);
}

void build_split(Builder& b) {
  const Dims dims = b.input_dims(0);
  const int64_t count = element_count(dims);
  const std::string delimiter = b.attributes().string_or("delimiter", "");
  const int64_t most = b.attributes().has("maxsplit") ? b.attributes().int_or("maxsplit", 0) : INT64_MAX;
  if (most < 0) b.fail(text("maxsplit must not be negative, is ", most));
  const bool wanted = b.has_output(0);
  const size_t true_dims = wanted ? b.grown_output(0, dims.size() + 1) : 0;
  const bool counted = b.has_output(1);
  if (counted) b.output(1, dims);
  b.step(make_text_kernel([=](const Call& call, TextState& state) -> RunError {
    const Text* in = call.in<Text>(0);
    std::vector<Text> parts;
    std::vector<int64_t> counts;
    int64_t widest = 0;
    for (int64_t i = 0; i < count; ++i) {
      const size_t before = parts.size();
      if (delimiter.empty()) {
        split_at_spaces(in[i].view(), most, parts);
      } else {
        split_at(in[i].view(), delimiter, most, parts);
      }
      counts.push_back(static_cast<int64_t>(parts.size() - before));
      widest = std::max(widest, counts.back());
    }
    if (counted) std::copy(counts.begin(), counts.end(), call.out<int64_t>(2));
    if (!wanted) return nullptr;
    state.items.resize(static_cast<size_t>(count * widest));
    auto from = parts.begin();
    for (int64_t i = 0; i < count; ++i) {
      const auto to = state.items.begin() + i * widest;
      std::copy(from, from + counts[static_cast<size_t>(i)], to);
      from += counts[static_cast<size_t>(i)];
    }
    *call.out<const Text*>(1) = state.items.data();
    auto* stated = std::copy(dims.begin(), dims.end(), call.out<int64_t>(true_dims));
    *stated = widest;
    return nullptr;
  }));
}

constexpr Row kRows[] = {
    {"StringConcat", check_concat, build_concat, 20},
    {"StringSplit", check_split, build_split, 20},
};

}  // namespace

std::span<const Row> string_rows() { return kRows; }

}  // namespace bp::cpu
