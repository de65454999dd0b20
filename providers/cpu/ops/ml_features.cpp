// Operators of ai.onnx.ml that prepare features: Scaler, Imputer, Binarizer, Normalizer, FeatureVectorizer,
// ArrayFeatureExtractor.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "ops/ml_scores.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_features(Check& check) {
  check.required(0);
  check.types(0, kFeatures);
}

void check_to_float(Check& check) {
  check_features(check);
  check.output_types(0, kFloat);
}

// How many numbers lie beside each other: dim 1 of [N,C,..] with what is behind it counted once per column.
int64_t columns_of(Builder& b) {
  const Dims& dims = b.input_dims(0);
  if (dims.empty()) b.fail("the input must have at least 1 dim");
  return dims.size() == 1 ? dims[0] : element_count(Dims(dims.begin() + 1, dims.end()));
}

// One number per column from one or `columns` of them.
template <class T, class List>
std::vector<T> per_column(const Builder& b, std::string_view name, const List& list, int64_t columns) {
  if (list.size() == 1) return std::vector<T>(static_cast<size_t>(columns), static_cast<T>(list[0]));
  expect_count(b, name, list.size(), static_cast<size_t>(columns));
  return std::vector<T>(list.begin(), list.end());
}

// out[i] = f(x[i], column of i).
template <class In, class Out, class F>
void add_by_column(Builder& b, int64_t columns, F f) {
  b.output(0, b.input_dims(0));
  const int64_t rows = columns == 0 ? 0 : element_count(b.input_dims(0)) / columns;
  const int threads = b.threads();
  b.run([=](const Call& call) {
    parallel_for(threads, rows, rows * columns, [&](int64_t begin, int64_t end) {
      const In* x = call.in<In>(0) + begin * columns;
      Out* y = call.out<Out>(1) + begin * columns;
      for (int64_t row = begin; row < end; ++row, x += columns, y += columns) {
        for (int64_t column = 0; column < columns; ++column)
          y[column] = f(x[column], static_cast<size_t>(column));
      }
    });
  });
}

void build_scaler(Builder& b) {
  const int64_t columns = columns_of(b);
  const auto offset = per_column<float>(b, "offset", b.attributes().floats_or("offset", {0.0f}), columns);
  const auto scale = per_column<float>(b, "scale", b.attributes().floats_or("scale", {1.0f}), columns);
  dispatch<kFeatures>(b.input_type(0), [&]<class T>(Tag<T>) {
    add_by_column<T, float>(b, columns, [offset, scale](T x, size_t column) {
      return (static_cast<float>(x) - offset[column]) * scale[column];
    });
  });
}

template <class T>
bool is_replaced(T x, T replaced) {
  return x == replaced || (x != x && replaced != replaced);
}

void build_imputer(Builder& b) {
  const int64_t columns = columns_of(b);
  dispatch<kFeatures>(b.input_type(0), [&]<class T>(Tag<T>) {
    std::vector<T> values;
    T replaced;
    if constexpr (kIsFloat<T>) {
      values = per_column<T>(b, "imputed_value_floats", b.attributes().floats_or("imputed_value_floats", {}),
                             columns);
      replaced = static_cast<T>(b.attributes().float_or("replaced_value_float", 0.0f));
    } else {
      values =
          per_column<T>(b, "imputed_value_int64s", b.attributes().ints_or("imputed_value_int64s", {}), columns);
      replaced = static_cast<T>(b.attributes().int_or("replaced_value_int64", 0));
    }
    add_by_column<T, T>(b, columns, [values, replaced](T x, size_t column) {
      return is_replaced(x, replaced) ? values[column] : x;
    });
  });
}

void build_binarizer(Builder& b) {
  const float threshold = b.attributes().float_or("threshold", 0.0f);
  dispatch<kFeatures>(b.input_type(0), [&]<class T>(Tag<T>) {
    add_by_column<T, T>(b, b.input_dims(0).empty() ? 1 : columns_of(b), [threshold](T x, size_t) {
      return static_cast<T>(static_cast<double>(x) > threshold ? 1 : 0);
    });
  });
}

enum class Norm { kMax, kL1, kL2 };

// 0 where nothing is divided.
template <class T>
float norm_of(Norm norm, const T* x, int64_t count) {
  float result = norm == Norm::kMax && count > 0 ? static_cast<float>(x[0]) : 0.0f;
  for (int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<float>(x[i]);
    if (norm == Norm::kMax) result = std::max(result, value);
    if (norm == Norm::kL1) result += std::abs(value);
    if (norm == Norm::kL2) result += value * value;
  }
  return norm == Norm::kL2 ? std::sqrt(result) : result;
}

void check_normalizer(Check& check) {
  check_to_float(check);
  check.string_attribute("norm", "MAX", {"MAX", "L1", "L2"});
}

void build_normalizer(Builder& b) {
  const Table table = table_of(b);
  const std::string name = b.attributes().string_or("norm", "MAX");
  const Norm norm = name == "L1" ? Norm::kL1 : name == "L2" ? Norm::kL2 : Norm::kMax;
  b.output(0, b.input_dims(0));
  const int threads = b.threads();
  dispatch<kFeatures>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      parallel_for(threads, table.rows, table.rows * table.columns, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
          const T* x = call.in<T>(0) + row * table.columns;
          float* y = call.out<float>(1) + row * table.columns;
          const float found = norm_of(norm, x, table.columns);
          const float divisor = found == 0.0f ? 1.0f : found;
          for (int64_t i = 0; i < table.columns; ++i) y[i] = static_cast<float>(x[i]) / divisor;
        }
      });
    });
  });
}

void check_vectorizer(Check& check) {
  if (check.input_count() == 0) check.required(0);
  for (size_t input = 0; input < check.input_count(); ++input) {
    check.required(input);
    check.types(input, kFeatures);
  }
  check.output_types(0, kFloat);
}

// The inputs' columns beside each other, as many of each as the attribute says; what an input lacks is 0.
void build_vectorizer(Builder& b) {
  const Dims widths = b.attributes().ints_or("inputdimensions", {});
  expect_count(b, "inputdimensions", widths.size(), b.input_count());
  const int64_t rows = table_of(b, 0).rows;
  struct Piece {
    Type type;
    int64_t columns;
    int64_t taken;
    int64_t width;
  };
  std::vector<Piece> pieces;
  int64_t total = 0;
  for (size_t input = 0; input < b.input_count(); ++input) {
    const Table table = table_of(b, input);
    if (widths[input] < 1) b.fail(text("inputdimensions must be positive, has ", widths[input]));
    if (table.rows != rows) {
      b.fail(text("input ", input, " has ", table.rows, " rows, input 0 has ", rows));
    }
    pieces.push_back(
        {b.input_type(input), table.columns, std::min(widths[input], table.columns), widths[input]});
    total += widths[input];
  }
  b.output(0, {rows, total});
  b.run([=](const Call& call) {
    float* column = call.out<float>(pieces.size());
    for (size_t input = 0; input < pieces.size(); ++input) {
      const Piece& piece = pieces[input];
      dispatch<kFeatures>(piece.type, [&]<class T>(Tag<T>) {
        for (int64_t row = 0; row < rows; ++row) {
          const T* from = call.in<T>(input) + row * piece.columns;
          float* to = column + row * total;
          for (int64_t i = 0; i < piece.taken; ++i) to[i] = static_cast<float>(from[i]);
          std::fill(to + piece.taken, to + piece.width, 0.0f);
        }
      });
      column += piece.width;
    }
  });
}

void check_extractor(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kFeatures | kString);
  check.types(1, mask(Type::kInt64));
}

// Columns of the last axis.
void build_extractor(Builder& b) {
  Dims dims = b.input_dims(0);
  if (dims.empty()) b.fail("the input must have at least 1 dim");
  const int64_t columns = dims.back();
  const int64_t picks = element_count(b.input_dims(1));
  if (picks == 0) b.fail("there must be at least one index");
  const int64_t rows = element_count(Dims(dims.begin(), dims.end() - 1));
  if (dims.size() == 1) dims.insert(dims.begin(), 1);
  dims.back() = picks;
  b.output(0, dims);
  const auto size = static_cast<int64_t>(element_size(b.input_type(0)));
  const int threads = b.threads();
  b.run([=](const Call& call) -> RunError {
    const auto* indices = call.in<int64_t>(1);
    for (int64_t i = 0; i < picks; ++i) {
      if (indices[i] < 0 || indices[i] >= columns) return "an index is outside the last axis";
    }
    parallel_for(threads, rows, rows * picks, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const auto* from = call.in<std::byte>(0) + row * columns * size;
        auto* to = call.out<std::byte>(2) + row * picks * size;
        for (int64_t i = 0; i < picks; ++i) {
          std::memcpy(to + i * size, from + indices[i] * size, static_cast<size_t>(size));
        }
      }
    });
    return nullptr;
  });
}

constexpr std::string_view kMl = "ai.onnx.ml";
constexpr Row kRows[] = {
    {"ArrayFeatureExtractor", check_extractor, build_extractor, 1, LayoutUse::kPlain, kMl},
    {"Binarizer", check_features, build_binarizer, 1, LayoutUse::kPlain, kMl},
    {"FeatureVectorizer", check_vectorizer, build_vectorizer, 1, LayoutUse::kPlain, kMl},
    {"Imputer", check_features, build_imputer, 1, LayoutUse::kPlain, kMl},
    {"Normalizer", check_normalizer, build_normalizer, 1, LayoutUse::kPlain, kMl},
    {"Scaler", check_to_float, build_scaler, 1, LayoutUse::kPlain, kMl},
};

}  // namespace

std::span<const Row> ml_feature_rows() { return kRows; }

}  // namespace bp::cpu
