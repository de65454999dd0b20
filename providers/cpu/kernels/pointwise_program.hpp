// A chain of pointwise operators as one loop: straight-line instructions, run over short blocks of elements so
// that what lies between them stays in the first-level cache. Operands broadcast as numpy has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernel.hpp"
#include "kernels/convert.hpp"
#include "kernels/pointwise_loops.hpp"
#include "kernels/unary_functions.hpp"
#include "types.hpp"

namespace bp::cpu {

// Where an instruction reads and writes: an index into PointwiseProgram::slots.
using Slot = uint16_t;

struct PointwiseInstruction {
  enum class Kind : uint8_t { kUnary, kBinary, kSelect, kConvert };
  Kind kind = Kind::kUnary;
  Slot out = 0;
  Slot a = 0, b = 0, c = 0;
  UnaryFunction unary = UnaryFunction::kCount;
  UnaryParameters parameters;
  BinaryFunction binary = BinaryFunction::kCount;
  Type type = Type::kFloat32;  // of what is read (kSelect: of what is chosen)
  uint32_t conversion = 0;     // kConvert: which of the program's
};

// The elements of one operand, result, number or intermediate value.
struct PointwiseSlot {
  enum class Kind : uint8_t { kOperand, kNumber, kRegister };
  Kind kind = Kind::kRegister;
  Type type = Type::kFloat32;
  uint32_t operand = 0;  // kOperand: index in Call::args
  bool written = false;  // kOperand: an output
  Dims dims;             // kOperand: of the memory, row-major; broadcast to the program's
  uint64_t bits = 0;     // kNumber: the element
  uint32_t place = 0;    // kRegister: which piece of a thread's block memory, several may share one
};

inline constexpr size_t kMaxPointwiseSlots = 128;

struct PointwiseProgram {
  Dims dims;  // of every value that is not broadcast
  std::vector<PointwiseSlot> slots;
  std::vector<PointwiseInstruction> instructions;
  std::vector<Conversion> conversions;
};

// Throws Error where an instruction has no loop for its types.
std::unique_ptr<Kernel> make_pointwise_kernel(PointwiseProgram program, int threads);

}  // namespace bp::cpu
