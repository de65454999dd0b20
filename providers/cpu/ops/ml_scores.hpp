// What the classifiers and regressors of ai.onnx.ml share: rows of features, class labels, and what is done to
// scores in the end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ops/op.hpp"

namespace bp::cpu {

// Element types of features.
inline constexpr TypeMask kFeatures = mask(Type::kFloat32, Type::kFloat64, Type::kInt32, Type::kInt64);

// [N, C], or [C] for one row.
struct Table {
  int64_t rows = 1;
  int64_t columns = 0;
};
void check_table(Check& check, size_t input = 0);
Table table_of(Builder& b, size_t input = 0);

// How many scores a model may give: more is a damaged file.
inline constexpr int64_t kMostScores = int64_t{1} << 24;

// List attributes; numbers also from a tensor in the attribute `name` + "_as_tensor".
std::vector<double> numbers_of(const Attributes& attributes, const std::string& name);
// `found` elements of attribute `name` are as many as `expected`.
void expect_count(const Builder& b, std::string_view name, size_t found, size_t expected);

enum class PostTransform { kNone, kSoftmax, kLogistic, kSoftmaxZero, kProbit };
void check_post_transform(Check& check);
PostTransform post_transform_of(const Attributes& attributes);

// The scores of one row, in place. A single score has no softmax.
void transform_scores(PostTransform post, float* scores, int64_t count) noexcept;

// Two classes of which the model gives one score `s`: both scores, transformed. Without LOGISTIC or SOFTMAX
// they are (1 - s, s) where s is a probability, else (-s, s).
void two_scores(PostTransform post, float score, bool probability, float* scores) noexcept;

class ClassLabels {
 public:
  // Labels from one of two attributes; fails where both or none are given.
  ClassLabels(const Builder& b, const char* strings_name, const char* integers_name);
  static void check(Check& check, const char* strings_name, const char* integers_name);

  int64_t count() const noexcept;
  bool are_strings() const noexcept { return !texts_.empty(); }
  int64_t integer(int64_t index) const { return integers_[static_cast<size_t>(index)]; }
  // Label `index` becomes element `row` of an output, whose characters live as long as this object.
  void write(void* output, int64_t row, int64_t index) const noexcept;

 private:
  std::vector<std::string> texts_;
  std::vector<int64_t> integers_;
};

}  // namespace bp::cpu
