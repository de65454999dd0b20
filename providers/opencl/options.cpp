#include "options.hpp"

namespace bp::opencl {

std::span<const bp_option_info> option_infos() {
  static const bp_option_info infos[] = {
      sdk::bool_option("fusion", "Run pointwise operators in one kernel with what comes before them.",
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

}  // namespace bp::opencl
