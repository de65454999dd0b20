// How far results may lie from the reference: data/tolerances.csv, a row per operator and type with its reason.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backplane/element_type.hpp"

namespace bp::conformance {

// What the units of a row are multiples of.
enum class ErrorScale : uint8_t {
  kElement,  // a step of the output's type at the expected element (ULP)
  kLargest,  // its epsilon times the largest expected element of the output
  kInput,    // epsilon times the largest element of the first input
  kSum,      // the same times the square root of the number of terms: errors of a sum walk at random
  kProduct,  // the same times the largest element of the second input
};

struct ToleranceRow {
  std::string op_type;  // "MatMul"; "*": any other; "(graph)", "(corpus)", "(model)": more than one node
  std::string type;     // of the output: "float32"; "*": any other
  double units = 0;
  ErrorScale scale = ErrorScale::kElement;
  double absolute = 0;
  double relative = 0;
  std::string reason;
};

class ToleranceTable {
 public:
  // Throws std::runtime_error that names the line.
  static ToleranceTable parse(std::string_view csv);
  // The file that the program was built with.
  static const ToleranceTable& built_in();
  static std::string_view built_in_text();

  // The nearest row: operator and type, operator, type, any. Exact where there is none.
  const ToleranceRow& find(std::string_view op_type, ElementType type) const;
  const std::vector<ToleranceRow>& rows() const noexcept { return rows_; }

 private:
  std::vector<ToleranceRow> rows_;
};

}  // namespace bp::conformance
