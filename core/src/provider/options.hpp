// Typed options of providers: what a provider lists, and checked values to hand to it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "backplane/provider/option.h"
#include "backplane/status.hpp"

namespace bp {

enum class OptionKind : uint32_t { kBool = 1, kInt = 2, kDouble = 3, kString = 4, kChoice = 5 };

// A string is taken for an option of any kind and read as that kind ("true", "12", "0.5").
using OptionValue = std::variant<bool, int64_t, double, std::string>;

struct NamedOption {
  std::string name;
  OptionValue value;
};

struct OptionInfo {
  OptionKind kind = OptionKind::kString;
  std::string name;
  std::string text;
  OptionValue default_value;
  int64_t int_min = 0, int_max = 0;  // kInt
  double double_min = 0, double_max = 0;
  std::vector<std::string> choices;
};

// Values that were checked against a provider's list, in the form in which they cross.
class OptionSet {
 public:
  OptionSet();
  // Later entries win over earlier ones of the same name. An unknown name is NOT_FOUND and names the nearest
  // one; a value of the wrong type or out of range is INVALID_ARGUMENT. `owner` is for messages.
  static Result<OptionSet> create(std::span<const OptionInfo> known, std::span<const NamedOption> values,
                                  std::string_view owner);

  bp_array abi() const noexcept;
  const std::vector<NamedOption>& values() const noexcept { return *values_; }

 private:
  std::shared_ptr<const std::vector<NamedOption>> values_;  // shared: abi_ points into it
  std::shared_ptr<const std::vector<bp_option>> abi_;
};

}  // namespace bp
