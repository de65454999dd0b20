// Floats of 8 and 4 bits: codes in a byte each, read as float32 (always exact) and written from float32 with
// one rounding. E4M3FN has no infinities, the FNUZ forms neither infinities nor a negative zero, E8M0 is a
// power of two, E2M1 has finite numbers only. Rules: ONNX, "Cast".
#pragma once

#include <cstddef>
#include <cstdint>

#include "types.hpp"

namespace bp::cpu {

// How E8M0 takes what lies between two powers of two; the others always round to nearest even.
enum class PowerRounding : uint8_t { kUp, kDown, kNearest };

struct NarrowMode {
  bool saturate =
      true;  // what is too large becomes the largest number; else infinity, or NaN where there is none
  PowerRounding rounding = PowerRounding::kUp;
};

// `type` is one of kNarrowFloats or kNarrowInts, elements one to a byte.
void read_narrow(Type type, const std::byte* codes, float* values, int64_t count);
// `type` is one of kNarrowFloats.
void write_narrow(Type type, const float* values, std::byte* codes, int64_t count, NarrowMode mode);

}  // namespace bp::cpu
