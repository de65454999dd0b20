// com.microsoft's QLinearAdd and QLinearMul: the numbers that the bytes stand for, combined in float32 and
// quantized again.
#include "kernels/broadcast.hpp"
#include "kernels/quantize.hpp"
#include "ops/quantized_numbers.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check(Check& check) {
  check_quantized_input(check, 0, 1);
  check_quantized_input(check, 3, 4);
  check_quantized_output(check, 6);
}

template <QuantizedOp kOp>
void build(Builder& b) {
  Dims dims;
  if (!broadcast_dims({b.input_dims(0), b.input_dims(3)}, dims)) {
    b.fail(text("inputs must broadcast to one shape, are ", dims_text(b.input_dims(0)), " and ",
                dims_text(b.input_dims(3))));
  }
  const QuantizedTerms terms{scale_or_zero(b, 1, 1), scale_or_zero(b, 2, 0), scale_or_zero(b, 4, 1),
                             scale_or_zero(b, 5, 0), scale_or_zero(b, 6, 1), scale_or_zero(b, 7, 0)};
  const auto plan = plan_broadcast<2>(dims, {b.input_dims(0), b.input_dims(3)});
  b.output(0, dims);
  if (b.input_dims(0) == dims) b.in_place(0, 0);
  if (b.input_dims(3) == dims) b.in_place(0, 3);
  const Type type = b.output_type(0);
  const int threads = b.threads();
  const size_t out = b.input_count();
  b.run([=](const Call& call) {
    for_broadcast(threads, plan, [&](const auto& offsets, int64_t at, int64_t count) {
      combine_quantized(type, kOp, terms, call.in<std::byte>(0) + offsets[0], plan.inner_steps[0],
                        call.in<std::byte>(3) + offsets[1], plan.inner_steps[1], call.out<std::byte>(out) + at,
                        count);
    });
  });
}

constexpr Row kRows[] = {
    {"QLinearAdd", check, build<QuantizedOp::kAdd>, 1, LayoutUse::kPointwise, kMicrosoftDomain},
    {"QLinearMul", check, build<QuantizedOp::kMul>, 1, LayoutUse::kPointwise, kMicrosoftDomain},
};

}  // namespace

std::span<const Row> quantized_elementwise_rows() { return kRows; }

}  // namespace bp::cpu
