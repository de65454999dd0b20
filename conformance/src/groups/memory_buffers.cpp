// Buffers of the device's own kinds: what they are, how bytes get in and out, memory of others.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "groups/memory.hpp"
#include "harness/opened.hpp"
#include "harness/raw_stream.hpp"

namespace bp::conformance {
namespace {

std::vector<bp_memory_kind_info> kinds_of(const RawProvider& provider) {
  const bp_device_info info = provider.info();
  std::vector<bp_memory_kind_info> kinds;
  for (uint64_t i = 0; i < info.memory_kinds.count; ++i) {
    kinds.push_back(*BP_AT(bp_memory_kind_info, info.memory_kinds, i));
  }
  return kinds;
}

std::vector<bp_memory_kind_info> own_kinds_of(const RawProvider& provider) {
  need_own_memory(provider);
  std::vector<bp_memory_kind_info> kinds = kinds_of(provider);
  std::erase_if(kinds, [](const bp_memory_kind_info& kind) { return kind.kind == BP_MEMORY_HOST; });
  return kinds;
}

std::string bytes_like(uint64_t size, unsigned seed) {
  std::string bytes(size, '\0');
  for (uint64_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + seed + i / 251);
  return bytes;
}

std::string name_of(const bp_memory_kind_info& kind) {
  return fmt::format("kind {} '{}'", kind.kind, to_text(kind.name));
}

bool lists(const bp_array& handles, uint32_t type) {
  for (uint64_t i = 0; i < handles.count; ++i) {
    if (*BP_AT(uint32_t, handles, i) == type) return true;
  }
  return false;
}

void check_fields(const bp_memory_kind_info& kind) {
  const std::string name = name_of(kind);
  if (kind.alignment == 0 || (kind.alignment & (kind.alignment - 1)) != 0) {
    fail(fmt::format("{}: alignment must be a power of two, is {}", name, kind.alignment));
  }
  if (kind.granularity == 0) fail(name + ": granularity must be at least 1, is 0");
  constexpr uint32_t kVisible = BP_MEMORY_HOST_VISIBLE | BP_MEMORY_HAS_ADDRESS;
  if (kind.kind == BP_MEMORY_HOST && (kind.flags & kVisible) != kVisible) {
    fail(name + ": host memory must be HOST_VISIBLE and HAS_ADDRESS");
  }
}

void check_address(const bp_memory_kind_info& kind, const KindMemory& memory) {
  const uint64_t address = memory.slice().address;
  const std::string name = name_of(kind);
  if (!(kind.flags & BP_MEMORY_HAS_ADDRESS)) {
    if (address != 0) fail(fmt::format("{} has no address, allocate gave {:#x}", name, address));
  } else if (address == 0 || address % kind.alignment != 0) {
    fail(fmt::format("{}: the address must be a multiple of {}, is {:#x}", name, kind.alignment, address));
  }
}

// Bytes in at an offset, out again; what lies beside keeps its value.
void check_bytes(const RawProvider& provider, const bp_memory_kind_info& kind, uint64_t size) {
  KindMemory memory(provider, kind.kind, size);
  KindMemory other(provider, kind.kind, size);
  check_address(kind, memory);
  memory.write(bytes_like(size, 1));
  other.write(bytes_like(size, 2));
  if (memory.read() != bytes_like(size, 1)) {
    fail(fmt::format("{}: {} bytes that were copied in and out are not the same", name_of(kind), size));
  }
  if (size <= kind.alignment) return;
  const std::string piece = bytes_like(size - kind.alignment, 3);
  const bp_slice target = part_of(memory.slice(), kind.alignment, piece.size());
  const bp_slice source = host_slice(piece.data(), piece.size());
  provider.must("copy to a part of a buffer", [&] {
    return provider->memory->copy(provider.device(), nullptr, &source, &target, piece.size(),
                                  BP_HOST_DATA_DURING_CALL);
  });
  if (memory.read() != bytes_like(size, 1).substr(0, kind.alignment) + piece) {
    fail(fmt::format("{}: a copy to offset {} changed other bytes, or not its own", name_of(kind),
                     kind.alignment));
  }
}

// The host's own way to the bytes.
void check_host_access(const RawProvider& provider, const bp_memory_kind_info& kind) {
  if (!(kind.flags & BP_MEMORY_HOST_VISIBLE)) return;
  constexpr uint64_t kSize = 4096;
  KindMemory memory(provider, kind.kind, kSize);
  const bp_slice slice = memory.slice();
  const std::string text = bytes_like(kSize, 5);
  const bool by_address = (kind.flags & BP_MEMORY_HAS_ADDRESS) && !(kind.flags & BP_MEMORY_MAP_ONLY);
  if (by_address) {
    std::memcpy(reinterpret_cast<void*>(slice.address), text.data(), kSize);
  } else {
    const auto map = BP_FUNCTION(provider->memory, bp_memory_api, map);
    const auto unmap = BP_FUNCTION(provider->memory, bp_memory_api, unmap);
    if (map == nullptr || unmap == nullptr) {
      fail(name_of(kind) + " is HOST_VISIBLE and the host reaches it by map only, but map or unmap is NULL");
    }
    for (const uint32_t access : {BP_MAP_WRITE, BP_MAP_READ}) {
      void* pointer = nullptr;
      provider.must("map", [&] { return map(provider.device(), &slice, access, &pointer); });
      if (pointer == nullptr || reinterpret_cast<uintptr_t>(pointer) % kind.alignment != 0) {
        fail(fmt::format("map of {}: expected a pointer aligned to {}, got {}", name_of(kind), kind.alignment,
                         pointer));
      }
      if (access == BP_MAP_WRITE) std::memcpy(pointer, text.data(), kSize);
      if (access == BP_MAP_READ && std::memcmp(pointer, text.data(), kSize) != 0) {
        fail(name_of(kind) + ": what was written through map is not there at the next map");
      }
      provider.must("unmap", [&] { return unmap(provider.device(), &slice, pointer); });
    }
  }
  if (memory.read() != text) fail(name_of(kind) + ": a copy does not see what the host wrote");
}

void check_fill(const RawProvider& provider, const bp_memory_kind_info& kind) {
  const auto fill = BP_FUNCTION(provider->memory, bp_memory_api, fill);
  if (fill == nullptr) return;
  constexpr uint64_t kSize = 1000;
  KindMemory memory(provider, kind.kind, kSize);
  memory.write(bytes_like(kSize, 1));
  const bp_slice slice = memory.slice();
  provider.must("fill", [&] { return fill(provider.device(), nullptr, &slice, kSize, 0x1A5); });
  if (memory.read() != std::string(kSize, '\xA5')) {
    fail(name_of(kind) + ": fill with byte 0x1A5 must set every byte to 0xA5");
  }
}

void kinds(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const RawProvider& provider = opened.provider;
    std::set<uint32_t> numbers;
    const std::vector<bp_memory_kind_info> all = kinds_of(provider);
    if (all.empty()) fail("info: memory_kinds is empty, expected at least one");
    for (const bp_memory_kind_info& kind : all) {
      check_fields(kind);
      if (!numbers.insert(kind.kind).second) fail(fmt::format("memory kind {} is listed twice", kind.kind));
    }
    if (!has_own_memory(provider, nullptr)) return;
    for (const bp_memory_kind_info& kind : own_kinds_of(provider)) {
      for (const uint64_t size : {uint64_t{1}, kind.granularity, kind.alignment + 1, uint64_t{100'003}}) {
        if (kind.max_allocation == 0 || size <= kind.max_allocation) check_bytes(provider, kind, size);
      }
      check_host_access(provider, kind);
      check_fill(provider, kind);
    }
  });
}

// A copy that is enqueued behind others, its source changed at once or after the transfer.
void check_copy(const RawProvider& provider, const Backlog& backlog, uint32_t kind, uint32_t host_data) {
  constexpr uint64_t kSize = 100'000;
  KindMemory memory(provider, kind, kSize);
  const std::string expected = bytes_like(kSize, 9);
  std::string source = expected;
  const bool synchronous = (provider.info().flags & BP_DEVICE_SYNCHRONOUS) != 0;
  const auto copy = [&](bp_stream stream) {
    const bp_slice from = host_slice(source.data(), kSize);
    const bp_slice to = memory.slice();
    provider.must("copy to the device", [&] {
      return provider->memory->copy(provider.device(), stream, &from, &to, kSize, host_data);
    });
  };
  if (synchronous) {
    copy(nullptr);
  } else {
    const OwnedStream stream(provider);
    backlog.enqueue(stream.get(), 4);
    copy(stream.get());
    if (host_data == BP_HOST_DATA_DURING_CALL) std::fill(source.begin(), source.end(), '\x11');
    const OwnedEvent event = stream.record();
    if (const TakenStatus status = event.wait(BP_UNKNOWN); !status.ok()) {
      fail("the event after a copy carries " + status.to_string());
    }
  }
  std::fill(source.begin(), source.end(), '\x22');
  if (memory.read() != expected) {
    fail(fmt::format("copy with {}: the bytes are not those of the source at the time that counts",
                     host_data == BP_HOST_DATA_DURING_CALL ? "DURING_CALL" : "UNTIL_TRANSFER"));
  }
}

void host_semantics(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const std::vector<bp_memory_kind_info> all = own_kinds_of(opened.provider);
    const Backlog backlog(opened.provider);
    for (const bp_memory_kind_info& kind : all) {
      check_copy(opened.provider, backlog, kind.kind, BP_HOST_DATA_DURING_CALL);
      check_copy(opened.provider, backlog, kind.kind, BP_HOST_DATA_UNTIL_TRANSFER);
    }
  });
}

// A buffer around memory of somebody else, released at the end.
class Imported {
 public:
  Imported(const RawProvider& provider, uint32_t kind, const bp_external_memory& external)
      : provider_(provider) {
    slice_.size = external.size;
    status_ = provider.call("import_memory", [&] {
      return provider->memory->import_memory(provider.device(), kind, &external, &slice_.buffer,
                                             &slice_.address);
    });
  }
  ~Imported() {
    if (status_.ok()) provider_->memory->release(provider_.device(), slice_.buffer);
  }
  Imported(const Imported&) = delete;
  Imported& operator=(const Imported&) = delete;

  const TakenStatus& status() const { return status_; }
  std::string read() const {
    std::string bytes(slice_.size, '\0');
    const bp_slice to = host_slice(bytes.data(), bytes.size());
    copy(slice_, to, 0);
    return bytes;
  }
  void write(const std::string& bytes) const {
    copy(host_slice(bytes.data(), bytes.size()), slice_, BP_HOST_DATA_DURING_CALL);
  }

 private:
  void copy(const bp_slice& from, const bp_slice& to, uint32_t host_data) const {
    provider_.must("copy with imported memory", [&] {
      return provider_->memory->copy(provider_.device(), nullptr, &from, &to, from.size, host_data);
    });
  }

  const RawProvider& provider_;
  bp_slice slice_{};
  TakenStatus status_;
};

bp_external_memory external_memory(uint32_t type, uint64_t handle, uint64_t size, uint32_t host_data) {
  bp_external_memory external{};
  external.struct_size = BP_STRUCT_SIZE(bp_external_memory, reserved);
  external.handle_type = type;
  external.handle = handle;
  external.size = size;
  external.host_data = host_data;
  return external;
}

// UNSUPPORTED is always allowed: of alignment, of another context. What was taken is in place.
void check_host_pointer(const RawProvider& provider, const bp_memory_kind_info& kind, uint64_t offset) {
  constexpr uint64_t kSize = 8192;
  const HostBlock block(kSize, 4096, offset);
  block.write(bytes_like(kSize, 1));
  const auto place = reinterpret_cast<uintptr_t>(block.bytes().data());
  for (const uint32_t host_data : {BP_HOST_DATA_IMMUTABLE_ZERO_COPY, BP_HOST_DATA_MUTABLE_ZERO_COPY}) {
    const Imported imported(provider, kind.kind,
                            external_memory(BP_HANDLE_HOST_POINTER, place, kSize, host_data));
    if (imported.status().code == BP_STATUS_UNSUPPORTED && offset != 0) continue;
    if (!imported.status().ok()) {
      fail(fmt::format("import_memory of a host pointer into {}, which lists it: {}", name_of(kind),
                       imported.status().to_string()));
    }
    if (imported.read() != block.read()) fail("imported host memory does not have the host's bytes");
    if (host_data == BP_HOST_DATA_IMMUTABLE_ZERO_COPY) continue;
    block.write(bytes_like(kSize, 2));
    if (imported.read() != bytes_like(kSize, 2)) {
      fail(name_of(kind) +
           ": imported memory is not the host's, but a copy: what the host wrote later is not there");
    }
    imported.write(bytes_like(kSize, 3));
    if (block.read() != bytes_like(kSize, 3)) {
      fail(name_of(kind) +
           ": imported memory is not the host's, but a copy: what the device wrote is not there");
    }
  }
  if (const std::string damage = block.damage(); !damage.empty()) fail("imported memory: " + damage);
}

void import(const CaseTarget& target, CaseResult&) {
  with_provider(target, [](Opened& opened) {
    const RawProvider& provider = opened.provider;
    const std::vector<bp_memory_kind_info> all = own_kinds_of(provider);
    if (BP_FUNCTION(provider->memory, bp_memory_api, import_memory) == nullptr) {
      not_applicable("the provider imports no memory");
    }
    for (const bp_memory_kind_info& kind : all) {
      if (lists(kind.import_handles, BP_HANDLE_HOST_POINTER)) {
        check_host_pointer(provider, kind, 0);
        check_host_pointer(provider, kind, 1);
      }
    }
  });
}

void check_export(const RawProvider& provider, const bp_memory_kind_info& kind, uint32_t type) {
  constexpr uint64_t kSize = 10'000;
  KindMemory memory(provider, kind.kind, kSize);
  memory.write(bytes_like(kSize, 1));
  bp_external_memory external{};
  external.struct_size = BP_STRUCT_SIZE(bp_external_memory, reserved);
  const TakenStatus status = provider.call("export_memory", [&] {
    return provider->memory->export_memory(provider.device(), memory.slice().buffer, type, &external);
  });
  if (!lists(kind.export_handles, type)) {
    if (status.code != BP_STATUS_UNSUPPORTED) {
      fail(fmt::format(
          "export_memory of {} as handle type {}, which it does not list: expected UNSUPPORTED, got {}",
          name_of(kind), type, status.to_string()));
    }
    return;
  }
  if (!status.ok() || external.handle_type != type || external.size < kSize) {
    fail(
        fmt::format("export_memory of {} as handle type {}, which it lists: {}, handle type {}, {} bytes of {}",
                    name_of(kind), type, status.to_string(), external.handle_type, external.size, kSize));
  }
  if (lists(kind.import_handles, type)) {
    const Imported again(provider, kind.kind, external_memory(type, external.handle, kSize, 0));
    if (!again.status().ok()) {
      fail(fmt::format("{} does not import what it exported: {}", name_of(kind), again.status().to_string()));
    }
    if (external.offset == 0 && again.read() != bytes_like(kSize, 1)) {
      fail(name_of(kind) + ": memory that was exported and imported has other bytes");
    }
  }
  if (type == BP_HANDLE_FD && ::close(static_cast<int>(external.handle)) != 0) {
    fail(fmt::format("export_memory gave {}, which is no open descriptor", external.handle));
  }
}

void handles(const CaseTarget& target, CaseResult&) {
  constexpr std::array<uint32_t, 5> kTypes = {BP_HANDLE_HOST_POINTER, BP_HANDLE_CUDA_POINTER, BP_HANDLE_CL_MEM,
                                              BP_HANDLE_FD, 4711};
  with_provider(target, [&](Opened& opened) {
    const RawProvider& provider = opened.provider;
    for (const bp_memory_kind_info& kind : own_kinds_of(provider)) {
      if (BP_FUNCTION(provider->memory, bp_memory_api, export_memory) != nullptr) {
        for (const uint32_t type : kTypes) check_export(provider, kind, type);
      } else if (kind.export_handles.count > 0) {
        fail(name_of(kind) + " lists handles for export, and export_memory is NULL");
      }
      if (BP_FUNCTION(provider->memory, bp_memory_api, import_memory) == nullptr) {
        if (kind.import_handles.count > 0) {
          fail(name_of(kind) + " lists handles for import, and import_memory is NULL");
        }
        continue;
      }
      const Imported unknown(provider, kind.kind, external_memory(4711, 1, 64, 0));
      if (unknown.status().code != BP_STATUS_UNSUPPORTED) {
        fail(fmt::format("import_memory of the unknown handle type 4711: expected UNSUPPORTED, got {}",
                         unknown.status().to_string()));
      }
    }
  });
}

}  // namespace

std::vector<ContractCase> buffer_cases() {
  return {
      {"memory.kinds",
       Level::kContract,
       {60},
       "Buffers have the alignment, address and size that their kind states, and keep their bytes.",
       kinds},
      {"memory.host_semantics",
       Level::kContract,
       {64},
       "A copy reads the host's memory as long as the caller said, and no longer.",
       host_semantics,
       30'000},
      {"memory.import",
       Level::kContract,
       {65},
       "Imported memory is used in place, not copied in secret.",
       import},
      {"memory.handles",
       Level::kContract,
       {66},
       "Handle types that a memory kind lists work; others get UNSUPPORTED.",
       handles},
  };
}

}  // namespace bp::conformance
