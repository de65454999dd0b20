// Numbers as text and back, through the locale-free functions of the standard library.
#include "ops/cast_strings.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "kernels/convert.hpp"
#include "texts.hpp"

namespace bp::cpu {

namespace {

constexpr int64_t kBlock = 256;

using Digits = std::array<char, 64>;

// A whole number gets a point, so that it reads as a float: "1.0".
std::string_view with_point(Digits& digits, char* end) {
  const std::string_view written(digits.data(), static_cast<size_t>(end - digits.data()));
  if (written.find_first_not_of("-0123456789") == std::string_view::npos) {
    *end++ = '.';
    *end++ = '0';
  }
  return {digits.data(), static_cast<size_t>(end - digits.data())};
}

template <class T>
std::string_view name_of_special(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-INF" : "INF";
  return {};
}

// Plain notation where the number has at most 16 digits before the point and few zeros behind it.
template <class T>
std::string_view shortest(T value, Digits& digits) {
  const std::string_view special = name_of_special(value);
  if (!special.empty()) return special;
  const T size = std::abs(value);
  const bool plain = size == 0 || (size >= T(1e-4) && size < T(1e16));
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  char* end = std::to_chars(digits.data(), digits.data() + digits.size(), value, format).ptr;
  return with_point(digits, end);
}

// A float of at most 16 bits: as few digits as that type needs.
std::string_view shortest_narrow(float value, const Conversion& narrow, const Conversion& widen,
                                 Digits& digits) {
  const std::string_view special = name_of_special(value);
  if (!special.empty()) return special;
  for (int precision = 1; precision < 9; ++precision) {
    char* end = std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::general,
                              precision)
                    .ptr;
    float back = 0;
    std::from_chars(digits.data(), end, back);
    std::array<std::byte, 2> bits{};
    float same = 0;
    narrow.run(reinterpret_cast<const std::byte*>(&back), bits.data(), 1);
    widen.run(bits.data(), reinterpret_cast<std::byte*>(&same), 1);
    if (same == value) return shortest(back, digits);
  }
  return shortest(value, digits);
}

// Text of a number of the C++ type T.
template <class T>
std::string_view text_of(T value, Digits& digits) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "True" : "False";
  } else if constexpr (std::is_integral_v<T>) {
    char* end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), static_cast<size_t>(end - digits.data())};
  } else {
    return shortest(value, digits);
  }
}

template <class T>
void add_writer(Builder& b, int64_t count, size_t out) {
  b.step(make_text_kernel([count, out](const Call& call, TextState& state) -> RunError {
    const T* x = call.in<T>(0);
    Text* y = call.out<Text>(out);
    Digits digits;
    for (int64_t i = 0; i < count; ++i) y[i] = state.arena.keep(text_of(x[i], digits));
    return nullptr;
  }));
}

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_word(std::string_view text, std::string_view word) {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char a, char b) { return lower(a) == b; });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r";
  const size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(kSpaces) + 1 - first);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

bool read_real(std::string_view text, double& value) {
  const bool negative = !text.empty() && text[0] == '-';
  const std::string_view size = negative ? text.substr(1) : text;
  if (same_word(size, "inf") || same_word(size, "infinity")) {
    value = negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    return true;
  }
  if (same_word(size, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return false;
  // Too large or too small: the text says which.
  if (error == std::errc::result_out_of_range) {
    const size_t exponent = text.find_first_of("eE");
    const bool small = exponent != std::string_view::npos && text.substr(exponent + 1).starts_with('-');
    value = small ? 0 : std::numeric_limits<double>::infinity();
    if (negative) value = -value;
    return true;
  }
  return error == std::errc();
}

// The nearest number of type T, read as such where the library can, so that it is rounded once; else `store`
// makes it of a float64.
template <class T>
bool read_number(std::string_view text, const Conversion& store, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    if (same_word(text, "true") || same_word(text, "false")) {
      value = text.size() == 4;
      return true;
    }
  } else if constexpr (!std::is_same_v<T, Half> && !std::is_same_v<T, Bfloat16>) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && !text.empty() && end == text.data() + text.size()) return true;
  }
  double real = 0;
  if (!read_real(text, real)) return false;
  store.run(reinterpret_cast<const std::byte*>(&real), reinterpret_cast<std::byte*>(&value), 1);
  return true;
}

constexpr RunError kNoNumber = "a string is no number";

template <class T>
void add_reader(Builder& b, int64_t count, size_t out) {
  const int threads = b.threads();
  const Conversion store(Type::kFloat64, b.output_type(0));
  b.run([count, out, threads, store](const Call& call) -> RunError {
    const Text* x = call.in<Text>(0);
    T* y = call.out<T>(out);
    std::atomic<bool> fine = true;
    constexpr int64_t kCost = 32;  // of one string, in elements
    parallel_for(threads, count, count * kCost, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        if (!read_number(trimmed({x[i].data, x[i].size}), store, y[i]))
          fine.store(false, std::memory_order_relaxed);
      }
    });
    return fine ? nullptr : kNoNumber;
  });
}

}  // namespace

void build_to_strings(Builder& b) {
  b.output(0, b.input_dims(0));
  const int64_t count = element_count(b.input_dims(0));
  const size_t out = b.input_count();
  const Type from = b.input_type(0);
  const bool narrow = from == Type::kFloat16 || from == Type::kBfloat16 || (mask(from) & kNarrowFloats) != 0;
  if (!narrow) {
    const bool small_int = (mask(from) & kNarrowInts) != 0;  // one to a byte, unsigned ones below 16
    dispatch<kFixedSize>(small_int ? Type::kInt8 : from, [&]<class T>(Tag<T>) {
      if constexpr (!std::is_same_v<T, Half> && !std::is_same_v<T, Bfloat16>) add_writer<T>(b, count, out);
    });
    return;
  }
  const int64_t size = element_size(from);
  const Conversion widen(from, Type::kFloat32);
  const Conversion to_narrow(Type::kFloat32, from);
  b.step(make_text_kernel([=](const Call& call, TextState& state) -> RunError {
    Text* y = call.out<Text>(out);
    Digits digits;
    for (int64_t i = 0; i < count; ++i) {
      float value = 0;
      widen.run(call.in<std::byte>(0) + i * size, reinterpret_cast<std::byte*>(&value), 1);
      y[i] = state.arena.keep(shortest_narrow(value, to_narrow, widen, digits));
    }
    return nullptr;
  }));
}

void build_from_strings(Builder& b, NarrowMode mode) {
  b.output(0, b.input_dims(0));
  const int64_t count = element_count(b.input_dims(0));
  const size_t out = b.input_count();
  const Type to = b.output_type(0);
  if ((mask(to) & kNarrow) == 0) {
    dispatch<kFixedSize>(to, [&]<class T>(Tag<T>) { add_reader<T>(b, count, out); });
    return;
  }
  const Conversion store(Type::kFloat64, to, mode);
  b.run([=](const Call& call) -> RunError {
    const Text* x = call.in<Text>(0);
    for (int64_t begin = 0; begin < count; begin += kBlock) {
      const int64_t here = std::min(kBlock, count - begin);
      std::array<double, kBlock> block;
      for (int64_t i = 0; i < here; ++i) {
        const Text& text = x[begin + i];
        if (!read_real(trimmed({text.data, text.size}), block[static_cast<size_t>(i)])) return kNoNumber;
      }
      store.run(reinterpret_cast<const std::byte*>(block.data()), call.out<std::byte>(out) + begin, here);
    }
    return nullptr;
  });
}

}  // namespace bp::cpu
