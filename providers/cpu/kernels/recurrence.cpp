// Steps of recurrent layers. 16-bit floats are computed in float: weights converted when packed, the rest at
// the edges of a run.
#include "kernels/recurrence.hpp"

#include <algorithm>
#include <type_traits>

#include "kernels/panel_product.hpp"
#include "parallel.hpp"

namespace bp::cpu {

namespace {

// Multiplications that take as long as one element elsewhere.
constexpr int64_t kPerElement = 16;

// Where the parts of the scratch memory begin, in elements of the compute type; every part on a cache line.
struct Parts {
  int64_t x = 0;           // [length * batch, input], converted
  int64_t w = 0;           // packed
  int64_t r = 0;           // packed
  int64_t bias = 0;        // [directions, gates * size]: of both products together
  int64_t state_bias = 0;  // the same: what only the state's product takes
  int64_t peepholes = 0;   // [directions, 3 * size]
  int64_t inputs = 0;      // [length * batch, directions * gates * size]: products of the inputs
  int64_t sums = 0;        // [directions, batch, gates * size]
  int64_t h = 0;           // [directions, batch, size]
  int64_t c = 0;
  int64_t reset = 0;
  int64_t total = 0;
};

template <class C>
int64_t state_pack_elements(const Recurrence& what) {
  const int64_t n = what.size;
  if (what.two_products()) return packed_elements<C>(n, 2 * n) + packed_elements<C>(n, n);
  return packed_elements<C>(n, what.gates() * n);
}

template <class T>
Parts find_parts(const Recurrence& what) {
  using C = Compute<T>;
  Parts parts;
  const auto take = [&](int64_t& part, int64_t count) {
    part = parts.total;
    parts.total += (count + 15) / 16 * 16;
  };
  const int64_t rows = what.length * what.batch;
  const int64_t all_gates = what.directions * what.gates() * what.size;
  const int64_t states = what.directions * what.batch * what.size;
  take(parts.x, std::is_same_v<T, C> ? 0 : rows * what.input);
  take(parts.w, what.packed_w ? 0 : packed_elements<C>(what.input, all_gates));
  take(parts.r, what.packed_r ? 0 : what.directions * state_pack_elements<C>(what));
  take(parts.bias, all_gates);
  take(parts.state_bias, all_gates);
  take(parts.peepholes, what.directions * 3 * what.size);
  take(parts.inputs, rows * all_gates);
  take(parts.sums, what.batch * all_gates);
  take(parts.h, states);
  take(parts.c, states);
  take(parts.reset, states);
  return parts;
}

template <class T, class C>
void copy_out(const C* source, int64_t count, T* target) {
  for (int64_t i = 0; i < count; ++i) target[i] = static_cast<T>(source[i]);
}

template <class T>
class RecurrenceKernel final : public Kernel {
  using C = Compute<T>;

 public:
  explicit RecurrenceKernel(const Recurrence& what)
      : what_(what), parts_(find_parts<T>(what)), cells_(cell_kernels<C>()) {}

  RunError run(const Call& call) const override {
    const auto* lengths = call.in<int32_t>(Recurrence::kLengths);
    for (int64_t b = 0; lengths != nullptr && b < what_.batch; ++b) {
      if (lengths[b] < 0 || lengths[b] > what_.length) {
        return "a sequence length is outside [0, length of the input]";
      }
    }
    prepare_weights(call);
    multiply_inputs(call);
    const int64_t groups = std::clamp<int64_t>(what_.threads / what_.directions, 1, what_.batch);
    const int64_t pieces = what_.directions * groups;
    // Whole sequences side by side need no thread to wait for another; else the products of a step are shared.
    const bool apart = pieces > 1 && 2 * pieces > what_.threads;
    const int64_t per_step = what_.batch * what_.directions * what_.gates() * what_.size * what_.size;
    const auto some = [&](int64_t begin, int64_t end, int threads) {
      for (int64_t piece = begin; piece < end; ++piece) {
        const int64_t group = piece % groups;
        run_rows(call, piece / groups, what_.batch * group / groups, what_.batch * (group + 1) / groups,
                 threads);
      }
    };
    if (!apart) {
      some(0, pieces, what_.threads);
    } else {
      parallel_for(what_.threads, pieces, what_.length * per_step / kPerElement,
                   [&](int64_t begin, int64_t end) { some(begin, end, 1); });
    }
    return nullptr;
  }

 private:
  C* scratch(const Call& call, int64_t part) const { return call.out<C>(Recurrence::kScratch) + part; }

  void prepare_weights(const Call& call) const {
    if (!what_.packed_w) pack_input(what_, call.args[Recurrence::kW], scratch(call, parts_.w));
    if (!what_.packed_r) pack_state(what_, call.args[Recurrence::kR], scratch(call, parts_.r));
    const int64_t gates = what_.gates() * what_.size;
    C* bias = scratch(call, parts_.bias);
    C* state_bias = scratch(call, parts_.state_bias);
    const T* b = call.in<T>(Recurrence::kB);
    for (int64_t d = 0; d < what_.directions; ++d) {
      for (int64_t i = 0; i < gates; ++i) {
        const C of_input = b == nullptr ? C(0) : static_cast<C>(b[d * 2 * gates + i]);
        const C of_state = b == nullptr ? C(0) : static_cast<C>(b[d * 2 * gates + gates + i]);
        const bool apart = what_.cells[d].linear_before_reset && i >= 2 * what_.size;
        bias[d * gates + i] = apart ? of_input : of_input + of_state;
        state_bias[d * gates + i] = apart ? of_state : C(0);
      }
    }
    if (const T* p = call.in<T>(Recurrence::kPeepholes); p != nullptr) {
      copy_out(p, what_.directions * 3 * what_.size, scratch(call, parts_.peepholes));
    }
  }

  void multiply_inputs(const Call& call) const {
    const int64_t rows = what_.length * what_.batch;
    const int64_t columns = what_.directions * what_.gates() * what_.size;
    const C* x = nullptr;
    if constexpr (std::is_same_v<T, C>) {
      x = call.in<C>(Recurrence::kX);
    } else {
      copy_out(call.in<T>(Recurrence::kX), rows * what_.input, scratch(call, parts_.x));
      x = scratch(call, parts_.x);
    }
    const C* w = what_.packed_w ? call.in<C>(Recurrence::kW) : scratch(call, parts_.w);
    panel_product(what_.threads, x, what_.input, rows, what_.input, w, scratch(call, parts_.bias), 0,
                  scratch(call, parts_.inputs), columns, columns);
  }

  // Where the state of sequence b lies in Y_h and its kin.
  int64_t state_offset(int64_t direction, int64_t b) const {
    return (what_.batch_first ? b * what_.directions + direction : direction * what_.batch + b) * what_.size;
  }

  void load_state(const Call& call, size_t operand, int64_t direction, int64_t b, C* state) const {
    const T* given = call.in<T>(operand);
    if (given == nullptr) {
      std::fill(state, state + what_.size, C(0));
    } else {
      copy_out(given + state_offset(direction, b), what_.size, state);
    }
  }

  // The sequences [first, last) in one direction.
  void run_rows(const Call& call, int64_t direction, int64_t first, int64_t last, int threads) const {
    const int64_t n = what_.size;
    const int64_t gates = what_.gates() * n;
    const int64_t state = direction * what_.batch * n;
    C* h = scratch(call, parts_.h) + state;
    C* c = scratch(call, parts_.c) + state;
    C* reset = scratch(call, parts_.reset) + state;
    C* sums = scratch(call, parts_.sums) + direction * what_.batch * gates;
    const C* packed = what_.packed_r ? call.in<C>(Recurrence::kR) : scratch(call, parts_.r);
    packed += direction * state_pack_elements<C>(what_);
    const auto* lengths = call.in<int32_t>(Recurrence::kLengths);
    const auto length_of = [&](int64_t b) { return lengths == nullptr ? what_.length : int64_t{lengths[b]}; };
    const bool reverse = what_.directions == 2 ? direction == 1 : what_.reverse;
    const CellShape& cell = what_.cells[direction];

    int64_t steps = 0;
    for (int64_t b = first; b < last; ++b) {
      load_state(call, Recurrence::kH0, direction, b, h + b * n);
      if (what_.kind == CellKind::kLstm) load_state(call, Recurrence::kC0, direction, b, c + b * n);
      steps = std::max(steps, length_of(b));
    }
    const C* p = call.args[Recurrence::kPeepholes] == nullptr
                     ? nullptr
                     : scratch(call, parts_.peepholes) + direction * 3 * n;
    for (int64_t step = 0; step < steps; ++step) {
      multiply_state(call, direction, first, last, step, packed, threads);
      const auto each_row = [&](auto&& f) {
        for (int64_t b = first; b < last; ++b) {
          if (step >= length_of(b)) continue;
          const int64_t time = reverse ? length_of(b) - 1 - step : step;
          f(b, time, input_row(call, direction, time, b));
        }
      };
      if (what_.kind == CellKind::kGru) {
        each_row([&](int64_t b, int64_t, const C* x) {
          cells_.gru_gates(cell, sums + b * gates, x, h + b * n, reset + b * n);
        });
        if (what_.two_products()) {
          panel_product(threads, reset + first * n, n, last - first, n, packed + packed_elements<C>(n, 2 * n),
                        static_cast<const C*>(nullptr), 0, sums + first * gates + 2 * n, gates, n);
        }
      }
      each_row([&](int64_t b, int64_t time, const C* x) {
        C* row = sums + b * gates;
        if (what_.kind == CellKind::kLstm) cells_.lstm(cell, row, x, p, c + b * n, h + b * n);
        if (what_.kind == CellKind::kGru) cells_.gru_state(cell, row, x, h + b * n);
        if (what_.kind == CellKind::kRnn) cells_.rnn(cell, row, x, h + b * n);
        if (T* y = output_row(call, direction, time, b); y != nullptr) copy_out(h + b * n, n, y);
      });
    }
    for (int64_t b = first; b < last; ++b) finish_row(call, direction, b, length_of(b), h + b * n, c + b * n);
  }

  // The state's part of the gates of all rows; the first step without a given state has none.
  void multiply_state(const Call& call, int64_t direction, int64_t first, int64_t last, int64_t step,
                      const C* packed, int threads) const {
    const int64_t n = what_.size;
    const int64_t gates = what_.gates() * n;
    const int64_t columns = what_.two_products() ? 2 * n : gates;
    const bool has_bias = what_.cells[direction].linear_before_reset && call.args[Recurrence::kB] != nullptr;
    const C* bias = has_bias ? scratch(call, parts_.state_bias) + direction * gates : nullptr;
    C* sums = scratch(call, parts_.sums) + (direction * what_.batch + first) * gates;
    if (step == 0 && call.args[Recurrence::kH0] == nullptr) {
      for (int64_t b = first; b < last; ++b, sums += gates) {
        for (int64_t i = 0; i < columns; ++i) sums[i] = bias == nullptr ? C(0) : bias[i];
      }
      return;
    }
    const C* h = scratch(call, parts_.h) + (direction * what_.batch + first) * n;
    panel_product(threads, h, n, last - first, n, packed, bias, 0, sums, gates, columns);
  }

  const C* input_row(const Call& call, int64_t direction, int64_t time, int64_t b) const {
    const int64_t row = what_.batch_first ? b * what_.length + time : time * what_.batch + b;
    return scratch(call, parts_.inputs) + (row * what_.directions + direction) * what_.gates() * what_.size;
  }

  // Y: [length, directions, batch, size] or [batch, length, directions, size].
  T* output_row(const Call& call, int64_t direction, int64_t time, int64_t b) const {
    T* y = call.out<T>(Recurrence::kY);
    if (y == nullptr) return nullptr;
    const int64_t row = what_.batch_first ? (b * what_.length + time) * what_.directions + direction
                                          : (time * what_.directions + direction) * what_.batch + b;
    return y + row * what_.size;
  }

  void finish_row(const Call& call, int64_t direction, int64_t b, int64_t length, const C* h,
                  const C* c) const {
    for (int64_t time = length; time < what_.length; ++time) {
      if (T* y = output_row(call, direction, time, b); y != nullptr) std::fill(y, y + what_.size, T(C(0)));
    }
    if (T* y = call.out<T>(Recurrence::kYh); y != nullptr)
      copy_out(h, what_.size, y + state_offset(direction, b));
    if (T* y = call.out<T>(Recurrence::kYc); y != nullptr)
      copy_out(c, what_.size, y + state_offset(direction, b));
  }

  Recurrence what_;
  Parts parts_;
  const CellKernels<C>& cells_;
};

}  // namespace

uint64_t packed_input_bytes(const Recurrence& what) {
  uint64_t bytes = 0;
  dispatch<kFloats>(what.type, [&]<class T>(Tag<T>) {
    using C = Compute<T>;
    bytes = sizeof(C) *
            static_cast<uint64_t>(packed_elements<C>(what.input, what.directions * what.gates() * what.size));
  });
  return bytes;
}

uint64_t packed_state_bytes(const Recurrence& what) {
  uint64_t bytes = 0;
  dispatch<kFloats>(what.type, [&]<class T>(Tag<T>) {
    using C = Compute<T>;
    bytes = sizeof(C) * static_cast<uint64_t>(what.directions * state_pack_elements<C>(what));
  });
  return bytes;
}

// w: [directions * gates * size, input]
void pack_input(const Recurrence& what, const void* w, void* packed) {
  dispatch<kFloats>(what.type, [&]<class T>(Tag<T>) {
    pack_panels(static_cast<const T*>(w), 1, what.input, what.input, what.directions * what.gates() * what.size,
                static_cast<Compute<T>*>(packed));
  });
}

// r: [directions, gates * size, size]
void pack_state(const Recurrence& what, const void* r, void* packed) {
  dispatch<kFloats>(what.type, [&]<class T>(Tag<T>) {
    using C = Compute<T>;
    const int64_t n = what.size;
    for (int64_t d = 0; d < what.directions; ++d) {
      const T* from = static_cast<const T*>(r) + d * what.gates() * n * n;
      C* to = static_cast<C*>(packed) + d * state_pack_elements<C>(what);
      const int64_t columns = what.two_products() ? 2 * n : what.gates() * n;
      pack_panels(from, 1, n, n, columns, to);
      if (what.two_products()) {
        pack_panels(from + 2 * n * n, 1, n, n, n, to + packed_elements<C>(n, 2 * n));
      }
    }
  });
}

uint64_t recurrence_scratch_bytes(const Recurrence& what) {
  uint64_t bytes = 0;
  dispatch<kFloats>(what.type, [&]<class T>(Tag<T>) {
    bytes = sizeof(Compute<T>) * static_cast<uint64_t>(find_parts<T>(what).total);
  });
  return bytes;
}

std::unique_ptr<Kernel> make_recurrence(const Recurrence& what) {
  std::unique_ptr<Kernel> kernel;
  dispatch<kFloats>(what.type, [&]<class T>(Tag<T>) { kernel = std::make_unique<RecurrenceKernel<T>>(what); });
  return kernel;
}

}  // namespace bp::cpu
