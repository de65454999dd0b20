#include "infer/shape_eval.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "infer/eval_call.hpp"

namespace bp {
namespace {

using namespace shape_eval;

struct Entry {
  std::string_view op_type;
  EvalRule rule;  // nullptr: Shape and Size, which need no value
};

// Sorted by operator. Rules read axes and the like as an input or as an attribute, whichever the form has.
constexpr Entry kRules[] = {
    {"Abs", unary},           {"Add", binary},
    {"And", binary},          {"Cast", cast},
    {"CastLike", cast},       {"Ceil", unary},
    {"Concat", concat},       {"ConstantOfShape", constant_of_shape},
    {"CumSum", cum_sum},      {"Div", binary},
    {"Equal", compare},       {"Expand", expand},
    {"Flatten", flatten},     {"Floor", unary},
    {"Gather", gather},       {"GatherND", gather_nd},
    {"Greater", compare},     {"GreaterOrEqual", compare},
    {"Identity", identity},   {"Less", compare},
    {"LessOrEqual", compare}, {"Max", variadic},
    {"Min", variadic},        {"Mod", binary},
    {"Mul", binary},          {"Neg", unary},
    {"NonZero", non_zero},    {"Not", unary},
    {"Or", binary},           {"Pow", binary},
    {"Range", range},         {"Reciprocal", unary},
    {"ReduceMax", reduce},    {"ReduceMean", reduce},
    {"ReduceMin", reduce},    {"ReduceProd", reduce},
    {"ReduceSum", reduce},    {"Reshape", reshape},
    {"Round", unary},         {"ScatterND", scatter_nd},
    {"Shape", nullptr},       {"Sign", unary},
    {"Size", nullptr},        {"Slice", slice},
    {"Split", split},         {"Sqrt", unary},
    {"Squeeze", squeeze},     {"Sub", binary},
    {"Sum", variadic},        {"Tile", tile},
    {"Transpose", transpose}, {"Unsqueeze", unsqueeze},
    {"Where", where},         {"Xor", binary},
};

const Entry* find_rule(const Node& node) noexcept {
  if (!node.domain.empty() || node.region != RegionKind::kNone) return nullptr;
  const std::string_view op_type = node.op_type;
  const auto less = [&](const Entry& entry) { return entry.op_type < op_type; };
  const auto entry = std::partition_point(std::begin(kRules), std::end(kRules), less);
  return entry != std::end(kRules) && entry->op_type == op_type ? entry : nullptr;
}

Result<std::vector<TensorPtr>> from_dims(const Node& node, std::span<const EvalInput> inputs) {
  if (inputs.empty() || inputs[0].dims == nullptr) return eval_error("the dims of input 0 are not known");
  const ConcreteDims& dims = *inputs[0].dims;
  if (node.op_type == "Size") {
    const int64_t count = element_count(dims);
    if (count < 0) return eval_error("the number of elements exceeds 64 bits");
    return std::vector<TensorPtr>{Tensor::of_int64({}, std::span(&count, 1))};
  }
  const auto rank = static_cast<int64_t>(dims.size());
  const auto clamp = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const int64_t start = clamp(node.int_or("start", 0));
  const int64_t end = std::max(start, clamp(node.int_or("end", rank)));
  const std::span part(dims.data() + start, static_cast<size_t>(end - start));
  return std::vector<TensorPtr>{Tensor::of_int64({end - start}, part)};
}

// Operands that must be integers for a rule not to read past their end.
Status check_integers(const EvalCall& call) {
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    const std::string_view op = call.node.op_type;
    const bool operand = (i > 0 && (op == "Slice" || op == "Gather" || op == "GatherND" || op == "Squeeze" ||
                                    op == "Unsqueeze" || op == "Reshape" || op == "Expand" || op == "Tile" ||
                                    op == "Split" || op.starts_with("Reduce"))) ||
                         (i == 1 && op == "ScatterND") ||
                         (i == 0 && (op == "ConstantOfShape" || op == "Where"));
    if (operand && call.has(i) && call.in(i).is_real()) {
      return eval_error("input {} must be integers, is {}", i, element_type_name(call.in(i).element));
    }
  }
  return {};
}

// Operands that are combined element by element have one type; Pow may mix.
Status check_one_type(const EvalCall& call) {
  const std::string_view op = call.node.op_type;
  const bool joined = op == "Add" || op == "Sub" || op == "Mul" || op == "Div" || op == "Mod" || op == "Max" ||
                      op == "Min" || op == "Sum" || op == "Concat" || op == "Range" || op == "Equal" ||
                      op.starts_with("Less") || op.starts_with("Greater");
  const bool pair = op == "Where" || op == "ScatterND";
  const size_t first = op == "Where" ? 1 : 0;
  for (size_t i = first + 1; i < call.inputs.size(); ++i) {
    const bool concerned = joined || (pair && (op == "Where" || i == 2));
    if (concerned && call.in(i).element != call.in(first).element) {
      return eval_error("input {} must be {}, is {}", i, element_type_name(call.in(first).element),
                        element_type_name(call.in(i).element));
    }
  }
  return {};
}

}  // namespace

bool can_evaluate(const Node& node) noexcept { return find_rule(node) != nullptr; }

bool reads_only_dims(const Node& node) noexcept {
  const Entry* entry = find_rule(node);
  return entry != nullptr && entry->rule == nullptr;
}

Result<std::vector<TensorPtr>> evaluate(const Node& node, std::span<const EvalInput> inputs) {
  const Entry* entry = find_rule(node);
  if (entry == nullptr)
    return Status(ErrorCode::kUnsupported, "the shape evaluator does not know the operator");
  if (entry->rule == nullptr) return from_dims(node, inputs);
  EvalCall call{node, {}, {}};
  for (size_t i = 0; i < inputs.size(); ++i) {
    call.present.push_back(inputs[i].tensor != nullptr);
    call.inputs.emplace_back();
    if (inputs[i].tensor == nullptr) {
      if (i < node.inputs.size() && node.inputs[i] != kNoId)
        return eval_error("the value of input {} is not known", i);
      continue;
    }
    auto host = read_host_tensor(*inputs[i].tensor);
    if (!host) {
      return Status(ErrorCode::kUnsupported,
                    fmt::format("no {} on shape paths", element_type_name(inputs[i].tensor->type)));
    }
    // The evaluator's integers are signed; a size never needs the last bit.
    if (host->element == ElementType::kUint64 &&
        std::any_of(host->ints.begin(), host->ints.end(), [](int64_t v) { return v < 0; })) {
      return Status(ErrorCode::kUnsupported, "a uint64 beyond 63 bits on a shape path");
    }
    call.inputs.back() = std::move(*host);
  }
  if (call.inputs.empty() || !call.present[0]) return eval_error("input 0 is missing");
  BP_RETURN_IF_ERROR(check_integers(call));
  BP_RETURN_IF_ERROR(check_one_type(call));
  BP_ASSIGN_OR_RETURN(const std::vector<HostTensor> results, entry->rule(call));
  std::vector<TensorPtr> tensors;
  tensors.reserve(results.size());
  for (const HostTensor& result : results) tensors.push_back(to_tensor(result));
  return tensors;
}

}  // namespace bp
