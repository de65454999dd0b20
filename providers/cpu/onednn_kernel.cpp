// Running oneDNN primitives with arguments that were made once per context.
#include "onednn_kernel.hpp"

#include "parallel.hpp"
#include "support.hpp"

namespace bp::cpu {

namespace {

struct State final : KernelState {
  dnnl::stream stream{cpu_engine()};
  std::vector<dnnl::memory> memories;
  std::vector<dnnl_exec_arg_t> arguments;
};

}  // namespace

void OnednnKernel::prepare() {
  const TeamSize team(alone_ ? 1 : omp_get_max_threads());
  try {
    primitive_ = make_();
    make_ = nullptr;
  } catch (const dnnl::error& error) {
    throw Error(BP_STATUS_UNSUPPORTED, text("oneDNN could not make a primitive: ", error.message));
  }
}

std::unique_ptr<KernelState> OnednnKernel::make_state() const {
  auto state = std::make_unique<State>();
  for (const Argument& argument : arguments_) {
    state->memories.push_back(dnnl::memory(argument.desc, cpu_engine(), DNNL_MEMORY_NONE));
    state->arguments.push_back({argument.id, state->memories.back().get()});
  }
  return state;
}

void OnednnKernel::bind(const Call& call) const {
  auto& state = static_cast<State&>(*call.state);
  for (size_t i = 0; i < arguments_.size(); ++i) {
    state.memories[i].set_data_handle(call.args[arguments_[i].operand]);
  }
}

RunError OnednnKernel::run(const Call& call) const {
  auto& state = static_cast<State&>(*call.state);
  const auto execute = [&] {
    return dnnl_primitive_execute(primitive_.get(), state.stream.get(),
                                  static_cast<int>(state.arguments.size()), state.arguments.data());
  };
  const auto execute_alone = [&] {
    const TeamSize alone(1);
    return execute();
  };
  const dnnl_status_t status = alone_ ? execute_alone() : execute();
  return status == dnnl_success ? nullptr : "a oneDNN primitive failed";
}

void reorder_now(const dnnl::memory::desc& src, const void* source, const dnnl::memory::desc& dst,
                 void* target) {
  try {
    const dnnl::engine& engine = cpu_engine();
    dnnl::stream stream(engine);
    dnnl::memory from(src, engine, const_cast<void*>(source));
    dnnl::memory to(dst, engine, target);
    dnnl::reorder(from, to).execute(stream, from, to);
    stream.wait();
  } catch (const dnnl::error& error) {
    throw Error(BP_STATUS_UNSUPPORTED, text("oneDNN could not pack a constant: ", error.message));
  }
}

}  // namespace bp::cpu
