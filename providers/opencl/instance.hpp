// A program bound to concrete shapes: an array of kernel launches whose operands have places. Immutable once
// made; contexts share it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "programs.hpp"

namespace bp::opencl {

struct Program;

enum class Place : uint8_t { kNone, kInput, kOutput, kWorkspace, kConstant };

// Where an operand lies once planned: number = input or output position; offset in bytes from its start.
struct Operand {
  Place place = Place::kNone;
  uint32_t number = 0;
  uint64_t offset = 0;
  cl_mem constant = nullptr;
};

// A kernel's argument: memory, which takes two of them (the cl_mem, and the offset in elements as ulong), or a
// number.
struct Argument {
  bool is_memory = false;
  Operand operand;
  uint32_t element_bytes = 1;  // of the type that the kernel declares
  uint32_t size = 0;           // of a number
  std::array<std::byte, 8> number{};

  template <class T>
  static Argument of(T value) {
    static_assert(sizeof(T) <= 8);
    Argument argument;
    argument.size = sizeof(T);
    std::memcpy(argument.number.data(), &value, sizeof(T));
    return argument;
  }
};

struct Step {
  std::shared_ptr<const BuiltProgram> program;
  std::string entry;  // the kernel's name
  std::vector<Argument> arguments;
  std::array<size_t, 3> global{1, 1, 1};  // work-items, a multiple of local
  std::array<size_t, 3> local{1, 1, 1};
  std::string name;  // "Conv+Relu"
  std::string note;
  std::vector<uint32_t> nodes;  // of the compiled partition
};

struct Instance {
  const Program* program = nullptr;
  std::vector<Step> steps;
  uint64_t workspace_bytes = 0;
  std::vector<bp_output_info> outputs;
  uint32_t input_count = 0;
};

}  // namespace bp::opencl
