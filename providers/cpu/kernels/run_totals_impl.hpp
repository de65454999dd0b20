// The functions of run_totals.hpp in vectors of sixteen numbers, which compilers split where registers are
// shorter. Everything is local to the file that includes this.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/run_totals.hpp"

namespace bp::cpu {

namespace {

inline constexpr int64_t kLanes = 16;
using Vector [[gnu::vector_size(kLanes * sizeof(float))]] = float;
using Mask [[gnu::vector_size(kLanes * sizeof(int32_t))]] = int32_t;
using WideVector [[gnu::vector_size(kLanes * sizeof(double))]] = double;

inline void load(const float* x, Vector& v) { std::memcpy(&v, x, sizeof v); }

struct Itself {
  template <class V>
  void operator()(V&) const {}
};
struct Absolute {
  void operator()(Vector& v) const { v = v < 0 ? -v : v; }
  void operator()(float& v) const { v = std::fabs(v); }
};
struct Square {
  template <class V>
  void operator()(V& v) const {
    v *= v;
  }
};

template <class Map>
double sum_of(const float* x, int64_t count) {
  constexpr int64_t kPiece = 16 * kLanes;  // summed in float
  const Map map;
  double total = 0;
  int64_t i = 0;
  if (count >= kLanes) {
    WideVector wide = {};
    while (i + kLanes <= count) {
      const int64_t end = std::min(i + kPiece, count - kLanes + 1);
      Vector sum = {}, other = {};
      for (; i + kLanes < end; i += 2 * kLanes) {
        Vector a, b;
        load(x + i, a), load(x + i + kLanes, b);
        map(a), map(b);
        sum += a, other += b;
      }
      for (; i < end; i += kLanes) {
        Vector a;
        load(x + i, a);
        map(a);
        sum += a;
      }
      wide += __builtin_convertvector(sum + other, WideVector);
    }
    for (int64_t lane = 0; lane < kLanes; ++lane) total += wide[lane];
  }
  for (; i < count; ++i) {
    float value = x[i];
    map(value);
    total += static_cast<double>(value);
  }
  return total;
}

template <bool kLargest>
float extreme_of(const float* x, int64_t count) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  float best = kLargest ? -kInfinity : kInfinity;
  bool unordered = false;
  int64_t i = 0;
  if (count >= kLanes) {
    Vector bests = {}, others = {};
    bests += best, others += best;
    Mask wrong = {};
    for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
      Vector a, b;
      load(x + i, a), load(x + i + kLanes, b);
      bests = (kLargest ? a > bests : a < bests) ? a : bests;
      others = (kLargest ? b > others : b < others) ? b : others;
      wrong |= (a != a) | (b != b);
    }
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      best = kLargest ? std::max(best, bests[lane]) : std::min(best, bests[lane]);
      best = kLargest ? std::max(best, others[lane]) : std::min(best, others[lane]);
      unordered |= wrong[lane] != 0;
    }
  }
  for (; i < count; ++i) {
    unordered |= x[i] != x[i];
    best = kLargest ? std::max(best, x[i]) : std::min(best, x[i]);
  }
  return unordered ? std::numeric_limits<float>::quiet_NaN() : best;
}

inline constexpr RunTotals kRunTotals = {sum_of<Itself>, sum_of<Absolute>, sum_of<Square>, extreme_of<true>,
                                         extreme_of<false>};

}  // namespace

}  // namespace bp::cpu
