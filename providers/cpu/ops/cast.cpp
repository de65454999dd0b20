// Cast and CastLike: elements of one type as elements of another.
#include "kernels/convert.hpp"
#include "ops/cast_strings.hpp"
#include "ops/expression.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_cast(Check& check) {
  check.required(0);
  check.types(0, kMovable);
  check.output_types(0, kMovable);
  check.string_attribute("round_mode", "up", {"up", "down", "nearest"});
}

NarrowMode read_mode(const Attributes& attributes) {
  NarrowMode mode;
  mode.saturate = attributes.int_or("saturate", 1) != 0;
  const std::string rounding = attributes.string_or("round_mode", "up");
  if (rounding == "down") mode.rounding = PowerRounding::kDown;
  if (rounding == "nearest") mode.rounding = PowerRounding::kNearest;
  return mode;
}

void build_cast(Builder& b) {
  const Type from = b.input_type(0);
  const Type to = b.output_type(0);
  if (from == to) {
    b.alias(0, 0, b.input_dims(0));
    return;
  }
  if (to == Type::kString) return build_to_strings(b);
  if (from == Type::kString) return build_from_strings(b, read_mode(b.attributes()));
  b.output(0, b.input_dims(0));
  const int64_t count = element_count(b.input_dims(0));
  const int threads = b.threads();
  const size_t out = b.input_count();
  const Conversion conversion(from, to, read_mode(b.attributes()));
  const int64_t from_size = element_size(from);
  const int64_t to_size = element_size(to);
  b.run([=](const Call& call) {
    parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
      conversion.run(call.in<std::byte>(0) + begin * from_size, call.out<std::byte>(out) + begin * to_size,
                     end - begin);
    });
  });
}

Term express_cast(Expression& e) { return e.cast(0, e.output_type(), read_mode(e.attributes())); }

constexpr Row kRows[] = {
    {"Cast", check_cast, build_cast, 6, LayoutUse::kPointwise, "", express_cast},
    {"CastLike", check_cast, build_cast, 15, LayoutUse::kPlain, "", express_cast},
};

}  // namespace

std::span<const Row> cast_rows() { return kRows; }

}  // namespace bp::cpu
