// Tensors made of little: ConstantOfShape, Range, EyeLike, OneHot, Trilu.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "ops/table.hpp"

namespace bp::opencl {

namespace {

void check_constant_of_shape(Check& check) {
  check.required(0);
  check.want_value(0);
  check.output_types(0, kMovable);
}

template <class T>
void add_value(Launch& launch, const void* value) {
  T bits{};
  if (value != nullptr) std::memcpy(&bits, value, sizeof bits);
  launch.number(bits);
}

void build_constant_of_shape(Builder& b) {
  const Dims dims = b.needed_value(0).ints();
  const Type type = b.output_type(0);
  const HostTensor* value = b.attributes().tensor("value");
  if (value != nullptr && (value->count() != 1 || value->type != type)) {
    b.fail("attribute 'value' must be one element of the output's type");
  }
  const Ref output = b.output(0, dims);
  const int64_t total = element_count(dims);
  if (total == 0) return;
  Launch launch("generate", "fill");
  launch.define("BP_BITS", bits_name(type)).memory(output, type).integer(total);
  const void* bits = value == nullptr ? nullptr : value->data;
  switch (element_size(type)) {
    case 1:
      add_value<uint8_t>(launch, bits);
      break;
    case 2:
      add_value<uint16_t>(launch, bits);
      break;
    case 4:
      add_value<uint32_t>(launch, bits);
      break;
    default:
      add_value<uint64_t>(launch, bits);
      break;
  }
  launch.work(total, 256);
  b.launch(std::move(launch));
}

void check_range(Check& check) {
  for (size_t i = 0; i < 3; ++i) {
    check.required(i);
    check.types(i, mask(Type::kFloat32, Type::kFloat64, Type::kInt16, Type::kInt32, Type::kInt64));
    check.want_value(i);
  }
}

int64_t steps_in(Builder& b, double start, double limit, double delta) {
  if (delta == 0) b.fail("delta is 0");
  const double steps = std::ceil((limit - start) / delta);
  if (!(steps < 2e9)) b.fail("the range has no end");
  return std::max<int64_t>(0, static_cast<int64_t>(steps));
}

void build_range(Builder& b) {
  const Type type = b.input_type(0);
  for (size_t i = 0; i < 3; ++i) {
    if (b.needed_value(i).count() != 1) b.fail(text("input ", i, " must be one element"));
  }
  const int64_t total =
      steps_in(b, b.needed_value(0).floats()[0], b.needed_value(1).floats()[0], b.needed_value(2).floats()[0]);
  const Ref output = b.output(0, {total});
  if (total == 0) return;
  Launch launch("generate", "range");
  launch.define("BP_BITS", bits_name(type)).define("T", storage_name(type)).define("C", compute_name(type));
  launch.memory(output, type).integer(total);
  const auto known = [&](size_t input) { return b.table(b.needed_value(input).data, element_size(type)); };
  launch.memory(known(0), type).memory(known(2), type);
  launch.work(total, 256);
  b.launch(std::move(launch));
}

void check_eye(Check& check) {
  check.required(0);
  check.movable(0);
  check.rank_between(0, 2, 2);
  check.output_types(0, kMovable);
}

void build_eye(Builder& b) {
  const Dims dims = b.input_dims(0);
  const Type type = b.output_type(0);
  const Ref output = b.output(0, dims);
  const int64_t total = element_count(dims);
  if (total == 0) return;
  Launch launch("generate", "eye");
  launch.define("BP_BITS", bits_name(type)).define("T", storage_name(type)).define("C", compute_name(type));
  // Farther away than either dim is as good as any.
  const int64_t farthest = std::max(dims[0], dims[1]) + 1;
  launch.memory(output, type).integer(total).integer(dims[1]);
  launch.integer(std::clamp(b.attributes().int_or("k", 0), -farthest, farthest));
  launch.work(total, 256);
  b.launch(std::move(launch));
}

void check_one_hot(Check& check) {
  for (size_t i = 0; i < 3; ++i) check.required(i);
  check.types(0, kInts | mask(Type::kFloat32, Type::kFloat64));
  check.want_value(1);
  check.movable(2);
}

void build_one_hot(Builder& b) {
  const Type type = b.input_type(2);
  const HostTensor& depth = b.needed_value(1);
  if (depth.count() != 1) b.fail(text("depth must be one element, has ", depth.count()));
  const int64_t classes = depth.ints()[0];
  Dims dims = b.input_dims(0);
  const int64_t axis = b.axis(b.attributes().int_or("axis", -1), b.rank(0) + 1);
  const int64_t inner = element_count(Dims(dims.begin() + axis, dims.end()));
  dims.insert(dims.begin() + axis, classes);
  const Ref output = b.output(0, dims);
  const int64_t total = element_count(dims);
  if (total == 0) return;
  Launch launch("generate", "one_hot");
  launch.define("BP_BITS", bits_name(type)).define("I", compute_name(b.input_type(0)));
  launch.memory(b.input(0), b.input_type(0)).memory(b.input(2), type).memory(output, type);
  launch.integer(total).integer(classes).integer(inner);
  launch.work(total, 256);
  b.launch(std::move(launch));
}

void check_trilu(Check& check) {
  check.required(0);
  check.movable(0);
  check.types(1, mask(Type::kInt64));
  check.want_value(1);
}

void build_trilu(Builder& b) {
  const Dims dims = b.input_dims(0);
  if (dims.size() < 2) b.fail(text("input 0 must have at least 2 dims, has ", dims.size()));
  const Type type = b.input_type(0);
  const Ref output = b.output(0, dims);
  const int64_t total = element_count(dims);
  if (total == 0) return;
  Launch launch("generate", "triangle");
  launch.define("BP_BITS", bits_name(type));
  launch.memory(b.input(0), type).memory(output, type);
  launch.integer(total).integer(dims[dims.size() - 2]).integer(dims.back());
  launch.number(b.has_input(1) ? b.needed_value(1).ints().at(0) : int64_t{0});
  launch.integer(b.attributes().int_or("upper", 1));
  launch.work(total, 256);
  b.launch(std::move(launch));
}

constexpr Row kRows[] = {
    {"ConstantOfShape", check_constant_of_shape, build_constant_of_shape, 9},
    {"Range", check_range, build_range, 11},
    {"EyeLike", check_eye, build_eye, 9},
    {"OneHot", check_one_hot, build_one_hot, 11},
    {"Trilu", check_trilu, build_trilu, 14},
};

}  // namespace

std::span<const Row> generate_rows() { return kRows; }

}  // namespace bp::opencl
