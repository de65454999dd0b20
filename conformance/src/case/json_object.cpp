#include "case/json_object.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace bp::conformance {

using nlohmann::json;

JsonObject::JsonObject(const json& from, std::string_view place) : json_(from), place_(place) {
  if (!from.is_object()) throw std::invalid_argument(fmt::format("{} must be an object", place));
}

bool JsonObject::has(std::string_view name) const { return json_.contains(name); }

const json& JsonObject::field(std::string_view name) {
  const auto found = json_.find(name);
  if (found == json_.end()) throw std::invalid_argument(fmt::format("{}: '{}' is missing", place_, name));
  read_.emplace(name);
  return *found;
}

void JsonObject::wrong(std::string_view name, std::string_view expected) const {
  throw std::invalid_argument(fmt::format("{}: '{}' must be {}, is {}", place_, name, expected,
                                          json_[std::string(name)].dump().substr(0, 80)));
}

std::string JsonObject::text(std::string_view name) {
  const json& value = field(name);
  if (!value.is_string()) wrong(name, "a string");
  return value.get<std::string>();
}

uint64_t JsonObject::count(std::string_view name) {
  const json& value = field(name);
  const bool fits = value.is_number_unsigned() || (value.is_number_integer() && value.get<int64_t>() >= 0);
  if (!fits) wrong(name, "a whole number of 0 or more");
  return value.get<uint64_t>();
}

uint64_t JsonObject::count_text(std::string_view name) {
  const std::string digits = text(name);
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) wrong(name, "a number as a string");
  return value;
}

int64_t JsonObject::integer(std::string_view name) {
  const json& value = field(name);
  if (!value.is_number_integer()) wrong(name, "a whole number");
  return value.get<int64_t>();
}

double JsonObject::number(std::string_view name) {
  const json& value = field(name);
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  if (value == "-inf") return -std::numeric_limits<double>::infinity();
  if (!value.is_number()) wrong(name, "a number");
  return value.get<double>();
}

bool JsonObject::flag(std::string_view name) {
  const json& value = field(name);
  if (!value.is_boolean()) wrong(name, "true or false");
  return value.get<bool>();
}

const json& JsonObject::list(std::string_view name) {
  const json& value = field(name);
  if (!value.is_array()) wrong(name, "a list");
  return value;
}

const json& JsonObject::object(std::string_view name) {
  const json& value = field(name);
  if (!value.is_object()) wrong(name, "an object");
  return value;
}

void JsonObject::end() const {
  for (const auto& [name, value] : json_.items()) {
    if (!read_.contains(name)) throw std::invalid_argument(fmt::format("{}: unknown field '{}'", place_, name));
  }
}

json number_to_json(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  return number;
}

}  // namespace bp::conformance
