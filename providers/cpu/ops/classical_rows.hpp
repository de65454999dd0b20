// The families of classical models and of strings, as table.hpp lists the others.
#pragma once

#include <span>

#include "ops/op.hpp"

namespace bp::cpu {

std::span<const Row> ml_category_rows();
std::span<const Row> ml_feature_rows();
std::span<const Row> ml_linear_rows();
std::span<const Row> ml_svm_rows();
std::span<const Row> ml_tree_rows();
std::span<const Row> regex_rows();
std::span<const Row> string_normalizer_rows();
std::span<const Row> string_rows();
std::span<const Row> tfidf_rows();
std::span<const Row> tokenizer_rows();

}  // namespace bp::cpu
