// Class probabilities from pairwise ones, by Wu, Lin and Weng, "Probability Estimates for Multi-class
// Classification by Pairwise Coupling" (2004), second method.
#pragma once

#include <cstdint>

namespace bp::cpu {

// Doubles that couple_pairs needs.
int64_t coupling_size(int64_t classes) noexcept;

// `pairs`: for i < j in order, the probability of i where only i and j come in question. Writes `classes`
// probabilities.
void couple_pairs(const float* pairs, int64_t classes, double* memory, float* probabilities) noexcept;

}  // namespace bp::cpu
