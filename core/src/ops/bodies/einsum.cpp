// Einsum of one or two operands by Transpose, MatMul, Mul and ReduceSum. Labels are those that both operands
// and the output have (batch), that are summed (inner), and that one operand has (left, right). No ellipsis, no
// diagonals.
#include <algorithm>
#include <numeric>
#include <optional>
#include <string>

#include "ops/bodies/families.hpp"

namespace bp::bodies {
namespace {

struct Operand {
  ValueId value = kNoId;
  std::string labels;
};

struct Equation {
  std::vector<std::string> operands;
  std::string output;
};

std::optional<Equation> parse(const std::string& text) {
  std::string plain;
  for (const char c : text) {
    if (c == '.') return std::nullopt;
    if (c != ' ') plain += c;
  }
  Equation equation;
  const size_t arrow = plain.find("->");
  const std::string left = plain.substr(0, arrow);
  size_t start = 0;
  while (start <= left.size()) {
    const size_t comma = std::min(left.find(',', start), left.size());
    equation.operands.push_back(left.substr(start, comma - start));
    start = comma + 1;
  }
  for (std::string labels : equation.operands) {
    std::sort(labels.begin(), labels.end());
    if (std::adjacent_find(labels.begin(), labels.end()) != labels.end()) return std::nullopt;
  }
  if (arrow != std::string::npos) {
    equation.output = plain.substr(arrow + 2);
    return equation;
  }
  // Without an arrow: the labels that occur once, in alphabetical order.
  for (const std::string& labels : equation.operands) {
    for (const char label : labels) {
      if (std::count(left.begin(), left.end(), label) == 1) equation.output += label;
    }
  }
  std::sort(equation.output.begin(), equation.output.end());
  return equation;
}

bool has(const std::string& labels, char label) { return labels.find(label) != std::string::npos; }

std::string kept(const std::string& labels, auto condition) {
  std::string result;
  std::copy_if(labels.begin(), labels.end(), std::back_inserter(result), condition);
  return result;
}

Operand summed(BodyBuilder& b, Operand operand, const std::string& keep) {
  std::vector<int64_t> axes;
  for (size_t i = 0; i < operand.labels.size(); ++i) {
    if (!has(keep, operand.labels[i])) axes.push_back(static_cast<int64_t>(i));
  }
  if (axes.empty()) return operand;
  const ValueId sum = b.add("ReduceSum", {operand.value, b.ints(axes)}, {{"keepdims", int64_t{0}}});
  return {sum, kept(operand.labels, [&](char label) { return has(keep, label); })};
}

ValueId ordered(BodyBuilder& b, const Operand& operand, const std::string& order) {
  if (operand.labels == order) return operand.value;
  std::vector<int64_t> perm;
  for (const char label : order) perm.push_back(static_cast<int64_t>(operand.labels.find(label)));
  return b.add("Transpose", {operand.value}, {{"perm", std::move(perm)}});
}

// `count` dims of 1 put in at `at`.
ValueId widened(BodyBuilder& b, ValueId value, size_t at, size_t count) {
  if (count == 0) return value;
  std::vector<int64_t> axes(count);
  std::iota(axes.begin(), axes.end(), static_cast<int64_t>(at));
  return b.add("Unsqueeze", {value, b.ints(axes)});
}

Operand product(BodyBuilder& b, const Operand& x, const Operand& y, const std::string& output) {
  const std::string batch =
      kept(x.labels, [&](char label) { return has(y.labels, label) && has(output, label); });
  const std::string inner =
      kept(x.labels, [&](char label) { return has(y.labels, label) && !has(output, label); });
  const std::string left = kept(x.labels, [&](char label) { return !has(y.labels, label); });
  const std::string right = kept(y.labels, [&](char label) { return !has(x.labels, label); });
  const std::string result = batch + left + right;
  if (inner.size() == 1 && left.size() <= 1 && right.size() <= 1) {
    const ValueId rows = widened(b, ordered(b, x, batch + left + inner), batch.size(), 1 - left.size());
    const ValueId columns =
        widened(b, ordered(b, y, batch + inner + right), batch.size() + 1, 1 - right.size());
    ValueId value = b.add("MatMul", {rows, columns});
    std::vector<int64_t> extra;
    if (left.empty()) extra.push_back(static_cast<int64_t>(batch.size()));
    if (right.empty()) extra.push_back(static_cast<int64_t>(batch.size()) + 1);
    if (!extra.empty()) value = b.add("Squeeze", {value, b.ints(extra)});
    return {value, result};
  }
  const ValueId a = widened(b, ordered(b, x, batch + left + inner), batch.size() + left.size(), right.size());
  const ValueId c = widened(b, ordered(b, y, batch + right + inner), batch.size(), left.size());
  return summed(b, {b.add("Mul", {a, c}), result + inner}, result);
}

}  // namespace

bool einsum(BodyBuilder& b) {
  const auto equation = parse(b.node().string_or("equation", ""));
  if (!equation || equation->operands.size() != b.node().inputs.size() || equation->operands.size() > 2)
    return false;
  std::vector<Operand> operands;
  for (size_t i = 0; i < equation->operands.size(); ++i) {
    if (b.rank(i) != static_cast<int64_t>(equation->operands[i].size())) return false;
    operands.push_back({b.input(i), equation->operands[i]});
  }
  const std::string& output = equation->output;
  for (const char label : output) {
    const bool known =
        std::any_of(operands.begin(), operands.end(), [&](const Operand& o) { return has(o.labels, label); });
    if (!known || std::count(output.begin(), output.end(), label) != 1) return false;
  }
  Operand result = operands[0];
  if (operands.size() == 2) {
    const Operand x = summed(b, operands[0], output + operands[1].labels);
    const Operand y = summed(b, operands[1], output + operands[0].labels);
    result = product(b, x, y, output);
  } else {
    result = summed(b, result, output);
  }
  const ValueId value = ordered(b, result, output);
  // A body has at least one node.
  b.output(value == b.input(0) ? b.add("Identity", {value}) : value);
  return true;
}

}  // namespace bp::bodies
