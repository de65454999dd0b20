// Asks the processor once.
#include "instruction_set.hpp"

namespace bp::cpu {

InstructionSet instruction_set() {
#if defined(__x86_64__)
  static const InstructionSet found = [] {
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return InstructionSet::kPlain;
    const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return wide ? InstructionSet::kAvx512 : InstructionSet::kAvx2;
  }();
  return found;
#else
  return InstructionSet::kPlain;
#endif
}

}  // namespace bp::cpu
