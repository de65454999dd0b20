// The families that move elements and do no arithmetic (Resize aside), as table.hpp lists the others. Apart
// from those, so that a new family here does not compile the arithmetic ones again.
#pragma once

#include <span>

#include "ops/op.hpp"

namespace bp::cpu {

std::span<const Row> compress_rows();
std::span<const Row> concat_rows();
std::span<const Row> detection_rows();
std::span<const Row> gather_rows();
std::span<const Row> generate_rows();
std::span<const Row> pad_rows();
std::span<const Row> resize_rows();
std::span<const Row> sampling_rows();
std::span<const Row> scatter_rows();
std::span<const Row> sequence_rows();
std::span<const Row> slice_rows();
std::span<const Row> transpose_rows();
std::span<const Row> unfold_rows();

}  // namespace bp::cpu
