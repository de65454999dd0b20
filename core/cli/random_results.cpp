// Proportions are held to five standard deviations: one true result in two million is rejected.
#include "random_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace bp::cli {
namespace {

constexpr std::array<std::string_view, 7> kRandom = {"Bernoulli",        "Dropout",          "Multinomial",
                                                     "RandomNormal",     "RandomNormalLike", "RandomUniform",
                                                     "RandomUniformLike"};
constexpr double kDeviations = 5.0;

const Value* find(const std::vector<NamedValue>& values, const std::string& name) {
  for (const auto& [known, value] : values)
    if (known == name) return &value;
  return nullptr;
}

// The value of the node's input or output `index` among `values`.
const Value* find(const std::vector<NamedValue>& values, const std::vector<std::string>& names, size_t index) {
  return index < names.size() && !names[index].empty() ? find(values, names[index]) : nullptr;
}

std::string wrong_share(const char* what, double found, double expected, double variance) {
  if (std::abs(found - expected) <= kDeviations * std::sqrt(variance) + 1) return {};
  return fmt::format("{} {}, expected about {:.1f}", found, what, expected);
}

std::string check_dropout(const NodeInfo& node, const DrawnResults& results, const Tolerance& tolerance) {
  const Value* x = find(results.inputs, node.inputs, 0);
  const Value* y = find(results.found, node.outputs, 0);
  const Value* mask = find(results.found, node.outputs, 1);
  if (x == nullptr || y == nullptr) return {};
  const Value* ratio_value = find(results.inputs, node.inputs, 1);
  const double ratio = ratio_value == nullptr ? 0.5 : number_at(*ratio_value, 0);
  double dropped = 0;
  double counted = 0;
  for (int64_t i = 0; i < y->count(); ++i) {
    const double in = number_at(*x, i), out = number_at(*y, i), scaled = in / (1 - ratio);
    const bool kept = std::abs(out - scaled) <= tolerance.absolute + tolerance.relative * std::abs(scaled);
    if (!kept && out != 0) return fmt::format("element {} is {}, expected 0 or {}", i, out, scaled);
    if (in == 0) continue;
    if (mask != nullptr && (number_at(*mask, i) != 0) != (out != 0))
      return fmt::format("element {} is {}, but its mask says {}", i, out, number_at(*mask, i));
    counted += 1;
    dropped += out == 0 ? 1 : 0;
  }
  return wrong_share("elements are dropped", dropped, counted * ratio, counted * ratio * (1 - ratio));
}

std::string check_bernoulli(const NodeInfo& node, const DrawnResults& results) {
  const Value* p = find(results.inputs, node.inputs, 0);
  const Value* y = find(results.found, node.outputs, 0);
  if (p == nullptr || y == nullptr) return {};
  double ones = 0, expected = 0, variance = 0;
  for (int64_t i = 0; i < y->count(); ++i) {
    const double chance = number_at(*p, i), out = number_at(*y, i);
    if (out != 0 && out != 1) return fmt::format("element {} is {}, expected 0 or 1", i, out);
    if ((chance == 0 && out != 0) || (chance == 1 && out != 1))
      return fmt::format("element {} is {} with probability {}", i, out, chance);
    ones += out;
    expected += chance;
    variance += chance * (1 - chance);
  }
  return wrong_share("elements are 1", ones, expected, variance);
}

bool is_bit(double number) { return number == 0 || number == 1; }

std::string check_values(const Value& expected, const Value& found) {
  bool bits = true;
  for (int64_t i = 0; i < expected.count(); ++i) bits = bits && is_bit(number_at(expected, i));
  for (int64_t i = 0; i < found.count(); ++i) {
    const double number = number_at(found, i);
    if (std::isnan(number)) return fmt::format("element {} is NaN", i);
    if (bits && !is_bit(number)) return fmt::format("element {} is {}, expected 0 or 1", i, number);
  }
  return {};
}

}  // namespace

NodeInfo find_random_node(const Model& model) {
  for (const NodeInfo& node : model.nodes()) {
    const bool standard = node.domain.empty() || node.domain == "ai.onnx";
    if (standard && std::find(kRandom.begin(), kRandom.end(), node.op_type) != kRandom.end()) return node;
  }
  return {};
}

bool has_seed(const NodeInfo& node) {
  return std::any_of(node.attributes.begin(), node.attributes.end(),
                     [](const AttributeInfo& attribute) { return attribute.name == "seed"; });
}

std::string contradiction(const NodeInfo& random_node, const DrawnResults& results,
                          const Tolerance& tolerance) {
  for (const auto& [name, expected] : results.expected) {
    const Value* found = find(results.found, name);
    if (found == nullptr) return "output '" + name + "' is missing";
    if (found->element_type() != expected.element_type() || found->dims() != expected.dims())
      return "output '" + name + "': expected " + expected.type_string() + ", found " + found->type_string();
    if (const std::string wrong = check_values(expected, *found); !wrong.empty())
      return std::string("output '").append(name).append("': ").append(wrong);
  }
  if (random_node.op_type == "Dropout") return check_dropout(random_node, results, tolerance);
  if (random_node.op_type == "Bernoulli") return check_bernoulli(random_node, results);
  return {};
}

}  // namespace bp::cli
