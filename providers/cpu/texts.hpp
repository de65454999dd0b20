// String tensors inside this provider: arrays of Text, whose characters stay where they came into being. Those
// of an input lie in the host's memory, those of a constant with the constant, those that a step makes in its
// TextState until its next run. Operators that move elements move sixteen bytes and know nothing of strings.
// Between partitions a string tensor is what the ABI says (offsets and bytes).
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel.hpp"
#include "types.hpp"

namespace bp::cpu {

// Characters in pieces that never move.
class TextArena {
 public:
  // Memory for `size` characters, until clear().
  char* allocate(uint64_t size);
  Text keep(std::string_view characters);
  void clear() noexcept;

 private:
  struct Piece {
    std::unique_ptr<char[]> memory;
    uint64_t size = 0;
  };
  std::vector<Piece> pieces_;
  uint64_t left_ = 0;  // at the end of the last piece
};

// What a step that makes strings keeps per context.
struct TextState final : KernelState {
  TextArena arena;
  std::vector<Text> items;  // of a grown output
};

// A kernel from RunError(const Call&, TextState&), whose state is empty when it is called. Unlike other kernels
// it may allocate.
template <class F>
std::unique_ptr<Kernel> make_text_kernel(F f) {
  class TextKernel final : public Kernel {
   public:
    explicit TextKernel(F function) : function_(std::move(function)) {}
    RunError run(const Call& call) const override try {
      auto& state = static_cast<TextState&>(*call.state);
      state.arena.clear();
      state.items.clear();
      return function_(call, state);
    } catch (const std::bad_alloc&) {
      return "out of memory for strings";
    }
    std::unique_ptr<KernelState> make_state() const override { return std::make_unique<TextState>(); }

   private:
    F function_;
  };
  return std::make_unique<TextKernel>(std::move(f));
}

// Operands: offsets and characters of an input of `count` strings, the Text elements.
std::unique_ptr<Kernel> text_reader(uint64_t count);

// The other way: how many characters there are, and the offsets (count + 1) and characters written.
uint64_t text_bytes(const Text* elements, uint64_t count) noexcept;
void write_texts(const Text* elements, uint64_t count, uint64_t* offsets, char* characters) noexcept;

}  // namespace bp::cpu
