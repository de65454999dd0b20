// Elements of one type as elements of another, by the rules of ONNX's Cast.
#pragma once

#include <cstddef>
#include <cstdint>

#include "narrow.hpp"
#include "types.hpp"

namespace bp::cpu {

using ConvertLoop = void (*)(const std::byte* source, std::byte* target, int64_t count);

class Conversion {
 public:
  // Both types are kMovable.
  Conversion(Type from, Type to, NarrowMode mode = {});

  // Elements of less than a byte lie one to a byte.
  void run(const std::byte* source, std::byte* target, int64_t count) const;

 private:
  void store(const float* values, std::byte* target, int64_t count) const;

  Type from_;
  Type to_;
  NarrowMode mode_;
  ConvertLoop direct_ = nullptr;  // without a detour over float32
  ConvertLoop load_ = nullptr;    // to float32, for a narrow float to round once
  ConvertLoop store_ = nullptr;   // from float32, in which narrow floats are read
};

// The loops that exist for several instruction sets.
struct ConvertLoops {
  // nullptr where there is nothing better than an element after the other.
  ConvertLoop (*find)(Type from, Type to);
};

struct ConvertVariants {
  static const ConvertLoops kPlain;
  static const ConvertLoops kAvx2;
  static const ConvertLoops kAvx512;
};

}  // namespace bp::cpu
