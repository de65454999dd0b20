// Operators that keep some elements, how many depends on the data: NonZero, Compress, Unique.
#include <algorithm>
#include <cstring>
#include <vector>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_non_zero(Check& check) {
  check.required(0);
  check.types(0, kAny);
}

template <class T>
bool is_set(T value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value;
  } else if constexpr (std::is_same_v<T, Text>) {
    return value.size != 0;
  } else {
    return static_cast<Compute<T>>(value) != Compute<T>(0);
  }
}

void build_non_zero(Builder& b) {
  const Dims dims = b.input_dims(0);
  const int64_t count = element_count(dims);
  const auto rank = static_cast<int64_t>(dims.size());
  const size_t true_dims = b.bounded_output(0, {rank, count});
  dispatch<kAny>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      const T* x = call.in<T>(0);
      auto* target = call.out<int64_t>(1);
      const int64_t found = std::count_if(x, x + count, [](T value) { return is_set(value); });
      call.out<int64_t>(true_dims)[0] = rank;
      call.out<int64_t>(true_dims)[1] = found;
      int64_t column = 0;
      for (int64_t i = 0; i < count && column < found; ++i) {
        if (!is_set(x[i])) continue;
        int64_t left = i;
        for (int64_t axis = rank; axis-- > 0;) {
          target[axis * found + column] = left % dims[static_cast<size_t>(axis)];
          left /= dims[static_cast<size_t>(axis)];
        }
        ++column;
      }
    });
  });
}

// [outer, items, inner bytes]: `axis` of the input with its element size folded in, or all elements as items.
struct Items {
  int64_t outer = 1;
  int64_t count = 0;
  int64_t bytes = 0;
};

Items split_items(const Dims& dims, int64_t axis, int64_t size) {
  const auto at = dims.begin() + axis;
  return {element_count(Dims(dims.begin(), at)), *at, element_count(Dims(at + 1, dims.end())) * size};
}

void check_compress(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kMovable);
  check.types(1, kBool);
}

void build_compress(Builder& b) {
  const Dims& from = b.input_dims(0);
  const int64_t size = element_size(b.input_type(0));
  Items items{1, element_count(from), size};
  Dims dims = {items.count};
  size_t axis = 0;
  if (b.attributes().has("axis")) {
    axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 0), b.rank(0)));
    items = split_items(from, static_cast<int64_t>(axis), size);
    dims = from;
  }
  const int64_t flags = std::min(element_count(b.input_dims(1)), items.count);
  dims[axis] = flags;
  const size_t true_dims = b.bounded_output(0, dims);
  b.run([=](const Call& call) {
    const auto* keep = call.in<uint8_t>(1);
    auto* stated = call.out<int64_t>(true_dims);
    std::copy(dims.begin(), dims.end(), stated);
    stated[axis] = std::count_if(keep, keep + flags, [](uint8_t flag) { return flag != 0; });
    const auto* source = call.in<std::byte>(0);
    auto* target = call.out<std::byte>(2);
    for (int64_t outer = 0; outer < items.outer; ++outer) {
      for (int64_t i = 0; i < flags; ++i) {
        if (keep[i] == 0) continue;
        std::memcpy(target, source + (outer * items.count + i) * items.bytes, static_cast<size_t>(items.bytes));
        target += items.bytes;
      }
    }
  });
}

// -1, 0, 1; NaN is equal to NaN and above all else.
template <class T>
int compare(T left, T right) {
  const auto a = static_cast<Compute<T>>(left);
  const auto b = static_cast<Compute<T>>(right);
  if (a < b) return -1;
  if (a > b) return 1;
  if constexpr (kIsFloat<T>) return (a != a ? 1 : 0) - (b != b ? 1 : 0);
  return 0;
}

// Item i is [outer, inner] elements at data + i * inner, `step` elements between outers.
template <class T>
struct ItemOrder {
  const T* data;
  int64_t outer;
  int64_t step;
  int64_t inner;

  int between(int64_t left, int64_t right) const {
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t i = 0; i < inner; ++i) {
        const int order = compare(data[o * step + left * inner + i], data[o * step + right * inner + i]);
        if (order != 0) return order;
      }
    }
    return 0;
  }
};

// Groups of equal items, each known by its first one.
struct Groups {
  int64_t* order;  // the items sorted; later the groups in the order of the output
  int64_t* group;  // per item
  int64_t* first;  // per group: the first item
  int64_t* size;   // per group
  int64_t count = 0;
};

template <class T>
void find_groups(const ItemOrder<T>& items, int64_t count, Groups& groups) {
  for (int64_t i = 0; i < count; ++i) groups.order[i] = i;
  std::sort(groups.order, groups.order + count, [&](int64_t left, int64_t right) {
    const int order = items.between(left, right);
    return order < 0 || (order == 0 && left < right);
  });
  groups.count = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t item = groups.order[i];
    if (i == 0 || items.between(groups.order[i - 1], item) != 0) {
      groups.first[groups.count] = item;
      groups.size[groups.count++] = 0;
    }
    groups.group[item] = groups.count - 1;
    ++groups.size[groups.count - 1];
  }
}

void check_unique(Check& check) {
  check.required(0);
  check.types(0, kAny);
}

void build_unique(Builder& b) {
  const Dims& from = b.input_dims(0);
  const bool by_axis = b.attributes().has("axis");
  Items items{1, element_count(from), 1};
  Dims dims = {items.count};
  size_t axis = 0;
  if (by_axis) {
    axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 0), b.rank(0)));
    items = split_items(from, static_cast<int64_t>(axis), 1);
    dims = from;
  }
  const bool sorted = b.attributes().int_or("sorted", 1) != 0;
  const int64_t count = items.count;
  size_t stated[4] = {};
  for (size_t i = 0; i < 4; ++i) {
    if (b.has_output(i)) stated[i] = b.bounded_output(i, i == 0 ? dims : Dims{count});
  }
  const auto area = [&] { return b.scratch(static_cast<uint64_t>(count) * sizeof(int64_t)); };
  const size_t scratch[5] = {area(), area(), area(), area(), area()};
  const bool wanted[4] = {b.has_output(0), b.has_output(1), b.has_output(2), b.has_output(3)};
  dispatch<kAny>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      const ItemOrder<T> order{call.in<T>(0), items.outer, count * items.bytes, items.bytes};
      Groups groups{call.out<int64_t>(scratch[0]), call.out<int64_t>(scratch[1]), call.out<int64_t>(scratch[2]),
                    call.out<int64_t>(scratch[3])};
      find_groups(order, count, groups);
      int64_t* shown = groups.order;
      auto* place = call.out<int64_t>(scratch[4]);  // of a group in the output
      for (int64_t g = 0; g < groups.count; ++g) shown[g] = g;
      if (!sorted) {
        std::sort(shown, shown + groups.count,
                  [&](int64_t left, int64_t right) { return groups.first[left] < groups.first[right]; });
      }
      for (int64_t g = 0; g < groups.count; ++g) place[shown[g]] = g;
      if (wanted[0]) {
        T* target = call.out<T>(1);
        for (int64_t o = 0; o < items.outer; ++o) {
          for (int64_t g = 0; g < groups.count; ++g) {
            const T* item = order.data + o * order.step + groups.first[shown[g]] * items.bytes;
            target = std::copy_n(item, items.bytes, target);
          }
        }
        auto* true_dims = call.out<int64_t>(stated[0]);
        std::copy(dims.begin(), dims.end(), true_dims);
        true_dims[axis] = groups.count;
      }
      for (size_t i = 1; i < 4; ++i) {
        if (!wanted[i]) continue;
        call.out<int64_t>(stated[i])[0] = i == 2 ? count : groups.count;
        auto* target = call.out<int64_t>(1 + i);
        for (int64_t j = 0; j < (i == 2 ? count : groups.count); ++j) {
          target[j] = i == 1 ? groups.first[shown[j]] : i == 2 ? place[groups.group[j]] : groups.size[shown[j]];
        }
      }
    });
  });
}

constexpr Row kRows[] = {
    {"NonZero", check_non_zero, build_non_zero, 9},
    {"Compress", check_compress, build_compress, 9},
    {"Unique", check_unique, build_unique, 11},
};

}  // namespace

std::span<const Row> compress_rows() { return kRows; }

}  // namespace bp::cpu
