// Comparing results with references.
#pragma once

#include <cstdint>
#include <string>

#include "backplane/value.hpp"

namespace bp::cli {

struct Tolerance {
  double relative = 1e-3;
  double absolute = 1e-5;
};

// Element `index` of a tensor of numbers; NaN for strings and complex numbers.
double number_at(const Value& value, int64_t index);

// How two values differ; empty when every element is within |found - expected| <= absolute + relative *
// |expected|. NaN equals NaN. Says the worst place: index, expected, found.
std::string difference(const Value& expected, const Value& found, const Tolerance& tolerance);

}  // namespace bp::cli
