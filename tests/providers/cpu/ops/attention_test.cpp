#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Attention by its definition, one score after another, in float64.
struct Reference {
  int64_t batch = 2, q_heads = 2, kv_heads = 2, queries = 4, keys = 6, size = 8, value_size = 8;
  double scale = 0, softcap = 0;
  bool causal = false;
  int64_t left = -1, right = -1, past = 0;
  std::optional<TestTensor> mask;  // [batch or 1, q_heads or 1, queries or 1, any width]
  std::vector<int64_t> lengths;
  std::vector<float> stages[4];

  double masked(int64_t b, int64_t h, int64_t i, int64_t j) const {
    const int64_t place = i + (lengths.empty() ? past : lengths[static_cast<size_t>(b)] - queries);
    if (!lengths.empty() && j >= lengths[static_cast<size_t>(b)]) return -kInfinity;
    if ((causal && j > place) || (left >= 0 && j < place - left) || (right >= 0 && j > place + right))
      return -kInfinity;
    if (!mask) return 0;
    const Dims& d = mask->dims;
    if (j >= d[3] && d[3] != 1) return -kInfinity;
    const int64_t at =
        (((d[0] == 1 ? 0 : b) * d[1] + (d[1] == 1 ? 0 : h)) * d[2] + (d[2] == 1 ? 0 : i)) * d[3] +
        (d[3] == 1 ? 0 : j);
    const double value = mask->at(static_cast<size_t>(at));
    return mask->type == Type::kBool ? (value != 0 ? 0 : -kInfinity) : value;
  }

  // q [B, Hq, S, D], k [B, Hkv, T, D], v [B, Hkv, T, Dv]
  std::vector<float> run(const TestTensor& q, const TestTensor& k, const TestTensor& v) {
    std::vector<float> y;
    const double factor = scale != 0 ? scale : 1 / std::sqrt(static_cast<double>(size));
    for (int64_t b = 0; b < batch; ++b) {
      for (int64_t h = 0; h < q_heads; ++h) {
        const int64_t kv = h / (q_heads / kv_heads);
        for (int64_t i = 0; i < queries; ++i) {
          std::vector<double> scores;
          for (int64_t j = 0; j < keys; ++j) {
            double dot = 0;
            for (int64_t d = 0; d < size; ++d)
              dot += q.at(static_cast<size_t>(((b * q_heads + h) * queries + i) * size + d)) *
                     k.at(static_cast<size_t>(((b * kv_heads + kv) * keys + j) * size + d));
            dot *= factor;
            stages[0].push_back(static_cast<float>(dot));
            if (softcap != 0) dot = softcap * std::tanh(dot / softcap);
            stages[1].push_back(static_cast<float>(dot));
            scores.push_back(dot + masked(b, h, i, j));
            stages[2].push_back(static_cast<float>(scores.back()));
          }
          const double largest = *std::max_element(scores.begin(), scores.end());
          double total = 0;
          for (double& score : scores) total += score = largest == -kInfinity ? 0 : std::exp(score - largest);
          for (double& score : scores)
            stages[3].push_back(static_cast<float>(score = total == 0 ? 0 : score / total));
          for (int64_t d = 0; d < value_size; ++d) {
            double sum = 0;
            for (int64_t j = 0; j < keys; ++j)
              sum += scores[static_cast<size_t>(j)] *
                     v.at(static_cast<size_t>(((b * kv_heads + kv) * keys + j) * value_size + d));
            y.push_back(static_cast<float>(sum));
          }
        }
      }
    }
    return y;
  }
  TestTensor q() const { return made_up({batch, q_heads, queries, size}, 1); }
  TestTensor k() const { return made_up({batch, kv_heads, keys, size}, 2); }
  TestTensor v() const { return made_up({batch, kv_heads, keys, value_size}, 3); }
  Dims y_dims() const { return {batch, q_heads, queries, value_size}; }
};

TestAttributes attributes_of(const Reference& r) {
  TestAttributes attributes{{"is_causal", r.causal ? 1 : 0}, {"softcap", r.softcap}};
  if (r.scale != 0) attributes["scale"] = r.scale;
  if (r.left >= 0) attributes["left_window_size"] = r.left;
  if (r.right >= 0) attributes["right_window_size"] = r.right;
  return attributes;
}

void expect_same(Reference r, uint32_t threads = 1) {
  TestGraph graph;
  graph.set_threads(threads);
  const TestTensor q = r.q(), k = r.k(), v = r.v();
  std::vector<TestGraph::Ref> inputs{graph.input(q), graph.input(k), graph.input(v)};
  inputs.resize(7, TestGraph::kOmitted);
  if (r.mask) inputs[3] = graph.input(*r.mask);
  if (!r.lengths.empty()) inputs[6] = graph.input(tensor<int64_t>({r.batch}, r.lengths));
  const auto y =
      graph.nodes("Attention", inputs, attributes_of(r), {{Type::kFloat32, r.y_dims(), true}}, "", 25)[0];
  graph.expect(y, tensor<float>(r.y_dims(), r.run(q, k, v)), 1e-5);
  graph.run();
}

TEST(CpuAttention, GoesThroughSeveralBlocks) {
  Reference r;
  r.queries = 70, r.keys = 150, r.size = 20, r.value_size = 33;
  expect_same(r);
  expect_same(r, 2);
  r.causal = true;
  expect_same(r, 2);
}

TEST(CpuAttention, SharesKeysAmongHeads) {
  Reference r;
  r.q_heads = 6, r.queries = 9;
  expect_same(r);
  r.queries = 1, r.keys = 130;
  expect_same(r);
}

TEST(CpuAttention, CapsScalesAndLooksThroughWindows) {
  Reference r;
  r.softcap = 0.5, r.scale = 2;
  expect_same(r);
  r.queries = 100, r.keys = 200, r.left = 10;
  expect_same(r);
  r.right = 3;
  expect_same(r);
}

TEST(CpuAttention, TakesMasksThatRepeatOrAreShort) {
  Reference r;
  r.mask = made_up({1, 1, r.queries, r.keys}, 7);
  expect_same(r);
  r.mask = made_up({r.batch, r.q_heads, 1, r.keys - 2}, 8);
  expect_same(r);
  r.mask = tensor<bool>({1, 1, 1, r.keys}, {true, false, true, true, false, true});
  r.causal = true;
  expect_same(r);
}

TEST(CpuAttention, GivesZerosWhereAQuerySeesNothing) {
  Reference r;
  r.mask = tensor<bool>({1, 1, r.queries, 1}, {true, false, true, true});
  expect_same(r);
  r.mask.reset();
  r.lengths = {2, 5};  // fewer keys than queries: the first ones see none
  r.causal = true;
  expect_same(r);
}

TEST(CpuAttention, KeepsWholeRowsOfScores) {
  Reference r;
  r.q_heads = 4, r.queries = 13, r.keys = 45, r.size = 24, r.value_size = 40;
  for (const uint32_t threads : {1u, 3u}) {
    r.left = 10, r.right = 3;
    expect_same(r, threads);
    r.left = r.right = -1;
    r.mask = made_up({1, r.q_heads, 1, r.keys}, 7);
    expect_same(r, threads);
    r.mask = made_up({r.batch, 1, r.queries, r.keys}, 7);
    expect_same(r, threads);
    r.mask.reset();
  }
  r.batch = r.q_heads = r.kv_heads = 1, r.queries = 5;
  expect_same(r, 4);
  r.lengths = {31};
  r.causal = true;
  expect_same(r, 2);
}

TEST(CpuAttention, SeesNothingOfWhatDoesNotCount) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Reference r;
  r.batch = r.q_heads = r.kv_heads = 1, r.queries = 6, r.keys = 3, r.size = r.value_size = 2;
  r.mask = tensor<bool>({1, 1, 1, 3}, {true, true, false});
  const TestTensor q = r.q(), v = r.v();
  const TestTensor k = tensor<float>({1, 1, 3, 2}, {1, 2, 3, 4, nan, nan});
  const TestTensor clean = tensor<float>({1, 1, 3, 2}, {1, 2, 3, 4, 0, 0});
  TestGraph graph;
  const std::vector<TestGraph::Ref> inputs{graph.input(q), graph.input(k), graph.input(v),
                                           graph.input(*r.mask)};
  const auto y = graph.nodes("Attention", inputs, {}, {{Type::kFloat32, r.y_dims(), true}}, "", 23)[0];
  graph.expect(y, tensor<float>(r.y_dims(), r.run(q, clean, v)), 1e-5);
  graph.run();
}

TEST(CpuAttention, KeepsNotANumberInWholeRows) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  TestGraph graph;
  const auto q = graph.input(tensor<float>({1, 1, 4, 1}, {1, nan, 1, 1}));
  const auto k = graph.input(tensor<float>({1, 1, 2, 1}, {1, 1}));
  graph.expect(graph.nodes("Attention", {q, k, k}, {}, {{Type::kFloat32, {1, 1, 4, 1}, true}}, "", 23)[0],
               tensor<float>({1, 1, 4, 1}, {1, nan, 1, 1}));
  graph.run();
}

TEST(CpuAttention, KeepsNotANumber) {
  Reference r;
  r.batch = r.q_heads = r.kv_heads = r.queries = 1, r.keys = 2, r.size = r.value_size = 1;
  TestGraph graph;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto q = graph.input(tensor<float>({1, 1, 1, 1}, {nan}));
  const auto k = graph.input(tensor<float>({1, 1, 2, 1}, {1, 2}));
  graph.expect(graph.nodes("Attention", {q, k, k}, {}, {{Type::kFloat32, {1, 1, 1, 1}, true}}, "", 23)[0],
               tensor<float>({1, 1, 1, 1}, {nan}));
  graph.run();
}

TEST(CpuAttention, WritesEachStageOfTheScores) {
  for (int mode = 0; mode < 4; ++mode) {
    Reference r;
    r.causal = true, r.softcap = 1.5, r.keys = 80;
    TestGraph graph;
    const TestTensor q = r.q(), k = r.k(), v = r.v();
    TestAttributes attributes = attributes_of(r);
    attributes["qk_matmul_output_mode"] = mode;
    const Dims scores{r.batch, r.q_heads, r.queries, r.keys};
    const auto y = graph.nodes("Attention", {graph.input(q), graph.input(k), graph.input(v)}, attributes,
                               {{Type::kFloat32, r.y_dims(), true},
                                {Type::kFloat32, {r.batch, r.kv_heads, r.keys, r.size}, true},
                                {Type::kFloat32, {r.batch, r.kv_heads, r.keys, r.value_size}, true},
                                {Type::kFloat32, scores, true}},
                               "", 23);
    graph.expect(y[0], tensor<float>(r.y_dims(), r.run(q, k, v)));
    graph.expect(y[1], k);
    graph.expect(y[3], tensor<float>(scores, r.stages[mode]));
    graph.run();
  }
}

// [B, N, S, D] as [B, S, N*D]
TestTensor flat(const TestTensor& x) {
  std::vector<float> out;
  for (int64_t b = 0; b < x.dims[0]; ++b)
    for (int64_t s = 0; s < x.dims[2]; ++s)
      for (int64_t h = 0; h < x.dims[1]; ++h)
        for (int64_t d = 0; d < x.dims[3]; ++d)
          out.push_back(static_cast<float>(
              x.at(static_cast<size_t>(((b * x.dims[1] + h) * x.dims[2] + s) * x.dims[3] + d))));
  return tensor<float>({x.dims[0], x.dims[2], x.dims[1] * x.dims[3]}, out);
}

// Rows [begin, end) of every head.
TestTensor rows(const TestTensor& x, int64_t begin, int64_t end) {
  std::vector<float> out;
  for (int64_t head = 0; head < x.dims[0] * x.dims[1]; ++head)
    for (int64_t i = (head * x.dims[2] + begin) * x.dims[3]; i < (head * x.dims[2] + end) * x.dims[3]; ++i)
      out.push_back(static_cast<float>(x.at(static_cast<size_t>(i))));
  return tensor<float>({x.dims[0], x.dims[1], end - begin, x.dims[3]}, out);
}

TEST(CpuAttention, JoinsThePastAndGivesThePresent) {
  Reference r;
  r.q_heads = 4, r.past = 2, r.causal = true;
  const TestTensor q = r.q(), k = r.k(), v = r.v();
  TestGraph graph;
  TestAttributes attributes = attributes_of(r);
  attributes["q_num_heads"] = 4;
  attributes["kv_num_heads"] = 2;
  const TestTensor y = flat(tensor<float>(r.y_dims(), r.run(q, k, v)));
  const auto outputs = graph.nodes(
      "Attention",
      {graph.input(flat(q)), graph.input(flat(rows(k, 2, 6))), graph.input(flat(rows(v, 2, 6))),
       TestGraph::kOmitted, graph.input(rows(k, 0, 2)), graph.input(rows(v, 0, 2))},
      attributes,
      {{Type::kFloat32, y.dims, true}, {Type::kFloat32, k.dims, true}, {Type::kFloat32, v.dims, true}}, "", 23);
  graph.expect(outputs[0], y);
  graph.expect(outputs[1], k);
  graph.expect(outputs[2], v);
  graph.run();
}

template <class T>
TestTensor as(const TestTensor& x) {
  std::vector<T> values;
  for (int64_t i = 0; i < element_count(x.dims); ++i)
    values.push_back(static_cast<T>(static_cast<Compute<T>>(x.at(static_cast<size_t>(i)))));
  return tensor<T>(x.dims, values);
}

template <class T>
void expect_type(double tolerance) {
  Reference r;
  r.queries = 5;
  TestGraph graph;
  const TestTensor q = as<T>(r.q()), k = as<T>(r.k()), v = as<T>(r.v());
  const auto y = graph.nodes("Attention", {graph.input(q), graph.input(k), graph.input(v)}, {},
                             {{type_of<T>(), r.y_dims(), true}}, "", 23)[0];
  graph.expect(y, as<T>(tensor<float>(r.y_dims(), r.run(q, k, v))), tolerance);
  graph.run();
}

TEST(CpuAttention, TakesEveryFloat) {
  expect_type<double>(1e-6);
  expect_type<Half>(1e-3);
  expect_type<Bfloat16>(1e-2);
}

TEST(CpuAttention, SaysWhatDoesNotFit) {
  TestGraph graph;
  const auto q = graph.input(made_up({1, 3, 4, 8})), k = graph.input(made_up({1, 2, 4, 8}));
  graph.output(graph.nodes("Attention", {q, k, k}, {}, {{Type::kFloat32, {1, 3, 4, 8}, true}}, "", 23)[0]);
  EXPECT_NE(graph.specialize_error().find("do not fit together"), std::string::npos)
      << graph.specialize_error();

  TestGraph masked;
  const auto x = masked.input(made_up({1, 2, 4, 8})), mask = masked.input(made_up({3, 4}));
  masked.output(
      masked.nodes("Attention", {x, x, x, mask}, {}, {{Type::kFloat32, {1, 2, 4, 8}, true}}, "", 23)[0]);
  EXPECT_NE(masked.specialize_error().find("the mask must broadcast to [1,2,4,4], is [3,4]"), std::string::npos)
      << masked.specialize_error();

  TestGraph mixed;
  const auto f = mixed.input(made_up({1, 2, 4, 8})), h = mixed.input(as<Half>(made_up({1, 2, 4, 8})));
  mixed.output(mixed.nodes("Attention", {f, h, f}, {}, {{Type::kFloat32, {1, 2, 4, 8}, true}}, "", 23)[0]);
  EXPECT_NE(mixed.reasons().find("input 1 is float16; taken: float32"), std::string::npos) << mixed.reasons();
}

}  // namespace
}  // namespace bp::cpu::test
