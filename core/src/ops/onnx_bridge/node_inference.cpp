// An InferenceContext of libonnx's over our own values. Data of constants becomes protobuf only when a function
// asks.
#include "ops/onnx_bridge/node_inference.hpp"

#include <string_view>

#include "ops/inference/table.hpp"
#include "ops/onnx_bridge/proto_types.hpp"
#include "ops/op_schema.hpp"

namespace bp {

struct NodeInference::Prepared {
  InferenceFunction own = nullptr;
  bool may_lack_first_input = false;
  onnx_ns::InferenceFunction library;  // where `own` is not set; may be empty
  std::vector<onnx_ns::AttributeProto> attributes;
};

namespace {

class Context final : public onnx_ns::InferenceContext {
 public:
  Context(const std::vector<onnx_ns::AttributeProto>& attributes, std::span<const KnownInput> inputs,
          size_t outputs)
      : attributes_(attributes),
        inputs_(inputs),
        types_(inputs.size()),
        data_(inputs.size()),
        symbolic_(inputs.size()),
        outputs_(outputs) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].type != nullptr) to_type_proto(*inputs[i].type, types_[i]);
    }
  }

  const onnx_ns::AttributeProto* getAttribute(const std::string& name) const override {
    for (const auto& attribute : attributes_) {
      if (attribute.name() == name) return &attribute;
    }
    return nullptr;
  }
  size_t getNumInputs() const override { return inputs_.size(); }
  const onnx_ns::TypeProto* getInputType(size_t index) const override {
    check(index, inputs_.size(), "input");
    return inputs_[index].type != nullptr ? &types_[index] : nullptr;
  }
  const onnx_ns::TensorProto* getInputData(size_t index) const override {
    check(index, inputs_.size(), "input");
    const Tensor* tensor = inputs_[index].tensor;
    if (tensor == nullptr || tensor->count() > kMaxInferenceElements) return nullptr;
    if (!data_[index]) {
      data_[index] = std::make_unique<onnx_ns::TensorProto>();
      to_tensor_proto(*tensor, true, *data_[index]);
    }
    return data_[index].get();
  }
  const onnx_ns::TensorShapeProto* getSymbolicInput(size_t index) const override {
    check(index, inputs_.size(), "input");
    if (inputs_[index].elements == nullptr) return nullptr;
    if (!symbolic_[index]) {
      symbolic_[index] = std::make_unique<onnx_ns::TensorShapeProto>();
      to_shape_proto(*inputs_[index].elements, *symbolic_[index]);
    }
    return symbolic_[index].get();
  }
  const onnx_ns::SparseTensorProto* getInputSparseData(size_t) const override { return nullptr; }
  size_t getNumOutputs() const override { return outputs_.size(); }
  onnx_ns::TypeProto* getOutputType(size_t index) override {
    check(index, outputs_.size(), "output");
    return &outputs_[index];
  }
  onnx_ns::GraphInferencer* getGraphAttributeInferencer(const std::string&) override { return nullptr; }

  std::vector<ValueType> take_outputs() const {
    std::vector<ValueType> types;
    types.reserve(outputs_.size());
    for (const auto& proto : outputs_) types.push_back(from_type_proto(proto));
    return types;
  }

 private:
  static void check(size_t index, size_t count, const char* word) {
    if (index >= count) {
      throw onnx_ns::InferenceError(onnx_ns::MakeString("there is no ", word, " ", index, ", only ", count));
    }
  }

  const std::vector<onnx_ns::AttributeProto>& attributes_;
  std::span<const KnownInput> inputs_;
  std::vector<onnx_ns::TypeProto> types_;
  mutable std::vector<std::unique_ptr<onnx_ns::TensorProto>> data_;
  mutable std::vector<std::unique_ptr<onnx_ns::TensorShapeProto>> symbolic_;
  std::vector<onnx_ns::TypeProto> outputs_;
};

// libonnx's text without its tags: "[ShapeInferenceError] Incompatible dimensions".
std::string plain_message(std::string_view text) {
  for (const std::string_view tag : {"[ShapeInferenceError] ", "[TypeInferenceError] "}) {
    if (text.starts_with(tag)) text.remove_prefix(tag.size());
  }
  return std::string(text);
}

// libonnx's functions take the type of a present input for granted.
bool all_types_known(std::span<const KnownInput> inputs) {
  for (const KnownInput& input : inputs) {
    if (input.type != nullptr && input.type->kind == ValueKind::kUnknown) return false;
  }
  return true;
}

}  // namespace

NodeInference::NodeInference(std::unique_ptr<const Prepared> prepared) : prepared_(std::move(prepared)) {}
NodeInference::NodeInference(NodeInference&&) noexcept = default;
NodeInference& NodeInference::operator=(NodeInference&&) noexcept = default;
NodeInference::~NodeInference() = default;

NodeInference NodeInference::create(const Node& node, int64_t opset) {
  auto prepared = std::make_unique<Prepared>();
  const InferenceEntry* entry = find_inference_entry(node.domain, node.op_type, opset);
  if (node.region == RegionKind::kNone && entry != nullptr && entry->function != nullptr) {
    prepared->own = entry->function;
    prepared->may_lack_first_input = entry->may_lack_first_input;
  } else if (node.region == RegionKind::kNone && is_standard_domain(node.domain)) {
    const std::string op_type = entry != nullptr ? entry->library_op : node.op_type;
    const int version = entry != nullptr ? entry->library_version : static_cast<int>(opset);
    const std::string domain = node.domain == "ai.onnx" ? std::string() : node.domain;
    const auto* schema = onnx_ns::OpSchemaRegistry::Schema(op_type, version, domain);
    if (schema != nullptr && schema->has_type_and_shape_inference_function()) {
      prepared->library = schema->GetTypeAndShapeInferenceFunction();
      prepared->attributes.resize(node.attributes.size());
      for (size_t i = 0; i < node.attributes.size(); ++i) {
        to_attribute_proto(node.attributes[i], false, prepared->attributes[i]);
      }
    }
  }
  return NodeInference(std::move(prepared));
}

bool NodeInference::known() const noexcept { return prepared_->own != nullptr || prepared_->library; }

Result<std::vector<ValueType>> NodeInference::infer(const Node& node, std::span<const KnownInput> inputs,
                                                    DimMath& math) const {
  std::vector<ValueType> outputs(node.outputs.size());
  if (!known() || !all_types_known(inputs)) return outputs;
  if (prepared_->own != nullptr) {
    if (!prepared_->may_lack_first_input && (inputs.empty() || inputs[0].type == nullptr)) return outputs;
    InferenceCall call{node, inputs, outputs, math};
    BP_RETURN_IF_ERROR(prepared_->own(call));
    return outputs;
  }
  try {
    Context context(prepared_->attributes, inputs, outputs.size());
    prepared_->library(context);
    return context.take_outputs();
  } catch (const std::exception& error) {
    return Status(ErrorCode::kInvalidModel, plain_message(error.what()));
  }
}

}  // namespace bp
