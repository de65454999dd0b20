// RegexFullMatch, by RE2: the standard names its syntax. Without the library the operator is not offered.
#include "ops/table.hpp"

#if defined(BP_CPU_HAS_RE2)
#include <re2/re2.h>

#include <memory>
#include <string>
#endif

namespace bp::cpu {

#if defined(BP_CPU_HAS_RE2)
namespace {

std::shared_ptr<const re2::RE2> pattern_of(const Attributes& attributes) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  return std::make_shared<const re2::RE2>(attributes.string_or("pattern", ""), options);
}

void check_match(Check& check) {
  check.required(0);
  check.types(0, kString);
  const auto pattern = pattern_of(check.node.attributes);
  if (!pattern->ok()) {
    check.reject_attribute(
        "pattern", text("'", pattern->pattern(), "' is no regular expression of RE2: ", pattern->error()));
  }
}

void build_match(Builder& b) {
  const auto pattern = pattern_of(b.attributes());
  const int64_t count = element_count(b.input_dims(0));
  const int threads = b.threads();
  b.output(0, b.input_dims(0));
  b.run([=](const Call& call) {
    const Text* in = call.in<Text>(0);
    bool* out = call.out<bool>(1);
    constexpr int64_t kCost = 64;  // of one string, in elements
    parallel_for(threads, count, count * kCost, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const re2::StringPiece whole(in[i].data, in[i].size);
        out[i] = pattern->Match(whole, 0, in[i].size, re2::RE2::ANCHOR_BOTH, nullptr, 0);
      }
    });
  });
}

constexpr Row kRows[] = {{"RegexFullMatch", check_match, build_match, 20}};

}  // namespace

std::span<const Row> regex_rows() { return kRows; }
#else
std::span<const Row> regex_rows() { return {}; }
#endif

}  // namespace bp::cpu
