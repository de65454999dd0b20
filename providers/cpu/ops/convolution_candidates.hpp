// The ways to do a convolution, for tuning.
#pragma once

#include <string>
#include <vector>

#include "ops/float_convolution.hpp"
#include "tuning.hpp"

namespace bp::cpu {

// A oneDNN primitive on memory of its own.
Candidate onednn_candidate(std::string name, std::function<Primitive()> describe,
                           const dnnl::memory::desc& bias);
Candidate winograd_candidate(const FloatConvolution& shapes, int tile, Layout layout, int threads);

// All that a convolution's time depends on.
std::string convolution_key(const FloatConvolution& shapes, Layout layout, bool bias, int threads);

}  // namespace bp::cpu
