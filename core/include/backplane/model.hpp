// Model: a loaded and checked ONNX model, not yet bound to any device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backplane/element_type.hpp"
#include "backplane/export.hpp"
#include "backplane/status.hpp"
#include "backplane/value_kind.hpp"

namespace bp {

struct DimInfo {
  int64_t size = -1;   // -1: not known before the run
  std::string symbol;  // equal symbols are equal sizes; may be empty
};

// One input or output of a model.
struct ValueInfo {
  std::string name;
  ValueKind kind = ValueKind::kUnknown;
  ElementType element_type = ElementType::kUndefined;  // tensors; maps: of the keys
  bool has_rank = false;
  std::vector<DimInfo> dims;
  bool has_default = false;  // an initializer that may be overridden
  // Sequences and optionals: the one kind of element; maps: of the values. One entry, or none when not known.
  std::vector<ValueInfo> contained;
  std::string type;  // for people: "float32[N,3,224,224]", "seq(map(int64,float32))"
};

struct ModelMetadata {
  std::string graph_name;
  std::string producer_name;
  std::string producer_version;
  std::string domain;
  std::string description;
  int64_t model_version = 0;
  int64_t ir_version = 0;
  std::map<std::string, int64_t> opsets;  // domain -> version; "" is ai.onnx
  // Names of all inputs of the file's graph, in order, with those that IR 3 lists for its initializers:
  // numbered test data counts by this list.
  std::vector<std::string> declared_inputs;
  std::map<std::string, std::string> properties;  // metadata_props
  // Rules of the standard that the file breaks and that it was loaded in spite of, with what was done.
  std::vector<std::string> violations;
};

struct AttributeInfo {
  std::string name;
  std::string value;  // short form for people
};

struct NodeInfo {
  std::string name;
  std::string domain;
  std::string op_type;
  std::vector<std::string> inputs;  // "" for omitted ones
  std::vector<std::string> outputs;
  std::vector<AttributeInfo> attributes;
  uint32_t body_count = 0;  // control flow
};

class BP_API Model {
 public:
  // Loads and checks. Weights stay in the mapped file. NOT_FOUND, IO, INVALID_MODEL with the place.
  static Result<Model> load(const std::string& path);
  // The same from memory; `bytes` must stay alive and unchanged as long as the model and its sessions.
  // External data is looked for in `external_data_folder`; empty: external data is an error.
  static Result<Model> load(std::span<const std::byte> bytes, const std::string& external_data_folder = {});

  const ModelMetadata& metadata() const noexcept;
  const std::vector<ValueInfo>& inputs() const noexcept;
  const std::vector<ValueInfo>& outputs() const noexcept;
  std::vector<NodeInfo> nodes() const;
  // Names of initializers that nothing uses.
  std::vector<std::string> unused_initializers() const;
  uint64_t initializer_bytes() const noexcept;

  class Impl;
  const std::shared_ptr<const Impl>& impl() const noexcept { return impl_; }

 private:
  explicit Model(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace bp
