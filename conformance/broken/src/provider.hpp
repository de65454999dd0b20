// The provider object: what bp_provider_open_v1 gives. It has one device, and is that device.
#pragma once

#include <backplane/provider_cpp/provider.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "fault.hpp"

namespace broken {

using bp::sdk::Error;
using bp::sdk::Host;
using bp::sdk::message;

inline constexpr std::string_view kVersion = "1.0.0";

// Memory kinds of the device with streams.
inline constexpr uint32_t kDeviceMemory = 1;  // no address: reached through copies only
inline constexpr uint32_t kPinnedMemory = 2;  // the host's pointer
inline constexpr uint32_t kMappedMemory = 3;  // the host maps it
inline constexpr uint64_t kAlignment = 64;    // bytes, of all kinds

// Where programs want their data.
inline uint32_t first_kind() { return kSynchronous ? BP_MEMORY_HOST : kDeviceMemory; }

class Notifier;

class Provider {
 public:
  using Handle = bp_device;

  explicit Provider(Host host);
  ~Provider();
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  Host host() const { return host_; }
  bp_provider* table() { return &table_; }
  // Where event callbacks run; its thread starts at the first use.
  Notifier& notifier();
  uint64_t clock_base_ns() const { return clock_base_ns_; }
  std::string_view fingerprint() const { return fingerprint_; }

  // device.h
  void info(bp_device_info* info) const;
  void sample_clock(uint64_t* device_ns, uint64_t* host_ns) const;
  // capability.h
  void query(const bp_graph* graph, bp_array options, const bp_verdict_sink* sink) const;
  void query_partition(const bp_graph* partition, bp_array options, bp_partition_answer* answer) const;
  // program.h, artifact.h
  void compile(const bp_compile_args* args, bp_program* program);
  void check_artifact(const bp_artifact_info* info, bp_artifact_answer* answer) const;
  void load(const bp_compile_args* args, const bp_artifact_reader* reader, bp_program* program);
  // memory.h
  void allocate(uint32_t kind, uint64_t size, bp_stream stream, bp_buffer* buffer, uint64_t* address);
  void copy(bp_stream stream, const bp_slice* src, const bp_slice* dst, uint64_t size, uint32_t host_data);
  void fill(bp_stream stream, const bp_slice* dst, uint64_t size, uint32_t byte);
  void map(const bp_slice* slice, uint32_t access, void** pointer);
  void unmap(const bp_slice* slice, void* pointer);
  void import_memory(uint32_t kind, const bp_external_memory* external, bp_buffer* buffer, uint64_t* address);
  void export_memory(bp_buffer buffer, uint32_t handle_type, bp_external_memory* external);
  void usage(uint32_t kind, uint64_t* used, uint64_t* available);
  // stream.h
  void create_stream(bp_stream* stream);

 private:
  Host host_;
  uint64_t clock_base_ns_;
  std::string fingerprint_;
  std::mutex notifier_mutex_;
  std::unique_ptr<Notifier> notifier_;
  bp_provider table_{};
};

extern const bp_memory_api kMemoryApi;
extern const bp_stream_api kStreamApi;
extern const bp_event_api kEventApi;
extern const bp_artifact_api kArtifactApi;
bp_program_api program_api();
bp_array list_options();

// Nanoseconds of CLOCK_MONOTONIC.
uint64_t monotonic_ns();

}  // namespace broken
