// Elements of one type as elements of another, by the rules of ONNX's Cast.
#pragma once

#include <cstddef>
#include <cstdint>

#include "narrow.hpp"
#include "types.hpp"

namespace bp::cpu {

class Conversion {
 public:
  // Both types are kMovable.
  Conversion(Type from, Type to, NarrowMode mode = {});

  // Elements of less than a byte lie one to a byte.
  void run(const std::byte* source, std::byte* target, int64_t count) const;

 private:
  using Loop = void (*)(const std::byte* source, std::byte* target, int64_t count);
  void store(const float* values, std::byte* target, int64_t count) const;

  Type from_;
  Type to_;
  NarrowMode mode_;
  Loop direct_ = nullptr;  // without a detour over float32
  Loop load_ = nullptr;    // to float32, for a narrow float to round once
  Loop store_ = nullptr;   // from float32, in which narrow floats are read
};

}  // namespace bp::cpu
