// What runs: a Kernel is the immutable part of a step (shared by all contexts of an instance), a KernelState
// what one context needs besides addresses, a Call the addresses of its operands. The run path throws nothing
// and allocates nothing: a kernel that finds bad data (an index out of range) returns a static sentence, which
// ends the run with INVALID_ARGUMENT.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace bp::cpu {

// nullptr: fine. Otherwise a string literal that says what is wrong with the data.
using RunError = const char*;

class KernelState {
 public:
  virtual ~KernelState() = default;
};

// args: addresses of the operands in the order in which the step declared them: the node's inputs (nullptr
// where omitted), its outputs (nullptr where omitted), then what Builder::scratch() and the like added.
struct Call {
  void* const* args = nullptr;
  KernelState* state = nullptr;

  template <class T>
  const T* in(size_t index) const noexcept {
    return static_cast<const T*>(args[index]);
  }
  template <class T>
  T* out(size_t index) const noexcept {
    return static_cast<T*>(args[index]);
  }
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual RunError run(const Call& call) const = 0;
  // Finishes what takes long (compiling code); once, before any context, perhaps on another thread than the
  // constructor. May throw Error.
  virtual void prepare() {}
  // Per context; nullptr where addresses are enough. Called when a context is made, may allocate.
  virtual std::unique_ptr<KernelState> make_state() const { return nullptr; }
  // Called by bind when an address in `call` has changed.
  virtual void bind(const Call& call) const { static_cast<void>(call); }
};

// A kernel from a callable: RunError(const Call&) or void(const Call&). Captures are the parameters.
template <class F>
std::unique_ptr<Kernel> make_kernel(F f) {
  class Lambda final : public Kernel {
   public:
    explicit Lambda(F function) : function_(std::move(function)) {}
    RunError run(const Call& call) const override {
      if constexpr (std::is_void_v<std::invoke_result_t<const F&, const Call&>>) {
        function_(call);
        return nullptr;
      } else {
        return function_(call);
      }
    }

   private:
    F function_;
  };
  return std::make_unique<Lambda>(std::move(f));
}

}  // namespace bp::cpu
