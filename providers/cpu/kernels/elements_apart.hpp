// Says of the loop that follows that no step reads what another one wrote: two pointers are the same, or their
// elements lie apart. Without it the compiler asks at run time, and takes an output over its own input for a
// hazard.
#pragma once

#if defined(__clang__)
#define BP_CPU_ELEMENTS_APART _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BP_CPU_ELEMENTS_APART _Pragma("GCC ivdep")
#else  // loops are not vectorized, and the compiler would say so
#define BP_CPU_ELEMENTS_APART
#endif
