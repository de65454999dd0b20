// TfIdfVectorizer: counts n-grams of a pool in rows of strings or integers.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

constexpr uint32_t kNowhere = UINT32_MAX;

// The pool as a trie whose edges are one hash table over (node, item). Node 0 is the root.
class Grams {
 public:
  // Adds the n-gram `items` (numbers of items); its count goes to column `column`.
  void add(const std::vector<uint32_t>& items, int64_t column) {
    uint32_t node = 0;
    for (const uint32_t item : items) {
      const auto next = static_cast<uint32_t>(columns_.size());
      const auto [edge, is_new] = edges_.emplace(key(node, item), next);
      if (is_new) columns_.push_back(-1);
      node = edge->second;
    }
    columns_[node] = column;
  }
  uint32_t next(uint32_t node, uint32_t item) const {
    const auto edge = edges_.find(key(node, item));
    return edge == edges_.end() ? kNowhere : edge->second;
  }
  // -1: no n-gram of the pool ends here.
  int64_t column(uint32_t node) const { return columns_[node]; }

 private:
  static uint64_t key(uint32_t node, uint32_t item) { return uint64_t{node} << 32 | item; }
  std::unordered_map<uint64_t, uint32_t> edges_;
  std::vector<int64_t> columns_ = {-1};
};

enum class Weighting { kCount, kPresence, kProduct };

struct Vectorizer {
  std::vector<std::string> words;  // owns what `strings` looks at
  std::unordered_map<std::string_view, uint32_t> strings;
  std::unordered_map<int64_t, uint32_t> integers;
  Grams grams;
  int64_t shortest = 1;
  int64_t longest = 1;
  int64_t skips = 0;
  Weighting weighting = Weighting::kCount;
  std::vector<float> weights;  // per column, or empty
  int64_t columns = 0;

  uint32_t number(Text word) const { return find(strings, word.view()); }
  uint32_t number(int64_t item) const { return find(integers, item); }

 private:
  template <class Map, class Key>
  static uint32_t find(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? kNowhere : found->second;
  }
};

void check_vectorizer(Check& check) {
  check.required(0);
  check.types(0, kString | kIndices);
  check.string_attribute("mode", "", {"TF", "IDF", "TFIDF"});
  for (const char* name : {"ngram_counts", "ngram_indexes", "min_gram_length", "max_gram_length"}) {
    if (!check.node.attributes.has(name)) {
      check.reject_attribute(name, text("attribute '", name, "' is needed and missing"));
    }
  }
}

// The pool's items numbered, equal ones alike.
std::vector<uint32_t> number_pool(Builder& b, Vectorizer& rule) {
  std::vector<uint32_t> pool;
  rule.words = b.attributes().strings("pool_strings");
  const Dims integers = b.attributes().ints_or("pool_int64s", {});
  const bool strings = b.input_type(0) == Type::kString;
  if (strings ? rule.words.empty() : integers.empty()) {
    b.fail(text("the input is ", type_name(b.input_type(0)), ", but attribute '",
                strings ? "pool_strings" : "pool_int64s", "' is empty"));
  }
  const auto take = [&](auto& map, const auto& key) {
    pool.push_back(map.emplace(key, static_cast<uint32_t>(map.size())).first->second);
  };
  if (strings) {
    for (const std::string& word : rule.words) take(rule.strings, std::string_view(word));
  } else {
    for (const int64_t item : integers) take(rule.integers, item);
  }
  return pool;
}

void add_grams(Builder& b, Vectorizer& rule) {
  const std::vector<uint32_t> pool = number_pool(b, rule);
  const Dims starts = b.attributes().ints_or("ngram_counts", {});
  const Dims columns = b.attributes().ints_or("ngram_indexes", {});
  const auto end = static_cast<int64_t>(pool.size());
  size_t gram = 0;
  for (size_t i = 0; i < starts.size(); ++i) {
    const auto length = static_cast<int64_t>(i) + 1;
    const int64_t last = i + 1 < starts.size() ? starts[i + 1] : end;
    if (starts[i] < 0 || starts[i] > last || last > end || (last - starts[i]) % length != 0) {
      b.fail(text("ngram_counts ", dims_text(starts), " does not cut a pool of ", end,
                  " items into n-grams: ", length, "-grams would be [", starts[i], ", ", last, ")"));
    }
    for (int64_t at = starts[i]; at < last; at += length, ++gram) {
      if (gram >= columns.size()) {
        b.fail(text("ngram_indexes has ", columns.size(), " elements, the pool has more n-grams"));
      }
      if (length < rule.shortest || length > rule.longest) continue;
      rule.grams.add({pool.begin() + at, pool.begin() + at + length}, columns[gram]);
    }
  }
  if (gram != columns.size()) {
    b.fail(text("ngram_indexes has ", columns.size(), " elements, the pool has ", gram, " n-grams"));
  }
}

std::shared_ptr<const Vectorizer> vectorizer_of(Builder& b) {
  auto rule = std::make_shared<Vectorizer>();
  const std::string mode = b.attributes().string_or("mode", "");
  rule->weighting = mode == "TF"    ? Weighting::kCount
                    : mode == "IDF" ? Weighting::kPresence
                                    : Weighting::kProduct;
  rule->shortest = b.attributes().int_or("min_gram_length", 1);
  rule->longest = b.attributes().int_or("max_gram_length", 1);
  rule->skips = b.attributes().int_or("max_skip_count", 0);
  if (rule->shortest < 1 || rule->longest < rule->shortest || rule->skips < 0) {
    b.fail(text("expected 1 <= min_gram_length <= max_gram_length and max_skip_count >= 0, found ",
                rule->shortest, ", ", rule->longest, " and ", rule->skips));
  }
  const Dims columns = b.attributes().ints_or("ngram_indexes", {});
  if (columns.empty() || *std::min_element(columns.begin(), columns.end()) < 0) {
    b.fail("ngram_indexes must have elements, none below 0");
  }
  rule->columns = *std::max_element(columns.begin(), columns.end()) + 1;
  constexpr int64_t kMostColumns = int64_t{1} << 31;
  if (rule->columns > kMostColumns) b.fail(text("ngram_indexes asks for ", rule->columns, " columns"));
  const std::vector<float> weights = b.attributes().floats_or("weights", {});
  if (!weights.empty()) {  // one per n-gram of the pool
    if (weights.size() != columns.size()) {
      b.fail(
          text("weights must have ", columns.size(), " elements, as ngram_indexes has, has ", weights.size()));
    }
    rule->weights.assign(static_cast<size_t>(rule->columns), 0.0f);
    for (size_t gram = 0; gram < columns.size(); ++gram) {
      rule->weights[static_cast<size_t>(columns[gram])] = weights[gram];
    }
  }
  add_grams(b, *rule);
  return rule;
}

// Items `skip` apart, from every start on: each n-gram of the pool that is met counts one.
template <class T>
void count_grams(const Vectorizer& rule, const T* items, int64_t count, int64_t skip, int64_t shortest,
                 float* row) {
  for (int64_t start = 0; start + skip * (shortest - 1) < count; ++start) {
    uint32_t node = 0;
    for (int64_t length = 1; length <= rule.longest; ++length) {
      const int64_t at = start + (length - 1) * skip;
      if (at >= count) break;
      const uint32_t item = rule.number(items[at]);
      node = item == kNowhere ? kNowhere : rule.grams.next(node, item);
      if (node == kNowhere) break;
      const int64_t column = rule.grams.column(node);
      if (length >= shortest && column >= 0) row[column] += 1;
    }
  }
}

template <class T>
void vectorize(const Vectorizer& rule, const T* items, int64_t count, float* row) {
  std::fill_n(row, rule.columns, 0.0f);
  for (int64_t skip = 1; skip <= rule.skips + 1 && skip <= std::max<int64_t>(count, 1); ++skip) {
    // Single items lie no distance apart: they count once.
    const int64_t shortest = skip == 1 ? rule.shortest : std::max<int64_t>(rule.shortest, 2);
    if (shortest > rule.longest) break;
    count_grams(rule, items, count, skip, shortest, row);
  }
  if (rule.weighting == Weighting::kCount) return;
  for (int64_t column = 0; column < rule.columns; ++column) {
    const float weight = rule.weights.empty() ? 1.0f : rule.weights[static_cast<size_t>(column)];
    const float times = rule.weighting == Weighting::kProduct ? row[column] : row[column] > 0 ? 1.0f : 0.0f;
    row[column] = times * weight;
  }
}

void build_vectorizer(Builder& b) {
  const Dims& dims = b.input_dims(0);
  if (dims.size() > 2) b.fail(text("the input must have dims [C] or [N,C], has ", dims_text(dims)));
  const auto rule = vectorizer_of(b);
  const int64_t rows = dims.size() == 2 ? dims[0] : 1;
  const int64_t count = dims.empty() ? 1 : dims.back();
  b.output(0, dims.size() == 2 ? Dims{rows, rule->columns} : Dims{rule->columns});
  const int threads = b.threads();
  dispatch<kString | kIndices>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      const T* items = call.in<T>(0);
      float* out = call.out<float>(1);
      const int64_t work = rows * (rule->columns + 8 * count * (rule->skips + 1));
      parallel_for(threads, rows, work, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
          vectorize(*rule, items + row * count, count, out + row * rule->columns);
        }
      });
    });
  });
}

constexpr Row kRows[] = {{"TfIdfVectorizer", check_vectorizer, build_vectorizer, 9}};

}  // namespace

std::span<const Row> tfidf_rows() { return kRows; }

}  // namespace bp::cpu
