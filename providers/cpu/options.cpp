// The list of options, and reading them.
#include "options.hpp"

namespace bp::cpu {

std::span<const bp_option_info> option_infos() {
  static const bp_option_info infos[] = {
      sdk::bool_option(
          "fusion",
          "Run convolutions and matrix products together with the additions and activations after them.",
          Options{}.fusion),
  };
  return infos;
}

Options read_options(const bp_array& options) {
  const sdk::Options given(options);
  Options result;
  result.fusion = given.get_bool("fusion", result.fusion);
  return result;
}

}  // namespace bp::cpu
