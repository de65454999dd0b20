// Operators that move, choose or repeat elements, by simpler ones.
#include <numeric>

#include "ops/bodies/families.hpp"

namespace bp::bodies {

// The update lies in the cache from write_indices[b] on along `axis`; circular: it goes on at the front.
bool tensor_scatter(BodyBuilder& b) {
  const int64_t rank = b.rank(0);
  const int64_t stated = b.node().int_or("axis", -2);
  const int64_t axis = stated < 0 ? stated + rank : stated;
  if (rank < 2 || axis < 1 || axis >= rank) return false;
  const ValueId count = extent(b, b.input(1), axis);
  std::vector<int64_t> along(static_cast<size_t>(rank), 1), across = along;
  along[static_cast<size_t>(axis)] = -1;
  across[0] = -1;
  ValueId places = b.add("Reshape", {counting(b, count), b.ints(along)});
  if (b.has_input(2)) places = b.add("Add", {places, b.add("Reshape", {b.input(2), b.ints(across)})});
  if (b.node().string_or("mode", "linear") == "circular")
    places = b.add("Mod", {places, extent(b, b.input(0), axis)});
  const ValueId indices = b.add("Expand", {places, b.add("Shape", {b.input(1)})});
  b.output(b.add("ScatterElements", {b.input(0), indices, b.input(1)}, {{"axis", axis}}));
  return true;
}

bool cast_like(BodyBuilder& b) {
  if (b.element(1) == ElementType::kUndefined) return false;
  std::vector<Attribute> attributes{{"to", static_cast<int64_t>(b.element(1))}};
  if (const Attribute* saturate = b.node().find_attribute("saturate")) attributes.push_back(*saturate);
  b.output(b.add("Cast", {b.input(0)}, std::move(attributes)));
  return true;
}

// Outside training: the input, and a mask of true.
bool dropout(BodyBuilder& b) {
  const Tensor* training = b.constant(2);
  const bool off = !b.has_input(2) || (training != nullptr && training->to_int64() == std::vector<int64_t>{0});
  if (!off) return false;
  b.output(b.add("Identity", {b.input(0)}));
  if (b.wants(1)) {
    const bool yes = true;
    const TensorPtr value = Tensor::copy_of(ElementType::kBool, {1}, std::as_bytes(std::span(&yes, 1)));
    b.output(b.add("ConstantOfShape", {b.add("Shape", {b.input(0)})}, {{"value", value}}));
  }
  return true;
}

namespace {

// Only N may be unknown.
bool image_dims(const BodyBuilder& b, int64_t& c, int64_t& h, int64_t& w) {
  const Dims* dims = b.dims(0);
  if (dims == nullptr || dims->size() != 4) return false;
  c = (*dims)[1].size;
  h = (*dims)[2].size;
  w = (*dims)[3].size;
  return c >= 0 && h >= 0 && w >= 0;
}

ValueId rearranged(BodyBuilder& b, const std::vector<int64_t>& apart, std::vector<int64_t> order,
                   const std::vector<int64_t>& joined) {
  const ValueId pieces = b.add("Reshape", {b.input(0), b.ints(apart)});
  return b.add("Reshape", {b.add("Transpose", {pieces}, {{"perm", std::move(order)}}), b.ints(joined)});
}

}  // namespace

bool depth_to_space(BodyBuilder& b) {
  int64_t c = 0, h = 0, w = 0;
  const int64_t block = b.node().int_or("blocksize", 0);
  if (!image_dims(b, c, h, w) || block < 1 || c % (block * block) != 0 || c * h * w == 0) return false;
  const int64_t depth = c / (block * block);
  const std::vector<int64_t> joined{-1, depth, h * block, w * block};
  if (b.node().string_or("mode", "DCR") == "CRD") {
    b.output(rearranged(b, {-1, depth, block, block, h, w}, {0, 1, 4, 2, 5, 3}, joined));
  } else {
    b.output(rearranged(b, {-1, block, block, depth, h, w}, {0, 3, 4, 1, 5, 2}, joined));
  }
  return true;
}

bool space_to_depth(BodyBuilder& b) {
  int64_t c = 0, h = 0, w = 0;
  const int64_t block = b.node().int_or("blocksize", 0);
  if (!image_dims(b, c, h, w) || block < 1 || h % block != 0 || w % block != 0 || c * h * w == 0) return false;
  b.output(rearranged(b, {-1, c, h / block, block, w / block, block},
                      b.node().string_or("mode", "DCR") == "CRD" ? std::vector<int64_t>{0, 1, 3, 5, 2, 4}
                                                                 : std::vector<int64_t>{0, 3, 5, 1, 2, 4},
                      {-1, c * block * block, h / block, w / block}));
  return true;
}

// Keeps where column >= row + k (upper) or <= (lower).
bool trilu(BodyBuilder& b) {
  const ValueId x = b.input(0);
  const ValueId dims = b.add("Shape", {x});
  const auto indices = [&](int64_t axis) {
    const ValueId zero = b.int_scalar(0);
    return b.add("Range", {zero, b.add("Gather", {dims, b.int_scalar(axis)}), b.int_scalar(1)});
  };
  ValueId rows = b.add("Unsqueeze", {indices(-2), b.ints({1})});
  if (b.has_input(1)) rows = b.add("Add", {rows, b.input(1)});
  const bool upper = b.node().int_or("upper", 1) != 0;
  const ValueId kept = b.add(upper ? "LessOrEqual" : "GreaterOrEqual", {rows, indices(-1)});
  b.output(b.add("Where", {kept, x, b.scalar(0.0F)}));
  return true;
}

// indices, depth, values [off, on]; negative indices count from the end.
bool one_hot(BodyBuilder& b) {
  const int64_t rank = b.rank(0);
  if (rank < 0) return false;
  const int64_t axis = b.node().int_or("axis", -1);
  const int64_t at = axis < 0 ? axis + rank + 1 : axis;
  if (at < 0 || at > rank) return false;
  constexpr int64_t kInt64 = 7;
  const ValueId depth = b.add("Reshape", {b.add("Cast", {b.input(1)}, {{"to", kInt64}}), b.ints({})});
  const ValueId indices = b.add("Cast", {b.input(0)}, {{"to", kInt64}});
  const ValueId first =
      b.add("Where", {b.add("Less", {indices, b.int_scalar(0)}), b.add("Add", {indices, depth}), indices});
  std::vector<int64_t> shape(static_cast<size_t>(rank) + 1, 1);
  shape[static_cast<size_t>(at)] = -1;
  const ValueId classes =
      b.add("Reshape", {b.add("Range", {b.int_scalar(0), depth, b.int_scalar(1)}), b.ints(shape)});
  const ValueId hit = b.add("Equal", {b.add("Unsqueeze", {first, b.ints({at})}), classes});
  const auto value = [&](int64_t i) { return b.add("Gather", {b.input(2), b.int_scalar(i)}); };
  b.output(b.add("Where", {hit, value(1), value(0)}));
  return true;
}

// [N, C, spatial...]: normalized per image and channel.
bool instance_normalization(BodyBuilder& b) {
  const int64_t rank = b.rank(0);
  if (rank < 3) return false;
  std::vector<int64_t> spatial(static_cast<size_t>(rank - 2));
  std::iota(spatial.begin(), spatial.end(), 2);
  const ValueId axes = b.ints(spatial);
  const ValueId x = b.input(0);
  const ValueId centred = b.add("Sub", {x, b.add("ReduceMean", {x, axes})});
  const ValueId variance = b.add("ReduceMean", {b.add("Mul", {centred, centred}), axes});
  const ValueId raised = b.add("Add", {variance, b.scalar(b.node().float_or("epsilon", 1e-5F))});
  const ValueId normal = b.add("Div", {centred, b.add("Sqrt", {raised})});
  std::vector<int64_t> shape(static_cast<size_t>(rank - 1), 1);
  shape[0] = -1;
  const ValueId per_channel = b.ints(shape);
  const ValueId scaled = b.add("Mul", {normal, b.add("Reshape", {b.input(1), per_channel})});
  b.output(b.add("Add", {scaled, b.add("Reshape", {b.input(2), per_channel})}));
  return true;
}

}  // namespace bp::bodies
