// The options: one of each type.
#include <array>

#include "options.hpp"
#include "provider.hpp"

namespace broken {
namespace {

constexpr bp_string text(std::string_view view) { return {view.data(), view.size()}; }
constexpr std::array<bp_string, 2> kAccumulators = {text("float32"), text("float64")};

std::array<bp_option_info, 5> make_list() {
  using namespace bp::sdk;
  const std::string_view fallback = "float32";
  std::array<bp_option_info, 5> list = {
      bool_option(BP_OPTION_NAME_DETERMINISTIC, "Same inputs, same bits; this device knows no other way.",
                  false),
      int_option("max_partition_nodes", "Partitions with more nodes are split.", 64, 1, 4096),
      double_option("claim_up_to_mbytes", "Constants larger than this are refused.", 1024.0, 0.0, 1e6),
      choice_option("accumulate", "Type in which MatMul adds up.", fallback, kAccumulators),
      string_option("label", "A name for the device's log lines.", "")};
  if (has(Fault::lists_a_default_out_of_range)) list[1].int_default = 0;
  return list;
}

}  // namespace

bp_array list_options() {
  static const std::array<bp_option_info, 5> list = make_list();
  return {list.data(), list.size(), sizeof list[0]};
}

Settings read_settings(bp_array options) {
  const bp::sdk::Options values(options);
  Settings settings;
  settings.max_partition_nodes = static_cast<uint64_t>(values.get_int("max_partition_nodes", 64));
  settings.claim_up_to_bytes = static_cast<uint64_t>(values.get_double("claim_up_to_mbytes", 1024.0) * 1e6);
  // The fault: what is listed as the default is not what happens without the option.
  const std::string_view fallback = has(Fault::has_another_default) ? "float64" : "float32";
  settings.accumulate_float64 = values.get_string("accumulate", fallback) == "float64";
  return settings;
}

}  // namespace broken
