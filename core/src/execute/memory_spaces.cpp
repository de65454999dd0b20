// Host memory first, then what each device declares besides.
#include "execute/memory_spaces.hpp"

#include <algorithm>

namespace bp {

MemorySpaces::MemorySpaces(std::vector<std::shared_ptr<Device>> devices) : devices_(std::move(devices)) {
  MemorySpace host;
  host.name = "host";
  spaces_.push_back(host);
  for (uint32_t device = 0; device < devices_.size(); ++device)
    for (const MemoryKindInfo& kind : devices_[device]->info().memory_kinds) {
      if (kind.kind == kHostMemory) {
        // Shared by all: the strictest alignment serves everyone.
        spaces_[kHostSpace].alignment = std::max(spaces_[kHostSpace].alignment, kind.alignment);
        spaces_[kHostSpace].granularity = std::max(spaces_[kHostSpace].granularity, kind.granularity);
        continue;
      }
      spaces_.push_back(
          {device, kind.kind, devices_[device]->label() + " " + kind.name, kind.alignment, kind.granularity});
    }
}

uint32_t MemorySpaces::find(uint32_t device, uint32_t kind) const noexcept {
  if (kind == kHostMemory) return kHostSpace;
  for (uint32_t index = 1; index < spaces_.size(); ++index)
    if (spaces_[index].device == device && spaces_[index].kind == kind) return index;
  return kHostSpace;  // the wrappers let no undeclared kind through
}

uint32_t MemorySpaces::find(const Device& device, uint32_t kind) const noexcept {
  for (uint32_t index = 1; index < spaces_.size(); ++index)
    if (devices_[spaces_[index].device].get() == &device && spaces_[index].kind == kind) return index;
  return kNoIndex;
}

uint32_t MemorySpaces::preferred(uint32_t device) const noexcept {
  return find(device, devices_[device]->info().preferred_memory().kind);
}

}  // namespace bp
