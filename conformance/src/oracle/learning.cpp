// ai.onnx.ml: what is small and numeric.
#include <algorithm>
#include <cmath>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

std::vector<Array> binarizer(const OracleCall& call) {
  const Array& x = call.in(0);
  Array y(call.out(0), x.dims);
  for (int64_t i = 0; i < x.count(); ++i) y.set(i, x.real(i) > call.real_attribute("threshold", 0) ? 1 : 0);
  return {y};
}

std::vector<Array> scaler(const OracleCall& call) {
  const Array& x = call.in(0);
  const std::vector<double> offset = call.reals_attribute("offset"), scale = call.reals_attribute("scale");
  Array y(call.out(0), x.dims);
  for (int64_t i = 0; i < x.count(); ++i) {
    const auto column = static_cast<size_t>(i % x.dims.back());
    y.set(i, (x.real(i) - offset[offset.size() == 1 ? 0 : column]) * scale[scale.size() == 1 ? 0 : column]);
  }
  return {y};
}

std::vector<Array> normalizer(const OracleCall& call) {
  const Array& x = call.in(0);
  const std::string norm = call.text_attribute("norm", "MAX");
  const int64_t size = x.dims.back();
  Array y(call.out(0), x.dims);
  for (int64_t begin = 0; begin < x.count(); begin += size) {
    double total = 0;
    for (int64_t i = begin; i < begin + size; ++i) {
      const double value = x.real(i);
      total = norm == "MAX" ? std::max(total, std::abs(value))
                            : total + (norm == "L1" ? std::abs(value) : value * value);
    }
    if (norm == "L2") total = std::sqrt(total);
    for (int64_t i = begin; i < begin + size; ++i) y.set(i, total == 0 ? x.real(i) : x.real(i) / total);
  }
  return {y};
}

std::vector<Array> array_feature_extractor(const OracleCall& call) {
  const Array &x = call.in(0), &places = call.in(1);
  const int64_t size = x.dims.back(), rows = x.count() / size;
  ConcreteDims dims = x.dims;
  dims.back() = places.count();
  if (x.rank() == 1) dims = {1, places.count()};
  Array y(call.out(0), dims);
  for (int64_t i = 0; i < rows * places.count(); ++i)
    y.copy_element(i, x, i / places.count() * size + places.ints[static_cast<size_t>(i % places.count())]);
  return {y};
}

constexpr OracleRow kRows[] = {
    {"ai.onnx.ml", "ArrayFeatureExtractor", array_feature_extractor},
    {"ai.onnx.ml", "Binarizer", binarizer},
    {"ai.onnx.ml", "Normalizer", normalizer},
    {"ai.onnx.ml", "Scaler", scaler},
};

}  // namespace

std::span<const OracleRow> learning_rows() { return kRows; }

}  // namespace bp::conformance
