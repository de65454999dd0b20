// MaxPool, AveragePool and LpPool; the global forms are reductions.
#include "ops/table.hpp"
#include "ops/window.hpp"

namespace bp::opencl {

namespace {

enum class Pool { kMax, kAverage, kLp };

template <Pool kPool>
void check_pool(Check& check) {
  check.required(0);
  check.types(0, kPool == Pool::kMax ? kFloats | mask(Type::kInt8, Type::kUint8) : kFloats);
  check.rank_between(0, 3, 5);
  check.string_attribute("auto_pad", "NOTSET", {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"});
  check.output_types(1, mask(Type::kInt64));
}

template <Pool kPool>
void define_pool(Builder& b, Launch& launch) {
  if constexpr (kPool == Pool::kMax) {
    launch.define("BP_MAXIMUM", 1).define("BP_RESULT", "total").define("BP_START", "0");
  } else if constexpr (kPool == Pool::kAverage) {
    launch.define("BP_START", 0)
        .define("BP_TERM(v)", "(v)")
        .define("BP_RESULT", "count == 0 ? 0 : total / count");
    if (b.attributes().int_or("count_include_pad", 0) != 0) launch.define("BP_COUNT_PADDING", 1);
  } else {
    const int64_t p = b.attributes().int_or("p", 2);
    launch.define("BP_START", 0);
    launch.define("BP_TERM(v)", p == 1 ? "fabs(v)" : p == 2 ? "((v) * (v))" : "pow(fabs(v), (C)power)");
    launch.define("BP_RESULT", p == 1 ? "total" : p == 2 ? "sqrt(total)" : "pow(total, 1 / (C)power)");
  }
}

template <Pool kPool>
void build_pool(Builder& b) {
  const Dims src = b.input_dims(0);
  const Type type = b.input_type(0);
  const Dims kernel = b.attributes().ints_or("kernel_shape", {});
  Window window = read_window(b, spatial_dims(src), kernel);
  const Dims out = window_output(b, spatial_dims(src), window, b.attributes().int_or("ceil_mode", 0) != 0);
  Dims dims{src[0], src[1]};
  dims.insert(dims.end(), out.begin(), out.end());
  const Ref output = b.output(0, dims);
  const Ref indices = b.has_output(1) ? b.output(1, dims) : Ref{};
  if (element_count(dims) == 0) return;
  Launch launch("pooling", "pool");
  launch.define("T", storage_name(type)).define("C", compute_name(type));
  define_pool<kPool>(b, launch);
  if (b.has_output(1)) launch.define("BP_INDICES", 1);
  launch.define("BP_COLUMN_MAJOR", b.attributes().int_or("storage_order", 0) != 0 ? 1 : 0);
  launch.memory(b.input(0), type).memory(output, type).memory(indices, Type::kInt64);
  const int64_t pixels = element_count(out);
  launch.integer(pixels);
  for (const Dims& list :
       {three(spatial_dims(src), 1), three(out, 1), three(window.kernel, 1), three(window.strides, 1),
        three(window.dilations, 1), three(window.pads_begin, 0), three(window.pads_end, 0)}) {
    for (const int64_t dim : list) launch.integer(dim);
  }
  launch.number(static_cast<float>(b.attributes().int_or("p", 2)));
  launch.work({pixels, src[0] * src[1], 1}, {pixels >= 64 ? 64 : 16, 1, 1});
  b.launch(std::move(launch));
}

constexpr Row kRows[] = {
    {"MaxPool", check_pool<Pool::kMax>, build_pool<Pool::kMax>, 1},
    {"AveragePool", check_pool<Pool::kAverage>, build_pool<Pool::kAverage>, 1},
    {"LpPool", check_pool<Pool::kLp>, build_pool<Pool::kLp>, 2},
};

}  // namespace

std::span<const Row> pooling_rows() { return kRows; }

}  // namespace bp::opencl
