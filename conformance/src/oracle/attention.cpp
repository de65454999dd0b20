// Attention over [batch, heads, length, size] or [batch, length, heads * size], and what prepares it.
#include <algorithm>
#include <cmath>
#include <limits>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

// A view of one operand by batch, head, row and column.
struct Heads {
  const Array& x;
  int64_t heads, length, size;
  bool flat;  // rank 3

  static Heads of(const Array& x, int64_t heads) {
    if (x.rank() == 4) return {x, x.dims[1], x.dims[2], x.dims[3], false};
    return {x, heads, x.dims[1], x.dims[2] / heads, true};
  }
  int64_t place(int64_t batch, int64_t head, int64_t row, int64_t column) const {
    return flat ? ((batch * length + row) * heads + head) * size + column
                : ((batch * heads + head) * length + row) * size + column;
  }
  double at(int64_t batch, int64_t head, int64_t row, int64_t column) const {
    return x.real(place(batch, head, row, column));
  }
};

// Without a cache of past keys.
std::vector<Array> attention(const OracleCall& call) {
  if (call.has(4) || call.has(5) || call.has(6) || call.wants(3))
    throw std::runtime_error("oracle: Attention with past keys or score outputs");
  const Heads q = Heads::of(call.in(0), call.attribute("q_num_heads", 1));
  const Heads k = Heads::of(call.in(1), call.attribute("kv_num_heads", 1));
  const Heads v = Heads::of(call.in(2), call.attribute("kv_num_heads", 1));
  const double scale = call.real_attribute("scale", 1 / std::sqrt(static_cast<double>(q.size)));
  const double softcap = call.real_attribute("softcap", 0);
  const bool causal = call.attribute("is_causal", 0) != 0;
  ConcreteDims dims = q.flat ? ConcreteDims{q.x.dims[0], q.length, q.heads * v.size}
                             : ConcreteDims{q.x.dims[0], q.heads, q.length, v.size};
  Array y(call.out(0), dims);
  const Heads result{y, q.heads, q.length, v.size, q.flat};
  const int64_t shared = q.heads / k.heads;
  for (int64_t batch = 0; batch < q.x.dims[0]; ++batch)
    for (int64_t head = 0; head < q.heads; ++head)
      for (int64_t row = 0; row < q.length; ++row) {
        std::vector<double> scores;
        for (int64_t key = 0; key < k.length; ++key) {
          double score = 0;
          for (int64_t i = 0; i < q.size; ++i)
            score += q.at(batch, head, row, i) * k.at(batch, head / shared, key, i);
          score *= scale;
          double bias = causal && key > row ? -std::numeric_limits<double>::infinity() : 0;
          if (call.has(3)) {
            const Array& mask = call.in(3);
            const int64_t place = broadcast_place({batch, head, row, key}, mask.dims);
            bias += mask.is_real()                               ? mask.real(place)
                    : mask.ints[static_cast<size_t>(place)] != 0 ? 0
                                                                 : -std::numeric_limits<double>::infinity();
          }
          score = softcap > 0 ? softcap * std::tanh(score / softcap) + bias : score + bias;
          scores.push_back(score);
        }
        const double largest = scores.empty() ? 0 : *std::max_element(scores.begin(), scores.end());
        double sum = 0;
        for (double& score : scores) sum += score = std::exp(score - largest);
        for (int64_t i = 0; i < v.size; ++i) {
          double value = 0;
          for (int64_t key = 0; key < k.length; ++key)
            value += scores[static_cast<size_t>(key)] / sum * v.at(batch, head / shared, key, i);
          y.set(result.place(batch, head, row, i), value);
        }
      }
  return {y};
}

// x, caches of cosines and sines, positions.
std::vector<Array> rotary_embedding(const OracleCall& call) {
  const Heads x = Heads::of(call.in(0), std::max<int64_t>(call.attribute("num_heads", 1), 1));
  const Array &cosines = call.in(1), &sines = call.in(2);
  int64_t turned = call.attribute("rotary_embedding_dim", 0);
  if (turned == 0) turned = x.size;
  const bool pairs = call.attribute("interleaved", 0) != 0;
  const int64_t half = turned / 2;
  Array y = call.in(0);
  for (int64_t batch = 0; batch < x.x.dims[0]; ++batch)
    for (int64_t head = 0; head < x.heads; ++head)
      for (int64_t row = 0; row < x.length; ++row)
        for (int64_t i = 0; i < half; ++i) {
          const int64_t place = call.has(3) ? call.in(3).ints[static_cast<size_t>(batch * x.length + row)]
                                            : batch * x.length + row;
          const double cosine = cosines.real(place * half + i), sine = sines.real(place * half + i);
          const int64_t first = pairs ? 2 * i : i, second = pairs ? 2 * i + 1 : half + i;
          const double a = x.at(batch, head, row, first), b = x.at(batch, head, row, second);
          y.set(x.place(batch, head, row, first), a * cosine - b * sine);
          y.set(x.place(batch, head, row, second), a * sine + b * cosine);
        }
  return {y};
}

constexpr OracleRow kRows[] = {{"", "Attention", attention}, {"", "RotaryEmbedding", rotary_embedding}};

}  // namespace

std::span<const OracleRow> attention_rows() { return kRows; }

}  // namespace bp::conformance
