// com.microsoft.Tokenizer: cuts strings at separators, or takes what matches an expression; both by RE2, with
// the longest match. Without the library the operator is not offered.
#include "ops/table.hpp"

#if defined(BP_CPU_HAS_RE2)
#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ops/letters.hpp"
#include "texts.hpp"
#endif

namespace bp::cpu {

#if defined(BP_CPU_HAS_RE2)
namespace {

using Pieces = std::vector<std::string_view>;

struct Tokenization {
  bool by_character = false;
  std::vector<std::unique_ptr<re2::RE2>> separators;  // applied one after the other
  std::unique_ptr<re2::RE2> token;
  std::string padding;
  int64_t least_characters = 1;
  bool marks = false;  // a start and an end around each row's tokens
};

constexpr std::string_view kStart = "\x02";
constexpr std::string_view kEnd = "\x03";

std::unique_ptr<re2::RE2> expression(const std::string& pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_longest_match(true);
  return std::make_unique<re2::RE2>(pattern, options);
}

void check_expression(Check& check, const char* attribute, const std::string& pattern) {
  const auto compiled = expression(pattern);
  if (compiled->ok()) return;
  check.reject_attribute(attribute,
                         text("'", pattern, "' is no regular expression of RE2: ", compiled->error()));
}

void check_tokenizer(Check& check) {
  check.required(0);
  check.types(0, kString);
  check.rank_between(0, 1, 2);
  const Attributes& attributes = check.node.attributes;
  const std::vector<std::string> separators = attributes.strings("separators");
  const std::string token = attributes.string_or("tokenexp", "");
  if (separators.empty() == token.empty()) {
    check.reject_attribute("separators",
                           text("expected one of the attributes 'separators' and 'tokenexp', found ",
                                token.empty() ? "none" : "both"));
  }
  for (const std::string& separator : separators) check_expression(check, "separators", separator);
  check_expression(check, "tokenexp", token);
  if (attributes.int_or("mincharnum", 1) < 1) {
    check.reject_attribute("mincharnum", text("attribute 'mincharnum' must be at least 1, is ",
                                              attributes.int_or("mincharnum", 1)));
  }
}

// The next match in `rest` that is not empty; false when there is none.
bool next_match(const re2::RE2& pattern, std::string_view rest, re2::StringPiece& match) {
  const re2::StringPiece whole(rest.data(), rest.size());
  size_t from = 0;
  while (from <= rest.size() && pattern.Match(whole, from, rest.size(), re2::RE2::UNANCHORED, &match, 1)) {
    if (!match.empty()) return true;
    from = static_cast<size_t>(match.data() - rest.data()) + 1;
  }
  return false;
}

void cut(std::string_view piece, const re2::RE2& separator, Pieces& out) {
  re2::StringPiece match;
  while (next_match(separator, piece, match)) {
    const auto begin = static_cast<size_t>(match.data() - piece.data());
    out.push_back(piece.substr(0, begin));
    piece.remove_prefix(begin + match.size());
  }
  out.push_back(piece);
}

void take(std::string_view piece, const re2::RE2& token, Pieces& out) {
  re2::StringPiece match;
  while (next_match(token, piece, match)) {
    out.emplace_back(match.data(), match.size());
    piece.remove_prefix(static_cast<size_t>(match.data() - piece.data()) + match.size());
  }
}

int64_t characters_of(std::string_view piece) {
  return std::count_if(piece.begin(), piece.end(),
                       [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0u) != 0x80u; });
}

// The tokens of one string; nullptr when fine.
RunError tokens_of(const Tokenization& rule, std::string_view whole, Pieces& tokens, Pieces& spare) {
  tokens.clear();
  if (rule.by_character) {
    while (!whole.empty()) {
      const size_t size = code_point_bytes(whole);
      if (size == 0) return "a string is not UTF-8";
      tokens.push_back(whole.substr(0, size));
      whole.remove_prefix(size);
    }
    return nullptr;
  }
  if (rule.token != nullptr) {
    take(whole, *rule.token, tokens);
  } else {
    tokens.push_back(whole);
  }
  for (const auto& separator : rule.separators) {
    spare.clear();
    for (const std::string_view piece : tokens) cut(piece, *separator, spare);
    tokens.swap(spare);
  }
  std::erase_if(tokens, [&](std::string_view token) {
    return token.empty() || characters_of(token) < rule.least_characters;
  });
  return nullptr;
}

std::shared_ptr<const Tokenization> tokenization_of(Builder& b) {
  auto rule = std::make_shared<Tokenization>();
  const Attributes& attributes = b.attributes();
  const std::vector<std::string> separators = attributes.strings("separators");
  const std::string token = attributes.string_or("tokenexp", "");
  rule->by_character = separators.size() == 1 && separators[0].empty();
  rule->padding = attributes.string_or("pad_value", "");
  rule->least_characters = attributes.int_or("mincharnum", 1);
  rule->marks = attributes.int_or("mark", 0) != 0;
  if (!token.empty()) rule->token = expression(token);
  for (const std::string& separator : separators) rule->separators.push_back(expression(separator));
  return rule;
}

void build_tokenizer(Builder& b) {
  const Dims dims = b.input_dims(0);
  const int64_t count = element_count(dims);
  const auto rule = tokenization_of(b);
  const size_t true_dims = b.grown_output(0, dims.size() + 1);
  b.step(make_text_kernel([=](const Call& call, TextState& state) -> RunError {
    const Text* in = call.in<Text>(0);
    Pieces tokens, spare, all;
    std::vector<size_t> ends;
    size_t widest = 0;
    for (int64_t i = 0; i < count; ++i) {
      if (const RunError error = tokens_of(*rule, in[i].view(), tokens, spare)) return error;
      all.insert(all.end(), tokens.begin(), tokens.end());
      ends.push_back(all.size());
      widest = std::max(widest, tokens.size());
    }
    const size_t width = widest == 0 ? 0 : widest + (rule->marks ? 2 : 0);
    state.items.assign(static_cast<size_t>(count) * width, Text(std::string_view(rule->padding)));
    size_t token = 0;
    for (size_t row = 0; row < ends.size() && width > 0; ++row) {
      auto at = state.items.begin() + static_cast<std::ptrdiff_t>(row * width);
      if (rule->marks) *at++ = Text(kStart);
      for (; token < ends[row]; ++token) *at++ = Text(all[token]);
      if (rule->marks) *at = Text(kEnd);
    }
    *call.out<const Text*>(1) = state.items.data();
    *std::copy(dims.begin(), dims.end(), call.out<int64_t>(true_dims)) = static_cast<int64_t>(width);
    return nullptr;
  }));
}

constexpr Row kRows[] = {
    {"Tokenizer", check_tokenizer, build_tokenizer, 1, LayoutUse::kPlain, "com.microsoft"},
};

}  // namespace

std::span<const Row> tokenizer_rows() { return kRows; }
#else
std::span<const Row> tokenizer_rows() { return {}; }
#endif

}  // namespace bp::cpu
