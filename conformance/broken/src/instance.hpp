// A program for concrete dims, or a range of them.
#pragma once

#include "program.hpp"

namespace broken {

class Instance {
 public:
  using Handle = bp_instance;
  Instance(const Program& program, const bp_specialize_args& args);
  ~Instance() { ++program_.instances_released; }

  Host host() const { return program_.host(); }
  const Program& program() const { return program_; }
  void fill(bp_instance_info* info) const;
  void create_context(bp_context* context) const;
  void describe(const bp_step_sink* sink) const;

  // Fills in the dims of everything that the steps make. `values` are those of the program, inputs and
  // constants with dims.
  void infer(std::vector<Tensor>& values) const;
  bool serves(uint32_t input, const Dims& dims) const;

  // Runs step `s` on inputs that it copies to where all runs of the instance do; only a fault calls it.
  void run_shared(size_t s, const std::vector<Tensor>& values, const Call& call) const;

  uint64_t workspace_bytes() const { return workspace_bytes_; }
  bool serves_range() const { return serves_range_; }
  const bp_output_info& output(uint32_t index) const { return outputs_[index]; }
  const std::vector<Tensor>& values() const { return values_; }
  // Where an internal value lies in the workspace.
  uint64_t offset(uint32_t value) const { return offsets_[value]; }

 private:
  void read_shapes(const bp_specialize_args& args);
  void plan_workspace(const std::vector<Tensor>& largest);
  void make_ranges();
  void describe_outputs();

  const Program& program_;
  std::vector<Tensor> values_;  // dims of this specialization; data of constants
  std::vector<Dims> shapes_;    // by step, of a Reshape
  std::vector<uint64_t> offsets_;
  uint64_t workspace_bytes_ = 0;
  bool serves_range_ = false;
  std::vector<std::vector<bp_dim>> ranges_;
  std::vector<bp_array> range_arrays_;
  std::vector<bp_output_info> outputs_;
  mutable std::vector<std::vector<std::byte>> scratch_;  // of run_shared, by value
};

}  // namespace broken
