#include "options.hpp"

#include <algorithm>

namespace bp::opencl {

std::span<const bp_option_info> option_infos() {
  static const bp_option_info infos[] = {
      sdk::bool_option("fusion", "Run pointwise operators in one kernel with what comes before them.",
                       Options{}.fusion),
      sdk::string_option("leave", "Operators that are left to other devices, separated by commas.", ""),
  };
  return infos;
}

Options read_options(const bp_array& options) {
  const sdk::Options given(options);
  Options result;
  result.fusion = given.get_bool("fusion", result.fusion);
  std::string_view left = given.get_string("leave", "");
  while (!left.empty()) {
    const size_t end = std::min(left.size(), left.find(','));
    if (end > 0) result.leave.emplace(left.substr(0, end));
    left.remove_prefix(std::min(left.size(), end + 1));
  }
  return result;
}

}  // namespace bp::opencl
