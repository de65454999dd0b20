// Reductions over any axes, ArgMax and ArgMin.
#include "ops/sets.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

enum class Gather { kSum, kMean, kProduct, kAbsolute, kNorm, kSquares, kLogSum, kMax, kMin, kLogSumExp };

template <TypeMask kTypes>
void check_reduce(Check& check) {
  check.required(0);
  check.types(0, kTypes);
  check.want_value(1);
}

Dims reduced_dims(const Dims& dims, const Dims& axes, bool keep) {
  std::vector<bool> gone(dims.size(), axes.empty());
  for (const int64_t axis : axes) gone[static_cast<size_t>(axis)] = true;
  Dims result;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (!gone[i]) result.push_back(dims[i]);
    if (gone[i] && keep) result.push_back(1);
  }
  return result;
}

// The type in which elements are gathered.
std::string_view sum_type(Type type) {
  if (type == Type::kFloat64) return "double";
  if (in(type, kFloats)) return "float";
  return in(type, kUnsignedInts | kBool) ? "ulong" : "long";
}

std::string lowest(Type type) {
  if (in(type, kFloats)) return "-INFINITY";
  if (in(type, kUnsignedInts | kBool)) return "0";
  return text("(-1L << ", element_size(type) * 8 - 1, ")");
}

std::string highest(Type type) {
  if (in(type, kFloats)) return "INFINITY";
  if (type == Type::kBool) return "1";
  if (in(type, kUnsignedInts)) return text("(0xFFFFFFFFFFFFFFFFUL >> ", 64 - element_size(type) * 8, ")");
  return text("(0x7FFFFFFFFFFFFFFFL >> ", 64 - element_size(type) * 8, ")");
}

void define_gather(Launch& launch, Gather gather, Type type, int64_t size) {
  std::string map = "(v)";
  std::string join = "((a) + (b))";
  std::string start = "0";
  std::string end = "(v)";
  switch (gather) {
    case Gather::kMean:
      end = text("((v) / ", size, ")");
      break;
    case Gather::kProduct:
      join = "((a) * (b))";
      start = "1";
      break;
    case Gather::kAbsolute:
      map = "((v) < 0 ? -(v) : (v))";
      break;
    case Gather::kNorm:
      map = "((v) * (v))";
      end = "sqrt(v)";
      break;
    case Gather::kSquares:
      map = "((v) * (v))";
      break;
    case Gather::kLogSum:
      end = "log(v)";
      break;
    case Gather::kMax:
      join = "BP_MAX(a, b)";
      start = lowest(type);
      break;
    case Gather::kMin:
      join = "BP_MIN(a, b)";
      start = highest(type);
      break;
    default:
      break;
  }
  launch.define(gather == Gather::kLogSumExp ? "BP_LOG_SUM_EXP" : "BP_REDUCE", 1)
      .define("BP_MAP(v)", map)
      .define("BP_GATHER(a, b)", join);
  launch.define("BP_START", start).define("BP_END(v)", end);
}

Launch reduce_launch(Builder& b, Gather gather, const Sets& sets, Ref output) {
  const Type type = b.input_type(0);
  Launch launch("sets", gather == Gather::kLogSumExp ? "log_sum_exp" : "reduce");
  define_gather(launch, gather, type, sets.size);
  launch.define("T", storage_name(type)).define("C", compute_name(type)).define("TO", storage_name(type));
  // The roundings of a product add up, those of a sum mostly do not.
  const bool wide = gather == Gather::kProduct && type == Type::kFloat32 && b.traits().fp64;
  launch.define("A", wide ? "double" : sum_type(type));
  launch.memory(b.input(0), type).memory(output, type);
  walk_sets(launch, sets);
  return launch;
}

template <Gather kGather>
void build_reduce(Builder& b) {
  const Dims dims = b.input_dims(0);
  Dims axes;
  if (b.has_input(1)) axes = b.needed_value(1).ints();
  for (int64_t& axis : axes) axis = b.axis(axis, b.rank(0));
  Dims output = reduced_dims(dims, axes, b.attributes().int_or("keepdims", 1) != 0);
  Sets sets = make_sets(dims, axes);
  if (axes.empty() && b.attributes().int_or("noop_with_empty_axes", 0) != 0) {
    // Each element alone, for which a reduction over an axis of size 1 serves.
    Dims extended = dims;
    extended.push_back(1);
    sets = make_sets(extended, {static_cast<int64_t>(dims.size())});
    output = dims;
  }
  const Ref to = b.output(0, output);
  if (element_count(output) == 0) return;
  b.launch(reduce_launch(b, kGather, sets, to));
}

template <Gather kGather>
void build_global(Builder& b) {
  const Dims dims = b.input_dims(0);
  Dims axes;
  Dims output = dims;
  for (size_t i = 2; i < dims.size(); ++i) {
    axes.push_back(static_cast<int64_t>(i));
    output[i] = 1;
  }
  const Ref to = b.output(0, output);
  if (element_count(output) == 0) return;
  b.launch(reduce_launch(b, kGather, make_sets(dims, axes), to));
}

void check_global(Check& check) {
  check.required(0);
  check.types(0, kFloats);
  check.rank_between(0, 3, 8);
}

void check_arg(Check& check) {
  check.required(0);
  check.types(0, kNumbers);
}

template <bool kMax>
void build_arg(Builder& b) {
  const int64_t axis = b.axis(b.attributes().int_or("axis", 0), b.rank(0));
  const bool last = b.attributes().int_or("select_last_index", 0) != 0;
  const Dims dims = b.input_dims(0);
  const Type type = b.input_type(0);
  const Dims output = reduced_dims(dims, {axis}, b.attributes().int_or("keepdims", 1) != 0);
  if (dims[static_cast<size_t>(axis)] == 0) b.fail(text("axis ", axis, " is empty: it has no extreme"));
  const Ref to = b.output(0, output);
  if (element_count(output) == 0) return;
  Launch launch("sets", "extreme");
  launch.define("BP_EXTREME", 1).define("T", storage_name(type)).define("C", compute_name(type));
  launch.define("BP_BETTER(a, b)", text("((a) ", kMax ? ">" : "<", last ? "=" : "", " (b))"));
  launch.memory(b.input(0), type).memory(to, Type::kInt64);
  walk_sets(launch, make_sets(dims, {axis}));
  b.launch(std::move(launch));
}

template <Gather kGather, TypeMask kTypes = kNumbers>
constexpr Row reduce(std::string_view op_type, int32_t since) {
  return {op_type, check_reduce<kTypes>, build_reduce<kGather>, since};
}

constexpr Row kRows[] = {
    reduce<Gather::kSum>("ReduceSum", 13),
    reduce<Gather::kMean>("ReduceMean", 18),
    reduce<Gather::kProduct>("ReduceProd", 18),
    reduce<Gather::kAbsolute>("ReduceL1", 18),
    reduce<Gather::kNorm, kFloats>("ReduceL2", 18),
    reduce<Gather::kSquares>("ReduceSumSquare", 18),
    reduce<Gather::kLogSum, kFloats>("ReduceLogSum", 18),
    reduce<Gather::kMax, kMovable>("ReduceMax", 18),
    reduce<Gather::kMin, kMovable>("ReduceMin", 18),
    reduce<Gather::kLogSumExp, kFloats>("ReduceLogSumExp", 18),
    {"GlobalAveragePool", check_global, build_global<Gather::kMean>},
    {"GlobalMaxPool", check_global, build_global<Gather::kMax>},
    {"ArgMax", check_arg, build_arg<true>, 13},
    {"ArgMin", check_arg, build_arg<false>, 13},
};

}  // namespace

std::span<const Row> reduce_rows() { return kRows; }

}  // namespace bp::opencl
