// LinearAttention: a state per head that every token changes and every query reads.
//   linear:       S += k v^T
//   gated:        S = exp(g) S + k v^T
//   delta:        S += beta k (v - S^T k)^T
//   gated_delta:  both;   o = scale S^T q
#include <algorithm>
#include <cmath>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

enum Input : size_t { kQuery, kKey, kValue, kPast, kDecay, kBeta };

void check_linear_attention(Check& check) {
  const Attributes& a = check.node.attributes;
  for (const size_t input : {kQuery, kKey, kValue}) {
    check.required(input);
    check.types(input, kFloats);
    check.rank_between(input, 3, 3);
  }
  for (const size_t input : {kKey, kValue, kDecay, kBeta})
    if (check.has_input(kQuery)) check.types(input, mask(check.input(kQuery).type));
  check.types(kPast, kFloats);
  check.output_types(1, kFloats);
  check.string_attribute("update_rule", "gated_delta", {"linear", "gated", "delta", "gated_delta"});
  const std::string rule = a.string_or("update_rule", "gated_delta");
  if (rule.starts_with("gated")) check.required(kDecay);
  if (rule.ends_with("delta")) check.required(kBeta);
  for (const char* name : {"q_num_heads", "kv_num_heads"})
    if (a.int_or(name, 0) < 1) check.reject_attribute(name, text("'", name, "' must be at least 1"));
}

struct Plan {
  int64_t batch = 0, tokens = 0, q_heads = 0, kv_heads = 0, key_size = 0, value_size = 0;
  int64_t decay_entries = 0;  // per head and token: 1 or key_size; 0: none
  int64_t beta_heads = 0;     // per token: 1 or kv_heads; 0: none
  double scale = 1;
};

// state: [key_size, value_size]; `seen`: value_size of scratch
template <class T, class C>
void run_head(const Plan& p, int64_t batch, int64_t head, const T* query, const T* key, const T* value,
              const T* decay, const T* beta, C* state, C* seen, T* y) {
  const int64_t rows = p.key_size, columns = p.value_size, group = p.q_heads / p.kv_heads;
  for (int64_t t = 0; t < p.tokens; ++t) {
    const int64_t token = batch * p.tokens + t;
    const T* k = key + (token * p.kv_heads + head) * rows;
    const T* v = value + (token * p.kv_heads + head) * columns;
    for (int64_t i = 0; decay != nullptr && i < rows; ++i) {
      const int64_t at = (token * p.kv_heads + head) * p.decay_entries + (p.decay_entries == 1 ? 0 : i);
      const C factor = std::exp(static_cast<C>(decay[at]));
      for (int64_t j = 0; j < columns; ++j) state[i * columns + j] *= factor;
    }
    for (int64_t j = 0; j < columns; ++j) seen[j] = static_cast<C>(v[j]);
    if (beta != nullptr) {
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j) seen[j] -= state[i * columns + j] * static_cast<C>(k[i]);
      const C rate = static_cast<C>(beta[token * p.beta_heads + (p.beta_heads == 1 ? 0 : head)]);
      for (int64_t j = 0; j < columns; ++j) seen[j] *= rate;
    }
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) state[i * columns + j] += static_cast<C>(k[i]) * seen[j];
    for (int64_t member = 0; member < group; ++member) {
      const int64_t q_head = head * group + member;
      const T* q = query + (token * p.q_heads + q_head) * rows;
      std::fill_n(seen, columns, C(0));
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j) seen[j] += state[i * columns + j] * static_cast<C>(q[i]);
      for (int64_t j = 0; j < columns; ++j)
        y[(token * p.q_heads + q_head) * columns + j] = static_cast<T>(seen[j] * static_cast<C>(p.scale));
    }
  }
}

template <class C>
void read_state(Type type, const void* from, int64_t at, int64_t count, C* state) {
  if (from == nullptr) {
    std::fill_n(state, count, C(0));
    return;
  }
  dispatch<kFloats>(type, [&]<class S>(Tag<S>) {
    const S* in = static_cast<const S*>(from) + at;
    for (int64_t i = 0; i < count; ++i) state[i] = static_cast<C>(static_cast<Compute<S>>(in[i]));
  });
}

template <class C>
void write_state(Type type, const C* state, int64_t at, int64_t count, void* to) {
  if (to == nullptr) return;
  dispatch<kFloats>(type, [&]<class S>(Tag<S>) {
    S* out = static_cast<S*>(to) + at;
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<S>(static_cast<Compute<S>>(state[i]));
  });
}

Plan make_plan(Builder& b) {
  const Attributes& a = b.attributes();
  const Dims &q = b.input_dims(kQuery), &k = b.input_dims(kKey), &v = b.input_dims(kValue);
  Plan p;
  p.q_heads = a.int_or("q_num_heads", 0), p.kv_heads = a.int_or("kv_num_heads", 0);
  p.batch = q[0], p.tokens = q[1];
  p.key_size = q[2] / p.q_heads, p.value_size = v[2] / p.kv_heads;
  const bool fits = p.q_heads % p.kv_heads == 0 && q[2] == p.q_heads * p.key_size &&
                    k == Dims{p.batch, p.tokens, p.kv_heads * p.key_size} &&
                    v == Dims{p.batch, p.tokens, p.kv_heads * p.value_size};
  if (!fits)
    b.fail(text("query ", dims_text(q), ", key ", dims_text(k), " and value ", dims_text(v), " do not fit ",
                p.q_heads, " and ", p.kv_heads, " heads"));
  const std::string rule = a.string_or("update_rule", "gated_delta");
  if (rule.starts_with("gated")) {
    const Dims& dims = b.input_dims(kDecay);
    p.decay_entries = dims.size() == 3 ? dims[2] / p.kv_heads : 0;
    if ((p.decay_entries != 1 && p.decay_entries != p.key_size) ||
        dims != Dims{p.batch, p.tokens, p.kv_heads * p.decay_entries})
      b.fail(text("the decay must have one entry per head or key, is ", dims_text(dims)));
  }
  if (rule.ends_with("delta")) {
    const Dims& dims = b.input_dims(kBeta);
    p.beta_heads = dims.size() == 3 ? dims[2] : 0;
    if ((p.beta_heads != 1 && p.beta_heads != p.kv_heads) || dims != Dims{p.batch, p.tokens, p.beta_heads})
      b.fail(text("beta must have one entry per head or token, is ", dims_text(dims)));
  }
  const auto stated = static_cast<double>(a.float_or("scale", 0.0f));
  p.scale = stated != 0 ? stated : 1 / std::sqrt(static_cast<double>(std::max<int64_t>(p.key_size, 1)));
  return p;
}

void build_linear_attention(Builder& b) {
  const Plan p = make_plan(b);
  const Dims state_dims{p.batch, p.kv_heads, p.key_size, p.value_size};
  const bool has_past = b.has_input(kPast), has_decay = p.decay_entries > 0, has_beta = p.beta_heads > 0;
  if (has_past && b.input_dims(kPast) != state_dims)
    b.fail(text("past_state must be ", dims_text(state_dims), ", is ", dims_text(b.input_dims(kPast))));
  b.output(0, {p.batch, p.tokens, p.q_heads * p.value_size});
  const bool has_present = b.has_output(1);
  if (has_present) b.output(1, state_dims);
  const Type past_type = has_past ? b.input_type(kPast) : Type::kFloat32;
  const Type present_type = has_present ? b.output_type(1) : Type::kFloat32;
  const int threads = b.threads();
  const size_t out = b.input_count();
  dispatch<kFloats>(b.input_type(kQuery), [&]<class T>(Tag<T>) {
    using C = Compute<T>;
    const int64_t size = p.key_size * p.value_size, heads = p.batch * p.kv_heads;
    const size_t scratch = b.scratch(static_cast<uint64_t>(heads * (size + p.value_size)) * sizeof(C));
    b.run([=](const Call& call) {
      const T* decay = has_decay ? call.in<T>(kDecay) : nullptr;
      const T* beta = has_beta ? call.in<T>(kBeta) : nullptr;
      parallel_for(threads, heads, heads * p.tokens * size, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          C* state = call.out<C>(scratch) + i * (size + p.value_size);
          read_state(past_type, has_past ? call.args[kPast] : nullptr, i * size, size, state);
          run_head(p, i / p.kv_heads, i % p.kv_heads, call.in<T>(kQuery), call.in<T>(kKey), call.in<T>(kValue),
                   decay, beta, state, state + size, call.out<T>(out));
          write_state(present_type, state, i * size, size, has_present ? call.args[out + 1] : nullptr);
        }
      });
    });
  });
}

constexpr Row kRows[] = {
    {"LinearAttention", check_linear_attention, build_linear_attention, 27},
};

}  // namespace

std::span<const Row> linear_attention_rows() { return kRows; }

}  // namespace bp::cpu
