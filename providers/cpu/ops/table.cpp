// The list of operator families, and the search by name.
#include "ops/table.hpp"

#include <map>
#include <utility>

namespace bp::cpu {

namespace {

using Key = std::pair<std::string_view, std::string_view>;

std::map<Key, const Row*> collect() {
  std::map<Key, const Row*> rows;
  // A line each.
  // clang-format off
  const std::span<const Row> families[] = {
      binary_rows(),      channel_normalization_rows(),
      convolution_rows(), matmul_rows(),
      pooling_rows(),     reduce_rows(),
      reshape_rows(),     select_rows(),
      softmax_rows(),     unary_rows(),
  };
  // clang-format on
  for (const auto& family : families) {
    for (const Row& row : family) rows.emplace(Key{row.domain, row.op_type}, &row);
  }
  return rows;
}

}  // namespace

const Row* find_row(std::string_view domain, std::string_view op_type) {
  static const std::map<Key, const Row*> rows = collect();
  const auto found = rows.find({domain, op_type});
  return found == rows.end() ? nullptr : found->second;
}

}  // namespace bp::cpu
