// A program bound to concrete shapes: an array of steps whose operands have places (an input, an output, an
// offset in the workspace, a constant). Immutable once made; contexts share it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernel.hpp"
#include "support.hpp"
#include "types.hpp"

namespace bp::cpu {

struct Program;

// kInputTexts: the characters of a string input, whose kInput are the offsets.
enum class Place : uint8_t { kNone, kInput, kInputTexts, kOutput, kOutputDims, kWorkspace, kConstant };

// Where an operand lies once planned: number = input or output position; offset in bytes from its start.
struct Operand {
  Place place = Place::kNone;
  uint32_t number = 0;
  uint64_t offset = 0;
  const void* constant = nullptr;
};

// For people.
struct StepInfo {
  std::string name;            // "conv+bias+relu"
  std::string implementation;  // "jit:avx512_core"
  std::string note;
  std::vector<uint32_t> nodes;  // of the compiled partition
};

// Instances for several dims share kernels.
struct Step {
  std::shared_ptr<const Kernel> kernel;
  std::vector<Operand> operands;
  std::shared_ptr<const StepInfo> info;
};

// An output of strings, or of which not even a bound is known: the context asks the host for it when the steps
// are done.
struct TextOutput {
  uint32_t number = 0;
  Operand elements;   // the elements (of strings: Text), or where `grown` a pointer to them
  Dims dims;          // as they are, or their number when they are in `true_dims`
  Operand true_dims;  // int64_t, where the dims depend on data
  bool grown = false;
  uint32_t element_bytes = 0;  // 0: strings
};

struct Instance {
  const Program* program = nullptr;
  int threads = 1;
  std::vector<Step> steps;
  uint64_t workspace_bytes = 0;
  std::vector<bp_output_info> outputs;
  std::vector<TextOutput> text_outputs;
  uint32_t input_count = 0;
};

}  // namespace bp::cpu
