// Domain ai.onnx.ml. Inputs are [N, C], or [C] for one row.
#include "ops/inference/families.hpp"

namespace bp::inference {
namespace {

// How many rows the first input has; one of a single row.
Dim rows_of(const InferenceCall& call) {
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  return in->size() == 2 ? (*in)[0] : in->size() == 1 ? Dim::of(1) : Dim{};
}

template <class List>
const List* list(const InferenceCall& call, const char* name) {
  const Attribute* attribute = call.node.find_attribute(name);
  const List* found = attribute == nullptr ? nullptr : std::get_if<List>(&attribute->value);
  return found != nullptr && !found->empty() ? found : nullptr;
}

using Strings = std::vector<std::string>;
using Floats = std::vector<float>;
using Ints = std::vector<int64_t>;

void same_dims(InferenceCall& call, ElementType element) {
  if (const Dims* dims = call.dims(0)) {
    call.set(0, element, *dims);
  } else {
    call.set(0, element);
  }
}

// The labels' names: strings or integers, in one of several attributes.
struct Labels {
  bool strings = false;
  int64_t count = -1;
};

Labels labels_of(const InferenceCall& call) {
  for (const char* name : {"classlabels_strings", "classlabels_string"}) {
    if (const Strings* labels = list<Strings>(call, name)) return {true, static_cast<int64_t>(labels->size())};
  }
  for (const char* name : {"classlabels_int64s", "classlabels_ints"}) {
    if (const Ints* labels = list<Ints>(call, name)) return {false, static_cast<int64_t>(labels->size())};
  }
  return {};
}

}  // namespace

Status ml_label_encoder(InferenceCall& call) {
  ElementType element = ElementType::kUndefined;
  if (const Attribute* values = call.node.find_attribute("values_tensor")) {
    if (const TensorPtr* tensor = std::get_if<TensorPtr>(&values->value); tensor != nullptr && *tensor)
      element = (*tensor)->type;
  } else if (list<Strings>(call, "values_strings") != nullptr) {
    element = ElementType::kString;
  } else if (list<Ints>(call, "values_int64s") != nullptr) {
    element = ElementType::kInt64;
  } else if (list<Floats>(call, "values_floats") != nullptr) {
    element = ElementType::kFloat32;
  } else if (list<Strings>(call, "classes_strings") != nullptr) {
    // Opset 1: between strings and their index.
    element = call.element(0) == ElementType::kString ? ElementType::kInt64 : ElementType::kString;
  }
  same_dims(call, element);
  return {};
}

Status ml_classifier(InferenceCall& call) {
  const Labels labels = labels_of(call);
  const Dim rows = rows_of(call);
  // Two classes may come with one score per row in the file, both are given out. One class gives one.
  int64_t scores = labels.count;
  if (call.node.op_type == "SVMClassifier" && labels.count > 2 &&
      list<Ints>(call, "vectors_per_class") != nullptr && list<Floats>(call, "prob_a") == nullptr) {
    scores = labels.count * (labels.count - 1) / 2;  // one per pair of classes
  }
  call.set(0, labels.strings ? ElementType::kString : ElementType::kInt64, {rows});
  call.set(1, ElementType::kFloat32, {rows, scores > 0 ? Dim::of(scores) : Dim{}});
  return {};
}

Status ml_regressor(InferenceCall& call) {
  const Attribute* targets = call.node.find_attribute("n_targets");
  const bool vector_machine = call.node.op_type == "SVMRegressor";
  const Dim count = vector_machine || call.node.op_type == "LinearRegressor"
                        ? Dim::of(call.node.int_or("targets", 1))
                    : targets != nullptr ? Dim::of(call.node.int_or("n_targets", 1))
                                         : Dim{};
  call.set(0, ElementType::kFloat32, {rows_of(call), count});
  return {};
}

Status ml_same_dims_float(InferenceCall& call) {
  same_dims(call, ElementType::kFloat32);
  return {};
}

Status ml_same_as_first(InferenceCall& call) { return same_as_first(call); }

Status ml_zip_map(InferenceCall& call) {
  const Labels labels = labels_of(call);
  ValueType map{ValueKind::kMap, labels.strings ? ElementType::kString : ElementType::kInt64, false, {}, {}};
  map.contained = std::make_shared<const ValueType>(ValueType::tensor(ElementType::kFloat32, {}));
  ValueType sequence{ValueKind::kSequence, ElementType::kUndefined, false, {}, {}};
  sequence.contained = std::make_shared<const ValueType>(std::move(map));
  if (!call.outputs.empty()) call.outputs[0] = std::move(sequence);
  return {};
}

Status ml_cast_map(InferenceCall& call) {
  const std::string to = call.node.string_or("cast_to", "TO_FLOAT");
  const ElementType element = to == "TO_STRING"  ? ElementType::kString
                              : to == "TO_INT64" ? ElementType::kInt64
                                                 : ElementType::kFloat32;
  call.set(0, element, {Dim::of(1), Dim{}});
  return {};
}

Status ml_dict_vectorizer(InferenceCall& call) {
  const ValueType& map = *call.inputs[0].type;
  int64_t count = -1;
  if (const Strings* words = list<Strings>(call, "string_vocabulary"))
    count = static_cast<int64_t>(words->size());
  if (const Ints* words = list<Ints>(call, "int64_vocabulary")) count = static_cast<int64_t>(words->size());
  const ElementType element = map.contained ? map.contained->element : ElementType::kUndefined;
  call.set(0, element, {Dim::of(1), count < 0 ? Dim{} : Dim::of(count)});
  return {};
}

Status ml_feature_vectorizer(InferenceCall& call) {
  ShapeElement total = ShapeElement::of(0);
  if (const Ints* sizes = list<Ints>(call, "inputdimensions")) {
    for (const int64_t size : *sizes) total = call.math.add(total, ShapeElement::of(size));
  } else {
    total = {};
  }
  call.set(0, ElementType::kFloat32, {rows_of(call), total.dim()});
  return {};
}

Status ml_one_hot_encoder(InferenceCall& call) {
  call.set(0, ElementType::kFloat32);
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  Dims out = *in;
  const Strings* strings = list<Strings>(call, "cats_strings");
  const Ints* ints = list<Ints>(call, "cats_int64s");
  out.push_back(strings != nullptr ? Dim::of(static_cast<int64_t>(strings->size()))
                : ints != nullptr  ? Dim::of(static_cast<int64_t>(ints->size()))
                                   : Dim{});
  call.set(0, ElementType::kFloat32, std::move(out));
  return {};
}

// Columns of the last axis.
Status ml_array_feature_extractor(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  const Dims* picks = call.dims(1);
  if (in == nullptr || picks == nullptr || in->empty()) return {};
  Dims out = in->size() == 1 ? Dims{Dim::of(1), Dim{}} : *in;
  out.back() = call.math.product(*picks).dim();
  call.set(0, call.element(0), std::move(out));
  return {};
}

Status ml_category_mapper(InferenceCall& call) {
  same_dims(call, call.element(0) == ElementType::kString ? ElementType::kInt64 : ElementType::kString);
  return {};
}

Status ml_tree_ensemble(InferenceCall& call) {
  call.set(0, call.element(0), {rows_of(call), Dim::of(call.node.int_or("n_targets", 1))});
  return {};
}

}  // namespace bp::inference
