#include "ops/container_kind.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace bp {
namespace {

struct Entry {
  std::string_view op_type;
  ContainerKind kind;
};

constexpr Entry kEntries[] = {
    {"ConcatFromSequence", ContainerKind::kJoin},
    {"Optional", ContainerKind::kOptional},
    {"OptionalGetElement", ContainerKind::kContent},
    {"OptionalHasElement", ContainerKind::kHasContent},
    {"SequenceAt", ContainerKind::kAt},
    {"SequenceConstruct", ContainerKind::kSequence},
    {"SequenceEmpty", ContainerKind::kEmpty},
    {"SequenceErase", ContainerKind::kErase},
    {"SequenceInsert", ContainerKind::kInsert},
    {"SequenceLength", ContainerKind::kLength},
    {"SplitToSequence", ContainerKind::kSplit},
};

constexpr Entry kMlEntries[] = {
    {"CastMap", ContainerKind::kMapToNumbers},
    {"DictVectorizer", ContainerKind::kMapToRow},
    {"ZipMap", ContainerKind::kRowsToMaps},
};

template <size_t N>
ContainerKind find(const Entry (&entries)[N], std::string_view op_type) noexcept {
  const auto* found = std::find_if(std::begin(entries), std::end(entries),
                                   [&](const Entry& entry) { return entry.op_type == op_type; });
  return found == std::end(entries) ? ContainerKind::kNone : found->kind;
}

}  // namespace

ContainerKind container_kind(const Node& node, const ValueType& first) noexcept {
  if (node.domain == "ai.onnx.ml") return find(kMlEntries, node.op_type);
  if (!node.domain.empty() && node.domain != "ai.onnx") return ContainerKind::kNone;
  if (node.op_type == "Identity") {
    const bool tensor = first.kind == ValueKind::kTensor || first.kind == ValueKind::kUnknown;
    return tensor ? ContainerKind::kNone : ContainerKind::kPass;
  }
  return find(kEntries, node.op_type);
}

}  // namespace bp
