// Labels, score transforms and attributes of ai.onnx.ml.
#include "ops/ml_scores.hpp"

#include <algorithm>
#include <cmath>

namespace bp::cpu {

void check_table(Check& check, size_t input) {
  check.required(input);
  check.types(input, kFeatures);
}

Table table_of(Builder& b, size_t input) {
  const Dims& dims = b.input_dims(input);
  if (dims.empty() || dims.size() > 2) {
    b.fail(text("input ", input, " must have dims [N,C] or [C], has ", dims_text(dims)));
  }
  return {dims.size() == 2 ? dims[0] : 1, dims.back()};
}

std::vector<double> numbers_of(const Attributes& attributes, const std::string& name) {
  if (const HostTensor* tensor = attributes.tensor(name + "_as_tensor")) return tensor->floats();
  const std::vector<float> list = attributes.floats_or(name, {});
  return {list.begin(), list.end()};
}

void expect_count(const Builder& b, std::string_view name, size_t found, size_t expected) {
  if (found != expected) b.fail(text("attribute '", name, "' must have ", expected, " elements, has ", found));
}

void check_post_transform(Check& check) {
  check.string_attribute("post_transform", "NONE", {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"});
}

PostTransform post_transform_of(const Attributes& attributes) {
  const std::string name = attributes.string_or("post_transform", "NONE");
  if (name == "SOFTMAX") return PostTransform::kSoftmax;
  if (name == "LOGISTIC") return PostTransform::kLogistic;
  if (name == "SOFTMAX_ZERO") return PostTransform::kSoftmaxZero;
  return name == "PROBIT" ? PostTransform::kProbit : PostTransform::kNone;
}

namespace {

float logistic(float x) noexcept {
  const float positive = 1.0f / (1.0f + std::exp(-std::abs(x)));
  return x < 0 ? 1.0f - positive : positive;
}

// The inverse of the normal distribution's cumulative function, by Winitzki's approximation of the inverse
// error function, as ONNX's reference has it.
float probit(float x) noexcept {
  constexpr float kA = 0.147f;
  constexpr float kPi = 3.14159265f;
  const float y = 2.0f * x - 1.0f;
  const float log = std::log((1.0f - y) * (1.0f + y));
  const float half = 2.0f / (kPi * kA) + 0.5f * log;
  const float root = std::sqrt(std::sqrt(half * half - log / kA) - half);
  return 1.41421356f * (y < 0 ? -root : root);
}

void softmax(float* scores, int64_t count) noexcept {
  const float most = *std::max_element(scores, scores + count);
  float sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += scores[i] = std::exp(scores[i] - most);
  for (int64_t i = 0; i < count; ++i) scores[i] /= sum;
}

// Scores that are 0 stay 0: such a class got no vote.
void softmax_zero(float* scores, int64_t count) noexcept {
  constexpr float kZero = 1e-7f;
  const float most = *std::max_element(scores, scores + count);
  const float scale = std::exp(-most);
  float sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    scores[i] = std::abs(scores[i]) > kZero ? std::exp(scores[i] - most) : scores[i] * scale;
    sum += scores[i];
  }
  for (int64_t i = 0; i < count; ++i) scores[i] = sum == 0 ? 0.5f : scores[i] / sum;
}

}  // namespace

void transform_scores(PostTransform post, float* scores, int64_t count) noexcept {
  switch (post) {
    case PostTransform::kNone:
      return;
    case PostTransform::kSoftmax:
      if (count > 1) softmax(scores, count);
      return;
    case PostTransform::kSoftmaxZero:
      if (count > 1) softmax_zero(scores, count);
      return;
    case PostTransform::kLogistic:
      std::transform(scores, scores + count, scores, logistic);
      return;
    case PostTransform::kProbit:
      std::transform(scores, scores + count, scores, probit);
      return;
  }
}

void two_scores(PostTransform post, float score, bool probability, float* scores) noexcept {
  const bool plain = post == PostTransform::kNone || post == PostTransform::kProbit;
  scores[0] = plain && probability ? 1.0f - score : -score;
  scores[1] = score;
  transform_scores(post, scores, 2);
}

void ClassLabels::check(Check& check, const char* strings_name, const char* integers_name) {
  const bool strings = !check.node.attributes.strings(strings_name).empty();
  const bool integers = !check.node.attributes.ints_or(integers_name, {}).empty();
  if (strings == integers) {
    check.reject_attribute(
        strings_name, text("expected labels in one of the attributes '", strings_name, "' and '", integers_name,
                           "', found them in ", strings ? "both" : "none"));
  }
  check.output_types(0, strings ? kString : mask(Type::kInt64));
}

ClassLabels::ClassLabels(const Builder& b, const char* strings_name, const char* integers_name)
    : texts_(b.attributes().strings(strings_name)), integers_(b.attributes().ints_or(integers_name, {})) {}

int64_t ClassLabels::count() const noexcept {
  return static_cast<int64_t>(are_strings() ? texts_.size() : integers_.size());
}

void ClassLabels::write(void* output, int64_t row, int64_t index) const noexcept {
  const auto at = static_cast<size_t>(index);
  if (are_strings()) {
    static_cast<Text*>(output)[row] = Text(std::string_view(texts_[at]));
  } else {
    static_cast<int64_t*>(output)[row] = integers_[at];
  }
}

}  // namespace bp::cpu
