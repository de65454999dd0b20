// LSTM, GRU and RNN over whole sequences: the inputs of all steps are multiplied at once, then each step
// multiplies the state, with the gates computed by recurrent_cell.
#pragma once

#include <cstdint>
#include <memory>

#include "kernel.hpp"
#include "kernels/recurrent_cell.hpp"
#include "types.hpp"

namespace bp::cpu {

enum class CellKind : uint8_t { kLstm, kGru, kRnn };

struct Recurrence {
  CellKind kind = CellKind::kLstm;
  Type type = Type::kFloat32;
  int64_t length = 0;
  int64_t batch = 0;
  int64_t input = 0;
  int64_t size = 0;        // of the state
  int64_t directions = 1;  // 2: forward, then reverse
  bool reverse = false;    // with one direction
  bool batch_first = false;
  bool packed_w = false;  // kW holds what pack_input gives
  bool packed_r = false;  // kR holds what pack_state gives
  CellShape cells[2];     // per direction
  int threads = 1;

  // In Call::args; nullptr where omitted. The inputs are ONNX's, in its order.
  enum Operand : size_t { kX, kW, kR, kB, kLengths, kH0, kC0, kPeepholes, kY, kYh, kYc, kScratch, kOperands };

  int64_t gates() const { return kind == CellKind::kLstm ? 4 : kind == CellKind::kGru ? 3 : 1; }
  // The third product of GRU waits for the reset gate.
  bool two_products() const { return kind == CellKind::kGru && !cells[0].linear_before_reset; }
};

// Bytes and contents of the packed weights; `w` and `r` are of Recurrence::type.
uint64_t packed_input_bytes(const Recurrence& what);
uint64_t packed_state_bytes(const Recurrence& what);
void pack_input(const Recurrence& what, const void* w, void* packed);
void pack_state(const Recurrence& what, const void* r, void* packed);

uint64_t recurrence_scratch_bytes(const Recurrence& what);
std::unique_ptr<Kernel> make_recurrence(const Recurrence& what);

}  // namespace bp::cpu
