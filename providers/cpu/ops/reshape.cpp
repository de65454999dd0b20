// Operators that give the same bytes other dims: views, nothing runs. An example of values wanted at
// specialize.
#include <algorithm>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_view(Check& check) {
  check.required(0);
  check.types(0, kFixedSize);
}

void check_view_by_value(Check& check) {
  check_view(check);
  check.want_value(1);
}

void build_identity(Builder& b) { b.alias(0, 0, b.input_dims(0)); }

// The target dims with 0 ("as the input", unless allowzero) and -1 ("what is left") filled in.
void build_reshape(Builder& b) {
  const Dims& from = b.input_dims(0);
  Dims to = b.needed_value(1).ints();
  const bool zero_is_zero = b.attributes().int_or("allowzero", 0) != 0;
  int64_t known = 1;
  int64_t open = -1;
  for (size_t i = 0; i < to.size(); ++i) {
    if (to[i] == 0 && !zero_is_zero) {
      if (i >= from.size()) b.fail(text("target dim ", i, " is 0, input has ", from.size(), " dims"));
      to[i] = from[i];
    }
    if (to[i] == -1) {
      if (open >= 0) b.fail("the target has more than one -1");
      open = static_cast<int64_t>(i);
    } else {
      known *= to[i];
    }
  }
  const int64_t count = element_count(from);
  if (open >= 0) to[static_cast<size_t>(open)] = known == 0 ? 0 : count / known;
  if (element_count(to) != count) {
    b.fail(text("cannot give ", dims_text(from), " the dims ", dims_text(to)));
  }
  b.alias(0, 0, std::move(to));
}

void build_flatten(Builder& b) {
  const Dims& from = b.input_dims(0);
  const int64_t rank = b.rank(0);
  const int64_t stated = b.attributes().int_or("axis", 1);
  const int64_t axis = stated == rank ? rank : b.axis(stated, std::max<int64_t>(rank, 1));
  const auto middle = from.begin() + std::min(axis, rank);
  b.alias(0, 0, {element_count(Dims(from.begin(), middle)), element_count(Dims(middle, from.end()))});
}

constexpr Row kRows[] = {
    {"Identity", check_view, build_identity},
    {"Reshape", check_view_by_value, build_reshape, 5},
    {"Flatten", check_view, build_flatten},
};

}  // namespace

std::span<const Row> reshape_rows() { return kRows; }

}  // namespace bp::cpu
