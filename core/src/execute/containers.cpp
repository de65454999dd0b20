// Optionals, and the way from a kind to its function. A value that is no optional counts as one with content.
#include "execute/containers.hpp"

#include <cstring>
#include <utility>

namespace bp {
namespace {

Result<RuntimeValue> make_optional(const ContainerCall& call) {
  if (!call.has(0)) return container_value(ValueKind::kOptional, {});
  if (call.inputs[0].kind == ValueKind::kOptional) return call.inputs[0];
  BP_ASSIGN_OR_RETURN(RuntimeValue content, to_own(call.inputs[0], call.spaces));
  return container_value(ValueKind::kOptional, {std::move(content)});
}

Result<RuntimeValue> content(const ContainerCall& call) {
  if (call.has(0) && call.inputs[0].kind != ValueKind::kOptional) return call.inputs[0];
  if (!call.has(0) || call.inputs[0].elements.size() == 0)
    return Status(ErrorCode::kInvalidArgument, "input 0 must be an optional with content, has none");
  return call.inputs[0].elements[0];
}

Result<RuntimeValue> has_content(const ContainerCall& call) {
  const bool found =
      call.has(0) && (call.inputs[0].kind != ValueKind::kOptional || call.inputs[0].elements.size() > 0);
  BP_ASSIGN_OR_RETURN(RuntimeValue result, allocate_host_value(ElementType::kBool, {}));
  *reinterpret_cast<uint8_t*>(result.data.address) = found ? 1 : 0;
  return result;
}

}  // namespace

Result<RuntimeValue> run_container_node(const ContainerCall& call) {
  switch (call.node.container) {
    case ContainerKind::kPass:
      return call.inputs[0];
    case ContainerKind::kSequence:
      return containers::make_sequence(call);
    case ContainerKind::kEmpty:
      return container_value(ValueKind::kSequence, {});
    case ContainerKind::kInsert:
      return containers::insert(call);
    case ContainerKind::kErase:
      return containers::erase(call);
    case ContainerKind::kAt:
      return containers::at(call);
    case ContainerKind::kLength:
      return containers::length(call);
    case ContainerKind::kSplit:
      return containers::split(call);
    case ContainerKind::kJoin:
      return containers::join_elements(call);
    case ContainerKind::kOptional:
      return make_optional(call);
    case ContainerKind::kContent:
      return content(call);
    case ContainerKind::kHasContent:
      return has_content(call);
    case ContainerKind::kRowsToMaps:
      return containers::rows_to_maps(call);
    case ContainerKind::kMapToRow:
      return containers::map_to_row(call);
    case ContainerKind::kMapToNumbers:
      return containers::map_to_numbers(call);
    case ContainerKind::kNone:
      break;
  }
  return Status(ErrorCode::kInternal, "not a container node");
}

}  // namespace bp
