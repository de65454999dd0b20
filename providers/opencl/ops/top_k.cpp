// TopK.
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

void check_top_k(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kNumbers);
  check.want_value(1);
}

void build_top_k(Builder& b) {
  Dims dims = b.input_dims(0);
  const Type type = b.input_type(0);
  const int64_t axis = b.axis(b.attributes().int_or("axis", -1), b.rank(0));
  const HostTensor& stated = b.needed_value(1);
  if (stated.count() != 1) b.fail(text("k must be one element, has ", stated.count()));
  const int64_t k = stated.ints()[0];
  const int64_t length = dims[static_cast<size_t>(axis)];
  if (k < 0 || k > length) b.fail(text("k must be in [0, ", length, "], is ", k));
  const auto at = dims.begin() + axis;
  const int64_t step = element_count(Dims(at + 1, dims.end()));
  *at = k;
  const auto bytes = static_cast<uint64_t>(element_count(dims));
  // An output that nobody wants is needed all the same.
  const Ref values = b.has_output(0) ? b.output(0, dims) : b.scratch(bytes * element_size(type));
  const Ref indices = b.has_output(1) ? b.output(1, dims) : b.scratch(bytes * sizeof(int64_t));
  if (element_count(dims) == 0) return;
  const int64_t lines = element_count(dims) / k;
  Launch launch("top_k", "top_k");
  launch.define("T", storage_name(type)).define("C", compute_name(type));
  launch.define("BP_BETTER(a, b)", b.attributes().int_or("largest", 1) != 0 ? "((a) > (b))" : "((a) < (b))");
  launch.memory(b.input(0), type).memory(values, type).memory(indices, Type::kInt64);
  launch.integer(lines).integer(length).integer(step).integer(k);
  launch.work(lines, lines >= 64 ? 64 : 1);
  b.launch(std::move(launch));
}

constexpr Row kRows[] = {
    {"TopK", check_top_k, build_top_k, 10},
};

}  // namespace

std::span<const Row> top_k_rows() { return kRows; }

}  // namespace bp::opencl
