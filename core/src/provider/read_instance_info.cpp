#include "provider/read_instance_info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "provider/abi.hpp"

namespace bp {
namespace {

constexpr uint32_t kLeastOutput = BP_STRUCT_SIZE(bp_output_info, reserved);
constexpr uint32_t kMaxRank = 1024;

bool declared(const DeviceInfo& device, uint32_t kind) {
  return kind == kHostMemory || device.find_memory(kind) != nullptr;
}

bool host_visible(const DeviceInfo& device, uint32_t kind) {
  const MemoryKindInfo* info = device.find_memory(kind);
  return kind == kHostMemory || (info != nullptr && info->host_visible);
}

// Empty when the output is as its spec says.
std::string check_output(const OutputInfo& output, const TensorSpec& spec, const DeviceInfo& device,
                         size_t input_count) {
  if (!declared(device, output.memory_kind)) {
    return fmt::format("is written in memory kind {}, which the device did not declare", output.memory_kind);
  }
  if (output.mode == OutputMode::kBounded && !host_visible(device, output.dims_memory_kind)) {
    return fmt::format("tells its dims in memory kind {}, which the host cannot read", output.dims_memory_kind);
  }
  if (spec.element == ElementType::kString && output.memory_kind != kHostMemory) {
    return fmt::format("is of strings and not in host memory but in kind {}", output.memory_kind);
  }
  if (output.in_place_input != BP_NONE && output.in_place_input >= input_count) {
    return fmt::format("may be in place of input {} of {}", output.in_place_input, input_count);
  }
  if (output.mode != OutputMode::kFixed || spec.element == ElementType::kString) return {};
  int64_t count = 1;
  for (int64_t dim : spec.dims) {
    if (dim < 0) return "is called fixed, and its dims depend on data";
    if (__builtin_mul_overflow(count, dim, &count)) return "is larger than any memory";
  }
  const uint64_t expected = storage_bytes(spec.element, static_cast<uint64_t>(count));
  if (output.size_bytes != expected) {
    return fmt::format("is said to take {} bytes, its shape takes {}", output.size_bytes, expected);
  }
  return {};
}

Status read_outputs(const ProviderCore& core, const DeviceInfo& device, const SpecializeArgs& args,
                    const bp_array& array, InstanceInfo* info) {
  if (array.count != args.outputs.size() || !is_array_of(array, kLeastOutput, args.outputs.size())) {
    return core.misbehaves(fmt::format("specialize describes {} outputs of a partition with {}", array.count,
                                       args.outputs.size()));
  }
  for (uint64_t i = 0; i < array.count; ++i) {
    bp_output_info abi;
    if (!read_element(array, i, kLeastOutput, &abi)) {
      return core.misbehaves(fmt::format("specialize: output {} has a wrong struct_size", i));
    }
    if (abi.mode > BP_OUTPUT_ALLOCATED) {
      return core.misbehaves(fmt::format("specialize: output {} has the unknown mode {}", i, abi.mode));
    }
    const OutputInfo output{static_cast<OutputMode>(abi.mode), abi.size_bytes, abi.in_place_input,
                            abi.memory_kind, abi.dims_memory_kind};
    const std::string wrong = check_output(output, args.outputs[i], device, args.inputs.size());
    if (!wrong.empty()) return core.misbehaves(fmt::format("specialize: output {} {}", i, wrong));
    info->outputs.push_back(output);
  }
  return {};
}

Status read_ranges(const ProviderCore& core, const SpecializeArgs& args, const bp_array& array,
                   InstanceInfo* info) {
  if (array.count != args.inputs.size() || !is_array_of(array, sizeof(bp_array), args.inputs.size())) {
    return core.misbehaves(
        fmt::format("specialize gives ranges for {} of {} inputs", array.count, args.inputs.size()));
  }
  for (uint64_t i = 0; i < array.count; ++i) {
    const auto dims = element_at<bp_array>(array, i);
    if (dims.count != args.inputs[i].dims.size() || !is_array_of(dims, sizeof(bp_dim), kMaxRank)) {
      return core.misbehaves(fmt::format("specialize gives {} ranges for input {} of rank {}", dims.count, i,
                                         args.inputs[i].dims.size()));
    }
    std::vector<DimRange> ranges;
    for (uint64_t d = 0; d < dims.count; ++d) {
      const auto dim = element_at<bp_dim>(dims, d);
      ranges.push_back(
          DimRange{std::max<int64_t>(dim.min_size, 0), dim.max_size < 0 ? kUnknownDim : dim.max_size, 0});
    }
    info->input_ranges.push_back(std::move(ranges));
  }
  return {};
}

}  // namespace

Result<InstanceInfo> read_instance_info(const ProviderCore& core, const DeviceInfo& device,
                                        const SpecializeArgs& args, const bp_instance_info& abi) {
  InstanceInfo info;
  info.serves_range = abi.serves_range != 0;
  info.context_bytes = abi.context_bytes;
  info.workspace_bytes = abi.workspace_bytes;
  info.workspace_kind = abi.workspace_kind;
  info.workspace_alignment = std::max<uint64_t>(abi.workspace_alignment, 1);
  if (!is_power_of_two(info.workspace_alignment)) {
    return core.misbehaves(
        fmt::format("specialize: the workspace's alignment is {}", info.workspace_alignment));
  }
  if (info.workspace_bytes > 0 && !declared(device, info.workspace_kind)) {
    return core.misbehaves(
        fmt::format("specialize: the workspace is of memory kind {}, which the device did not "
                    "declare",
                    info.workspace_kind));
  }
  BP_RETURN_IF_ERROR(read_outputs(core, device, args, abi.outputs, &info));
  if (info.serves_range) BP_RETURN_IF_ERROR(read_ranges(core, args, abi.input_ranges, &info));
  return info;
}

}  // namespace bp
