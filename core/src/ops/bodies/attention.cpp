// Attention and rotary embedding by products, Softmax and shape arithmetic.
#include <cmath>
#include <limits>
#include <optional>

#include "ops/bodies/families.hpp"

namespace bp::bodies {

ValueId extent(BodyBuilder& b, ValueId x, int64_t axis) {
  return b.add("Shape", {x}, {{"start", axis}, {"end", axis + 1}});
}

ValueId counting(BodyBuilder& b, ValueId length) {
  return b.add("Range", {b.int_scalar(0), b.add("Squeeze", {length}), b.int_scalar(1)});
}

ValueId split_heads(BodyBuilder& b, ValueId x, int64_t heads) {
  const ValueId apart = b.add("Reshape", {x, b.ints({0, 0, heads, -1})});
  return b.add("Transpose", {apart}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}});
}

ValueId join_heads(BodyBuilder& b, ValueId x) {
  const ValueId turned = b.add("Transpose", {x}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}});
  return b.add("Reshape", {turned, b.ints({0, 0, -1})});
}

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// The inputs of an Attention node.
enum { kQ, kK, kV, kMask, kPastKey, kPastValue, kNonpad };

struct Heads {
  int64_t q = 0;
  int64_t kv = 0;
};

// Known numbers of heads; nothing where they cannot be told.
std::optional<Heads> heads_of(const BodyBuilder& b) {
  Heads heads{b.node().int_or("q_num_heads", 0), b.node().int_or("kv_num_heads", 0)};
  if (b.rank(kQ) == 4) heads = {(*b.dims(kQ))[1].size, (*b.dims(kK))[1].size};
  if (heads.q < 1 || heads.kv < 1 || heads.q % heads.kv != 0) return std::nullopt;
  return heads;
}

// The square root of the scale, for both factors of the product.
ValueId root_of_scale(BodyBuilder& b, ValueId q) {
  const Attribute* stated = b.node().find_attribute("scale");
  if (stated != nullptr) return b.scalar(std::sqrt(b.node().float_or("scale", 1.0F)), kQ);
  const ValueId size = b.add("Cast", {extent(b, q, 3)}, {{"to", int64_t{1}}});
  const ValueId root = b.add("Reciprocal", {b.add("Sqrt", {b.add("Sqrt", {size})})});
  return b.element(kQ) == ElementType::kFloat32 ? root : b.add("CastLike", {root, b.input(kQ)});
}

// The mask as wide as the keys: what it does not reach is masked.
ValueId widened_mask(BodyBuilder& b, ValueId k) {
  const ValueId mask = b.input(kMask);
  if (b.rank(kMask) < 1) return mask;
  const Dim& own = b.dims(kMask)->back();
  const Dims& keys = *b.dims(kK);
  if (!b.has_input(kPastKey) && own == keys[keys.size() - 2] && (own.known() || own.symbol != 0)) return mask;
  if (own == Dim::of(1)) return mask;
  const ValueId missing = b.add("Sub", {extent(b, k, 2), extent(b, mask, b.rank(kMask) - 1)});
  const ValueId zeros = b.ints(std::vector<int64_t>(static_cast<size_t>(2 * b.rank(kMask) - 1), 0));
  const ValueId pads = b.add("Concat", {zeros, missing}, {{"axis", int64_t{0}}});
  if (b.element(kMask) == ElementType::kBool) return b.add("Pad", {mask, pads});
  return b.add("Pad", {mask, pads, b.scalar(-kInfinity, kMask)});
}

ValueId both(BodyBuilder& b, ValueId a, ValueId other) { return a == kNoId ? other : b.add("And", {a, other}); }

// Which key a query may see by position: bool, [S, T] or [B, 1, S, T]. kNoId: every one.
ValueId visible(BodyBuilder& b, ValueId q, ValueId k) {
  const bool causal = b.node().int_or("is_causal", 0) != 0;
  const int64_t left = b.node().int_or("left_window_size", -1);
  const int64_t right = b.node().int_or("right_window_size", -1);
  if (!causal && left < 0 && right < 0 && !b.has_input(kNonpad)) return kNoId;
  const ValueId keys = counting(b, extent(b, k, 2));
  ValueId lengths = kNoId;
  if (b.has_input(kNonpad)) lengths = b.add("Unsqueeze", {b.input(kNonpad), b.ints({1, 2, 3})});
  ValueId allowed = lengths == kNoId ? kNoId : b.add("Less", {keys, lengths});
  if (!causal && left < 0 && right < 0) return allowed;
  ValueId place = b.add("Unsqueeze", {counting(b, extent(b, q, 2)), b.ints({1})});
  if (b.has_input(kPastKey)) {
    place = b.add("Add", {place, extent(b, b.input(kPastKey), 2)});
  } else if (lengths != kNoId) {
    place = b.add("Add", {place, b.add("Sub", {lengths, extent(b, q, 2)})});
  }
  if (causal) allowed = both(b, allowed, b.add("LessOrEqual", {keys, place}));
  if (left >= 0)
    allowed = both(b, allowed, b.add("GreaterOrEqual", {keys, b.add("Sub", {place, b.int_scalar(left)})}));
  if (right >= 0)
    allowed = both(b, allowed, b.add("LessOrEqual", {keys, b.add("Add", {place, b.int_scalar(right)})}));
  return allowed;
}

// A query that sees no key gets zeros.
ValueId guarded_softmax(BodyBuilder& b, ValueId scores, bool masked) {
  const Attribute* precision = b.node().find_attribute("softmax_precision");
  const bool wide =
      precision != nullptr && b.node().int_or("softmax_precision", 0) != static_cast<int64_t>(b.element(kQ));
  const ValueId x = wide ? b.add("Cast", {scores}, {{"to", b.node().int_or("softmax_precision", 0)}}) : scores;
  ValueId y = b.add("Softmax", {x}, {{"axis", int64_t{-1}}});
  if (wide) y = b.add("CastLike", {y, b.input(kQ)});
  if (!masked) return y;
  const ValueId highest = b.add("ReduceMax", {scores, b.ints({-1})});
  const ValueId none = b.add("Equal", {highest, b.scalar(-kInfinity, kQ)});
  return b.add("Where", {none, b.scalar(0.0F, kQ), y});
}

}  // namespace

bool attention(BodyBuilder& b) {
  const int64_t rank = b.rank(kQ);
  if ((rank != 3 && rank != 4) || b.rank(kK) != rank || b.rank(kV) != rank) return false;
  const auto heads = heads_of(b);
  if (!heads) return false;
  ValueId q = b.input(kQ), k = b.input(kK), v = b.input(kV);
  if (rank == 3) {
    q = split_heads(b, q, heads->q);
    k = split_heads(b, k, heads->kv);
    v = split_heads(b, v, heads->kv);
  }
  if (b.has_input(kPastKey)) k = b.add("Concat", {b.input(kPastKey), k}, {{"axis", int64_t{2}}});
  if (b.has_input(kPastValue)) v = b.add("Concat", {b.input(kPastValue), v}, {{"axis", int64_t{2}}});

  // Queries that share keys lie one after another: [B, Hq, S, D] as [B, Hkv, Hq / Hkv * S, D].
  const bool shared = heads->q != heads->kv;
  const auto grouped = [&](ValueId x, int64_t count) {
    return shared ? b.add("Reshape", {x, b.ints({0, count, -1, 0})}) : x;
  };
  const ValueId root = root_of_scale(b, q);
  const ValueId turned =
      b.add("Transpose", {b.add("Mul", {k, root})}, {{"perm", std::vector<int64_t>{0, 1, 3, 2}}});
  const ValueId product = b.add("MatMul", {grouped(b.add("Mul", {q, root}), heads->kv), turned});
  ValueId stages[4];
  stages[0] = grouped(product, heads->q);
  stages[1] = stages[0];
  if (const float cap = b.node().float_or("softcap", 0.0F); cap != 0.0F) {
    const ValueId bent = b.add("Tanh", {b.add("Div", {stages[0], b.scalar(cap, kQ)})});
    stages[1] = b.add("Mul", {bent, b.scalar(cap, kQ)});
  }
  ValueId allowed = visible(b, q, k);
  stages[2] = stages[1];
  if (b.has_input(kMask)) {
    const ValueId mask = widened_mask(b, k);
    if (b.element(kMask) == ElementType::kBool) {
      allowed = both(b, allowed, mask);
    } else {
      stages[2] =
          b.add("Add", {stages[2], b.element(kMask) == b.element(kQ) ? mask : b.add("CastLike", {mask, q})});
    }
  }
  if (allowed != kNoId) stages[2] = b.add("Where", {allowed, stages[2], b.scalar(-kInfinity, kQ)});
  stages[3] = guarded_softmax(b, stages[2], allowed != kNoId || b.has_input(kMask));
  const ValueId values = b.element(kV) == b.element(kQ) ? v : b.add("CastLike", {v, b.input(kQ)});
  const ValueId y = grouped(b.add("MatMul", {grouped(stages[3], heads->kv), values}), heads->q);
  b.output(rank == 3 ? join_heads(b, y) : y);
  if (b.node().outputs.size() > 1) b.output(k);
  if (b.node().outputs.size() > 2) b.output(v);
  if (b.node().outputs.size() > 3) {
    const int64_t mode = b.node().int_or("qk_matmul_output_mode", 0);
    if (mode < 0 || mode > 3) return false;
    b.output(stages[mode]);
  }
  return true;
}

// x: [B, H, S, D] or [B, S, H*D]; cos, sin: [positions, R/2] with position_ids [B, S], or [B, S, R/2]. The
// first R entries of a head turn, in pairs: entry i with i + R/2, or, interleaved, 2i with 2i + 1.
bool rotary_embedding(BodyBuilder& b) {
  const int64_t rank = b.rank(0);
  const int64_t heads = b.node().int_or("num_heads", 0);
  if ((rank != 3 && rank != 4) || (rank == 3 && heads < 1)) return false;
  ValueId x = rank == 4 ? b.input(0) : b.add("Reshape", {b.input(0), b.ints({0, 0, heads, -1})});
  const int64_t turning = b.node().int_or("rotary_embedding_dim", 0);
  ValueId rest = kNoId;
  constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
  const auto sliced = [&](ValueId from, int64_t begin, int64_t end, int64_t step) {
    return b.add("Slice", {from, b.ints({begin}), b.ints({end}), b.ints({-1}), b.ints({step})});
  };
  if (turning > 0) {
    rest = sliced(x, turning, kEnd, 1);
    x = sliced(x, 0, turning, 1);
  }
  ValueId angles[2];
  for (size_t i = 0; i < 2; ++i) {
    const ValueId cache = b.input(i + 1);
    const ValueId at = b.has_input(3) ? b.add("Gather", {cache, b.input(3)}) : cache;
    angles[i] = b.add("Unsqueeze", {at, b.ints({rank == 4 ? 1 : 2})});
  }
  const bool interleaved = b.node().int_or("interleaved", 0) != 0;
  ValueId first = kNoId, second = kNoId;
  if (interleaved) {
    first = sliced(x, 0, kEnd, 2);
    second = sliced(x, 1, kEnd, 2);
  } else {
    const auto halves = b.add_several(2, "Split", {x}, {{"axis", int64_t{-1}}, {"num_outputs", int64_t{2}}});
    first = halves[0];
    second = halves[1];
  }
  const ValueId real = b.add("Sub", {b.add("Mul", {first, angles[0]}), b.add("Mul", {second, angles[1]})});
  const ValueId imaginary = b.add("Add", {b.add("Mul", {first, angles[1]}), b.add("Mul", {second, angles[0]})});
  ValueId y = kNoId;
  if (interleaved) {
    const ValueId last = b.ints({-1});
    const ValueId pairs =
        b.add("Concat", {b.add("Unsqueeze", {real, last}), b.add("Unsqueeze", {imaginary, last})},
              {{"axis", int64_t{-1}}});
    y = b.add("Reshape", {pairs, b.ints({0, 0, 0, -1})});
  } else {
    y = b.add("Concat", {real, imaginary}, {{"axis", int64_t{-1}}});
  }
  if (rest != kNoId) y = b.add("Concat", {y, rest}, {{"axis", int64_t{-1}}});
  b.output(rank == 4 ? y : b.add("Reshape", {y, b.ints({0, 0, -1})}));
  return true;
}

}  // namespace bp::bodies
