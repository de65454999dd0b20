// TreeEnsembleClassifier, TreeEnsembleRegressor and TreeEnsemble. One forest inside, evaluated over rows and
// trees in parallel; what differs is how scores become outputs.
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "ops/ml_forest.hpp"
#include "ops/ml_scores.hpp"
#include "ops/table.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

// Scores of all rows, kept in scratch memory. With few rows the threads share the trees, and each has scores of
// its own, which are added up in the end.
template <class T>
struct Evaluation {
  std::shared_ptr<const Forest<T>> forest;
  Aggregate aggregate = Aggregate::kSum;
  Table table;
  int threads = 1;
  int shares = 1;        // 1: threads share the rows
  size_t scores = 0;     // scratch: double[shares, rows, targets]
  size_t hits = 0;       // scratch: uint8_t of the same dims
  size_t converted = 0;  // scratch: features as T, where the input has another type
  Type input = Type::kFloat32;

  int64_t count() const { return table.rows * forest->targets(); }

  // The scores of the rows, [rows, targets]; hits_of(call) tells which got any.
  double* run(const Call& call) const {
    const T* rows = features(call);
    auto* all = call.out<double>(scores);
    auto* all_hits = call.out<uint8_t>(hits);
    std::fill_n(all, shares * count(), 0.0);
    std::fill_n(all_hits, shares * count(), uint8_t{0});
    const int64_t trees = forest->tree_count();
    constexpr int64_t kCost = 32;  // of a row in a tree, in elements
    const int64_t work = table.rows * trees * kCost;
    if (shares == 1) {
      parallel_for(threads, table.rows, work, [&](int64_t begin, int64_t end) {
        const int64_t offset = begin * forest->targets();
        forest->add(aggregate, 0, trees, rows + begin * table.columns, end - begin, table.columns, all + offset,
                    all_hits + offset);
      });
      return all;
    }
    parallel_for(threads, trees, work, [&](int64_t begin, int64_t end) {
      const int64_t offset = omp_get_thread_num() * count();
      forest->add(aggregate, begin, end, rows, table.rows, table.columns, all + offset, all_hits + offset);
    });
    for (int64_t share = 1; share < shares; ++share) join(all, all_hits, share * count());
    return all;
  }
  const uint8_t* hits_of(const Call& call) const { return call.out<uint8_t>(hits); }

 private:
  void join(double* all, uint8_t* all_hits, int64_t offset) const {
    for (int64_t i = 0; i < count(); ++i) {
      if (all_hits[offset + i] == 0) continue;
      const double more = all[offset + i];
      if (aggregate == Aggregate::kSum || aggregate == Aggregate::kAverage || all_hits[i] == 0) {
        all[i] += more;
      } else {
        all[i] = aggregate == Aggregate::kMin ? std::min(all[i], more) : std::max(all[i], more);
      }
      all_hits[i] = 1;
    }
  }

  const T* features(const Call& call) const {
    if (converted == 0) return call.in<T>(0);
    T* target = call.out<T>(converted);
    const int64_t elements = table.rows * table.columns;
    dispatch<kFeatures | mask(Type::kFloat16)>(input, [&]<class From>(Tag<From>) {
      const From* source = call.in<From>(0);
      for (int64_t i = 0; i < elements; ++i) target[i] = static_cast<T>(static_cast<Compute<From>>(source[i]));
    });
    return target;
  }
};

template <class T>
Evaluation<T> evaluation_of(Builder& b, const ForestSource& source, Aggregate aggregate) {
  Evaluation<T> result;
  result.table = table_of(b);
  if (result.table.columns < std::max<int64_t>(source.features, 1)) {
    b.fail(text("nodes_featureids looks at column ", source.features - 1, ", the input has ",
                result.table.columns));
  }
  result.forest = std::make_shared<const Forest<T>>(source);
  result.aggregate = aggregate;
  result.threads = b.threads();
  result.input = b.input_type(0);
  constexpr int64_t kRowsPerThread = 8;
  // The last bits of a sum over shares of the trees depend on how many shares there are.
  const bool may_share_trees = result.threads > 1 && !b.options().deterministic;
  if (may_share_trees && result.table.rows < kRowsPerThread * result.threads &&
      result.forest->tree_count() >= 2 * result.threads) {
    result.shares = result.threads;
  }
  const auto scores = static_cast<uint64_t>(result.shares * result.count());
  result.scores = b.scratch(scores * sizeof(double));
  result.hits = b.scratch(scores);
  constexpr Type kSame = std::is_same_v<T, double> ? Type::kFloat64 : Type::kFloat32;
  if (result.input != kSame) {
    result.converted = b.scratch(static_cast<uint64_t>(result.table.rows * result.table.columns) * sizeof(T));
  }
  return result;
}

// Calls f(Tag<T>) with the type in which the ensemble computes: double for double features.
template <class F>
void with_precision(Builder& b, F&& f) {
  if (b.input_type(0) == Type::kFloat64) {
    f(Tag<double>{});
  } else {
    f(Tag<float>{});
  }
}

std::vector<double> base_values_of(Builder& b, int64_t targets) {
  const std::vector<double> values = numbers_of(b.attributes(), "base_values");
  if (!values.empty()) expect_count(b, "base_values", values.size(), static_cast<size_t>(targets));
  return values;
}

// --- regression ---

struct Finish {
  std::vector<double> base;  // per target, or empty
  double divisor = 1;
  PostTransform post = PostTransform::kNone;
};

template <class T, class Out>
void add_regression(Builder& b, const ForestSource& source, Aggregate aggregate, Finish finish) {
  const auto evaluation = evaluation_of<T>(b, source, aggregate);
  const int64_t targets = source.targets;
  const int64_t rows = evaluation.table.rows;
  if (aggregate == Aggregate::kAverage) finish.divisor = static_cast<double>(source.roots.size());
  b.output(0, {rows, targets});
  const size_t row_scores = b.scratch(static_cast<uint64_t>(targets) * sizeof(float));
  b.run([=](const Call& call) {
    const double* scores = evaluation.run(call);
    Out* out = call.out<Out>(1);
    for (int64_t i = 0; i < rows * targets; ++i) {
      double score = scores[i] / finish.divisor;
      if (!finish.base.empty()) score += finish.base[static_cast<size_t>(i % targets)];
      out[i] = static_cast<Out>(static_cast<Compute<Out>>(static_cast<T>(score)));
    }
    if (finish.post == PostTransform::kNone) return;
    float* row = call.out<float>(row_scores);
    for (int64_t i = 0; i < rows; ++i, out += targets) {
      for (int64_t j = 0; j < targets; ++j) row[j] = static_cast<float>(static_cast<Compute<Out>>(out[j]));
      transform_scores(finish.post, row, targets);
      for (int64_t j = 0; j < targets; ++j) out[j] = static_cast<Out>(static_cast<Compute<Out>>(row[j]));
    }
  });
}

void check_ensemble(Check& check) {
  check_table(check);
  check_post_transform(check);
  check.output_types(check.output_count() - 1, kFloat);
}

Aggregate aggregate_of(const Attributes& attributes) {
  const std::string name = attributes.string_or("aggregate_function", "SUM");
  if (name == "AVERAGE") return Aggregate::kAverage;
  if (name == "MIN") return Aggregate::kMin;
  return name == "MAX" ? Aggregate::kMax : Aggregate::kSum;
}

void check_regressor(Check& check) {
  check_ensemble(check);
  check.string_attribute("aggregate_function", "SUM", {"AVERAGE", "SUM", "MIN", "MAX"});
  read_ensemble(check.node.attributes, "target", check.node.attributes.int_or("n_targets", 1));
}

void build_regressor(Builder& b) {
  const int64_t targets = b.attributes().int_or("n_targets", 1);
  const ForestSource source = read_ensemble(b.attributes(), "target", targets);
  const Finish finish{base_values_of(b, targets), 1, post_transform_of(b.attributes())};
  with_precision(
      b, [&]<class T>(Tag<T>) { add_regression<T, float>(b, source, aggregate_of(b.attributes()), finish); });
}

// --- TreeEnsemble ---

constexpr TypeMask kEnsembleTypes = mask(Type::kFloat32, Type::kFloat64, Type::kFloat16);

void check_tree_ensemble(Check& check) {
  check.required(0);
  check.types(0, kEnsembleTypes);
  const int64_t aggregate = check.node.attributes.int_or("aggregate_function", 1);
  if (aggregate < 0 || aggregate > 3) {
    check.reject_attribute("aggregate_function",
                           text("attribute 'aggregate_function' is ", aggregate, "; taken: 0 to 3"));
  }
  const int64_t post = check.node.attributes.int_or("post_transform", 0);
  if (post < 0 || post > 4) {
    check.reject_attribute("post_transform", text("attribute 'post_transform' is ", post, "; taken: 0 to 4"));
  }
  read_tree_ensemble(check.node.attributes);
}

void build_tree_ensemble(Builder& b) {
  const ForestSource source = read_tree_ensemble(b.attributes());
  const auto aggregate = static_cast<Aggregate>(b.attributes().int_or("aggregate_function", 1));
  const Finish finish{{}, 1, static_cast<PostTransform>(b.attributes().int_or("post_transform", 0))};
  dispatch<kEnsembleTypes>(b.input_type(0), [&]<class Out>(Tag<Out>) {
    add_regression<std::conditional_t<std::is_same_v<Out, double>, double, float>, Out>(b, source, aggregate,
                                                                                        finish);
  });
}

// --- classification ---

struct Classes {
  std::shared_ptr<const ClassLabels> labels;
  int64_t count = 0;
  std::vector<double> base;  // per class, or empty
  PostTransform post = PostTransform::kNone;
  // Two classes of which only one is scored: its number, else -1. Its score is a probability where no weight is
  // negative.
  int64_t only = -1;
  bool probability = false;

  // The label's number, or for a single label 0 or 1. Scores get their base values and are rounded to T.
  template <class T>
  int64_t decide(double* scores, const uint8_t* hits) const {
    for (int64_t i = 0; i < count; ++i) {
      const double added = base.empty() ? 0 : only < 0 ? base[static_cast<size_t>(i)] : i == only ? base[0] : 0;
      scores[i] = static_cast<T>(scores[i] + added);
    }
    if (only >= 0) return scores[only] > (probability ? 0.5 : 0.0) ? 1 : 0;
    if (count == 1) return scores[0] > 0 ? 1 : 0;
    int64_t best = -1;
    for (int64_t i = 0; i < count; ++i) {
      // A class without any vote is not chosen.
      if (base.empty() && hits[i] == 0) continue;
      if (best < 0 || scores[i] > scores[best]) best = i;
    }
    return std::max<int64_t>(best, 0);
  }

  void write_label(void* output, int64_t row, int64_t label) const {
    if (count == 1) {  // one label stands for yes (1) and no (0)
      static_cast<int64_t*>(output)[row] = label;
    } else {
      labels->write(output, row, label);
    }
  }

  void write_scores(const double* scores, float* out) const {
    if (only == 0) return two_scores(post, static_cast<float>(scores[0]), probability, out);
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<float>(scores[i]);
    transform_scores(post, out, count);
  }
};

void check_classifier(Check& check) {
  check_ensemble(check);
  ClassLabels::check(check, "classlabels_strings", "classlabels_int64s");
  const Attributes& attributes = check.node.attributes;
  const size_t labels = std::max(attributes.strings("classlabels_strings").size(),
                                 attributes.ints_or("classlabels_int64s", {}).size());
  if (labels == 1 && !attributes.strings("classlabels_strings").empty()) {
    check.reject_attribute("classlabels_strings", "a single label leaves the other class without a name");
  }
  read_ensemble(attributes, "class", static_cast<int64_t>(labels));
}

Classes classes_of(Builder& b) {
  Classes classes;
  classes.labels = std::make_shared<const ClassLabels>(b, "classlabels_strings", "classlabels_int64s");
  classes.count = classes.labels->count();
  classes.post = post_transform_of(b.attributes());
  classes.base = numbers_of(b.attributes(), "base_values");
  const Dims ids = b.attributes().ints_or("class_ids", {});
  const std::vector<double> weights = numbers_of(b.attributes(), "class_weights");
  const bool one_scored = std::set<int64_t>(ids.begin(), ids.end()).size() == 1;
  const bool one_base = classes.base.size() <= 1;
  if (classes.count == 2 && one_scored && one_base) {
    classes.only = ids[0];
    classes.probability =
        std::all_of(weights.begin(), weights.end(), [](double weight) { return weight >= 0; });
  } else if (!classes.base.empty()) {
    expect_count(b, "base_values", classes.base.size(), static_cast<size_t>(classes.count));
  }
  return classes;
}

void build_classifier(Builder& b) {
  const Classes classes = classes_of(b);
  const ForestSource source = read_ensemble(b.attributes(), "class", classes.count);
  with_precision(b, [&]<class T>(Tag<T>) {
    const auto evaluation = evaluation_of<T>(b, source, Aggregate::kSum);
    const int64_t rows = evaluation.table.rows;
    b.output(0, {rows});
    b.output(1, {rows, classes.count});
    const bool labelled = b.has_output(0);
    const bool scored = b.has_output(1);
    const int threads = b.threads();
    b.run([=](const Call& call) {
      double* scores = evaluation.run(call);
      const uint8_t* hits = evaluation.hits_of(call);
      parallel_for(threads, rows, rows * classes.count * 4, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
          double* own = scores + row * classes.count;
          const int64_t label = classes.decide<T>(own, hits + row * classes.count);
          if (labelled) classes.write_label(call.args[1], row, label);
          if (scored) classes.write_scores(own, call.out<float>(2) + row * classes.count);
        }
      });
    });
  });
}

constexpr std::string_view kMl = "ai.onnx.ml";
constexpr Row kRows[] = {
    {"TreeEnsemble", check_tree_ensemble, build_tree_ensemble, 5, LayoutUse::kPlain, kMl},
    {"TreeEnsembleClassifier", check_classifier, build_classifier, 1, LayoutUse::kPlain, kMl},
    {"TreeEnsembleRegressor", check_regressor, build_regressor, 1, LayoutUse::kPlain, kMl},
};

}  // namespace

std::span<const Row> ml_tree_rows() { return kRows; }

}  // namespace bp::cpu
