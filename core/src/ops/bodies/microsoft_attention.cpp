// The attention operators of com.microsoft, by ONNX's Attention and RotaryEmbedding. By ONNX Runtime's
// description of its operators (ContribOperators.md).
#include <limits>
#include <numeric>

#include "ops/bodies/families.hpp"

namespace bp::bodies {
namespace {

// One long vector cut into consecutive parts along the last dim.
std::vector<ValueId> cut(BodyBuilder& b, ValueId x, const std::vector<int64_t>& sizes, int64_t axis = -1) {
  return b.add_several(sizes.size(), "Split", {x, b.ints(sizes)}, {{"axis", axis}});
}

// The size of dim `axis` of input `i`; -1 where it is not known.
int64_t size_of(const BodyBuilder& b, size_t i, size_t axis) {
  const Dims* dims = b.dims(i);
  return dims == nullptr || axis >= dims->size() ? -1 : (*dims)[axis].size;
}

// 0 where `allowed`, else what the node adds to a masked score.
ValueId filtered(BodyBuilder& b, ValueId allowed) {
  const ValueId filter = b.scalar(b.node().float_or("mask_filter_value", -10000.0F));
  return b.add("Where", {allowed, b.scalar(0.0F), filter});
}

struct Lengths {
  ValueId past = kNoId;   // [1]; kNoId: nothing came before
  ValueId total = kNoId;  // [1]
};

Lengths lengths_of(BodyBuilder& b, ValueId fresh, int64_t fresh_axis, ValueId past, int64_t past_axis) {
  Lengths lengths;
  lengths.total = extent(b, fresh, fresh_axis);
  if (past != kNoId) {
    lengths.past = extent(b, past, past_axis);
    lengths.total = b.add("Add", {lengths.past, lengths.total});
  }
  return lengths;
}

// Input `i` as a mask that is added to [B, N, S, T]; false: a form that is not known. Forms: [B] where the keys
// of each text end, [2B] ends and then starts, [B, T] and [B, S, T] one flag per key, [B, 1, M, M] flags for
// the longest text.
bool padding_mask(BodyBuilder& b, size_t i, const Lengths& lengths, ValueId query, ValueId& mask) {
  const int64_t rank = b.rank(i);
  const ValueId given = b.input(i);
  if (rank == 1) {
    const Dim& batch = (*b.dims(0))[0];
    const Dim& own = (*b.dims(i))[0];
    const bool ends = own == batch && (own.known() || own.symbol != 0);
    const bool starts = own.known() && batch.known() && own.size == 2 * batch.size;
    if (!ends && !starts) return false;
    const auto column = [&](ValueId x) {
      return b.add("Unsqueeze", {b.add("Cast", {x}, {{"to", int64_t{7}}}), b.ints({1, 2, 3})});
    };
    const ValueId keys = counting(b, lengths.total);
    ValueId allowed = kNoId;
    if (ends) {
      allowed = b.add("Less", {keys, column(given)});
    } else {
      const auto halves = cut(b, given, {batch.size, batch.size});
      allowed = b.add("And", {b.add("Less", {keys, column(halves[0])}),
                              b.add("GreaterOrEqual", {keys, column(halves[1])})});
    }
    mask = filtered(b, allowed);
    return true;
  }
  if (rank < 2 || rank > 4) return false;
  ValueId flags = b.add("Cast", {given}, {{"to", int64_t{9}}});
  if (rank == 2) flags = b.add("Unsqueeze", {flags, b.ints({1, 2})});
  if (rank == 3) flags = b.add("Unsqueeze", {flags, b.ints({1})});
  if (rank == 4) {
    const ValueId from = lengths.past == kNoId ? b.ints({0}) : lengths.past;
    const ValueId to = b.add("Add", {from, extent(b, query, 1)});
    flags = b.add("Slice", {flags, b.add("Concat", {from, b.ints({0})}, {{"axis", int64_t{0}}}),
                            b.add("Concat", {to, lengths.total}, {{"axis", int64_t{0}}}), b.ints({2, 3})});
  }
  mask = filtered(b, flags);
  return true;
}

// The mask of input `flags` and the bias of input `bias`, in one.
bool mask_of(BodyBuilder& b, size_t flags, size_t bias, const Lengths& lengths, ValueId query, ValueId& mask) {
  if (b.has_input(flags) && !padding_mask(b, flags, lengths, query, mask)) return false;
  if (b.has_input(bias)) mask = mask == kNoId ? b.input(bias) : b.add("Add", {mask, b.input(bias)});
  return true;
}

std::vector<Attribute> attention_attributes(const BodyBuilder& b, int64_t heads) {
  std::vector<Attribute> attributes{
      {"q_num_heads", heads}, {"kv_num_heads", heads}, {"is_causal", b.node().int_or("unidirectional", 0)}};
  if (const float scale = b.node().float_or("scale", 0.0F); scale != 0.0F)
    attributes.push_back({"scale", scale});
  return attributes;
}

}  // namespace

// input [B, S, H], weights [H, Q+K+V], bias, mask, past [2, B, N, P, D], attention bias.
bool ms_attention(BodyBuilder& b) {
  const int64_t heads = b.node().int_or("num_heads", 0);
  const bool known = heads > 0 && b.node().int_or("do_rotary", 0) == 0 &&
                     b.node().int_or("past_present_share_buffer", 0) == 0 && !b.has_input(6) && b.rank(0) == 3;
  if (!known) return false;
  std::vector<int64_t> sizes;
  if (const std::vector<int64_t>* stated = b.node().ints("qkv_hidden_sizes")) sizes = *stated;
  if (sizes.empty() && size_of(b, 1, 1) > 0) sizes.assign(3, size_of(b, 1, 1) / 3);
  if (sizes.size() != 3) return false;
  ValueId projected = b.add("MatMul", {b.input(0), b.input(1)});
  if (b.has_input(2)) projected = b.add("Add", {projected, b.input(2)});
  const auto parts = cut(b, projected, sizes);
  const ValueId past = b.optional_input(4);
  const Lengths lengths = lengths_of(b, b.input(0), 1, past, 3);
  ValueId mask = kNoId;
  if (!mask_of(b, 3, 5, lengths, b.input(0), mask)) return false;
  std::vector<ValueId> inputs{parts[0], parts[1], parts[2], mask};
  if (past != kNoId) {
    for (const int64_t half : {0, 1}) inputs.push_back(b.add("Gather", {past, b.int_scalar(half)}));
  }
  const bool states = past != kNoId || b.wants(1);
  const auto outputs =
      b.add_several(states ? 3 : 1, "Attention", std::move(inputs), attention_attributes(b, heads));
  b.output(outputs[0]);
  if (b.node().outputs.size() > 1) {
    const ValueId zero = b.ints({0});
    b.output(!states ? kNoId
                     : b.add("Concat",
                             {b.add("Unsqueeze", {outputs[1], zero}), b.add("Unsqueeze", {outputs[2], zero})},
                             {{"axis", int64_t{0}}}));
  }
  return true;
}

// query, key, value, bias, padding mask, attention bias, past key, past value.
bool ms_multi_head_attention(BodyBuilder& b) {
  const int64_t heads = b.node().int_or("num_heads", 0);
  const bool known = heads > 0 && !b.has_input(8) && !b.has_input(9) && b.rank(0) >= 3 && !b.wants(3);
  if (!known) return false;
  ValueId q = b.input(0), k = b.optional_input(1), v = b.optional_input(2);
  // [B, S, N, parts, D] as `parts` times [B, S, N*D]
  const auto unpacked = [&](ValueId x, int64_t parts) {
    auto pieces = cut(b, x, std::vector<int64_t>(static_cast<size_t>(parts), 1), 3);
    for (ValueId& piece : pieces) piece = b.add("Reshape", {piece, b.ints({0, 0, -1})});
    return pieces;
  };
  bool fresh = true;  // keys and values in need of a bias
  if (b.rank(0) == 5) {
    const auto pieces = unpacked(q, 3);
    q = pieces[0], k = pieces[1], v = pieces[2];
  } else if (b.rank(1) == 5) {
    const auto pieces = unpacked(k, 2);
    k = pieces[0], v = pieces[1];
  } else if (b.rank(1) == 4) {
    k = join_heads(b, k), v = join_heads(b, v);
    fresh = false;
  } else if (b.rank(1) != 3 || b.rank(2) != 3) {
    return false;
  }
  if (b.has_input(3)) {
    const int64_t all = size_of(b, 3, 0);
    int64_t query = size_of(b, 0, 2), key = query;
    if (b.rank(0) == 5) query = key = all / 3;
    if (query < 1 || all < 2 * query) return false;
    const auto biases = cut(b, b.input(3), {query, key, all - query - key});
    q = b.add("Add", {q, biases[0]});
    if (fresh) k = b.add("Add", {k, biases[1]}), v = b.add("Add", {v, biases[2]});
  }
  const Lengths lengths = lengths_of(b, k, 1, b.optional_input(6), 2);
  ValueId mask = kNoId;
  if (!mask_of(b, 4, 5, lengths, q, mask)) return false;
  std::vector<ValueId> inputs{q, k, v, mask};
  if (b.has_input(6)) inputs.push_back(b.input(6)), inputs.push_back(b.input(7));
  const bool states = b.has_input(6) || b.wants(1) || b.wants(2);
  const auto outputs =
      b.add_several(states ? 3 : 1, "Attention", std::move(inputs), attention_attributes(b, heads));
  b.output(outputs[0]);
  for (size_t i = 1; i < b.node().outputs.size(); ++i) b.output(states && i < 3 ? outputs[i] : kNoId);
  return true;
}

namespace {

// Which of the first `total` keys each query of each text may see: bool [B, 1, S, T]. `start` [B]: the place of
// the first new key.
ValueId visible_keys(BodyBuilder& b, ValueId start, ValueId ends, ValueId total) {
  const auto column = [&](ValueId x) { return b.add("Unsqueeze", {x, b.ints({1, 2, 3})}); };
  const ValueId keys = counting(b, total);
  if (b.node().int_or("causal", 1) == 0) return b.add("Less", {keys, column(ends)});
  const ValueId rows = b.add("Unsqueeze", {counting(b, extent(b, b.input(0), 1)), b.ints({1})});
  const ValueId place = b.add("Add", {rows, column(start)});
  ValueId allowed = b.add("LessOrEqual", {keys, place});
  const int64_t window = b.node().int_or("local_window_size", -1);
  if (window > 0) {
    const ValueId oldest = b.add("Sub", {place, b.int_scalar(window)});
    allowed = b.add("And", {allowed, b.add("Greater", {keys, oldest})});
  }
  return allowed;
}

// The state with room for `total` keys, the new ones written at `start` of each text.
ValueId written(BodyBuilder& b, ValueId past, ValueId fresh, ValueId start, ValueId total) {
  if (past == kNoId) return fresh;
  const ValueId missing = b.add("Max", {b.add("Sub", {total, extent(b, past, 2)}), b.ints({0})});
  const ValueId pads =
      b.add("Concat", {b.ints({0, 0, 0, 0, 0, 0}), missing, b.ints({0})}, {{"axis", int64_t{0}}});
  return b.add("TensorScatter", {b.add("Pad", {past, pads}), fresh, start}, {{"axis", int64_t{-2}}});
}

}  // namespace

// query (or query, key and value in one), key, value, past key, past value, seqlens_k [B] (the length of each
// text less one), total length, cos, sin, positions, attention bias.
bool ms_group_query_attention(BodyBuilder& b) {
  const int64_t heads = b.node().int_or("num_heads", 0), kv_heads = b.node().int_or("kv_num_heads", 0);
  bool known = heads > 0 && kv_heads > 0 && b.rank(0) == 3 && !b.wants(3) &&
               b.node().int_or("smooth_softmax", 0) <= 0 && b.node().int_or("sliding_window_cache", 0) == 0;
  for (size_t i = 11; i < 16; ++i) known = known && !b.has_input(i);
  if (b.has_input(3)) known = known && b.element(3) == b.element(0);
  if (!known) return false;
  ValueId q = b.input(0), k = b.optional_input(1), v = b.optional_input(2);
  if (k == kNoId) {
    const int64_t all = size_of(b, 0, 2);
    if (all < 1 || all % (heads + 2 * kv_heads) != 0) return false;
    const int64_t size = all / (heads + 2 * kv_heads);
    const auto parts = cut(b, q, {heads * size, kv_heads * size, kv_heads * size});
    q = parts[0], k = parts[1], v = parts[2];
  }
  const ValueId length = extent(b, b.input(0), 1);
  const ValueId ends = b.add("Add", {b.add("Cast", {b.input(5)}, {{"to", int64_t{7}}}), b.ints({1})});
  const ValueId start = b.add("Max", {b.add("Sub", {ends, length}), b.ints({0})});
  if (b.node().int_or("do_rotary", 0) != 0) {
    const int64_t turning = 2 * size_of(b, 7, 1);  // the caches say how much of a head turns
    if (turning < 1) return false;
    ValueId places = b.optional_input(9);
    if (places == kNoId) places = b.add("Add", {b.add("Unsqueeze", {start, b.ints({1})}), counting(b, length)});
    const auto turned = [&](ValueId x, int64_t count) {
      return b.add("RotaryEmbedding", {x, b.input(7), b.input(8), places},
                   {{"num_heads", count},
                    {"interleaved", b.node().int_or("rotary_interleaved", 0)},
                    {"rotary_embedding_dim", turning}});
    };
    q = turned(q, heads);
    k = turned(k, kv_heads);
  }
  const ValueId total = b.add("Reshape", {b.add("Cast", {b.input(6)}, {{"to", int64_t{7}}}), b.ints({1})});
  const ValueId keys = written(b, b.optional_input(3), split_heads(b, k, kv_heads), start, total);
  const ValueId values = written(b, b.optional_input(4), split_heads(b, v, kv_heads), start, total);
  ValueId mask = visible_keys(b, start, ends, total);
  if (b.has_input(10))
    mask = b.add("Where", {mask, b.input(10), b.scalar(-std::numeric_limits<float>::infinity())});
  std::vector<Attribute> attributes;
  if (const float scale = b.node().float_or("scale", 0.0F); scale != 0.0F)
    attributes.push_back({"scale", scale});
  if (const float cap = b.node().float_or("softcap", 0.0F); cap != 0.0F) attributes.push_back({"softcap", cap});
  const ValueId y = b.add("Attention", {split_heads(b, q, heads), keys, values, mask}, std::move(attributes));
  b.output(join_heads(b, y));
  if (b.node().outputs.size() > 1) b.output(keys);
  if (b.node().outputs.size() > 2) b.output(values);
  if (b.node().outputs.size() > 3) b.output(kNoId);
  return true;
}

// input [B, S, H] or [B, N, S, D], positions [1] (of the first) or [B, S], cos, sin.
bool ms_rotary_embedding(BodyBuilder& b) {
  const int64_t rank = b.rank(0);
  const int64_t turning = b.node().int_or("rotary_embedding_dim", 0);
  int64_t heads = b.node().int_or("num_heads", 0);
  const bool known = (rank == 3 || rank == 4) && b.rank(1) >= 1 &&
                     b.node().int_or("is_packed_batching", 0) == 0 && b.node().float_or("scale", 1.0F) == 1.0F;
  if (!known) return false;
  if (rank == 3 && heads == 0) {
    const int64_t hidden = size_of(b, 0, 2), half = size_of(b, 2, 1);
    if (hidden < 1 || half < 1 || turning != 0) return false;
    heads = hidden / (2 * half);
  }
  ValueId places = b.input(1);
  if (b.rank(1) == 1) {
    const ValueId length = extent(b, b.input(0), rank - 2);
    const ValueId row = b.add("Add", {counting(b, length), places});
    const ValueId shape = b.add("Concat", {extent(b, b.input(0), 0), length}, {{"axis", int64_t{0}}});
    places = b.add("Expand", {row, shape});
  }
  std::vector<Attribute> attributes{{"interleaved", b.node().int_or("interleaved", 0)},
                                    {"rotary_embedding_dim", turning}};
  if (rank == 3) attributes.push_back({"num_heads", heads});
  b.output(b.add("RotaryEmbedding", {b.input(0), b.input(2), b.input(3), places}, std::move(attributes)));
  return true;
}

}  // namespace bp::bodies
