#include "compare/drawn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "compare/numbers.hpp"

namespace bp::conformance {
namespace {

constexpr std::array<std::string_view, 7> kDrawing = {"Bernoulli",        "Dropout",          "Multinomial",
                                                      "RandomNormal",     "RandomNormalLike", "RandomUniform",
                                                      "RandomUniformLike"};
constexpr double kDeviations = 5;

const Tensor* at(std::span<const TensorPtr> tensors, size_t index) {
  return index < tensors.size() ? tensors[index].get() : nullptr;
}

std::string wrong_share(const char* what, double found, double expected, double variance) {
  if (std::abs(found - expected) <= kDeviations * std::sqrt(variance) + 1) return {};
  return fmt::format("{} {}, expected about {:.1f}", found, what, expected);
}

// Each element is 0 or scaled up, as the mask says.
std::string check_dropout(std::span<const TensorPtr> inputs, std::span<const TensorPtr> outputs) {
  const Tensor *x = at(inputs, 0), *y = at(outputs, 0), *mask = at(outputs, 1), *given = at(inputs, 1);
  if (x == nullptr || y == nullptr) return {};
  const double ratio = given == nullptr ? 0.5 : real_at(*given, 0);
  double dropped = 0, counted = 0;
  for (int64_t i = 0; i < y->count(); ++i) {
    const double in = real_at(*x, i), out = real_at(*y, i), scaled = in / (1 - ratio);
    if (out != 0 && std::abs(out - scaled) > 1e-3 * std::abs(scaled) + 1e-5)
      return fmt::format("element {} is {}, expected 0 or {}", i, out, scaled);
    if (in == 0) continue;
    if (mask != nullptr && (real_at(*mask, i) != 0) != (out != 0))
      return fmt::format("element {} is {}, but its mask says {}", i, out, real_at(*mask, i));
    ++counted;
    dropped += out == 0 ? 1 : 0;
  }
  return wrong_share("elements are dropped", dropped, counted * ratio, counted * ratio * (1 - ratio));
}

std::string check_bernoulli(std::span<const TensorPtr> inputs, std::span<const TensorPtr> outputs) {
  const Tensor *chances = at(inputs, 0), *y = at(outputs, 0);
  if (chances == nullptr || y == nullptr) return {};
  double ones = 0, expected = 0, variance = 0;
  for (int64_t i = 0; i < y->count(); ++i) {
    const double chance = real_at(*chances, i), out = real_at(*y, i);
    if (out != 0 && out != 1) return fmt::format("element {} is {}, expected 0 or 1", i, out);
    if ((chance == 0 && out != 0) || (chance == 1 && out != 1))
      return fmt::format("element {} is {} with probability {}", i, out, chance);
    ones += out;
    expected += chance;
    variance += chance * (1 - chance);
  }
  return wrong_share("elements are 1", ones, expected, variance);
}

}  // namespace

bool draws_numbers(const Node& node) noexcept {
  return (node.domain.empty() || node.domain == "ai.onnx") &&
         std::find(kDrawing.begin(), kDrawing.end(), node.op_type) != kDrawing.end();
}

NodeId find_drawing_node(const Graph& graph) {
  for (NodeId id = 0; id < graph.node_count(); ++id)
    if (graph.node(id).alive && draws_numbers(graph.node(id))) return id;
  return kNoId;
}

std::string contradiction(const Node& node, std::span<const TensorPtr> inputs,
                          std::span<const TensorPtr> outputs) {
  if (node.op_type == "Dropout") return check_dropout(inputs, outputs);
  if (node.op_type == "Bernoulli") return check_bernoulli(inputs, outputs);
  return {};
}

std::string contradiction(const Tensor& expected, const Tensor& found) {
  if (expected.type != found.type || expected.dims != found.dims) return "the type or the dims are others";
  bool bits = true;
  const auto is_bit = [](double number) { return number == 0 || number == 1; };
  for (int64_t i = 0; i < expected.count(); ++i) bits = bits && is_bit(real_at(expected, i));
  for (int64_t i = 0; i < found.count(); ++i) {
    const double number = real_at(found, i);
    if (std::isnan(number)) return fmt::format("element {} is NaN", i);
    if (bits && !is_bit(number)) return fmt::format("element {} is {}, expected 0 or 1", i, number);
  }
  return {};
}

}  // namespace bp::conformance
