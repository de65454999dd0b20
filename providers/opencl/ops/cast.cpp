// Elements of one type as elements of another; choosing and limiting elements.
#include "ops/pointwise.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

void check_cast(Check& check) {
  check.required(0);
  check.types(0, kMovable);
  check.output_types(0, kMovable);
  if (!check.traits.fp64 && check.has_output(0) && check.output(0).type == Type::kFloat64) {
    check.reject(BP_REASON_DEVICE_FEATURE, "the output is float64, the device has no fp64");
  }
}

void build_cast(Builder& b) {
  const Type to = b.output_type(0);
  if (b.input_type(0) == to) return b.alias(0, 0, b.input_dims(0));
  std::string code = "($t)$0";
  if (to == Type::kBool) code = "$0 != 0";
  if (to == Type::kFloat16) code = "bp_round_half((float)$0)";
  if (to == Type::kBfloat16) code = "bp_round_bfloat16((float)$0)";
  b.expression(b.input_dims(0), std::move(code), {0});
}

void check_where(Check& check) {
  for (size_t i = 0; i < 3; ++i) check.required(i);
  check.types(0, kBool);
  check.types(1, kMovable);
  check.types(2, kMovable);
}

void build_where(Builder& b) {
  const std::string label = b.node().label();
  Dims dims = broadcast_dims(b.input_dims(0), b.input_dims(1), label);
  b.expression(broadcast_dims(dims, b.input_dims(2), label), "$0 ? $1 : $2", {0, 1, 2});
}

// min(max(x, low), high): NaN stays NaN, and high wins where the bounds cross.
void build_clip(Builder& b) {
  std::vector<Term> terms{0};
  std::string code = "$0";
  if (b.has_input(1)) {
    terms.emplace_back(1, Dims{});
    code = "($0 < $1 ? $1 : $0)";
  }
  if (b.has_input(2)) {
    const size_t high = terms.size();
    terms.emplace_back(2, Dims{});
    code = text("($", high, " < ", code, " ? $", high, " : ", code, ")");
  }
  b.expression(b.input_dims(0), std::move(code), terms);
}

constexpr Row kRows[] = {
    {"Cast", check_cast, build_cast, 6, true},
    {"CastLike", check_cast, build_cast, 15, true},
    {"Where", check_where, build_where, 9, true},
    {"Clip", check_pointwise<kNumbers, 1>, build_clip, 11, true},
};

}  // namespace

std::span<const Row> cast_rows() { return kRows; }

}  // namespace bp::opencl
