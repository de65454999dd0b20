#include "compare/error_facts.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace bp::conformance {
namespace {

bool is_among(std::string_view op_type, std::span<const std::string_view> list) {
  return std::find(list.begin(), list.end(), op_type) != list.end();
}

constexpr std::array<std::string_view, 3> kProducts = {"MatMul", "MatMulInteger", "Attention"};
constexpr std::array<std::string_view, 3> kConvolutions = {"Conv", "ConvInteger", "DeformConv"};
constexpr std::array<std::string_view, 3> kCumulated = {"CumSum", "CumProd", "DFT"};

double ratio(int64_t a, int64_t b) {
  return b <= 0 ? 1 : std::max(1.0, static_cast<double>(a) / static_cast<double>(b));
}

double terms_of(const Node& node, std::span<const TensorPtr> inputs, std::span<const TensorPtr> outputs) {
  if (inputs.empty() || inputs[0] == nullptr || outputs.empty()) return 1;
  const Tensor& x = *inputs[0];
  const auto has = [&](size_t input) { return input < inputs.size() && inputs[input] != nullptr; };
  if (is_among(node.op_type, kProducts)) return x.dims.empty() ? 1 : static_cast<double>(x.dims.back());
  if (node.op_type == "Gemm") return static_cast<double>(x.dims[node.int_or("transA", 0) != 0 ? 0 : 1]);
  if (is_among(node.op_type, kConvolutions) && has(1)) return ratio(inputs[1]->count(), inputs[1]->dims[0]);
  if (node.op_type == "ConvTranspose" && has(1))
    return ratio(inputs[1]->count(), inputs[1]->dims[1]) / static_cast<double>(node.int_or("group", 1));
  if (is_among(node.op_type, kCumulated))
    return static_cast<double>(*std::max_element(x.dims.begin(), x.dims.end()));
  int64_t most = x.count();
  for (const TensorPtr& input : inputs)
    if (input != nullptr) most = std::max(most, input->count());
  if (node.op_type == "Einsum") return static_cast<double>(most);
  return ratio(most, outputs[0]->count());
}

}  // namespace

ErrorFacts error_facts(const Node& node, std::span<const TensorPtr> inputs,
                       std::span<const TensorPtr> outputs) {
  ErrorFacts facts;
  facts.terms = std::max(1.0, terms_of(node, inputs, outputs));
  if (!inputs.empty() && inputs[0] != nullptr) facts.largest_input = largest_magnitude(*inputs[0]);
  if (inputs.size() > 1 && inputs[1] != nullptr) facts.largest_other = largest_magnitude(*inputs[1]);
  return facts;
}

}  // namespace bp::conformance
