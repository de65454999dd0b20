// What the operators of two inputs compute: `C operator()(C a, C b)` on the compute type, or bool for
// comparisons. Everything is local to the file that includes this: files are compiled for different processors.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

namespace bp::cpu {

namespace {

struct Add {
  template <class C>
  C operator()(C a, C b) const {
    return static_cast<C>(a + b);
  }
};
struct Sub {
  template <class C>
  C operator()(C a, C b) const {
    return static_cast<C>(a - b);
  }
};
struct Mul {
  template <class C>
  C operator()(C a, C b) const {
    // Small unsigned types would be promoted to int, whose overflow is undefined.
    if constexpr (std::is_integral_v<C>) {
      return static_cast<C>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
    } else {
      return a * b;
    }
  }
};
// Integers: truncated; by zero gives 0, which ONNX leaves open; the lowest number by -1 wraps.
struct Div {
  template <class C>
  C operator()(C a, C b) const {
    if constexpr (std::is_integral_v<C>) {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<C>) {
        if (b == -1) return static_cast<C>(0 - static_cast<uint64_t>(a));
      }
      return static_cast<C>(a / b);
    } else {
      return a / b;
    }
  }
};
// The sign of the divisor, as Python has it; by zero gives 0.
struct FloorMod {
  template <class C>
  C operator()(C a, C b) const {
    if constexpr (std::is_integral_v<C>) {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<C>) {
        if (b == -1) return 0;
      }
      C rest = static_cast<C>(a % b);
      if (rest != 0 && ((rest < 0) != (b < 0))) rest = static_cast<C>(rest + b);
      return rest;
    } else {
      const C rest = std::fmod(a, b);
      if (rest == 0) return std::copysign(rest, b);
      return (rest < 0) != (b < 0) ? rest + b : rest;
    }
  }
};
// The sign of the dividend, as C has it.
struct TruncMod {
  template <class C>
  C operator()(C a, C b) const {
    if constexpr (std::is_integral_v<C>) {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<C>) {
        if (b == -1) return 0;
      }
      return static_cast<C>(a % b);
    } else {
      return std::fmod(a, b);
    }
  }
};
struct Max {
  template <class C>
  C operator()(C a, C b) const {
    if constexpr (!std::is_integral_v<C>) {
      if (b != b) return b;  // NaN wins; a NaN on the left is below nothing
    }
    return a < b ? b : a;
  }
};
struct Min {
  template <class C>
  C operator()(C a, C b) const {
    if constexpr (!std::is_integral_v<C>) {
      if (b != b) return b;
    }
    return b < a ? b : a;
  }
};
struct MeanOfTwo {
  template <class C>
  C operator()(C a, C b) const {
    return (a + b) / C(2);
  }
};
struct PRelu {
  template <class C>
  C operator()(C x, C slope) const {
    return x < C(0) ? static_cast<C>(x * slope) : x;
  }
};
struct And {
  bool operator()(bool a, bool b) const { return a && b; }
};
struct Or {
  bool operator()(bool a, bool b) const { return a || b; }
};
struct Xor {
  bool operator()(bool a, bool b) const { return a != b; }
};
struct BitwiseAnd {
  template <class C>
  C operator()(C a, C b) const {
    return static_cast<C>(a & b);
  }
};
struct BitwiseOr {
  template <class C>
  C operator()(C a, C b) const {
    return static_cast<C>(a | b);
  }
};
struct BitwiseXor {
  template <class C>
  C operator()(C a, C b) const {
    return static_cast<C>(a ^ b);
  }
};
// Shifting by as many bits as there are, or by a negative number, leaves copies of the sign.
template <class C>
bool shifts_all(C by) {
  return static_cast<uint64_t>(by) >= sizeof(C) * 8;
}
struct ShiftLeft {
  template <class C>
  C operator()(C a, C b) const {
    return shifts_all(b) ? C(0) : static_cast<C>(static_cast<uint64_t>(a) << b);
  }
};
struct ShiftRight {
  template <class C>
  C operator()(C a, C b) const {
    return shifts_all(b) ? static_cast<C>(a < 0 ? -1 : 0) : static_cast<C>(a >> b);
  }
};
struct Equal {
  template <class C>
  bool operator()(C a, C b) const {
    return a == b;
  }
};
struct Less {
  template <class C>
  bool operator()(C a, C b) const {
    return a < b;
  }
};
struct LessOrEqual {
  template <class C>
  bool operator()(C a, C b) const {
    return a <= b;
  }
};
struct Greater {
  template <class C>
  bool operator()(C a, C b) const {
    return a > b;
  }
};
struct GreaterOrEqual {
  template <class C>
  bool operator()(C a, C b) const {
    return a >= b;
  }
};

}  // namespace

}  // namespace bp::cpu
