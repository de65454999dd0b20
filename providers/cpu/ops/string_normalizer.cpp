// StringNormalizer: drops stopwords, then changes the case.
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "ops/letters.hpp"
#include "ops/table.hpp"
#include "texts.hpp"

namespace bp::cpu {

namespace {

constexpr RunError kNotUtf8 = "a string is not UTF-8";

struct Normalizer {
  Case output = Case::kNone;   // of what is kept
  Case compare = Case::kNone;  // in which strings and stopwords are compared
  std::unordered_set<std::string> stopwords;
};

void check_normalizer(Check& check) {
  check.required(0);
  check.types(0, kString);
  check.rank_between(0, 1, 2);
  check.string_attribute("case_change_action", "NONE", {"NONE", "LOWER", "UPPER"});
  if (!has_letters()) {
    check.reject(BP_REASON_OTHER, "the machine has no C.UTF-8 locale, which knows the letters' cases");
  }
}

std::shared_ptr<const Normalizer> normalizer_of(Builder& b) {
  auto result = std::make_shared<Normalizer>();
  const std::string action = b.attributes().string_or("case_change_action", "NONE");
  result->output = action == "LOWER" ? Case::kLower : action == "UPPER" ? Case::kUpper : Case::kNone;
  if (b.attributes().int_or("is_case_sensitive", 0) == 0) result->compare = Case::kLower;
  for (const std::string& word : b.attributes().strings("stopwords")) {
    std::string form;
    if (!change_case(word, result->compare, form)) b.fail(text("stopword '", word, "' is not UTF-8"));
    result->stopwords.insert(std::move(form));
  }
  return result;
}

RunError normalize(const Normalizer& rule, const Text* in, int64_t count, TextState& state) {
  std::string form;
  for (int64_t i = 0; i < count; ++i) {
    if (!rule.stopwords.empty()) {
      form.clear();
      if (!change_case(in[i].view(), rule.compare, form)) return kNotUtf8;
      if (rule.stopwords.contains(form)) continue;
    }
    if (rule.output == Case::kNone) {
      state.items.push_back(in[i]);
      continue;
    }
    form.clear();
    if (!change_case(in[i].view(), rule.output, form)) return kNotUtf8;
    state.items.push_back(state.arena.keep(form));
  }
  return nullptr;
}

void build_normalizer(Builder& b) {
  const Dims dims = b.input_dims(0);
  if (dims.size() == 2 && dims[0] != 1) {
    b.fail(text("the input must have dims [C] or [1,C], has ", dims_text(dims)));
  }
  const auto rule = normalizer_of(b);
  const int64_t count = dims.back();
  const size_t true_dims = b.grown_output(0, dims.size());
  b.step(make_text_kernel([=](const Call& call, TextState& state) -> RunError {
    if (const RunError error = normalize(*rule, call.in<Text>(0), count, state)) return error;
    if (state.items.empty()) state.items.emplace_back();  // nothing left: one empty string
    *call.out<const Text*>(1) = state.items.data();
    auto* stated = call.out<int64_t>(true_dims);
    stated[0] = 1;
    stated[dims.size() - 1] = static_cast<int64_t>(state.items.size());
    return nullptr;
  }));
}

constexpr Row kRows[] = {{"StringNormalizer", check_normalizer, build_normalizer, 10}};

}  // namespace

std::span<const Row> string_normalizer_rows() { return kRows; }

}  // namespace bp::cpu
