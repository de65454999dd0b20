// SVMClassifier and SVMRegressor: sums of kernels between a row and the support vectors, or plain linear scores
// where there are no vectors.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ops/ml_scores.hpp"
#include "ops/pairwise_coupling.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

constexpr int64_t kMostVectors = int64_t{1} << 31;

enum class KernelKind { kLinear, kPoly, kRbf, kSigmoid };

struct KernelFunction {
  KernelKind kind = KernelKind::kLinear;
  float gamma = 0;
  float coef0 = 0;
  float degree = 0;

  float operator()(const float* a, const float* b, int64_t count) const {
    float sum = 0;
    if (kind == KernelKind::kRbf) {
#pragma omp simd reduction(+ : sum)
      for (int64_t i = 0; i < count; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
      return std::exp(-gamma * sum);
    }
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < count; ++i) sum += a[i] * b[i];
    if (kind == KernelKind::kPoly) return std::pow(gamma * sum + coef0, degree);
    return kind == KernelKind::kSigmoid ? std::tanh(gamma * sum + coef0) : sum;
  }
};

// What both operators share.
struct Machine {
  KernelFunction kernel;
  std::vector<float> coefficients;
  std::vector<float> vectors;  // [vector_count, columns]; none: a linear model
  std::vector<float> rho;
  int64_t vector_count = 0;
  int64_t columns = 0;
  PostTransform post = PostTransform::kNone;
};

void check_machine(Check& check) {
  check_table(check);
  check_post_transform(check);
  check.string_attribute("kernel_type", "LINEAR", {"LINEAR", "POLY", "RBF", "SIGMOID"});
  check.output_types(check.output_count() - 1, kFloat);
}

void read_machine(Builder& b, const Table& table, int64_t vector_count, Machine& machine) {
  const Attributes& attributes = b.attributes();
  const std::string kind = attributes.string_or("kernel_type", "LINEAR");
  machine.kernel.kind = vector_count == 0 || kind == "LINEAR" ? KernelKind::kLinear
                        : kind == "POLY"                      ? KernelKind::kPoly
                        : kind == "RBF"                       ? KernelKind::kRbf
                                                              : KernelKind::kSigmoid;
  const std::vector<float> parameters = attributes.floats_or("kernel_params", {});
  if (!parameters.empty()) {
    expect_count(b, "kernel_params", parameters.size(), 3);
    machine.kernel.gamma = parameters[0];
    machine.kernel.coef0 = parameters[1];
    machine.kernel.degree = parameters[2];
  }
  machine.coefficients = attributes.floats_or("coefficients", {});
  machine.vectors = attributes.floats_or("support_vectors", {});
  machine.rho = attributes.floats_or("rho", {});
  machine.post = post_transform_of(attributes);
  machine.vector_count = vector_count;
  machine.columns = table.columns;
  expect_count(b, "support_vectors", machine.vectors.size(), static_cast<size_t>(vector_count * table.columns));
}

// The features of one row as floats: in place, or converted.
template <class T>
const float* as_floats(const T* row, int64_t count, float* converted) {
  if constexpr (std::is_same_v<T, float>) {
    return row;
  } else {
    for (int64_t i = 0; i < count; ++i) converted[i] = static_cast<float>(row[i]);
    return converted;
  }
}

// f(call, row, features as floats, the thread's own `own_bytes` bytes) for every row, in parallel.
template <class F>
void for_rows(Builder& b, const Table& table, int64_t cost, uint64_t own_bytes, F f) {
  const int threads = b.threads();
  const uint64_t own = (own_bytes + sizeof(float) * static_cast<uint64_t>(table.columns) + 63) / 64 * 64;
  const size_t scratch = b.scratch(own * static_cast<uint64_t>(threads));
  dispatch<kFeatures>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      parallel_for(threads, table.rows, table.rows * cost, [&](int64_t begin, int64_t end) {
        std::byte* mine = call.out<std::byte>(scratch) + own * static_cast<uint64_t>(omp_get_thread_num());
        auto* converted = reinterpret_cast<float*>(mine + own_bytes);
        for (int64_t row = begin; row < end; ++row) {
          const T* features = call.in<T>(0) + row * table.columns;
          f(call, row, as_floats(features, table.columns, converted), mine);
        }
      });
    });
  });
}

// --- SVMClassifier ---

struct Classifier : Machine {
  std::shared_ptr<const ClassLabels> labels;
  int64_t classes = 0;
  int64_t pairs = 0;            // of classes, each with a decision
  std::vector<int64_t> starts;  // the first vector of each class, and the end
  std::vector<float> prob_a;
  std::vector<float> prob_b;

  // What a thread needs for one row.
  struct Own {
    double* coupling;  // coupling_size(classes)
    float* kernels;    // [vector_count]
    float* decisions;  // [pairs]
    float* scores;     // [classes]
    int64_t* votes;    // [classes]
  };
  uint64_t own_bytes() const {
    const auto wide = static_cast<uint64_t>(coupling_size(classes) + classes) * sizeof(double);
    return wide + static_cast<uint64_t>(vector_count + pairs + classes) * sizeof(float) / 8 * 8 + 8;
  }
  Own split(std::byte* memory) const {
    Own own{};
    own.coupling = reinterpret_cast<double*>(memory);
    own.votes = reinterpret_cast<int64_t*>(own.coupling + coupling_size(classes));
    own.kernels = reinterpret_cast<float*>(own.votes + classes);
    own.decisions = own.kernels + vector_count;
    own.scores = own.decisions + pairs;
    return own;
  }

  // One decision per pair of classes; the class with the most votes.
  int64_t vote(const float* row, const Own& own) const {
    for (int64_t i = 0; i < vector_count; ++i)
      own.kernels[i] = kernel(row, vectors.data() + i * columns, columns);
    std::fill_n(own.votes, classes, 0);
    int64_t pair = 0;
    for (int64_t i = 0; i < classes; ++i) {
      for (int64_t j = i + 1; j < classes; ++j, ++pair) {
        double sum = rho[static_cast<size_t>(pair)];
        sum += part(j - 1, i, own.kernels) + part(i, j, own.kernels);
        own.decisions[pair] = static_cast<float>(sum);
        ++own.votes[sum > 0 ? i : j];
      }
    }
    return std::max_element(own.votes, own.votes + classes) - own.votes;
  }

  void probabilities(const Own& own) const {
    for (size_t pair = 0; pair < static_cast<size_t>(pairs); ++pair) {
      const double x = double{own.decisions[pair]} * prob_a[pair] + prob_b[pair];
      own.decisions[pair] = static_cast<float>(1.0 / (1.0 + std::exp(x)));
    }
    couple_pairs(own.decisions, classes, own.coupling, own.scores);
  }

 private:
  double part(int64_t coefficient_row, int64_t vectors_of, const float* kernels) const {
    const float* weights = coefficients.data() + coefficient_row * vector_count;
    double sum = 0;
    for (auto i = starts[static_cast<size_t>(vectors_of)]; i < starts[static_cast<size_t>(vectors_of) + 1];
         ++i) {
      sum += double{weights[i]} * kernels[i];
    }
    return sum;
  }
};

void check_classifier(Check& check) {
  check_machine(check);
  ClassLabels::check(check, "classlabels_strings", "classlabels_ints");
}

std::shared_ptr<Classifier> classifier_of(Builder& b, const Table& table) {
  auto model = std::make_shared<Classifier>();
  model->labels = std::make_shared<const ClassLabels>(b, "classlabels_strings", "classlabels_ints");
  model->classes = model->labels->count();
  const Dims counts = b.attributes().ints_or("vectors_per_class", {});
  int64_t total = 0;
  for (const int64_t count : counts) {
    model->starts.push_back(total);
    if (count < 0 || count > kMostVectors - total) b.fail(text("vectors_per_class holds ", count));
    total += count;
  }
  model->starts.push_back(total);
  read_machine(b, table, total, *model);
  if (total == 0) {  // linear: a row of coefficients per class, one rho for all
    expect_count(b, "coefficients", model->coefficients.size(),
                 static_cast<size_t>(model->classes * table.columns));
    if (model->rho.empty()) b.fail("attribute 'rho' must have an element");
    return model;
  }
  if (model->classes < 2) b.fail("support vectors need at least two classes");
  model->pairs = model->classes * (model->classes - 1) / 2;
  const auto pairs = static_cast<size_t>(model->pairs);
  expect_count(b, "vectors_per_class", counts.size(), static_cast<size_t>(model->classes));
  expect_count(b, "coefficients", model->coefficients.size(),
               static_cast<size_t>((model->classes - 1) * total));
  expect_count(b, "rho", model->rho.size(), pairs);
  model->prob_a = b.attributes().floats_or("prob_a", {});
  model->prob_b = b.attributes().floats_or("prob_b", {});
  if (!model->prob_a.empty()) expect_count(b, "prob_a", model->prob_a.size(), pairs);
  expect_count(b, "prob_b", model->prob_b.size(), model->prob_a.size());
  return model;
}

void build_linear_classifier(Builder& b, const Table& table, const std::shared_ptr<const Classifier>& model) {
  const int64_t classes = model->classes;
  b.output(0, {table.rows});
  b.output(1, {table.rows, classes});
  const size_t labels = b.input_count();
  const bool wanted = b.has_output(0);
  const bool scored = b.has_output(1);
  for_rows(
      b, table, classes * table.columns, model->own_bytes(),
      [=](const Call& call, int64_t row, const float* features, std::byte* memory) {
        float* scores = model->split(memory).scores;
        for (int64_t i = 0; i < classes; ++i) {
          scores[i] = model->rho[0] +
                      model->kernel(features, model->coefficients.data() + i * model->columns, model->columns);
        }
        if (wanted) {
          model->labels->write(call.args[labels], row, std::max_element(scores, scores + classes) - scores);
        }
        transform_scores(model->post, scores, classes);
        if (scored) std::copy_n(scores, classes, call.out<float>(labels + 1) + row * classes);
      });
}

void build_classifier(Builder& b) {
  const Table table = table_of(b);
  const std::shared_ptr<const Classifier> model = classifier_of(b, table);
  if (model->vector_count == 0) return build_linear_classifier(b, table, model);
  const bool probabilities = !model->prob_a.empty();
  const bool two = !probabilities && model->classes == 2;
  const int64_t width = probabilities || two ? model->classes : model->pairs;
  b.output(0, {table.rows});
  b.output(1, {table.rows, width});
  const size_t labels = b.input_count();
  const bool wanted = b.has_output(0);
  const bool scored = b.has_output(1);
  for_rows(b, table, model->vector_count * (table.columns + model->classes), model->own_bytes(),
           [=](const Call& call, int64_t row, const float* features, std::byte* memory) {
             const Classifier::Own own = model->split(memory);
             const int64_t winner = model->vote(features, own);
             if (wanted) model->labels->write(call.args[labels], row, winner);
             if (!scored) return;
             float* out = call.out<float>(labels + 1) + row * width;
             if (two) {
               two_scores(model->post, own.decisions[0], false, out);
               return;
             }
             if (probabilities) model->probabilities(own);
             std::copy_n(probabilities ? own.scores : own.decisions, width, out);
             transform_scores(model->post, out, width);
           });
}

// --- SVMRegressor ---

void build_regressor(Builder& b) {
  const Table table = table_of(b);
  auto model = std::make_shared<Machine>();
  const int64_t count = b.attributes().int_or("n_supports", 0);
  if (count < 0 || count > kMostVectors) b.fail(text("n_supports must be 0 to ", kMostVectors, ", is ", count));
  read_machine(b, table, count, *model);
  expect_count(b, "coefficients", model->coefficients.size(),
               static_cast<size_t>(count == 0 ? table.columns : count));
  expect_count(b, "rho", model->rho.size(), 1);
  const bool one_class = b.attributes().int_or("one_class", 0) != 0;
  b.output(0, {table.rows, 1});
  for_rows(b, table, std::max<int64_t>(count, 1) * table.columns, 0,
           [=](const Call& call, int64_t row, const float* features, std::byte*) {
             double sum = 0;
             if (count == 0) sum = model->kernel(features, model->coefficients.data(), model->columns);
             for (int64_t i = 0; i < count; ++i) {
               const float* vector = model->vectors.data() + i * model->columns;
               sum += double{model->coefficients[static_cast<size_t>(i)]} *
                      model->kernel(features, vector, model->columns);
             }
             float score = static_cast<float>(sum + model->rho[0]);
             if (one_class) score = score > 0 ? 1.0f : -1.0f;
             transform_scores(model->post, &score, 1);
             call.out<float>(1)[row] = score;
           });
}

constexpr std::string_view kMl = "ai.onnx.ml";
constexpr Row kRows[] = {
    {"SVMClassifier", check_classifier, build_classifier, 1, LayoutUse::kPlain, kMl},
    {"SVMRegressor", check_machine, build_regressor, 1, LayoutUse::kPlain, kMl},
};

}  // namespace

std::span<const Row> ml_svm_rows() { return kRows; }

}  // namespace bp::cpu
