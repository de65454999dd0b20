// Values while a graph runs: where they lie, how large they are, who keeps them alive.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backplane/value.hpp"
#include "execute/elements.hpp"
#include "execute/memory_spaces.hpp"
#include "graph/graph.hpp"

namespace bp {

class OutputMemory;
class Profile;

struct RuntimeValue {
  // Out of line: every phase of a run copies and moves values, and each place would hold all of it.
  RuntimeValue() noexcept;
  RuntimeValue(const RuntimeValue& other);
  RuntimeValue(RuntimeValue&& other) noexcept;
  RuntimeValue& operator=(const RuntimeValue& other);
  RuntimeValue& operator=(RuntimeValue&& other) noexcept;
  ~RuntimeValue();

  ElementType type = ElementType::kUndefined;
  ConcreteDims dims;
  uint32_t space = kHostSpace;
  Slice data{};                       // strings: the offsets
  Slice string_bytes{};               // strings only
  std::shared_ptr<const void> owner;  // keeps the memory; null: the caller does. A DeviceTensor where the
                                      // memory is a device's and not lent
  bool present = false;               // false: omitted optional input
  // The memory is written again after the run: the caller's, or an arena's. Copied where the value stays.
  bool lent = false;

  ValueKind kind = ValueKind::kTensor;
  // Sequences: the elements. Optionals: one or none. Maps: keys and values. In host memory, never an arena's.
  Elements elements;

  bool is_tensor() const noexcept { return kind == ValueKind::kTensor; }
  const void* host_data() const noexcept { return reinterpret_cast<const void*>(data.address); }
};

// An output of a run: memory that the caller gives (preset), or that the run makes.
struct OutputSlot {
  bool preset = false;
  RuntimeValue value;           // preset: dims and memory to write to; afterwards: the result
  uint32_t space = kHostSpace;  // not preset: where the result is wanted
};

// A partition whose device will not serve the shapes of this run.
struct Refusal {
  uint32_t device = kNoIndex;      // kNoIndex: none
  std::vector<std::string> nodes;  // names
};

// What goes with one run through all graphs and bodies.
struct RunEnvironment {
  const CancelToken* cancel = nullptr;
  Profile* profile = nullptr;  // null: no spans
  Refusal* refusal = nullptr;  // filled when a run ends with UNSUPPORTED because of a device
};

// A value in fresh host memory, or memory of `pool`. OUT_OF_HOST_MEMORY.
Result<RuntimeValue> allocate_host_value(ElementType type, ConcreteDims dims, OutputMemory* pool = nullptr);
// The same in any space. OUT_OF_DEVICE_MEMORY.
Result<RuntimeValue> allocate_value(ElementType type, ConcreteDims dims, uint32_t space,
                                    const MemorySpaces& spaces, OutputMemory* pool = nullptr);
// A tensor of strings with room for `text_bytes`; the offsets are to be written.
Result<RuntimeValue> allocate_host_strings(ConcreteDims dims, uint64_t text_bytes);
// A sequence, optional or map.
RuntimeValue container_value(ValueKind kind, std::vector<RuntimeValue> elements);
// A view of a constant or host value.
RuntimeValue view_of(const TensorPtr& tensor);
// The same bytes in host memory: itself when it is there already. Waits for the copy.
Result<RuntimeValue> to_host(const RuntimeValue& value, const MemorySpaces& spaces);
// The same value in `space`, in memory that is not lent: itself when it is so already.
Result<RuntimeValue> to_own(const RuntimeValue& value, const MemorySpaces& spaces, uint32_t space = kHostSpace);
// Copies the contents of `src` to `dst`, of the same size, in any spaces; complete on return. The run that made
// `src` has been waited for.
Status copy_contents(const RuntimeValue& src, const RuntimeValue& dst, const MemorySpaces& spaces);
// Elements of an integer or bool tensor in host memory, or of any other type, as a constant with its own bytes.
TensorPtr copy_as_tensor(const RuntimeValue& value);

// "float32[2,3]", "seq(4)", "optional(none)".
std::string type_string(const RuntimeValue& value);
// `value` as a value of type `type`: put into an optional or taken out of one where the type says so. An error
// with both types when it is of another kind, element type, rank or size.
Result<RuntimeValue> conform(RuntimeValue value, const ValueType& type, const SymbolTable& symbols,
                             const MemorySpaces& spaces);

}  // namespace bp
