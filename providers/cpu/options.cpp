// The list of options, and reading them.
#include "options.hpp"

namespace bp::cpu {

std::span<const bp_option_info> option_infos() {
  static const bp_string modes[] = {abi("off"), abi("quick"), abi("full")};
  static const bp_string precisions[] = {abi("f32"), abi("bf16")};
  static const bp_option_info infos[] = {
      sdk::bool_option("fusion",
                       "Run convolutions and matrix products together with the additions and activations "
                       "after them.",
                       Options{}.fusion),
      sdk::bool_option("winograd", "Use Winograd's algorithm for 3x3 convolutions where it is faster.",
                       Options{}.winograd),
      sdk::bool_option(BP_OPTION_NAME_DETERMINISTIC,
                       "The same bits at every run and for any number of threads: no Winograd, one thread for "
                       "what oneDNN does otherwise on several, the same random numbers where there is no seed.",
                       Options{}.deterministic),
      sdk::choice_option("precision",
                         "What matrix products of float32 with constant weights multiply: float32, or bfloat16 "
                         "with sums in float32, which halves the weights' memory. Needs AVX512_BF16.",
                         "f32", precisions),
      sdk::choice_option("tuning",
                         "Time the ways to do a layer here and take the fastest: never, where the rule is "
                         "unsure, or all of them. Once for a machine: see tuning_cache.",
                         "off", modes),
      sdk::string_option("tuning_cache",
                         "File in which tuning keeps what it measured. Empty: backplane/cpu-tuning in the "
                         "user's cache folder; 'none': no file.",
                         ""),
  };
  return infos;
}

Options read_options(const bp_array& options) {
  const sdk::Options given(options);
  Options result;
  result.fusion = given.get_bool("fusion", result.fusion);
  result.deterministic = given.get_bool(BP_OPTION_NAME_DETERMINISTIC, result.deterministic);
  result.winograd = given.get_bool("winograd", result.winograd) && !result.deterministic;
  result.bfloat16 = given.get_string("precision", "f32") == "bf16";
  const std::string_view tuning = given.get_string("tuning", "off");
  result.tuning = tuning == "full"    ? TuningMode::kFull
                  : tuning == "quick" ? TuningMode::kQuick
                                      : TuningMode::kOff;
  if (result.deterministic) result.tuning = TuningMode::kOff;
  result.tuning_cache = given.get_string("tuning_cache", "");
  return result;
}

}  // namespace bp::cpu
