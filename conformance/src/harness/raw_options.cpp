#include "harness/raw_options.hpp"

#include <fmt/format.h>

#include <charconv>

namespace bp::conformance {
namespace {

const bp_option_info* find_option(const RawProvider& provider, const std::string& name) {
  for (uint64_t i = 0; i < provider->options.count; ++i) {
    const auto* info = BP_AT(bp_option_info, provider->options, i);
    if (to_text(info->name) == name) return info;
  }
  throw CaseEnd(Outcome::kHarnessError, fmt::format("the provider has no option '{}'", name));
}

template <class T>
T number(const std::string& name, const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw CaseEnd(Outcome::kHarnessError, fmt::format("option '{}': '{}' is no number", name, text));
  }
  return value;
}

}  // namespace

RawOptions::RawOptions(const RawProvider& provider,
                       const std::vector<std::pair<std::string, std::string>>& values, AbiLayout layout)
    : store_(layout) {
  std::vector<bp_option> options;
  for (const auto& [name, text] : values) {
    bp_option option{};
    option.kind = find_option(provider, name)->kind;
    option.name = store_.text(name);
    if (option.kind == BP_OPTION_BOOL) {
      option.int_value = text == "true" || text == "1" ? 1 : 0;
    } else if (option.kind == BP_OPTION_INT) {
      option.int_value = number<int64_t>(name, text);
    } else if (option.kind == BP_OPTION_DOUBLE) {
      option.double_value = number<double>(name, text);
    } else {
      option.string_value = store_.text(text);
    }
    options.push_back(option);
  }
  array_ = store_.structs(options, BP_STRUCT_SIZE(bp_option, string_value));
}

}  // namespace bp::conformance
