// Operators that give the same bytes other dims: views, nothing runs. An example of values wanted at
// specialize.
#include <algorithm>
#include <utility>
#include <vector>

#include "ops/channel_shuffle.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_view(Check& check) {
  check.required(0);
  check.types(0, kMovable);
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
  if (!build_channel_shuffle(b, to)) b.alias(0, 0, std::move(to));
}

void build_flatten(Builder& b) {
  const Dims& from = b.input_dims(0);
  const int64_t rank = b.rank(0);
  const int64_t stated = b.attributes().int_or("axis", 1);
  const int64_t axis = stated == rank ? rank : b.axis(stated, std::max<int64_t>(rank, 1));
  const auto middle = from.begin() + std::min(axis, rank);
  b.alias(0, 0, {element_count(Dims(from.begin(), middle)), element_count(Dims(middle, from.end()))});
}

// Which of `rank` axes are named by input 1.
std::vector<bool> named_axes(Builder& b, int64_t rank) {
  std::vector<bool> named(static_cast<size_t>(rank), false);
  for (const int64_t stated : b.needed_value(1).ints()) {
    const auto axis = static_cast<size_t>(b.axis(stated, rank));
    if (named[axis]) b.fail(text("axis ", stated, " is named twice"));
    named[axis] = true;
  }
  return named;
}

void build_squeeze(Builder& b) {
  const Dims& from = b.input_dims(0);
  const bool stated = b.has_input(1);
  const std::vector<bool> gone = stated ? named_axes(b, b.rank(0)) : std::vector<bool>(from.size(), true);
  Dims to;
  for (size_t i = 0; i < from.size(); ++i) {
    if (gone[i] && stated && from[i] != 1) b.fail(text("axis ", i, " of ", dims_text(from), " is not 1"));
    if (!gone[i] || from[i] != 1) to.push_back(from[i]);
  }
  b.alias(0, 0, std::move(to));
}

void build_unsqueeze(Builder& b) {
  const Dims& from = b.input_dims(0);
  const int64_t rank = b.rank(0) + b.needed_value(1).count();
  auto next = from.begin();
  Dims to;
  for (const bool is_new : named_axes(b, rank)) to.push_back(is_new ? 1 : *next++);
  b.alias(0, 0, std::move(to));
}

void check_unsqueeze(Check& check) {
  check_view_by_value(check);
  check.required(1);
}

// The same bytes, read as another type of the same size.
void check_bit_cast(Check& check) {
  check_view(check);
  if (!check.has_input(0) || !check.has_output(0)) return;
  const Type from = check.input(0).type, to = check.output(0).type;
  if (element_size(from) == 0 || element_size(from) != element_size(to))
    check.reject_attribute(
        "to", text("the elements must be of one size, are ", type_name(from), " and ", type_name(to)));
}

constexpr Row kRows[] = {
    {"BitCast", check_bit_cast, build_identity, 26},     {"Identity", check_view, build_identity},
    {"Reshape", check_view_by_value, build_reshape, 5},  {"Flatten", check_view, build_flatten},
    {"Squeeze", check_view_by_value, build_squeeze, 13}, {"Unsqueeze", check_unsqueeze, build_unsqueeze, 13},
};

}  // namespace

std::span<const Row> reshape_rows() { return kRows; }

}  // namespace bp::cpu
