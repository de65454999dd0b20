// Files of test data: one TensorProto, SequenceProto, MapProto or OptionalProto each (.pb).
#pragma once

#include <string>
#include <vector>

#include "backplane/status.hpp"
#include "graph/tensor.hpp"
#include "graph/type.hpp"

namespace bp {

// A value with its data. Sequences, maps and optionals nest.
struct ValueData {
  ValueKind kind = ValueKind::kUnknown;
  TensorPtr tensor;              // tensor
  TensorPtr keys;                // map: int64[n] or string[n]
  std::vector<ValueData> items;  // sequence: elements; map: values in the order of keys; optional: none or one
};

struct NamedValueData {
  std::string name;  // as the file says, often empty
  ValueData data;
};

// A .pb file does not say which message it holds: `type` does (of the graph input or output that it is
// for; a tensor when kUnknown). A sparse tensor is read as a dense one.
Result<NamedValueData> read_value_data(const std::string& path, const ValueType& type = {});
Status write_value_data(const std::string& path, const NamedValueData& value);

}  // namespace bp
