// A compiled partition: steps over values, constants packed.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operators.hpp"
#include "options.hpp"

namespace broken {

enum class Place : uint8_t { kInput, kOutput, kInternal, kConstant };

struct Value {
  uint32_t element_type = BP_TYPE_UNDEFINED;
  uint32_t rank = 0;
  Place place = Place::kInternal;
  uint32_t index = 0;        // among the inputs, outputs or constants
  uint64_t constant_id = 0;  // the host's number of a constant
};

struct Step {
  const Operator* op = nullptr;
  std::vector<uint32_t> inputs;  // values
  uint32_t output = 0;           // value
  uint32_t node = 0;             // of the compiled partition, for describe
  std::string name;
};

// A constant, in memory that belongs to the program or is mapped from an artefact.
struct Packed {
  Dims dims;
  std::vector<std::byte> owned;
  const std::byte* data = nullptr;
  uint64_t size = 0;
};

class Program {
 public:
  using Handle = bp_program;
  Program(Provider& provider, bp_constants constants) : provider_(provider), constants_(constants) {}
  ~Program();

  Host host() const { return provider_.host(); }
  Provider& provider() const { return provider_; }

  void specialize(const bp_specialize_args* args, bp_instance* instance, bp_instance_info* info) const;
  void save(const bp_artifact_writer* writer) const;

  std::vector<Value> values;
  std::vector<Step> steps;
  std::vector<uint32_t> inputs;   // values, in binding order
  std::vector<uint32_t> outputs;  // values
  std::vector<Packed> packed;
  bool accumulate_float64 = false;
  const bp_graph* view = nullptr;                       // of compile; only a fault looks at it later
  mutable std::atomic<uint32_t> instances_released{0};  // only a fault looks at it

 private:
  Provider& provider_;
  bp_constants constants_;
};

// Reads a partition; `with_constants` acquires and packs them.
std::unique_ptr<Program> read_partition(Provider& provider, const bp_compile_args& args, bool with_constants);

}  // namespace broken
