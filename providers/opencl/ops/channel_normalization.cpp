// BatchNormalization with known statistics, which is pointwise, Dropout without training, and LRN.
#include "ops/pointwise.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

void check_batch(Check& check) {
  for (size_t i = 0; i < 5; ++i) {
    check.required(i);
    check.types(i, kFloats);
  }
  check.rank_between(0, 1, 8);
  if (check.node.attributes.int_or("training_mode", 0) != 0 || check.has_output(1)) {
    check.reject_attribute("training_mode", "training is not taken: statistics are inputs only");
  }
}

void build_batch(Builder& b) {
  const Dims dims = b.input_dims(0);
  const int64_t channels = dims.size() > 1 ? dims[1] : 1;
  std::vector<Term> terms{0};
  for (size_t i = 1; i < 5; ++i) {
    if (element_count(b.input_dims(i)) != channels) {
      b.fail(text("input ", i, " must have ", channels, " elements, has dims ", dims_text(b.input_dims(i))));
    }
    Dims seen(dims.size() > 1 ? dims.size() - 1 : 1, 1);
    seen[0] = channels;
    terms.emplace_back(i, seen);
  }
  const std::string epsilon = literal(b.attributes().float_or("epsilon", 1e-5f), b.input_type(0));
  b.expression(dims, text("($0 - $3) * ($1 / sqrt($4 + ($t)", epsilon, ")) + $2"), terms);
}

void check_dropout(Check& check) {
  check.required(0);
  check.movable(0);
  check.want_value(2);
  if (check.has_output(1)) check.reject(BP_REASON_OTHER, "output 1 (mask) is not given");
}

void build_dropout(Builder& b) {
  if (b.has_input(2) && b.needed_value(2).ints().at(0) != 0) {
    b.fail("training_mode must be false, is true", BP_STATUS_UNSUPPORTED);
  }
  b.alias(0, 0, b.input_dims(0));
}

void check_lrn(Check& check) {
  check.required(0);
  check.types(0, kFloats);
  check.rank_between(0, 2, 8);
}

void build_lrn(Builder& b) {
  const int64_t size = b.attributes().int_or("size", 1);
  if (size < 1) b.fail(text("size must be at least 1, is ", size));
  const Dims dims = b.input_dims(0);
  const Type type = b.input_type(0);
  const Ref output = b.output(0, dims);
  const int64_t total = element_count(dims);
  if (total == 0) return;
  Launch launch("lrn", "lrn");
  launch.define("T", storage_name(type)).define("C", compute_name(type));
  launch.memory(b.input(0), type).memory(output, type);
  launch.integer(total).integer(dims[1]).integer(element_count(Dims(dims.begin() + 2, dims.end())));
  launch.integer((size - 1) / 2).integer(size - 1 - (size - 1) / 2);
  launch.number(b.attributes().float_or("alpha", 1e-4f)).integer(size);
  launch.number(b.attributes().float_or("beta", 0.75f)).number(b.attributes().float_or("bias", 1.0f));
  launch.work(total, 256);
  b.launch(std::move(launch));
}

constexpr Row kRows[] = {
    {"BatchNormalization", check_batch, build_batch, 9, true},
    {"Dropout", check_dropout, build_dropout, 12},
    {"LRN", check_lrn, build_lrn, 1},
};

}  // namespace

std::span<const Row> channel_normalization_rows() { return kRows; }

}  // namespace bp::opencl
