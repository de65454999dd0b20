// The list of operator families, and the search by name.
#include "ops/table.hpp"

#include <map>
#include <utility>

#include "ops/classical_rows.hpp"
#include "ops/late_rows.hpp"
#include "ops/movement_rows.hpp"
#include "ops/random.hpp"

namespace bp::cpu {

namespace {

using Key = std::pair<std::string_view, std::string_view>;

std::map<Key, const Row*> collect() {
  std::map<Key, const Row*> rows;
  // A line each.
  // clang-format off
  const std::span<const Row> families[] = {
      attention_rows(),
      binary_rows(),
      cast_rows(),
      causal_convolution_rows(),
      channel_normalization_rows(),
      compress_rows(),
      concat_rows(),
      convolution_rows(),
      cumulate_rows(),
      deform_rows(),
      det_rows(),
      detection_rows(),
      fourier_rows(),
      gather_rows(),
      generate_rows(),
      integer_convolution_rows(),
      integer_matmul_rows(),
      image_decoder_rows(),
      linear_attention_rows(),
      matmul_rows(),
      ml_category_rows(),
      ml_feature_rows(),
      ml_linear_rows(),
      ml_svm_rows(),
      ml_tree_rows(),
      max_roi_pool_rows(),
      mel_rows(),
      pad_rows(),
      pooling_rows(),
      recurrent_rows(),
      quantize_rows(),
      random_rows(),
      reduce_rows(),
      regex_rows(),
      reshape_rows(),
      resize_rows(),
      rms_normalization_rows(),
      rotary_embedding_rows(),
      sampling_rows(),
      scatter_rows(),
      select_rows(),
      sequence_rows(),
      slice_rows(),
      softmax_rows(),
      statistics_rows(),
      top_k_rows(),
      string_normalizer_rows(),
      string_rows(),
      tfidf_rows(),
      tokenizer_rows(),
      transpose_rows(),
      unary_rows(),
      unfold_rows(),
  };
  // clang-format on
  for (const auto& family : families) {
    for (const Row& row : family) rows.emplace(Key{row.domain, row.op_type}, &row);
  }
  return rows;
}

}  // namespace

const Row* find_row(std::string_view domain, std::string_view op_type) {
  static const std::map<Key, const Row*> rows = collect();
  const auto found = rows.find({domain, op_type});
  return found == rows.end() ? nullptr : found->second;
}

}  // namespace bp::cpu
