// The family of operators that draw random numbers.
#pragma once

#include <span>

#include "ops/op.hpp"

namespace bp::cpu {

std::span<const Row> random_rows();

}  // namespace bp::cpu
