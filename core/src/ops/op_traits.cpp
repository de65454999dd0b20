#include "ops/op_traits.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "ops/op_schema.hpp"

namespace bp {
namespace {

constexpr uint32_t bits(std::initializer_list<uint32_t> inputs) {
  uint32_t mask = 0;
  for (const uint32_t input : inputs) mask |= 1u << input;
  return mask;
}

constexpr OpTraits shaped(std::initializer_list<uint32_t> inputs) {
  return {bits(inputs), false, false, false};
}
constexpr OpTraits kDataDependent{0, true, false, false};
constexpr OpTraits kRandom{0, false, true, false};
constexpr OpTraits kCommutative{0, false, false, true};

struct Entry {
  std::string_view op_type;
  OpTraits traits;
};

// Sorted by operator.
constexpr Entry kEntries[] = {
    {"Add", kCommutative},
    {"AffineGrid", shaped({1})},
    {"And", kCommutative},
    {"Bernoulli", kRandom},
    {"BitwiseAnd", kCommutative},
    {"BitwiseOr", kCommutative},
    {"BitwiseXor", kCommutative},
    {"BlackmanWindow", shaped({0})},
    {"CenterCropPad", shaped({1})},
    {"Col2Im", shaped({1, 2})},
    {"Compress", kDataDependent},
    {"ConstantOfShape", shaped({0})},
    {"DFT", shaped({1, 2})},
    {"Dropout", kRandom},
    {"Equal", kCommutative},
    {"Expand", shaped({1})},
    {"HammingWindow", shaped({0})},
    {"HannWindow", shaped({0})},
    {"ImageDecoder", kDataDependent},
    {"Max", kCommutative},
    {"MaxUnpool", shaped({2})},
    {"Mean", kCommutative},
    {"MelWeightMatrix", shaped({0, 1})},
    {"Min", kCommutative},
    {"Mul", kCommutative},
    {"Multinomial", kRandom},
    {"NonMaxSuppression", kDataDependent},
    {"NonZero", kDataDependent},
    {"OneHot", shaped({1})},
    {"Or", kCommutative},
    {"Pad", shaped({1, 3})},
    {"RandomNormal", kRandom},
    {"RandomNormalLike", kRandom},
    {"RandomUniform", kRandom},
    {"RandomUniformLike", kRandom},
    {"Range", shaped({0, 1, 2})},
    {"ReduceL1", shaped({1})},
    {"ReduceL2", shaped({1})},
    {"ReduceLogSum", shaped({1})},
    {"ReduceLogSumExp", shaped({1})},
    {"ReduceMax", shaped({1})},
    {"ReduceMean", shaped({1})},
    {"ReduceMin", shaped({1})},
    {"ReduceProd", shaped({1})},
    {"ReduceSum", shaped({1})},
    {"ReduceSumSquare", shaped({1})},
    {"Reshape", shaped({1})},
    {"Resize", shaped({1, 2, 3})},
    {"STFT", shaped({1, 3})},
    {"Slice", shaped({1, 2, 3, 4})},
    {"Split", shaped({1})},
    {"SplitToSequence", shaped({1})},
    {"Squeeze", shaped({1})},
    {"StringNormalizer", kDataDependent},
    {"StringSplit", kDataDependent},
    {"Sum", kCommutative},
    {"Tile", shaped({1})},
    {"TopK", shaped({1})},
    {"Unique", kDataDependent},
    {"Unsqueeze", shaped({1})},
    {"Xor", kCommutative},
};

}  // namespace

OpTraits traits_of(const Node& node) noexcept {
  if (node.domain == kMicrosoftDomain) return node.op_type == "Tokenizer" ? kDataDependent : OpTraits{};
  if (!node.domain.empty() && node.domain != "ai.onnx") return {};
  const std::string_view op_type = node.op_type;
  const auto less = [&](const Entry& entry) { return entry.op_type < op_type; };
  const auto entry = std::partition_point(std::begin(kEntries), std::end(kEntries), less);
  return entry != std::end(kEntries) && entry->op_type == op_type ? entry->traits : OpTraits{};
}

}  // namespace bp
