// Makes an Instance from a Program: walks the nodes in order, lets each row build itself for the concrete dims,
// keeps expressions open as long as one node alone reads them, then plans the workspace with the host's
// planner.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "expression.hpp"
#include "instance.hpp"
#include "ops/op.hpp"
#include "program.hpp"

namespace bp::opencl {

class Specializer {
 public:
  Specializer(const Program& program, const bp_specialize_args& args);
  std::unique_ptr<Instance> make();

  [[nodiscard]] const Traits& traits() const noexcept { return program_.device.traits(); }
  // Adds a step; `nodes` and `name` default to those of the node at hand.
  void launch(Launch launch);
  Ref scratch(uint64_t bytes);
  Ref packed(const std::string& key, uint64_t bytes, const std::function<void(std::byte*)>& fill);

 private:
  friend class Builder;

  // A piece of memory; several values may be views of one.
  struct Storage {
    Place place = Place::kWorkspace;
    uint32_t number = 0;
    uint64_t bytes = 0;
    cl_mem constant = nullptr;
  };
  struct ValueState {
    bool known = false;  // dims are set
    Dims dims;
    Ref ref;                              // storage BP_NONE: not in memory (yet)
    std::unique_ptr<Expression> pending;  // what it is, as long as it is not in memory
    HostTensor host;                      // with has_host: contents known now
    bool has_host = false;
  };
  struct BuildStep {
    Step step;
    std::vector<Launch::Item> items;
  };

  void set_inputs();
  void build_node(uint32_t index);
  const HostTensor* host_value(uint32_t value);
  void define(uint32_t value, Dims dims);
  Ref allocate_value(uint32_t value);
  // The value's memory; evaluates what is pending.
  Ref in_memory(uint32_t value);
  void set_pending(uint32_t value, Dims dims, std::unique_ptr<Expression> expression);
  // Whether `value` may be evaluated inside of the kernel of the only node that reads it.
  bool may_wait(uint32_t value) const;
  void finish_outputs();
  void plan();
  std::unique_ptr<Instance> resolve();
  Operand resolve(Ref ref) const;
  void check_output(uint32_t output) const;
  uint32_t add_storage(Place place, uint64_t bytes, uint32_t number = 0, cl_mem constant = nullptr);
  uint64_t value_bytes(uint32_t value) const;

  const Program& program_;
  const bp_specialize_args& args_;
  uint32_t current_ = 0;  // the node at hand
  std::vector<ValueState> values_;
  std::vector<Storage> storages_;
  std::vector<BuildStep> steps_;
  std::vector<uint64_t> offsets_;  // per storage, in the workspace
  uint64_t workspace_bytes_ = 0;
};

}  // namespace bp::opencl
