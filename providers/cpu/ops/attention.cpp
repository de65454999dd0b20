// Attention in all its forms: grouped heads, masks, causal, windows, states of past and present, padded caches,
// scores.
#include <cmath>
#include <cstring>

#include "kernels/attention.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

enum Input : size_t { kQ, kK, kV, kMask, kPastKey, kPastValue, kLengths };
enum Output : size_t { kY, kPresentKey, kPresentValue, kScores };

void check_attention(Check& check) {
  for (const size_t input : {kQ, kK, kV}) {
    check.required(input);
    check.types(input, kFloats);
    check.rank_between(input, 3, 4);
  }
  if (!check.has_input(kQ) || !check.has_input(kK) || !check.has_input(kV)) return;
  const Type type = check.input(kQ).type;
  for (const size_t input : {kK, kV, kPastKey, kPastValue}) check.types(input, mask(type));
  check.types(kMask, mask(type, Type::kBool));
  check.rank_between(kMask, 1, 4);
  check.types(kLengths, mask(Type::kInt64));
  if (check.has_input(kPastKey) != check.has_input(kPastValue))
    check.reject(BP_REASON_OTHER, "past_key and past_value come together or not at all");
  const int64_t precision = check.node.attributes.int_or("softmax_precision", 1);
  if (precision == BP_TYPE_FLOAT64 && type != Type::kFloat64)
    check.reject_attribute("softmax_precision",
                           "softmax is computed in float32; expected that or less, found float64");
}

// Q, K or V as [batch, heads, rows, size].
struct Operand {
  int64_t batch, heads, rows, size;
  RowStrides strides;
};

Operand operand(Builder& b, size_t input, const char* heads_attribute) {
  const Dims& dims = b.input_dims(input);
  Operand o{};
  if (dims.size() == 4) {
    o = {dims[0], dims[1], dims[2], dims[3], {dims[1] * dims[2] * dims[3], dims[2] * dims[3], dims[3]}};
  } else {
    const int64_t heads = b.attributes().int_or(heads_attribute, 0);
    if (heads < 1 || dims[2] % heads != 0)
      b.fail(text("attribute '", heads_attribute, "' must divide dim 2 of input ", input, ", ", dims[2],
                  "; is ", heads));
    const int64_t size = dims[2] / heads;
    o = {dims[0], heads, dims[1], size, {dims[1] * dims[2], size, dims[2]}};
  }
  return o;
}

struct StateCopy {
  int64_t past_rows = 0, fresh_rows = 0, row_bytes = 0, batch = 0, heads = 0;
  RowStrides fresh;  // in bytes

  // [batch, heads, past + fresh, size]
  void run(const void* past, const void* added, void* present, int threads) const {
    const int64_t all = (past_rows + fresh_rows) * row_bytes;
    parallel_for(threads, batch * heads, batch * heads * all / 4, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        auto* out = static_cast<std::byte*>(present) + i * all;
        if (past_rows > 0)
          std::memcpy(out, static_cast<const std::byte*>(past) + i * past_rows * row_bytes,
                      static_cast<size_t>(past_rows * row_bytes));
        out += past_rows * row_bytes;
        const auto* in =
            static_cast<const std::byte*>(added) + i / heads * fresh.batch + i % heads * fresh.head;
        for (int64_t row = 0; row < fresh_rows; ++row)
          std::memcpy(out + row * row_bytes, in + row * fresh.row, static_cast<size_t>(row_bytes));
      }
    });
  }
};

// Where keys or values are read: at the input itself, or in the present state, which is put together first.
struct State {
  bool gathered = false;
  size_t fresh = 0, past = 0, present = 0;  // indices in Call::args
  StateCopy copy;
};

State make_state(Builder& b, Operand& o, size_t input, size_t past, size_t output) {
  State state;
  state.fresh = input;
  state.past = past;
  const bool has_past = b.has_input(past);
  const auto element = static_cast<int64_t>(element_size(b.input_type(input)));
  if (has_past) {
    const Dims& dims = b.input_dims(past);
    if (dims.size() != 4 || dims[0] != o.batch || dims[1] != o.heads || dims[3] != o.size)
      b.fail(
          text("input ", past, " must be [", o.batch, ",", o.heads, ",?,", o.size, "], is ", dims_text(dims)));
    state.copy.past_rows = dims[2];
  }
  state.gathered = has_past || b.has_output(output);
  if (!state.gathered) return state;
  state.copy.fresh_rows = o.rows;
  state.copy.row_bytes = o.size * element;
  state.copy.batch = o.batch;
  state.copy.heads = o.heads;
  state.copy.fresh = {o.strides.batch * element, o.strides.head * element, o.strides.row * element};
  o.rows += state.copy.past_rows;
  o.strides = {o.heads * o.rows * o.size, o.rows * o.size, o.size};
  if (b.has_output(output)) {
    b.output(output, {o.batch, o.heads, o.rows, o.size});
    state.present = b.input_count() + output;
  } else {
    state.present = b.scratch(static_cast<uint64_t>(o.batch * o.heads * o.rows * o.size * element));
  }
  return state;
}

void read_mask(Builder& b, AttentionPlan& plan) {
  if (!b.has_input(kMask)) return;
  Dims dims = b.input_dims(kMask);
  const Dims stated = dims;
  dims.insert(dims.begin(), 4 - dims.size(), 1);
  const int64_t whole[] = {plan.batch, plan.q_heads, plan.queries};
  bool fits = dims[3] <= plan.keys || dims[3] == 1;
  for (size_t axis = 0; axis < 3; ++axis) fits = fits && (dims[axis] == 1 || dims[axis] == whole[axis]);
  if (!fits)
    b.fail(text("the mask must broadcast to [", plan.batch, ",", plan.q_heads, ",", plan.queries, ",",
                plan.keys, "], is ", dims_text(stated)));
  plan.has_mask = true;
  plan.mask_is_bool = b.input_type(kMask) == Type::kBool;
  plan.mask_batch = dims[0] == 1 ? 0 : dims[1] * dims[2] * dims[3];
  plan.mask_head = dims[1] == 1 ? 0 : dims[2] * dims[3];
  plan.mask_row = dims[2] == 1 ? 0 : dims[3];
  plan.mask_key = dims[3] == 1 ? 0 : 1;
  plan.mask_width = dims[3] == 1 ? plan.keys : dims[3];
}

void read_attributes(Builder& b, AttentionPlan& plan) {
  const Attributes& a = b.attributes();
  plan.scale = a.has("scale") ? static_cast<double>(a.float_or("scale", 1.0f))
                              : 1 / std::sqrt(static_cast<double>(std::max<int64_t>(plan.size, 1)));
  plan.softcap = static_cast<double>(a.float_or("softcap", 0.0f));
  plan.causal = a.int_or("is_causal", 0) != 0;
  plan.left = a.int_or("left_window_size", -1);
  plan.right = a.int_or("right_window_size", -1);
  if (!b.has_output(kScores)) return;
  const int64_t mode = a.int_or("qk_matmul_output_mode", 0);
  if (mode < 0 || mode > 3) b.fail(text("attribute 'qk_matmul_output_mode' must be 0 to 3, is ", mode));
  plan.stage = static_cast<int>(mode);
}

void build_attention(Builder& b) {
  if (b.rank(kQ) != b.rank(kK) || b.rank(kQ) != b.rank(kV))
    b.fail(text("Q, K and V must have as many dims each: ", b.rank(kQ), ", ", b.rank(kK), ", ", b.rank(kV)));
  const Operand q = operand(b, kQ, "q_num_heads");
  Operand k = operand(b, kK, "kv_num_heads"), v = operand(b, kV, "kv_num_heads");
  const bool fits = q.batch == k.batch && k.batch == v.batch && q.size == k.size && k.heads == v.heads &&
                    k.rows == v.rows && k.heads > 0 && q.heads % k.heads == 0;
  if (!fits)
    b.fail(text("Q ", dims_text(b.input_dims(kQ)), ", K ", dims_text(b.input_dims(kK)), " and V ",
                dims_text(b.input_dims(kV)), " do not fit together"));

  AttentionPlan plan;
  plan.threads = b.threads();
  plan.batch = q.batch, plan.q_heads = q.heads, plan.kv_heads = k.heads;
  plan.queries = q.rows, plan.size = q.size, plan.value_size = v.size;
  plan.q = q.strides;
  if (b.rank(kQ) == 4) {
    b.output(kY, {q.batch, q.heads, q.rows, v.size});
    plan.y = {q.heads * q.rows * v.size, q.rows * v.size, v.size};
  } else {
    b.output(kY, {q.batch, q.rows, q.heads * v.size});
    plan.y = {q.rows * q.heads * v.size, v.size, q.heads * v.size};
  }
  const State keys = make_state(b, k, kK, kPastKey, kPresentKey);
  const State values = make_state(b, v, kV, kPastValue, kPresentValue);
  if (k.rows != v.rows) b.fail(text("there are ", k.rows, " keys and ", v.rows, " values"));
  plan.keys = k.rows, plan.past = keys.copy.past_rows;
  plan.k = k.strides, plan.v = v.strides;
  read_attributes(b, plan);
  read_mask(b, plan);
  if (b.has_input(kLengths) && b.input_dims(kLengths) != Dims{plan.batch})
    b.fail(text("input 6 must be [", plan.batch, "], is ", dims_text(b.input_dims(kLengths))));
  if (plan.stage >= 0) b.output(kScores, {plan.batch, plan.q_heads, plan.queries, plan.keys});

  const bool has_lengths = b.has_input(kLengths);
  const size_t out = b.input_count();
  dispatch<kFloats>(b.input_type(kQ), [&]<class T>(Tag<T>) {
    const size_t scratch = b.scratch(plan.scratch_bytes(sizeof(Compute<T>)));
    b.run([=](const Call& call) {
      const auto ready = [&](const State& state) -> const void* {
        if (!state.gathered) return call.args[state.fresh];
        const void* past = state.copy.past_rows > 0 ? call.args[state.past] : nullptr;
        state.copy.run(past, call.args[state.fresh], call.args[state.present], plan.threads);
        return call.args[state.present];
      };
      run_attention<T>(plan,
                       {call.args[kQ], ready(keys), ready(values), plan.has_mask ? call.args[kMask] : nullptr,
                        has_lengths ? call.in<int64_t>(kLengths) : nullptr, call.args[out + kY],
                        plan.stage >= 0 ? call.args[out + kScores] : nullptr, call.args[scratch]});
    });
  });
}

constexpr Row kRows[] = {
    {"Attention", check_attention, build_attention, 23},
};

}  // namespace

std::span<const Row> attention_rows() { return kRows; }

}  // namespace bp::cpu
