// Floats by the row's tolerance, integers within its absolute and relative parts (0 for nearly all), strings
// exactly.
#include "compare/compare_tensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "compare/numbers.hpp"

namespace bp::conformance {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string index_text(int64_t flat, const ConcreteDims& dims) {
  std::string text;
  for (size_t axis = dims.size(); axis-- > 0;) {
    text = fmt::format("{}{}{}", flat % dims[axis], text.empty() ? "" : ",", text);
    flat /= dims[axis];
  }
  return "[" + text + "]";
}

std::string type_text(const Tensor& tensor) {
  return fmt::format("{}[{}]", element_type_name(tensor.type), fmt::join(tensor.dims, ","));
}

std::string element_text(const Tensor& tensor, int64_t index) {
  if (tensor.type == ElementType::kString)
    return fmt::format("\"{}\"", tensor.string_at(static_cast<uint64_t>(index)));
  if (tensor.type == ElementType::kUint64)
    return std::to_string(static_cast<uint64_t>(integer_at(tensor, index)));
  if (is_integer_type(tensor.type)) return std::to_string(integer_at(tensor, index));
  return fmt::format("{}", real_at(tensor, index));
}

// How two elements differ, and how much of what is allowed that is.
struct Difference {
  double amount = 0;
  double allowed = 0;

  double share() const {
    if (amount == 0) return 0;
    return amount <= allowed && allowed == kInfinity ? 0 : allowed == 0 ? kInfinity : amount / allowed;
  }
};

class Judge {
 public:
  Judge(const Tensor& expected, const Tensor& actual, const ToleranceRow& row, const ErrorFacts& facts)
      : expected_(expected), actual_(actual), row_(row), of_tensor_(row.absolute) {
    const double unit = row.units * epsilon_of(expected.type), root = std::sqrt(facts.terms);
    if (row.scale == ErrorScale::kLargest) of_tensor_ += unit * largest_magnitude(expected);
    if (row.scale == ErrorScale::kInput) of_tensor_ += unit * facts.largest_input;
    if (row.scale == ErrorScale::kSum) of_tensor_ += unit * root * facts.largest_input;
    if (row.scale == ErrorScale::kProduct)
      of_tensor_ += unit * root * facts.largest_input * facts.largest_other;
  }

  Difference at(int64_t index) const {
    if (expected_.type == ElementType::kString) {
      const auto place = static_cast<uint64_t>(index);
      return {expected_.string_at(place) == actual_.string_at(place) ? 0.0 : 1.0, 0};
    }
    if (is_integer_type(expected_.type)) {
      const auto a = static_cast<uint64_t>(integer_at(expected_, index));
      const auto b = static_cast<uint64_t>(integer_at(actual_, index));
      const bool is_unsigned = expected_.type == ElementType::kUint64;
      const bool less = is_unsigned ? a < b : static_cast<int64_t>(a) < static_cast<int64_t>(b);
      return {static_cast<double>(less ? b - a : a - b),
              row_.absolute + row_.relative * std::abs(real_at(expected_, index))};
    }
    const double a = real_at(expected_, index), b = real_at(actual_, index);
    if (a == b || (std::isnan(a) && std::isnan(b))) return {};
    if (std::isnan(a) || std::isnan(b)) return {kInfinity, 0};
    double allowed = of_tensor_ + row_.relative * std::abs(a);
    if (row_.scale == ErrorScale::kElement) allowed += row_.units * ulp_at(expected_.type, a);
    if (std::isinf(a) || std::isinf(b)) {
      // The last finite numbers and infinity are neighbours.
      const double edge = largest_of(expected_.type);
      const double finite = std::isinf(a) ? b : a;
      const bool neighbours =
          !(std::isinf(a) && std::isinf(b)) && std::signbit(a) == std::signbit(b) &&
          std::abs(finite) + row_.relative * edge + row_.units * ulp_at(expected_.type, edge) > edge;
      return {neighbours ? ulp_at(expected_.type, edge) : kInfinity, neighbours ? kInfinity : 0};
    }
    return {std::abs(a - b), allowed};
  }

 private:
  const Tensor& expected_;
  const Tensor& actual_;
  const ToleranceRow& row_;
  double of_tensor_;
};

void keep(const Tensor& expected, int64_t index, const Difference& difference, WorstError& worst) {
  if (expected.type == ElementType::kString) return;
  worst.max_abs = std::max(worst.max_abs, difference.amount);
  const double magnitude = std::abs(real_at(expected, index));
  if (magnitude > 0 && std::isfinite(magnitude))
    worst.max_rel = std::max(worst.max_rel, difference.amount / magnitude);
  if (is_float_type(expected.type))
    worst.max_ulp =
        std::max(worst.max_ulp, difference.amount / ulp_at(expected.type, real_at(expected, index)));
}

}  // namespace

double largest_magnitude(const Tensor& tensor) {
  if (tensor.type == ElementType::kString) return 0;
  double largest = 0;
  for (int64_t index = 0; index < tensor.count(); ++index) {
    const double magnitude = std::abs(real_at(tensor, index));
    if (std::isfinite(magnitude)) largest = std::max(largest, magnitude);
  }
  return largest;
}

std::string judge(const std::string& output, const Tensor& expected, const Tensor& actual,
                  const ToleranceRow& row, const ErrorFacts& facts, WorstError& worst) {
  if (expected.type != actual.type || expected.dims != actual.dims)
    return fmt::format("output '{}': expected {}, found {}", output, type_text(expected), type_text(actual));
  const Judge judge(expected, actual, row, facts);
  int64_t wrong = 0, place = -1;
  double worst_share = -1;
  for (int64_t index = 0; index < expected.count(); ++index) {
    const Difference difference = judge.at(index);
    if (difference.amount > 0) keep(expected, index, difference, worst);
    const double share = difference.share();
    if (share > 1) ++wrong;
    if (share > worst_share) worst_share = share, place = index;
  }
  if (place >= 0 && (worst_share > worst.of_tolerance || worst.output.empty())) {
    worst.of_tolerance = worst_share;
    worst.output = output;
    worst.index = static_cast<uint64_t>(place);
    worst.expected = element_text(expected, place);
    worst.actual = element_text(actual, place);
  }
  if (wrong == 0) return {};
  return fmt::format(
      "output '{}': {} of {} elements differ by more than is allowed, worst at {}: expected {}, found {}",
      output, wrong, expected.count(), index_text(place, expected.dims), element_text(expected, place),
      element_text(actual, place));
}

}  // namespace bp::conformance
