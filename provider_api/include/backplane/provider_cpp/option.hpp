// Options: reading those that the host passes, and listing those that a provider knows.
#ifndef BACKPLANE_PROVIDER_CPP_OPTION_HPP
#define BACKPLANE_PROVIDER_CPP_OPTION_HPP

#include <limits>
#include <string_view>

#include "../provider/option.h"
#include "error.hpp"
#include "view.hpp"

namespace bp::sdk {

// The options of one call; valid as long as the call. The host has checked names and types against the
// provider's list, so a wrong type here is the provider's own mistake: INVALID_ARGUMENT.
class Options {
 public:
  explicit Options(bp_array options) : options_(options) {}

  [[nodiscard]] bool get_bool(std::string_view name, bool fallback) const {
    const bp_option* option = find(name, BP_OPTION_BOOL);
    return option != nullptr ? option->int_value != 0 : fallback;
  }
  [[nodiscard]] int64_t get_int(std::string_view name, int64_t fallback) const {
    const bp_option* option = find(name, BP_OPTION_INT);
    return option != nullptr ? option->int_value : fallback;
  }
  [[nodiscard]] double get_double(std::string_view name, double fallback) const {
    const bp_option* option = find(name, BP_OPTION_DOUBLE);
    return option != nullptr ? option->double_value : fallback;
  }
  // Also reads a choice.
  [[nodiscard]] std::string_view get_string(std::string_view name, std::string_view fallback) const {
    const bp_option* option = find(name, BP_OPTION_STRING);
    return option != nullptr ? view(option->string_value) : fallback;
  }

 private:
  [[nodiscard]] const bp_option* find(std::string_view name, uint32_t kind) const {
    for (const bp_option& option : options_) {
      if (view(option.name) != name) continue;
      const bool fits = option.kind == kind || (kind == BP_OPTION_STRING && option.kind == BP_OPTION_CHOICE);
      if (fits) return &option;
      throw Error(BP_STATUS_INVALID_ARGUMENT,
                  message("option '", name, "' must be of kind ", kind, ", is ", option.kind));
    }
    return nullptr;
  }

  Array<bp_option> options_;
};

// Entries of a provider's list of options. `name` and `text` have to outlive the provider: string literals.
[[nodiscard]] inline bp_option_info option_info(uint32_t kind, std::string_view name, std::string_view text) {
  bp_option_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_option_info, choices);
  info.kind = kind;
  info.name = abi(name);
  info.text = abi(text);
  return info;
}
[[nodiscard]] inline bp_option_info bool_option(std::string_view name, std::string_view text, bool fallback) {
  bp_option_info info = option_info(BP_OPTION_BOOL, name, text);
  info.int_default = fallback ? 1 : 0;
  info.int_max = 1;
  return info;
}
[[nodiscard]] inline bp_option_info int_option(std::string_view name, std::string_view text, int64_t fallback,
                                               int64_t min = std::numeric_limits<int64_t>::min(),
                                               int64_t max = std::numeric_limits<int64_t>::max()) {
  bp_option_info info = option_info(BP_OPTION_INT, name, text);
  info.int_default = fallback;
  info.int_min = min;
  info.int_max = max;
  return info;
}
[[nodiscard]] inline bp_option_info double_option(std::string_view name, std::string_view text, double fallback,
                                                  double min = std::numeric_limits<double>::lowest(),
                                                  double max = std::numeric_limits<double>::max()) {
  bp_option_info info = option_info(BP_OPTION_DOUBLE, name, text);
  info.double_default = fallback;
  info.double_min = min;
  info.double_max = max;
  return info;
}
[[nodiscard]] inline bp_option_info string_option(std::string_view name, std::string_view text,
                                                  std::string_view fallback) {
  bp_option_info info = option_info(BP_OPTION_STRING, name, text);
  info.string_default = abi(fallback);
  return info;
}
// `choices` has to outlive the provider.
[[nodiscard]] inline bp_option_info choice_option(std::string_view name, std::string_view text,
                                                  std::string_view fallback,
                                                  std::span<const bp_string> choices) {
  bp_option_info info = option_info(BP_OPTION_CHOICE, name, text);
  info.string_default = abi(fallback);
  info.choices = abi(choices);
  return info;
}

}  // namespace bp::sdk

#endif
