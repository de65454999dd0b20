// What a run changes.
#pragma once

#include "instance.hpp"
#include "stream.hpp"

namespace broken {

class Context final : public Work {
 public:
  using Handle = bp_context;
  explicit Context(const Instance& instance);
  ~Context() override;

  Host host() const { return instance_.host(); }
  void bind(const bp_binding* binding);
  void enqueue(const bp_run_args* args);

  // Work: on the stream's thread.
  Ending run() override;

 private:
  void bind_values(const bp_binding& binding);
  void bind_data(const bp_binding& binding);
  void allocate_output(const bp_run_args& args);
  void run_step(const Step& step);
  Ending run_steps();
  void trace(const Step& step, uint64_t begin_ns) const;

  const Instance& instance_;
  std::vector<Tensor> values_;                         // of the bound run
  std::vector<std::vector<const Tensor*>> arguments_;  // by step
  std::byte* workspace_ = nullptr;
  int64_t* actual_dims_ = nullptr;
  bool bound_ = false;
  bp_run_args args_{};
  std::vector<const bp_tensor_binding*> borrowed_;  // only a fault reads them in a run
  std::thread late_;                                // only a fault starts it
};

}  // namespace broken
