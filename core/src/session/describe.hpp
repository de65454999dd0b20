// From the core's types to those of the public API.
#pragma once

#include <string>
#include <vector>

#include "backplane/model.hpp"
#include "execute/runtime_value.hpp"
#include "graph/graph.hpp"

namespace bp {

ValueInfo describe_value(const GraphValue& value, const SymbolTable& symbols);
std::vector<ValueInfo> describe_inputs(const Graph& graph);
std::vector<ValueInfo> describe_outputs(const Graph& graph);
NodeInfo describe_node(const Graph& graph, const Node& node);

// A value in host memory as a run sees it; shares its memory, which counts as lent.
RuntimeValue to_runtime(const Value& value);
// The same for values that may lie on a device of the session. INVALID_ARGUMENT: on any other device.
Result<RuntimeValue> to_runtime(const Value& value, const MemorySpaces& spaces);
// A result (memory with an owner) as a Value over the same memory.
Result<Value> to_value(const RuntimeValue& value);

// INVALID_ARGUMENT when a value cannot be input `info`: kind, element type, rank, fixed dims, of elements too,
// wanted and found.
Status check_input(const ValueInfo& info, const Value& value);

// The position of `name`, or NOT_FOUND with the nearest name. `what`: "input", "output".
Result<size_t> find_name(const std::vector<ValueInfo>& infos, const std::string& name, const char* what);

}  // namespace bp
