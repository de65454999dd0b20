#include "output_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>

#include "backplane/tensor_file.hpp"
#include "compare.hpp"
#include "npy_file.hpp"

namespace bp::cli {
namespace {

constexpr int64_t kShownElements = 8;
constexpr int64_t kShownRows = 16;

std::string tensor_text(const Value& value) {
  std::string text = value.type_string();
  const auto out = std::back_inserter(text);
  const int64_t shown = std::min(value.count(), kShownElements);
  if (value.element_type() == ElementType::kString) {
    if (const auto strings = value.to_strings(); strings.ok())
      for (int64_t i = 0; i < shown; ++i) fmt::format_to(out, " \"{}\"", (*strings)[static_cast<size_t>(i)]);
    return text + (value.count() > shown ? " ..." : "");
  }
  double least = INFINITY, most = -INFINITY;
  int64_t nan_count = 0;
  for (int64_t i = 0; i < value.count(); ++i) {
    const double number = number_at(value, i);
    nan_count += std::isnan(number);
    least = std::fmin(least, number);
    most = std::fmax(most, number);
  }
  if (least <= most) fmt::format_to(out, " in [{:.6g}, {:.6g}]", least, most);
  if (nan_count > 0) fmt::format_to(out, ", {} NaN", nan_count);
  for (int64_t i = 0; i < shown; ++i) fmt::format_to(out, "{} {:.6g}", i == 0 ? ":" : "", number_at(value, i));
  return text + (value.count() > shown ? " ..." : "");
}

void add_row(const Value& value, int64_t begin, int64_t width, uint32_t count,
             const std::vector<std::string>& labels, std::string& text) {
  std::vector<int64_t> order(static_cast<size_t>(width));
  std::iota(order.begin(), order.end(), 0);
  const auto last = order.begin() + std::min<int64_t>(count, width);
  // NaN sorts behind every number, equal elements by their index.
  const auto rank = [&](int64_t index) {
    const double number = number_at(value, begin + index);
    return std::isnan(number) ? -INFINITY : number;
  };
  std::partial_sort(order.begin(), last, order.end(),
                    [&](int64_t a, int64_t b) { return rank(a) != rank(b) ? rank(a) > rank(b) : a < b; });
  for (auto index = order.begin(); index != last; ++index)
    fmt::format_to(std::back_inserter(text), "  {:>5}  {:>12.6g}  {}\n", *index,
                   number_at(value, begin + *index),
                   static_cast<size_t>(*index) < labels.size() ? labels[static_cast<size_t>(*index)] : "");
}

}  // namespace

std::string value_text(const Value& value) {
  if (value.is_tensor()) return tensor_text(value);
  std::string text = value.type_string();
  const auto shown = value.elements().first(std::min<size_t>(value.elements().size(), kShownRows));
  for (const Value& element : shown) text += "\n    " + value_text(element);
  return text + (value.elements().size() > shown.size() ? "\n    ..." : "");
}

Result<std::string> top_text(const Value& value, uint32_t count, const std::vector<std::string>& labels) {
  if (!value.is_tensor() || value.dims().empty() || element_bits(value.element_type()) == 0)
    return Status(ErrorCode::kInvalidArgument,
                  "--top-k needs a tensor of numbers with at least one dim, found " + value.type_string());
  const int64_t width = value.dims().back();
  const int64_t rows = width == 0 ? 0 : value.count() / width;
  std::string text;
  for (int64_t row = 0; row < std::min(rows, kShownRows); ++row) {
    if (rows > 1) text += fmt::format("  row {}\n", row);
    add_row(value, row * width, width, count, labels, text);
  }
  if (rows > kShownRows) text += fmt::format("  ... {} more rows\n", rows - kShownRows);
  return text;
}

Result<std::vector<std::string>> read_labels(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Status(ErrorCode::kNotFound, path + ": " + std::strerror(errno));
  std::vector<std::string> labels;
  for (std::string line; std::getline(file, line);) labels.push_back(std::move(line));
  return labels;
}

Status save_outputs(const std::vector<Value>& values, const std::vector<std::string>& names,
                    const std::string& folder, bool as_pb) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return {ErrorCode::kIo, folder + ": cannot be made: " + error.message()};
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string stem = fmt::format("{}/output_{}", folder, i);
    Status status = as_pb ? Status(ErrorCode::kUnsupported, "") : write_npy_file(stem + ".npy", values[i]);
    if (status.code() == ErrorCode::kUnsupported) status = write_value_file(stem + ".pb", values[i], names[i]);
    BP_RETURN_IF_ERROR(status);
  }
  return {};
}

}  // namespace bp::cli
