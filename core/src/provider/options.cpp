#include "provider/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/nearest_name.hpp"
#include "provider/abi.hpp"

namespace bp {
namespace {

Status wrong(std::string_view owner, const OptionInfo& info, std::string_view expected,
             std::string_view found) {
  return Status(ErrorCode::kInvalidArgument,
                fmt::format("option '{}' of {} must be {}, is {}", info.name, owner, expected, found));
}

std::string shown(const OptionValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return "'" + *text + "'";
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  return fmt::format("{}", std::get<double>(value));
}

template <class T>
std::optional<T> number_in(const std::string& text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

std::optional<bool> flag_in(const OptionValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* number = std::get_if<int64_t>(&value); number && (*number == 0 || *number == 1))
    return *number == 1;
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (*text == "true" || *text == "1" || *text == "on" || *text == "yes") return true;
    if (*text == "false" || *text == "0" || *text == "off" || *text == "no") return false;
  }
  return std::nullopt;
}

std::optional<int64_t> integer_in(const OptionValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return number_in<int64_t>(*text);
  return std::nullopt;
}

std::optional<double> real_in(const OptionValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* number = std::get_if<int64_t>(&value)) return static_cast<double>(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return number_in<double>(*text);
  return std::nullopt;
}

// `value` as the kind that `info` asks for, inside its range.
Result<OptionValue> convert(const OptionInfo& info, const OptionValue& value, std::string_view owner) {
  switch (info.kind) {
    case OptionKind::kBool: {
      const auto flag = flag_in(value);
      if (!flag) return wrong(owner, info, "true or false", shown(value));
      return OptionValue(*flag);
    }
    case OptionKind::kInt: {
      const auto number = integer_in(value);
      if (!number || *number < info.int_min || *number > info.int_max) {
        return wrong(owner, info, fmt::format("an integer from {} to {}", info.int_min, info.int_max),
                     shown(value));
      }
      return OptionValue(*number);
    }
    case OptionKind::kDouble: {
      const auto number = real_in(value);
      if (!number || !(*number >= info.double_min && *number <= info.double_max)) {
        return wrong(owner, info, fmt::format("a number from {} to {}", info.double_min, info.double_max),
                     shown(value));
      }
      return OptionValue(*number);
    }
    case OptionKind::kString:
    case OptionKind::kChoice:
      break;
  }
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return wrong(owner, info, "a text", shown(value));
  if (info.kind == OptionKind::kChoice &&
      std::find(info.choices.begin(), info.choices.end(), *text) == info.choices.end()) {
    return wrong(owner, info, fmt::format("one of {}", fmt::join(info.choices, ", ")), shown(value));
  }
  return OptionValue(*text);
}

Status unknown(std::span<const OptionInfo> known, const std::string& name, std::string_view owner) {
  std::vector<std::string> names;
  for (const OptionInfo& info : known) names.push_back(info.name);
  const std::string_view nearest = nearest_name(name, names);
  std::string hint;
  if (!nearest.empty()) {
    hint = fmt::format("; did you mean '{}'?", nearest);
  } else if (!names.empty()) {
    hint = fmt::format("; it has {}", fmt::join(names, ", "));
  } else {
    hint = "; it has none";
  }
  return Status(ErrorCode::kNotFound, fmt::format("{} has no option '{}'{}", owner, name, hint));
}

bp_option option_to_abi(const NamedOption& option, OptionKind kind) {
  bp_option abi{};
  abi.struct_size = BP_STRUCT_SIZE(bp_option, string_value);
  abi.kind = static_cast<uint32_t>(kind);
  abi.name = to_abi(option.name);
  if (const auto* flag = std::get_if<bool>(&option.value)) abi.int_value = *flag ? 1 : 0;
  if (const auto* number = std::get_if<int64_t>(&option.value)) abi.int_value = *number;
  if (const auto* number = std::get_if<double>(&option.value)) abi.double_value = *number;
  if (const auto* text = std::get_if<std::string>(&option.value)) abi.string_value = to_abi(*text);
  return abi;
}

}  // namespace

OptionSet::OptionSet()
    : values_(std::make_shared<const std::vector<NamedOption>>()),
      abi_(std::make_shared<const std::vector<bp_option>>()) {}

Result<OptionSet> OptionSet::create(std::span<const OptionInfo> known, std::span<const NamedOption> values,
                                    std::string_view owner) {
  auto checked = std::make_shared<std::vector<NamedOption>>();
  std::vector<OptionKind> kinds;
  for (const NamedOption& option : values) {
    const auto info = std::find_if(known.begin(), known.end(),
                                   [&](const OptionInfo& candidate) { return candidate.name == option.name; });
    if (info == known.end()) return unknown(known, option.name, owner);
    BP_ASSIGN_OR_RETURN(OptionValue value, convert(*info, option.value, owner));
    const auto earlier = std::find_if(checked->begin(), checked->end(),
                                      [&](const NamedOption& other) { return other.name == option.name; });
    if (earlier != checked->end()) {
      earlier->value = std::move(value);
    } else {
      checked->push_back({option.name, std::move(value)});
      kinds.push_back(info->kind);
    }
  }
  auto abi = std::make_shared<std::vector<bp_option>>();
  for (size_t i = 0; i < kinds.size(); ++i) abi->push_back(option_to_abi((*checked)[i], kinds[i]));
  OptionSet set;
  set.values_ = std::move(checked);
  set.abi_ = std::move(abi);
  return set;
}

bp_array OptionSet::abi() const noexcept { return array_of(abi_->data(), abi_->size()); }

}  // namespace bp
