// The list of options, and reading them.
#include "options.hpp"

namespace bp::cpu {

std::span<const bp_option_info> option_infos() {
  static const bp_option_info infos[] = {
      sdk::bool_option("fusion",
                       "Run convolutions and matrix products together with the additions and activations "
                       "after them.",
                       Options{}.fusion),
      sdk::bool_option("winograd", "Use Winograd's algorithm for wide 3x3 convolutions.", Options{}.winograd),
      sdk::bool_option(BP_OPTION_NAME_DETERMINISTIC,
                       "Sum in the plain order only: no Winograd, whatever else is set.", false),
  };
  return infos;
}

Options read_options(const bp_array& options) {
  const sdk::Options given(options);
  Options result;
  result.fusion = given.get_bool("fusion", result.fusion);
  result.winograd =
      given.get_bool("winograd", result.winograd) && !given.get_bool(BP_OPTION_NAME_DETERMINISTIC, false);
  return result;
}

}  // namespace bp::cpu
