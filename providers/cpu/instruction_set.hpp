// Which of the kernels that are compiled for more than one instruction set run here.
#pragma once

namespace bp::cpu {

enum class InstructionSet { kPlain, kAvx2, kAvx512 };

InstructionSet instruction_set();

// Variants::kPlain, kAvx2 or kAvx512.
template <class Variants>
const auto& best_variant() {
  switch (instruction_set()) {
#if defined(__x86_64__)
    case InstructionSet::kAvx512:
      return Variants::kAvx512;
    case InstructionSet::kAvx2:
      return Variants::kAvx2;
#endif
    default:
      return Variants::kPlain;
  }
}

}  // namespace bp::cpu
