// CumSum and CumProd.
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

void check_cumulate(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kNumbers);
  check.types(1, kIndices);
  check.want_value(1);
}

template <bool kProduct>
void build_cumulate(Builder& b) {
  const Dims dims = b.input_dims(0);
  const Type type = b.input_type(0);
  const HostTensor& stated = b.needed_value(1);
  if (stated.count() != 1) b.fail(text("the axis must be one element, has ", stated.count()));
  const int64_t axis = b.axis(stated.ints()[0], b.rank(0));
  const Ref output = b.output(0, dims);
  if (element_count(dims) == 0) return;
  const auto at = dims.begin() + axis;
  const int64_t step = element_count(Dims(at + 1, dims.end()));
  const int64_t lines = element_count(dims) / *at;
  Launch launch("cumulate", "cumulate");
  launch.define("T", storage_name(type)).define("C", compute_name(type));
  launch.define("BP_START", kProduct ? 1 : 0).define("BP_OPERATOR", kProduct ? "*" : "+");
  launch.define("BP_REVERSE", b.attributes().int_or("reverse", 0) != 0 ? 1 : 0);
  launch.define("BP_EXCLUSIVE", b.attributes().int_or("exclusive", 0) != 0 ? 1 : 0);
  launch.memory(b.input(0), type).memory(output, type).integer(lines).integer(*at).integer(step);
  launch.work(lines, lines >= 64 ? 64 : 1);
  b.launch(std::move(launch));
}

constexpr Row kRows[] = {
    {"CumSum", check_cumulate, build_cumulate<false>, 11},
    {"CumProd", check_cumulate, build_cumulate<true>, 26},
};

}  // namespace

std::span<const Row> cumulate_rows() { return kRows; }

}  // namespace bp::opencl
