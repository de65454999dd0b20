// A device of a loaded provider: query, compile, memory, streams. The wrapper checks what comes back; a broken
// rule is logged as PROVIDER_MISBEHAVES and becomes an INTERNAL error that names the provider.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backplane/status.hpp"
#include "graph/verdict.hpp"
#include "provider/artifact.hpp"
#include "provider/device_info.hpp"
#include "provider/graph_view.hpp"
#include "provider/memory.hpp"
#include "provider/options.hpp"
#include "provider/stream.hpp"
#include "provider/tokens.hpp"

namespace bp {

class ProviderCore;
class Program;

struct CompileOptions {
  const OptionSet* options = nullptr;
  uint32_t thread_count = 1;
  const CancelToken* cancel = nullptr;
  const ProgressToken* progress = nullptr;
};

struct ClockSample {
  uint64_t device_ns = 0;
  uint64_t host_ns = 0;  // CLOCK_MONOTONIC
};

struct MemoryUsage {
  uint64_t used = 0;       // bytes, 0: unknown
  uint64_t available = 0;  // bytes, 0: unknown
};

class Device : public std::enable_shared_from_this<Device> {
 public:
  // Made by Provider.
  static Result<std::shared_ptr<Device>> create(std::shared_ptr<ProviderCore> core, bp_device handle,
                                                uint32_t index);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const DeviceInfo& info() const noexcept { return info_; }
  // "Acme NPU:0": the provider's name (its id where the manifest gave none) and the device's index.
  const std::string& label() const noexcept { return label_; }
  const std::string& provider_id() const noexcept;
  const std::string& provider_version() const noexcept;
  int32_t canonical_level() const noexcept;
  const std::vector<OptionInfo>& options() const noexcept;
  // Checks values against the provider's list; the manifest's own defaults come first.
  Result<OptionSet> check_options(std::span<const NamedOption> values) const;

  // One verdict per entry of view.nodes(). Withheld nodes come back rejected with the view's reason.
  // [any-thread]
  Result<std::vector<Verdict>> query(const GraphView& view, const OptionSet& options) const;
  Result<PartitionAnswer> query_partition(const GraphView& partition, const OptionSet& options) const;
  Result<std::shared_ptr<Program>> compile(const GraphView& partition, const CompileOptions& options);

  // Saved programs; false when the provider cannot save.
  bool can_save() const noexcept;
  Result<ArtifactAnswer> check_artifact(const ArtifactInfo& info) const;
  Result<std::shared_ptr<Program>> load_program(const GraphView& partition, const CompileOptions& options,
                                                std::shared_ptr<ArtifactSource> source);

  // Memory. Kind 0 is host memory and comes from the host itself, aligned to 64 bytes or what the kind says.
  Result<Buffer> allocate(uint32_t memory_kind, uint64_t size_bytes, const Stream* stream = nullptr);
  Result<Buffer> import_memory(uint32_t memory_kind, const ExternalMemory& external);
  Result<ExternalMemory> export_memory(const Buffer& buffer, uint32_t handle_type);
  // stream NULL (always on synchronous devices): complete on return.
  Status copy(const Stream* stream, const Slice& src, const Slice& dst, uint64_t size_bytes,
              HostData host_data);
  Status fill(const Stream* stream, const Slice& dst, uint64_t size_bytes, uint8_t byte);
  // For host-visible kinds that are not MemoryKindInfo::host_addressable(); work that uses the slice is
  // complete.
  Result<void*> map(const Slice& slice, MapAccess access);
  Status unmap(const Slice& slice, void* pointer);
  Result<MemoryUsage> memory_usage(uint32_t memory_kind) const;

  // Streams and events; UNIMPLEMENTED on synchronous devices.
  Result<Stream> create_stream();
  Result<Stream> import_stream(uint32_t native_type, uint64_t handle);
  Result<Event> import_event(uint32_t handle_type, uint64_t handle);

  Result<ClockSample> sample_clock() const;

  // The provider's table of an extension, nullptr when it has none. For the wrappers in this folder.
  const void* extension(std::string_view id, uint32_t revision) const;

  bp_device handle() const noexcept { return handle_; }
  ProviderCore& core() const noexcept { return *core_; }

 private:
  Device(std::shared_ptr<ProviderCore> core, bp_device handle, DeviceInfo info);

  std::shared_ptr<ProviderCore> core_;
  bp_device handle_;
  DeviceInfo info_;
  std::string label_;
};

}  // namespace bp
