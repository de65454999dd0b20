// LinearClassifier and LinearRegressor: scores = features * coefficients + intercepts.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "ops/ml_scores.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

struct Linear {
  std::vector<float> coefficients;  // [targets, columns]
  std::vector<float> intercepts;    // [targets]
  int64_t targets = 1;
  int64_t columns = 0;
  PostTransform post = PostTransform::kNone;

  template <class T>
  void scores(const T* row, float* out) const {
    for (int64_t target = 0; target < targets; ++target) {
      const float* weights = coefficients.data() + target * columns;
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int64_t i = 0; i < columns; ++i) sum += static_cast<float>(row[i]) * weights[i];
      out[target] = sum + intercepts[static_cast<size_t>(target)];
    }
  }
};

void check_linear(Check& check) {
  check_table(check);
  check_post_transform(check);
  check.output_types(check.output_count() - 1, kFloat);
}

void check_classifier(Check& check) {
  check_linear(check);
  ClassLabels::check(check, "classlabels_strings", "classlabels_ints");
  const int64_t multi = check.node.attributes.int_or("multi_class", 0);
  if (multi != 0 && multi != 1) {
    check.reject_attribute("multi_class", text("attribute 'multi_class' is ", multi, "; taken: 0, 1"));
  }
}

std::shared_ptr<const Linear> linear_of(Builder& b, int64_t targets, const Table& table) {
  auto model = std::make_shared<Linear>();
  model->targets = targets;
  model->columns = table.columns;
  model->coefficients = b.attributes().floats_or("coefficients", {});
  model->intercepts = b.attributes().floats_or("intercepts", {});
  model->post = post_transform_of(b.attributes());
  if (model->intercepts.empty()) model->intercepts.assign(static_cast<size_t>(targets), 0.0f);
  expect_count(b, "intercepts", model->intercepts.size(), static_cast<size_t>(targets));
  expect_count(b, "coefficients", model->coefficients.size(), static_cast<size_t>(targets * table.columns));
  return model;
}

// f(row, scores in the output) for every row, in parallel.
template <class F>
void for_rows(Builder& b, size_t output, int64_t width, const Table& table, int64_t cost, F f) {
  const int threads = b.threads();
  dispatch<kFeatures>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      const T* in = call.in<T>(0);
      float* out = call.out<float>(output);
      parallel_for(threads, table.rows, table.rows * cost, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) f(call, row, in + row * table.columns, out + row * width);
      });
    });
  });
}

void build_classifier(Builder& b) {
  const Table table = table_of(b);
  const auto labels = std::make_shared<const ClassLabels>(b, "classlabels_strings", "classlabels_ints");
  const std::vector<float> intercepts = b.attributes().floats_or("intercepts", {});
  const auto stated = static_cast<int64_t>(b.attributes().floats_or("coefficients", {}).size());
  const int64_t targets = !intercepts.empty()  ? static_cast<int64_t>(intercepts.size())
                          : table.columns == 0 ? labels->count()
                                               : stated / table.columns;
  const auto model = linear_of(b, targets, table);
  const bool one_of_two = targets == 1 && labels->count() == 2;
  if (!one_of_two && targets != labels->count()) {
    b.fail(text("coefficients and intercepts give ", targets, " scores, but there are ", labels->count(),
                " labels"));
  }
  b.output(0, {table.rows});
  b.output(1, {table.rows, labels->count()});
  const bool wants_labels = b.has_output(0);
  const size_t target = b.has_output(1)
                            ? b.input_count() + 1
                            : b.scratch(static_cast<uint64_t>(table.rows * labels->count()) * sizeof(float));
  for_rows(b, target, labels->count(), table, targets * table.columns,
           [=](const Call& call, int64_t row, const auto* in, float* scores) {
             model->scores(in, scores);
             const auto best = std::max_element(scores, scores + targets) - scores;
             const int64_t label = one_of_two ? (scores[0] > 0 ? 1 : 0) : best;
             if (wants_labels) labels->write(call.args[1], row, label);
             if (one_of_two) {
               two_scores(model->post, scores[0], true, scores);
             } else {
               transform_scores(model->post, scores, targets);
             }
           });
}

void build_regressor(Builder& b) {
  const Table table = table_of(b);
  const int64_t targets = b.attributes().int_or("targets", 1);
  if (targets < 1 || targets > kMostScores) {
    b.fail(text("targets must be 1 to ", kMostScores, ", is ", targets));
  }
  const auto model = linear_of(b, targets, table);
  b.output(0, {table.rows, targets});
  for_rows(b, b.input_count(), targets, table, targets * table.columns,
           [=](const Call&, int64_t, const auto* in, float* scores) {
             model->scores(in, scores);
             transform_scores(model->post, scores, targets);
           });
}

constexpr std::string_view kMl = "ai.onnx.ml";
constexpr Row kRows[] = {
    {"LinearClassifier", check_classifier, build_classifier, 1, LayoutUse::kPlain, kMl},
    {"LinearRegressor", check_linear, build_regressor, 1, LayoutUse::kPlain, kMl},
};

}  // namespace

std::span<const Row> ml_linear_rows() { return kRows; }

}  // namespace bp::cpu
