// Operators of ai.onnx.ml that look elements up in a table: LabelEncoder, CategoryMapper, OneHotEncoder.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ops/ml_scores.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

// What a label encoder takes and gives: keys and values of these types.
constexpr TypeMask kLabels = kFeatures | mask(Type::kInt16) | kString;

// Elements as hash keys: strings by their characters, floats with one NaN.
template <class T>
struct KeyOf {
  using type = T;
  static T of(T value) { return value; }
};
template <>
struct KeyOf<Text> {
  using type = std::string_view;
  static std::string_view of(Text value) { return value.view(); }
};
template <class T>
struct Hash {
  size_t operator()(const T& key) const {
    if constexpr (std::is_floating_point_v<T>) {
      if (key != key) return 1;
    }
    return std::hash<T>{}(key);
  }
};
template <class T>
struct Same {
  bool operator()(const T& left, const T& right) const {
    if constexpr (std::is_floating_point_v<T>) {
      if (left != left) return right != right;
    }
    return left == right;
  }
};

// Element -> position; the first of equal keys counts. Strings live in `owned`.
template <class T>
struct Positions {
  using Key = typename KeyOf<T>::type;
  std::vector<std::string> owned;
  std::unordered_map<Key, int64_t, Hash<Key>, Same<Key>> map;

  // -1: not there.
  int64_t find(T value) const {
    const auto found = map.find(KeyOf<T>::of(value));
    return found == map.end() ? -1 : found->second;
  }
};

// A list of elements of one type, with the strings that they look at.
template <class T>
struct Elements {
  std::vector<T> items;
  std::vector<std::string> owned;
};

template <class T, class List>
std::shared_ptr<const Elements<T>> elements_of(List list) {
  auto result = std::make_shared<Elements<T>>();
  if constexpr (std::is_same_v<T, Text>) {
    result->owned = std::move(list);
    for (const std::string& item : result->owned) result->items.emplace_back(std::string_view(item));
  } else {
    for (const auto item : list) result->items.push_back(static_cast<T>(item));
  }
  return result;
}

template <class T>
std::shared_ptr<const Positions<T>> positions_of(std::shared_ptr<const Elements<T>> keys) {
  auto result = std::make_shared<Positions<T>>();
  result->owned.reserve(keys->items.size());
  for (size_t i = 0; i < keys->items.size(); ++i) {
    if constexpr (std::is_same_v<T, Text>) {
      result->owned.emplace_back(keys->items[i].view());
      result->map.emplace(result->owned.back(), static_cast<int64_t>(i));
    } else {
      result->map.emplace(keys->items[i], static_cast<int64_t>(i));
    }
  }
  return result;
}

// out[i] = values[position of x[i]], or the fallback.
template <class In, class Out>
void add_lookup(Builder& b, std::shared_ptr<const Elements<In>> keys,
                std::shared_ptr<const Elements<Out>> values, std::shared_ptr<const Elements<Out>> fallback) {
  const auto positions = positions_of<In>(std::move(keys));
  b.output(0, b.input_dims(0));
  const int64_t count = element_count(b.input_dims(0));
  const int threads = b.threads();
  b.run([=](const Call& call) {
    const In* in = call.in<In>(0);
    Out* out = call.out<Out>(1);
    constexpr int64_t kCost = 16;  // of one search, in elements
    parallel_for(threads, count, count * kCost, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t at = positions->find(in[i]);
        out[i] = at < 0 ? fallback->items[0] : values->items[static_cast<size_t>(at)];
      }
    });
  });
}

// --- LabelEncoder ---

constexpr const char* suffix(Type type) {
  return type == Type::kString                              ? "strings"
         : type == Type::kFloat32 || type == Type::kFloat64 ? "floats"
                                                            : "int64s";
}

// The attribute `side` ("keys", "values") as a list or a tensor.
template <class T>
std::shared_ptr<const Elements<T>> side_of(const Builder& b, const std::string& side, Type type) {
  const Attributes& attributes = b.attributes();
  if (const HostTensor* tensor = attributes.tensor(side + "_tensor")) {
    if (tensor->type != type) {
      b.fail(text("attribute '", side, "_tensor' must be ", type_name(type), ", is ", type_name(tensor->type)));
    }
    if constexpr (std::is_same_v<T, Text>) {
      return elements_of<T>(tensor->texts());
    } else if constexpr (std::is_floating_point_v<T>) {
      return elements_of<T>(tensor->floats());
    } else {
      return elements_of<T>(tensor->ints());
    }
  }
  const std::string name = side + "_" + suffix(type);
  if (!attributes.has(name))
    b.fail(text("attribute '", name, "' or '", side, "_tensor' is needed and missing"));
  if constexpr (std::is_same_v<T, Text>) {
    return elements_of<T>(attributes.strings(name));
  } else if constexpr (std::is_floating_point_v<T>) {
    return elements_of<T>(attributes.floats_or(name, {}));
  } else {
    return elements_of<T>(attributes.ints_or(name, {}));
  }
}

template <class T>
std::shared_ptr<const Elements<T>> fallback_of(const Builder& b, Type type) {
  const Attributes& attributes = b.attributes();
  if (attributes.has("default_tensor")) {
    const auto stated = side_of<T>(b, "default", type);
    expect_count(b, "default_tensor", stated->items.size(), 1);
    return stated;
  }
  if constexpr (std::is_same_v<T, Text>) {
    return elements_of<T>(std::vector<std::string>{attributes.string_or("default_string", "_Unused")});
  } else if constexpr (std::is_floating_point_v<T>) {
    return elements_of<T>(std::vector<float>{attributes.float_or("default_float", -0.0f)});
  } else {
    return elements_of<T>(Dims{attributes.int_or("default_int64", -1)});
  }
}

void check_label_encoder(Check& check) {
  check.required(0);
  check.types(0, kLabels);
  check.output_types(0, kLabels);
}

// Opset 1: strings to their index in a list, or the other way.
void build_indexed_labels(Builder& b) {
  const std::vector<std::string> classes = b.attributes().strings("classes_strings");
  Dims indices;
  for (size_t i = 0; i < classes.size(); ++i) indices.push_back(static_cast<int64_t>(i));
  if (b.input_type(0) == Type::kString) {
    add_lookup<Text, int64_t>(b, elements_of<Text>(classes), elements_of<int64_t>(indices),
                              fallback_of<int64_t>(b, Type::kInt64));
  } else if (b.input_type(0) == Type::kInt64) {
    add_lookup<int64_t, Text>(b, elements_of<int64_t>(indices), elements_of<Text>(classes),
                              fallback_of<Text>(b, Type::kString));
  } else {
    b.fail(text("with classes_strings the input must be string or int64, is ", type_name(b.input_type(0))));
  }
}

void build_label_encoder(Builder& b) {
  if (b.attributes().has("classes_strings")) return build_indexed_labels(b);
  dispatch<kLabels>(b.input_type(0), [&]<class In>(Tag<In>) {
    const auto keys = side_of<In>(b, "keys", b.input_type(0));
    dispatch<kLabels>(b.output_type(0), [&]<class Out>(Tag<Out>) {
      const auto values = side_of<Out>(b, "values", b.output_type(0));
      if (keys->items.size() != values->items.size()) {
        b.fail(text("keys and values must be equally many, are ", keys->items.size(), " and ",
                    values->items.size()));
      }
      add_lookup<In, Out>(b, keys, values, fallback_of<Out>(b, b.output_type(0)));
    });
  });
}

// --- CategoryMapper ---

void check_mapper(Check& check) {
  check.required(0);
  check.types(0, kString | mask(Type::kInt64));
}

void build_mapper(Builder& b) {
  const auto strings = elements_of<Text>(b.attributes().strings("cats_strings"));
  const auto integers = elements_of<int64_t>(b.attributes().ints_or("cats_int64s", {}));
  if (strings->items.size() != integers->items.size()) {
    b.fail(text("cats_strings and cats_int64s must be equally many, are ", strings->items.size(), " and ",
                integers->items.size()));
  }
  if (b.input_type(0) == Type::kString) {
    add_lookup<Text, int64_t>(b, strings, integers, fallback_of<int64_t>(b, Type::kInt64));
  } else {
    add_lookup<int64_t, Text>(b, integers, strings, fallback_of<Text>(b, Type::kString));
  }
}

// --- OneHotEncoder ---

void check_one_hot(Check& check) {
  check.required(0);
  check.types(0, kFeatures | kString);
  check.output_types(0, kFloat);
}

template <class T, class Key>
void add_one_hot(Builder& b, std::shared_ptr<const Elements<Key>> categories) {
  const auto width = static_cast<int64_t>(categories->items.size());
  const auto positions = positions_of<Key>(std::move(categories));
  Dims dims = b.input_dims(0);
  dims.push_back(width);
  b.output(0, dims);
  const int64_t count = element_count(b.input_dims(0));
  const bool zeros = b.attributes().int_or("zeros", 1) != 0;
  b.run([=](const Call& call) -> RunError {
    const T* in = call.in<T>(0);
    float* out = call.out<float>(1);
    std::fill_n(out, count * width, 0.0f);
    for (int64_t i = 0; i < count; ++i) {
      int64_t at = -1;
      if constexpr (std::is_same_v<T, Text>) {
        at = positions->find(in[i]);
      } else {
        at = positions->find(static_cast<Key>(in[i]));
      }
      if (at >= 0) {
        out[i * width + at] = 1.0f;
      } else if (!zeros) {
        return "an element is none of the categories, and attribute 'zeros' is 0";
      }
    }
    return nullptr;
  });
}

void build_one_hot(Builder& b) {
  const std::vector<std::string> strings = b.attributes().strings("cats_strings");
  const Dims integers = b.attributes().ints_or("cats_int64s", {});
  if (strings.empty() == integers.empty()) {
    b.fail("expected categories in one of the attributes 'cats_strings' and 'cats_int64s'");
  }
  const bool is_string = b.input_type(0) == Type::kString;
  if (is_string == strings.empty()) {
    b.fail(text("the input is ", type_name(b.input_type(0)), ", but the categories are ",
                strings.empty() ? "integers" : "strings"));
  }
  dispatch<kFeatures | kString>(b.input_type(0), [&]<class T>(Tag<T>) {
    if constexpr (std::is_same_v<T, Text>) {
      add_one_hot<Text, Text>(b, elements_of<Text>(strings));
    } else {
      add_one_hot<T, int64_t>(b, elements_of<int64_t>(integers));
    }
  });
}

constexpr std::string_view kMl = "ai.onnx.ml";
constexpr Row kRows[] = {
    {"CategoryMapper", check_mapper, build_mapper, 1, LayoutUse::kPlain, kMl},
    {"LabelEncoder", check_label_encoder, build_label_encoder, 1, LayoutUse::kPlain, kMl},
    {"OneHotEncoder", check_one_hot, build_one_hot, 1, LayoutUse::kPlain, kMl},
};

}  // namespace

std::span<const Row> ml_category_rows() { return kRows; }

}  // namespace bp::cpu
