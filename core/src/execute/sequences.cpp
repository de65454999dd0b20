// Sequences: elements are shared between sequences; a tensor that enters one is copied only when its memory is
// lent. Semantics: ONNX operators SequenceConstruct to SplitToSequence, opsets 11 to 24.
#include <algorithm>
#include <cstring>
#include <utility>

#include "execute/containers.hpp"
#include "execute/pieces.hpp"

namespace bp::containers {
namespace {

Status bad(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

Result<const RuntimeValue*> sequence(const ContainerCall& call) {
  if (!call.has(0) || call.inputs[0].kind != ValueKind::kSequence)
    return bad("input 0 must be a sequence, is " + (call.has(0) ? type_string(call.inputs[0]) : "left out"));
  return &call.inputs[0];
}

// The elements of a tensor of int32 or int64.
Result<std::vector<int64_t>> integers(const ContainerCall& call, size_t input) {
  const RuntimeValue& value = call.inputs[input];
  if (!value.is_tensor() || (value.type != ElementType::kInt64 && value.type != ElementType::kInt32))
    return bad("input " + std::to_string(input) + " must be of int32 or int64, is " + type_string(value));
  BP_ASSIGN_OR_RETURN(const RuntimeValue host, to_host(value, call.spaces));
  return copy_as_tensor(host)->to_int64();
}

// The position that an input says, counted from the front; `last`: the largest, -size the smallest.
Result<size_t> position(const ContainerCall& call, size_t input, size_t size, size_t last) {
  BP_ASSIGN_OR_RETURN(const std::vector<int64_t> given, integers(call, input));
  if (given.size() != 1) return bad("the position must be one integer, is " + type_string(call.inputs[input]));
  const auto count = static_cast<int64_t>(size);
  if (given[0] < -count || given[0] > static_cast<int64_t>(last))
    return bad("the position must be in [" + std::to_string(-count) + ", " + std::to_string(last) +
               "] for a sequence of " + std::to_string(size) + " elements, is " + std::to_string(given[0]));
  return static_cast<size_t>(given[0] < 0 ? given[0] + count : given[0]);
}

RuntimeValue made_of(Elements elements) {
  RuntimeValue value = container_value(ValueKind::kSequence, {});
  value.elements = std::move(elements);
  return value;
}

// An input as an element: of the kind and element type of those that are there or are announced.
Result<RuntimeValue> as_element(const ContainerCall& call, size_t input, const RuntimeValue* other) {
  if (!call.has(input)) return bad("input " + std::to_string(input) + " is left out");
  const RuntimeValue& value = call.inputs[input];
  const ValueType* announced = call.result.contained.get();
  if (announced != nullptr && announced->element != ElementType::kUndefined && value.is_tensor() &&
      value.type != announced->element)
    return bad("input " + std::to_string(input) + " must be of " +
               std::string(element_type_name(announced->element)) + " as the elements of the sequence, is " +
               type_string(value));
  if (other != nullptr && (other->kind != value.kind || other->type != value.type))
    return bad("input " + std::to_string(input) + " must be of the type of the other elements, " +
               type_string(*other) + ", is " + type_string(value));
  return to_own(value, call.spaces);
}

// Where the pieces of a split end, from the second input: one size for all, or a size for each.
Result<std::vector<int64_t>> piece_sizes(const ContainerCall& call, int64_t size) {
  if (!call.has(1)) return std::vector<int64_t>(static_cast<size_t>(size), 1);
  BP_ASSIGN_OR_RETURN(std::vector<int64_t> given, integers(call, 1));
  if (call.inputs[1].dims.empty()) {
    const int64_t step = given[0];
    if (step <= 0) return bad("the size of the pieces must be > 0, is " + std::to_string(step));
    std::vector<int64_t> sizes;
    for (int64_t begin = 0; begin < size; begin += step) sizes.push_back(std::min(step, size - begin));
    return sizes;
  }
  int64_t sum = 0;
  for (const int64_t piece : given) {
    if (piece < 0 || piece > size - sum)
      return bad("the sizes of the pieces must be >= 0 and add up to " + std::to_string(size) + ", one is " +
                 std::to_string(piece));
    sum += piece;
  }
  if (sum != size)
    return bad("the sizes of the pieces must add up to " + std::to_string(size) + ", they give " +
               std::to_string(sum));
  return given;
}

}  // namespace

Result<RuntimeValue> make_sequence(const ContainerCall& call) {
  std::vector<RuntimeValue> elements;
  for (size_t input = 0; input < call.inputs.size(); ++input) {
    BP_ASSIGN_OR_RETURN(RuntimeValue element,
                        as_element(call, input, input == 0 ? nullptr : &elements.front()));
    elements.push_back(std::move(element));
  }
  return made_of(Elements(std::move(elements)));
}

Result<RuntimeValue> insert(const ContainerCall& call) {
  BP_ASSIGN_OR_RETURN(const RuntimeValue* row, sequence(call));
  const size_t size = row->elements.size();
  size_t place = size;
  if (call.has(2)) {
    BP_ASSIGN_OR_RETURN(place, position(call, 2, size, size));
  }
  BP_ASSIGN_OR_RETURN(RuntimeValue element, as_element(call, 1, size == 0 ? nullptr : &row->elements[0]));
  return made_of(row->elements.with(place, std::move(element)));
}

Result<RuntimeValue> erase(const ContainerCall& call) {
  BP_ASSIGN_OR_RETURN(const RuntimeValue* row, sequence(call));
  const size_t size = row->elements.size();
  if (size == 0) return bad("nothing can be erased from an empty sequence");
  size_t place = size - 1;
  if (call.has(1)) {
    BP_ASSIGN_OR_RETURN(place, position(call, 1, size, size - 1));
  }
  return made_of(row->elements.without(place));
}

Result<RuntimeValue> at(const ContainerCall& call) {
  BP_ASSIGN_OR_RETURN(const RuntimeValue* row, sequence(call));
  const size_t size = row->elements.size();
  if (size == 0) return bad("an empty sequence has no element to read");
  if (!call.has(1)) return bad("input 1, the position, is left out");
  BP_ASSIGN_OR_RETURN(const size_t place, position(call, 1, size, size - 1));
  return row->elements[place];
}

Result<RuntimeValue> length(const ContainerCall& call) {
  BP_ASSIGN_OR_RETURN(const RuntimeValue* row, sequence(call));
  BP_ASSIGN_OR_RETURN(RuntimeValue result, allocate_host_value(ElementType::kInt64, {}));
  const auto size = static_cast<int64_t>(row->elements.size());
  std::memcpy(reinterpret_cast<void*>(result.data.address), &size, sizeof(size));
  return result;
}

Result<RuntimeValue> split(const ContainerCall& call) {
  if (!call.has(0) || !call.inputs[0].is_tensor()) return bad("input 0 must be a tensor");
  BP_ASSIGN_OR_RETURN(const RuntimeValue whole, to_host(call.inputs[0], call.spaces));
  BP_ASSIGN_OR_RETURN(const size_t axis, axis_of(call.node.int_or("axis", 0), whole.dims.size()));
  BP_ASSIGN_OR_RETURN(const std::vector<int64_t> sizes, piece_sizes(call, whole.dims[axis]));
  const bool drop_axis = !call.has(1) && call.node.int_or("keepdims", 1) == 0;
  std::vector<RuntimeValue> elements;
  int64_t begin = 0;
  for (const int64_t size : sizes) {
    BP_ASSIGN_OR_RETURN(RuntimeValue piece, cut(whole, axis, begin, size));
    if (drop_axis) piece.dims.erase(piece.dims.begin() + static_cast<std::ptrdiff_t>(axis));
    elements.push_back(std::move(piece));
    begin += size;
  }
  return made_of(Elements(std::move(elements)));
}

Result<RuntimeValue> join_elements(const ContainerCall& call) {
  BP_ASSIGN_OR_RETURN(const RuntimeValue* row, sequence(call));
  if (row->elements.size() == 0) return bad("an empty sequence cannot be joined to a tensor");
  return join(row->elements.all(), call.node.int_or("axis", 0), call.node.int_or("new_axis", 0) == 1);
}

}  // namespace bp::containers
