// Branch picks a body; loop repeats one while a condition holds; scan walks axes of its inputs. Semantics:
// ONNX operators If-21, Loop-21, Scan-21.
#include "execute/regions.hpp"

#include <algorithm>
#include <cstring>

#include "execute/executable_graph.hpp"
#include "execute/pieces.hpp"

namespace bp {
namespace {

std::span<const RuntimeValue> captures(const RegionCall& call) {
  return call.inputs.last(call.node.capture_count);
}
std::span<const RuntimeValue> own_inputs(const RegionCall& call) {
  return call.inputs.first(call.inputs.size() - call.node.capture_count);
}

Result<bool> read_bool(const RuntimeValue& value, const MemorySpaces& spaces, const char* what) {
  if (value.type != ElementType::kBool || value.data.size != 1)
    return Status(ErrorCode::kInvalidArgument,
                  std::string(what) + " must be one bool, is " + type_string(value));
  BP_ASSIGN_OR_RETURN(const RuntimeValue host, to_host(value, spaces));
  return *static_cast<const uint8_t*>(host.host_data()) != 0;
}

Result<int64_t> read_int64(const RuntimeValue& value, const MemorySpaces& spaces, const char* what) {
  if (value.type != ElementType::kInt64 || value.data.size != sizeof(int64_t))
    return Status(ErrorCode::kInvalidArgument,
                  std::string(what) + " must be one int64, is " + type_string(value));
  BP_ASSIGN_OR_RETURN(const RuntimeValue host, to_host(value, spaces));
  int64_t number = 0;
  std::memcpy(&number, host.host_data(), sizeof(number));
  return number;
}

template <class T>
RuntimeValue scalar(ElementType type, T number) {
  auto memory = std::make_shared<T>(number);
  RuntimeValue value;
  value.type = type;
  value.data = host_slice(memory.get(), sizeof(T));
  value.owner = std::move(memory);
  value.present = true;
  return value;
}

// Collects one output over the iterations: equal parts, along an axis that is new.
class Stack {
 public:
  Status append(RuntimeValue part) {
    const RuntimeValue& first = parts_.empty() ? part : parts_.front();
    if (!part.is_tensor() || part.type != first.type || part.dims != first.dims)
      return {ErrorCode::kInvalidArgument, "iteration " + std::to_string(parts_.size()) + " made " +
                                               type_string(part) + ", earlier ones " + type_string(first)};
    parts_.push_back(std::move(part));
    return {};
  }
  // `type`: of a part, for no iteration at all. `axis`: where the iterations go; `reverse`: last one first.
  Result<RuntimeValue> finish(const ValueType& type, int64_t axis, bool reverse) {
    if (reverse) std::reverse(parts_.begin(), parts_.end());
    if (!parts_.empty()) return join(parts_, axis, true);
    ConcreteDims dims;
    for (const Dim& dim : type.dims) dims.push_back(dim.known() ? dim.size : 0);
    BP_ASSIGN_OR_RETURN(const size_t at, axis_of(axis, dims.size() + 1));
    dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(at), 0);
    if (type.element != ElementType::kString) return allocate_host_value(type.element, std::move(dims));
    return view_of(Tensor::of_strings(std::move(dims), {}));
  }

 private:
  std::vector<RuntimeValue> parts_;  // in host memory of their own
};

// Slice `index` of `value` (host memory) along `axis`, that axis removed; in place where it is contiguous.
Result<RuntimeValue> slice_along(const RuntimeValue& value, size_t axis, int64_t index) {
  const ConcreteDims outer(value.dims.begin(), value.dims.begin() + static_cast<std::ptrdiff_t>(axis));
  RuntimeValue slice;
  if (element_count(outer) == 1 && element_bits(value.type) >= 8) {
    slice = value;
    const uint64_t size = value.data.size / static_cast<uint64_t>(value.dims[axis]);
    slice.data = host_slice(
        static_cast<const std::byte*>(value.host_data()) + static_cast<uint64_t>(index) * size, size);
  } else {
    BP_ASSIGN_OR_RETURN(slice, cut(value, axis, index, 1));
  }
  slice.dims.erase(slice.dims.begin() + static_cast<std::ptrdiff_t>(axis));
  return slice;
}

Status run_branch(RegionCall& call) {
  BP_ASSIGN_OR_RETURN(const bool condition, read_bool(call.inputs[0], call.spaces, "the condition"));
  const ExecutableGraph& body = *call.bodies[condition ? 0 : 1];
  return body.run(captures(call), call.outputs, call.environment);
}

// What a body made, in memory of its own, becomes an input of the next iteration.
std::vector<RuntimeValue> body_inputs(std::vector<RuntimeValue> first, std::span<const RuntimeValue> carried,
                                      std::span<const RuntimeValue> captured) {
  first.insert(first.end(), carried.begin(), carried.end());
  first.insert(first.end(), captured.begin(), captured.end());
  return first;
}

Status run_loop(RegionCall& call) {
  const auto own = own_inputs(call);
  const ExecutableGraph& body = *call.bodies[0];
  int64_t trips = INT64_MAX;
  if (!own.empty() && own[0].present) {
    BP_ASSIGN_OR_RETURN(trips, read_int64(own[0], call.spaces, "the trip count"));
  }
  bool condition = true;
  if (own.size() > 1 && own[1].present) {
    BP_ASSIGN_OR_RETURN(condition, read_bool(own[1], call.spaces, "the condition"));
  }
  std::vector<RuntimeValue> carried(own.begin() + std::min<size_t>(2, own.size()), own.end());
  const size_t stacked = call.outputs.size() - carried.size();
  std::vector<Stack> stacks(stacked);
  for (int64_t trip = 0; trip < trips && condition; ++trip) {
    std::vector<OutputSlot> results(1 + carried.size() + stacked);
    const auto inputs = body_inputs(
        {scalar<int64_t>(ElementType::kInt64, trip), scalar<uint8_t>(ElementType::kBool, condition)}, carried,
        captures(call));
    BP_RETURN_IF_ERROR(body.run(inputs, results, call.environment));
    BP_ASSIGN_OR_RETURN(condition, read_bool(results[0].value, call.spaces, "the condition of the body"));
    for (size_t index = 0; index < carried.size(); ++index)
      carried[index] = std::move(results[1 + index].value);
    for (size_t index = 0; index < stacked; ++index)
      BP_RETURN_IF_ERROR(stacks[index].append(std::move(results[1 + carried.size() + index].value)));
  }
  for (size_t index = 0; index < carried.size(); ++index) call.outputs[index].value = std::move(carried[index]);
  for (size_t index = 0; index < stacked; ++index) {
    const ValueId id = body.graph().outputs()[1 + carried.size() + index];
    BP_ASSIGN_OR_RETURN(call.outputs[carried.size() + index].value,
                        stacks[index].finish(body.graph().value(id).type, 0, false));
  }
  return {};
}

int64_t entry_or(const std::vector<int64_t>* list, size_t index, int64_t fallback) {
  return list != nullptr && index < list->size() ? (*list)[index] : fallback;
}

Status run_scan(RegionCall& call) {
  const auto own = own_inputs(call);
  const ExecutableGraph& body = *call.bodies[0];
  const auto scanned = static_cast<size_t>(call.node.int_or("num_scan_inputs", 1));
  if (scanned > own.size())
    return {ErrorCode::kInvalidModel, "num_scan_inputs is " + std::to_string(scanned) + ", there are " +
                                          std::to_string(own.size()) + " inputs"};
  const size_t states = own.size() - scanned;
  std::vector<RuntimeValue> carried(own.begin(), own.begin() + static_cast<ptrdiff_t>(states));
  std::vector<RuntimeValue> sources;
  std::vector<size_t> axes;
  int64_t length = -1;
  for (size_t index = 0; index < scanned; ++index) {
    BP_ASSIGN_OR_RETURN(RuntimeValue source, to_host(own[states + index], call.spaces));
    const auto axis = axis_of(entry_or(call.node.ints("scan_input_axes"), index, 0), source.dims.size());
    if (!axis.ok()) return axis.status().at("scan input " + std::to_string(index));
    const int64_t size = source.dims[*axis];
    if (length >= 0 && size != length)
      return {ErrorCode::kInvalidArgument, "scan input " + std::to_string(index) + " has " +
                                               std::to_string(size) + " entries, earlier ones " +
                                               std::to_string(length)};
    length = size;
    axes.push_back(*axis);
    sources.push_back(std::move(source));
  }
  const size_t stacked = call.outputs.size() - states;
  std::vector<Stack> stacks(stacked);
  for (int64_t trip = 0; trip < length; ++trip) {
    std::vector<RuntimeValue> slices;
    for (size_t index = 0; index < scanned; ++index) {
      const bool reverse = entry_or(call.node.ints("scan_input_directions"), index, 0) == 1;
      BP_ASSIGN_OR_RETURN(RuntimeValue slice,
                          slice_along(sources[index], axes[index], reverse ? length - 1 - trip : trip));
      slices.push_back(std::move(slice));
    }
    std::vector<OutputSlot> results(states + stacked);
    BP_RETURN_IF_ERROR(body.run(body_inputs(carried, slices, captures(call)), results, call.environment));
    for (size_t index = 0; index < states; ++index) carried[index] = std::move(results[index].value);
    for (size_t index = 0; index < stacked; ++index)
      BP_RETURN_IF_ERROR(stacks[index].append(std::move(results[states + index].value)));
  }
  for (size_t index = 0; index < states; ++index) call.outputs[index].value = std::move(carried[index]);
  for (size_t index = 0; index < stacked; ++index) {
    const ValueId id = body.graph().outputs()[states + index];
    const bool reverse = entry_or(call.node.ints("scan_output_directions"), index, 0) == 1;
    BP_ASSIGN_OR_RETURN(call.outputs[states + index].value,
                        stacks[index].finish(body.graph().value(id).type,
                                             entry_or(call.node.ints("scan_output_axes"), index, 0), reverse));
  }
  return {};
}

}  // namespace

Status run_region_node(RegionCall& call) {
  switch (call.node.region) {
    case RegionKind::kBranch:
      return run_branch(call);
    case RegionKind::kLoop:
      return run_loop(call);
    case RegionKind::kScan:
      return run_scan(call);
    case RegionKind::kNone:
      break;
  }
  return {ErrorCode::kInternal, "not a region node"};
}

}  // namespace bp
