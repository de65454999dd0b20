// Every step, by operator. A form that differs from the canonical one only in the types it takes has no entry.
#include "canonicalize/upgrade.hpp"

namespace bp::canonical {

const std::vector<Entry>& upgrade_table() {
  static const std::vector<Entry> table = {
      {"BatchNormalization", 14, batch_normalization},
      {"Clip", 11, clip_to_inputs, true},
      {"DFT", 20, dft_axis_to_input},
      {"Dropout", 12, dropout_to_input},
      {"GridSample", 20, grid_sample_modes},
      {"GroupNormalization", 21, group_normalization},
      {"Hardmax", 13, softmax_over_one_axis, true},
      {"LogSoftmax", 13, softmax_over_one_axis, true},
      {"Pad", 11, pad_to_inputs, true},
      {"ReduceL1", 18, axes_to_input},
      {"ReduceL2", 18, axes_to_input},
      {"ReduceLogSum", 18, axes_to_input},
      {"ReduceLogSumExp", 18, axes_to_input},
      {"ReduceMax", 18, axes_to_input},
      {"ReduceMean", 18, axes_to_input},
      {"ReduceMin", 18, axes_to_input},
      {"ReduceProd", 18, axes_to_input},
      {"ReduceSum", 13, axes_to_input},
      {"ReduceSumSquare", 18, axes_to_input},
      {"Resize", 11, resize_10},
      {"Resize", 13, resize_11},
      {"RoiAlign", 16, roi_align_mode},
      {"Scan", 9, refuse_scan_8},
      {"Scatter", 11, scatter_to_elements},
      {"Slice", 10, slice_to_inputs},
      {"Softmax", 13, softmax_over_one_axis, true},
      {"Split", 13, split_to_input},
      {"Split", 18, split_number},
      {"Squeeze", 13, axes_to_input},
      {"TopK", 10, top_k_to_input},
      {"Unsqueeze", 13, axes_to_input},
      {"Upsample", 10, upsample_to_resize},
  };
  return table;
}

}  // namespace bp::canonical
