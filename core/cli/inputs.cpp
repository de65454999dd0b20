#include "inputs.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <optional>
#include <random>
#include <utility>

#include "backplane/tensor_file.hpp"
#include "npy_file.hpp"

namespace bp::cli {
namespace {

std::string names_of(const std::vector<ValueInfo>& inputs) {
  std::string names;
  for (const ValueInfo& input : inputs) names += (names.empty() ? "" : ", ") + fmt::format("'{}'", input.name);
  return names.empty() ? "none" : names;
}

// The file given for each input, by index. A name may hold '=': the longest input name that fits decides.
Result<std::vector<std::string>> assign_files(const std::vector<std::string>& files,
                                              const std::vector<ValueInfo>& inputs) {
  std::vector<std::string> assigned(inputs.size());
  std::vector<std::string> unnamed;
  for (const std::string& text : files) {
    std::optional<size_t> best;
    for (size_t i = 0; i < inputs.size(); ++i)
      if (text.starts_with(inputs[i].name + "=") &&
          (!best || inputs[i].name.size() > inputs[*best].name.size()))
        best = i;
    if (!best && text.find('=') != std::string::npos)
      return Status(ErrorCode::kNotFound, fmt::format("--input {}: there is no input '{}'; the model's are {}",
                                                      text, text.substr(0, text.find('=')), names_of(inputs)));
    if (!best) {
      unnamed.push_back(text);
    } else if (!assigned[*best].empty()) {
      return Status(ErrorCode::kInvalidArgument, fmt::format("input '{}' is given twice", inputs[*best].name));
    } else {
      assigned[*best] = text.substr(inputs[*best].name.size() + 1);
    }
  }
  auto free = unnamed.begin();
  for (const bool with_default : {false, true})
    for (size_t i = 0; i < inputs.size() && free != unnamed.end(); ++i)
      if (assigned[i].empty() && inputs[i].has_default == with_default) assigned[i] = *free++;
  if (free != unnamed.end())
    return Status(ErrorCode::kInvalidArgument,
                  fmt::format("--input {}: every input has a value already; the model's are {}", *free,
                              names_of(inputs)));
  return assigned;
}

Result<std::vector<int64_t>> dims_of(const ValueInfo& input, const NamedDims& dims,
                                     const std::map<std::string, int64_t>& symbols) {
  if (const auto given = dims.find(input.name); given != dims.end()) return given->second;
  if (input.kind != ValueKind::kTensor) return std::vector<int64_t>();  // random_input says what it takes
  if (!input.has_rank)
    return Status(ErrorCode::kInvalidArgument,
                  fmt::format("input '{}' has no known rank: give --shape {}=DIMS", input.name, input.name));
  std::vector<int64_t> sizes;
  for (const DimInfo& dim : input.dims) {
    const auto symbol = symbols.find(dim.symbol);
    sizes.push_back(dim.size >= 0 ? dim.size : symbol != symbols.end() ? symbol->second : 1);
  }
  return sizes;
}

template <class T, class Draw>
void fill(Value& value, Draw draw) {
  std::generate_n(static_cast<T*>(value.mutable_data()), value.count(), draw);
}

}  // namespace

void InputFlags::add(CLI::App& command) {
  command
      .add_option(
          "--input", files,
          "Value of an input: .npy, .pb (TensorProto) or a picture (.png .jpg .pgm .ppm .bmp); without a name "
          "it goes to the next input; repeatable")
      ->type_name("[NAME=]FILE")
      ->allow_extra_args(false);
  command.add_flag("--random", random, "Random values for inputs without a file");
  command.add_option("--seed", seed, "Of the random values")->capture_default_str();
  command.add_option("--scale", image.scale, "Pictures: factor of a sample 0..255 [1/255]");
  command.add_option("--mean", image.mean, "Pictures: subtracted after scaling, one or one per channel")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--std", image.std, "Pictures: divisor after that, one or one per channel")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--layout", image.layout, "Pictures: order of the input's dims")
      ->check(CLI::IsMember({"auto", "nchw", "nhwc"}))
      ->capture_default_str();
}

Result<std::vector<NamedValue>> InputFlags::create(const std::vector<ValueInfo>& inputs, const NamedDims& dims,
                                                   const std::map<std::string, int64_t>& symbols) const {
  BP_ASSIGN_OR_RETURN(const std::vector<std::string> assigned, assign_files(files, inputs));
  std::vector<NamedValue> values;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const ValueInfo& input = inputs[i];
    if (!assigned[i].empty()) {
      BP_ASSIGN_OR_RETURN(Value value, read_input_file(assigned[i], input, image));
      values.emplace_back(input.name, std::move(value));
    } else if (input.has_default || input.kind == ValueKind::kOptional) {
      continue;
    } else if (random) {
      BP_ASSIGN_OR_RETURN(std::vector<int64_t> sizes, dims_of(input, dims, symbols));
      BP_ASSIGN_OR_RETURN(Value value, random_input(input, std::move(sizes), seed + i));
      values.emplace_back(input.name, std::move(value));
    } else {
      return Status(ErrorCode::kInvalidArgument,
                    fmt::format("input '{}' ({}) has no value: give --input {}=FILE or --random", input.name,
                                input.type, input.name));
    }
  }
  return values;
}

Result<Value> read_input_file(const std::string& path, const ValueInfo& input, const ImageOptions& options) {
  if (is_image_file(path)) return read_image_file(path, input, options);
  if (path.ends_with(".npy")) return read_npy_file(path);
  if (path.ends_with(".pb")) return read_value_file(path, input);
  return Status(ErrorCode::kInvalidArgument, path + ": expected .npy, .pb, .png, .jpg, .pgm, .ppm or .bmp");
}

Result<Value> random_input(const ValueInfo& input, std::vector<int64_t> dims, uint64_t seed) {
  if (input.kind != ValueKind::kTensor || element_bits(input.element_type) == 0)
    return Status(
        ErrorCode::kUnsupported,
        fmt::format("input '{}' is {}: random values are for tensors of numbers", input.name, input.type));
  BP_ASSIGN_OR_RETURN(Value value, Value::tensor(input.element_type, std::move(dims)));
  std::mt19937_64 bits(seed);
  // 24 bits are what a float32 holds exactly.
  const auto unit = [&] { return static_cast<float>(bits() >> 40) * 0x1p-24F; };
  switch (input.element_type) {
    case ElementType::kFloat32:
      fill<float>(value, unit);
      break;
    case ElementType::kFloat64:
      fill<double>(value, unit);
      break;
    // [0.5, 1): a fixed exponent and random fractions.
    case ElementType::kFloat16:
      fill<uint16_t>(value, [&] { return static_cast<uint16_t>(0x3800 | (bits() & 0x3FF)); });
      break;
    case ElementType::kBfloat16:
      fill<uint16_t>(value, [&] { return static_cast<uint16_t>(0x3F00 | (bits() & 0x7F)); });
      break;
    case ElementType::kInt64:
    case ElementType::kUint64:
      fill<uint64_t>(value, [&] { return bits() & 1; });
      break;
    case ElementType::kInt32:
    case ElementType::kUint32:
      fill<uint32_t>(value, [&] { return static_cast<uint32_t>(bits() & 1); });
      break;
    case ElementType::kInt16:
    case ElementType::kUint16:
      fill<uint16_t>(value, [&] { return static_cast<uint16_t>(bits() & 1); });
      break;
    case ElementType::kInt8:
    case ElementType::kUint8:
    case ElementType::kBool:
      fill<uint8_t>(value, [&] { return static_cast<uint8_t>(bits() & 1); });
      break;
    default:
      return Status(ErrorCode::kUnsupported,
                    fmt::format("input '{}' is {}: no random values of that type", input.name, input.type));
  }
  return value;
}

}  // namespace bp::cli
