// The list of operator families, and the search by name.
#include "ops/table.hpp"

#include <map>
#include <utility>

namespace bp::opencl {

namespace {

using Key = std::pair<std::string_view, std::string_view>;

std::map<Key, const Row*> collect() {
  std::map<Key, const Row*> rows;
#define BP_OPENCL_ADD_FAMILY(family) \
  for (const Row& row : family()) rows.emplace(Key{row.domain, row.op_type}, &row);
  BP_OPENCL_FAMILIES(BP_OPENCL_ADD_FAMILY)
#undef BP_OPENCL_ADD_FAMILY
  return rows;
}

}  // namespace

const Row* find_row(std::string_view domain, std::string_view op_type) {
  static const std::map<Key, const Row*> rows = collect();
  const auto found = rows.find({domain, op_type});
  return found == rows.end() ? nullptr : found->second;
}

}  // namespace bp::opencl
