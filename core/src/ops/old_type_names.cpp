#include "ops/old_type_names.hpp"

#include <utility>

namespace bp {
namespace {

constexpr std::pair<std::string_view, ElementType> kNames[] = {
    {"FLOAT", ElementType::kFloat32}, {"DOUBLE", ElementType::kFloat64}, {"FLOAT16", ElementType::kFloat16},
    {"INT8", ElementType::kInt8},     {"INT16", ElementType::kInt16},    {"INT32", ElementType::kInt32},
    {"INT64", ElementType::kInt64},   {"UINT8", ElementType::kUint8},    {"UINT16", ElementType::kUint16},
    {"UINT32", ElementType::kUint32}, {"UINT64", ElementType::kUint64},  {"BOOL", ElementType::kBool},
    {"STRING", ElementType::kString}};

}  // namespace

ElementType type_of_old_name(std::string_view name) noexcept {
  for (const auto& [known, type] : kNames) {
    if (name == known) return type;
  }
  return ElementType::kUndefined;
}

}  // namespace bp
