// Rules by operator; an empty operator stands for all that have the attribute. Words are separated by '|'.
#include "ops/attribute_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>

namespace bp {
namespace {

struct Words {
  std::string_view op_type;
  std::string_view attribute;
  std::string_view allowed;
};

constexpr std::string_view kReductions = "none|sum|mean";
constexpr std::string_view kScatters = "none|add|mul|max|min";

constexpr Words kWords[] = {
    {"", "auto_pad", "NOTSET|SAME_UPPER|SAME_LOWER|VALID"},
    {"BitShift", "direction", "LEFT|RIGHT"},
    {"GRU", "direction", "forward|reverse|bidirectional"},
    {"LSTM", "direction", "forward|reverse|bidirectional"},
    {"RNN", "direction", "forward|reverse|bidirectional"},
    {"DepthToSpace", "mode", "DCR|CRD"},
    {"SpaceToDepth", "mode", "DCR|CRD"},
    {"GridSample", "mode", "linear|nearest|cubic|bilinear|bicubic"},
    {"GridSample", "padding_mode", "zeros|border|reflection"},
    {"Pad", "mode", "constant|reflect|edge|wrap"},
    {"Resize", "mode", "nearest|linear|cubic"},
    {"Upsample", "mode", "nearest|linear|bilinear"},
    {"RoiAlign", "mode", "avg|max"},
    {"TfIdfVectorizer", "mode", "TF|IDF|TFIDF"},
    {"Momentum", "mode", "standard|nesterov"},
    {"Resize", "coordinate_transformation_mode",
     "half_pixel|half_pixel_symmetric|pytorch_half_pixel|align_corners|asymmetric|tf_crop_and_resize|"
     "tf_half_pixel_for_nn"},
    {"RoiAlign", "coordinate_transformation_mode", "half_pixel|output_half_pixel"},
    {"Resize", "nearest_mode", "round_prefer_floor|round_prefer_ceil|floor|ceil"},
    {"Resize", "keep_aspect_ratio_policy", "stretch|not_larger|not_smaller"},
    {"ScatterElements", "reduction", kScatters},
    {"ScatterND", "reduction", kScatters},
    {"NegativeLogLikelihoodLoss", "reduction", kReductions},
    {"SoftmaxCrossEntropyLoss", "reduction", kReductions},
    {"Gelu", "approximate", "none|tanh"},
    {"ImageDecoder", "pixel_format", "RGB|BGR|Grayscale"},
    {"StringNormalizer", "case_change_action", "LOWER|UPPER|NONE"},
    {"TensorScatter", "mode", "linear|circular"},
    {"Cast", "round_mode", "up|down|nearest"},
    {"CastLike", "round_mode", "up|down|nearest"},
    {"Normalizer", "norm", "MAX|L1|L2"},
    {"", "post_transform", "NONE|SOFTMAX|LOGISTIC|SOFTMAX_ZERO|PROBIT"},
    {"", "kernel_type", "LINEAR|POLY|RBF|SIGMOID"},
    {"CastMap", "cast_to", "TO_FLOAT|TO_STRING|TO_INT64"},
    {"CastMap", "map_form", "DENSE|SPARSE"},
    {"", "aggregate_function", "AVERAGE|SUM|MIN|MAX"},
};

struct Bounds {
  std::string_view op_type;
  std::string_view attribute;
  int64_t least;
  int64_t most = std::numeric_limits<int64_t>::max();
};

// For integers, and for each entry of a list.
constexpr Bounds kBounds[] = {
    {"", "group", 1},
    {"", "blocksize", 1},
    {"", "num_groups", 1},
    {"", "offset_group", 1},
    {"", "hidden_size", 1},
    {"", "output_height", 1},
    {"", "output_width", 1},
    {"", "num_outputs", 1},
    {"", "layout", 0, 1},
    {"", "storage_order", 0, 1},
    {"", "kernel_shape", 1},
    {"", "strides", 1},
    {"", "dilations", 1},
    {"", "pooled_shape", 1},
    {"LRN", "size", 1},
    {"Multinomial", "sample_size", 1},
    {"LpPool", "p", 1},
    {"GlobalLpPool", "p", 1},
    {"LpNormalization", "p", 1, 2},
    {"TfIdfVectorizer", "min_gram_length", 1},
    {"TfIdfVectorizer", "max_gram_length", 1},
    {"TfIdfVectorizer", "max_skip_count", 0},
    {"", "q_num_heads", 1},
    {"", "kv_num_heads", 1},
    {"", "num_heads", 0},
    {"ReverseSequence", "time_axis", 0, 1},
    {"ReverseSequence", "batch_axis", 0, 1},
};

// Attributes that name an element type; 0 stands for "as the operator says" where `optional`.
struct TypeName {
  std::string_view attribute;
  bool optional;
};
constexpr TypeName kTypeNames[] = {
    {"to", false}, {"dtype", false}, {"output_dtype", true}, {"output_datatype", false}};

constexpr int64_t kMostTypes = 255;

bool is_among(std::string_view word, std::string_view list) {
  while (!list.empty()) {
    const size_t end = std::min(list.find('|'), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

Status wrong(const Node& node, std::string_view attribute, const std::string& expected,
             const std::string& found) {
  return {ErrorCode::kInvalidModel,
          fmt::format("{}: attribute '{}' must be {}, is {}", node.label(), attribute, expected, found)};
}

std::string in_words(std::string_view list) {
  std::string text = "one of ";
  for (const char c : list) text += c == '|' ? std::string(", ") : std::string(1, c);
  return text;
}

Status check_bounds(const Node& node, const Bounds& bounds, int64_t value) {
  if (value >= bounds.least && value <= bounds.most) return {};
  const bool open = bounds.most == std::numeric_limits<int64_t>::max();
  const std::string expected = open ? fmt::format("at least {}", bounds.least)
                                    : fmt::format("between {} and {}", bounds.least, bounds.most);
  return wrong(node, bounds.attribute, expected, std::to_string(value));
}

// The attribute as a whole number or a list of them.
std::span<const int64_t> whole_numbers(const Node& node, std::string_view name) {
  const Attribute* attribute = node.find_attribute(name);
  if (attribute == nullptr) return {};
  if (const auto* one = std::get_if<int64_t>(&attribute->value)) return {one, 1};
  if (const auto* list = std::get_if<std::vector<int64_t>>(&attribute->value)) return *list;
  return {};
}

}  // namespace

Status check_attribute_values(const Node& node, const OpSchema& schema) {
  for (const Words& rule : kWords) {
    if (!rule.op_type.empty() && rule.op_type != schema.op_type) continue;
    const Attribute* attribute = node.find_attribute(rule.attribute);
    const auto* word = attribute == nullptr ? nullptr : std::get_if<std::string>(&attribute->value);
    if (word != nullptr && !is_among(*word, rule.allowed))
      return wrong(node, rule.attribute, in_words(rule.allowed), "'" + *word + "'");
  }
  for (const Bounds& rule : kBounds) {
    if (!rule.op_type.empty() && rule.op_type != schema.op_type) continue;
    for (const int64_t value : whole_numbers(node, rule.attribute))
      BP_RETURN_IF_ERROR(check_bounds(node, rule, value));
  }
  for (const TypeName& rule : kTypeNames) {
    for (const int64_t value : whole_numbers(node, rule.attribute)) {
      const bool known =
          value > 0 && value <= kMostTypes && element_type_name(static_cast<ElementType>(value)) != "undefined";
      if (!known && !(rule.optional && value == 0))
        return wrong(node, rule.attribute, "the number of an element type", std::to_string(value));
    }
  }
  return {};
}

}  // namespace bp
