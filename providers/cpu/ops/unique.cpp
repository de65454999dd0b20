// Unique: equal elements, or equal slices along an axis, are found by hashing; only what is shown is sorted.
#include <algorithm>
#include <bit>
#include <string_view>
#include <vector>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

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

// The same for elements that compare as equal.
template <class T>
uint64_t hash_of(T element) {
  if constexpr (std::is_same_v<T, Text>) {
    return std::hash<std::string_view>()(element.view());
  } else if constexpr (kIsFloat<T>) {
    const auto value = static_cast<Compute<T>>(element);
    if (value == 0) return 0;
    if (value != value) return 1;
    using Bits = std::conditional_t<sizeof(value) == 8, uint64_t, uint32_t>;
    return std::bit_cast<Bits>(value);
  } else {
    return static_cast<uint64_t>(element);
  }
}

uint64_t mixed(uint64_t bits) {  // murmur3's finalizer
  bits = (bits ^ (bits >> 33)) * 0xFF51AFD7ED558CCDu;
  bits = (bits ^ (bits >> 33)) * 0xC4CEB9FE1A85EC53u;
  return bits ^ (bits >> 33);
}

// Item i is [outer, inner] elements at data + i * inner, `step` elements between outers.
template <class T>
struct Items {
  const T* data;
  int64_t outer;
  int64_t step;
  int64_t inner;

  bool single() const { return outer == 1 && inner == 1; }

  int order(int64_t left, int64_t right) const {
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t i = 0; i < inner; ++i) {
        const int found = compare(data[o * step + left * inner + i], data[o * step + right * inner + i]);
        if (found != 0) return found;
      }
    }
    return 0;
  }

  uint64_t hash(int64_t item) const {
    uint64_t sum = 0;
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t i = 0; i < inner; ++i) sum = mixed(sum ^ hash_of(data[o * step + item * inner + i])) + 1;
    }
    return sum;
  }
};

// Groups of equal items in the order of their first ones. The table has open addressing: a group's number plus
// one, 0 where it is free; at least half is free.
struct Groups {
  int64_t* group;  // per item
  int64_t* first;  // per group: the first item
  int64_t* size;   // per group
  int64_t* table;
  int64_t capacity;  // a power of two, at most table_size()
  int64_t count = 0;

  static int64_t table_size(int64_t items) {
    return static_cast<int64_t>(std::bit_ceil(2 * static_cast<uint64_t>(std::max<int64_t>(items, 1))));
  }
};

constexpr int64_t kFirstCapacity = 1024;

// Where an item equal to `item` stands, or the free place where it belongs.
template <class T>
int64_t* find_place(const Items<T>& items, int64_t item, const Groups& groups) {
  const auto last = static_cast<uint64_t>(groups.capacity - 1);
  for (uint64_t at = items.hash(item) & last;; at = (at + 1) & last) {
    int64_t* place = groups.table + at;
    if (*place == 0 || items.order(groups.first[*place - 1], item) == 0) return place;
  }
}

template <class T>
void fill_table(const Items<T>& items, Groups& groups, int64_t capacity) {
  groups.capacity = capacity;
  std::fill_n(groups.table, capacity, 0);
  for (int64_t g = 0; g < groups.count; ++g) *find_place(items, groups.first[g], groups) = g + 1;
}

template <class T>
void find_groups(const Items<T>& items, int64_t count, Groups& groups) {
  fill_table(items, groups, std::min(kFirstCapacity, Groups::table_size(count)));
  for (int64_t i = 0; i < count; ++i) {
    int64_t* place = find_place(items, i, groups);
    if (*place == 0) {
      if (2 * groups.count >= groups.capacity) {
        fill_table(items, groups, 2 * groups.capacity);
        place = find_place(items, i, groups);
      }
      groups.first[groups.count] = i;
      groups.size[groups.count++] = 0;
      *place = groups.count;
    }
    groups.group[i] = *place - 1;
    ++groups.size[groups.group[i]];
  }
}

// The groups by their items. Single elements move beside their numbers, in the table's memory.
template <class T>
void sort_groups(const Items<T>& items, const Groups& groups, int64_t* order) {
  struct Keyed {
    T element;
    int64_t group;
  };
  if constexpr (sizeof(Keyed) <= 2 * sizeof(int64_t)) {
    if (items.single()) {
      auto* keyed = reinterpret_cast<Keyed*>(groups.table);
      for (int64_t g = 0; g < groups.count; ++g) keyed[g] = {items.data[groups.first[g]], g};
      std::sort(keyed, keyed + groups.count,
                [](const Keyed& left, const Keyed& right) { return compare(left.element, right.element) < 0; });
      for (int64_t g = 0; g < groups.count; ++g) order[g] = keyed[g].group;
      return;
    }
  }
  std::sort(order, order + groups.count, [&](int64_t left, int64_t right) {
    return items.order(groups.first[left], groups.first[right]) < 0;
  });
}

void check_unique(Check& check) {
  check.required(0);
  check.types(0, kAny);
}

void build_unique(Builder& b) {
  const Dims& from = b.input_dims(0);
  int64_t count = element_count(from), outer = 1, inner = 1;
  Dims dims = {count};
  size_t axis = 0;
  if (b.attributes().has("axis")) {
    axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 0), b.rank(0)));
    const auto at = from.begin() + static_cast<std::ptrdiff_t>(axis);
    count = *at;
    outer = element_count(Dims(from.begin(), at));
    inner = element_count(Dims(at + 1, from.end()));
    dims = from;
  }
  const bool sorted = b.attributes().int_or("sorted", 1) != 0;
  size_t stated[4] = {};
  for (size_t i = 0; i < 4; ++i) {
    if (b.has_output(i)) stated[i] = b.bounded_output(i, i == 0 ? dims : Dims{count});
  }
  const auto area = [&](int64_t numbers) {
    return b.scratch(static_cast<uint64_t>(numbers) * sizeof(int64_t));
  };
  const size_t group_at = area(count), first_at = area(count), size_at = area(count);
  const size_t order_at = area(count), place_at = area(count);
  const size_t table_at = area(Groups::table_size(count));
  const bool wanted[4] = {b.has_output(0), b.has_output(1), b.has_output(2), b.has_output(3)};
  dispatch<kAny>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      const Items<T> items{call.in<T>(0), outer, count * inner, inner};
      Groups groups{call.out<int64_t>(group_at), call.out<int64_t>(first_at), call.out<int64_t>(size_at),
                    call.out<int64_t>(table_at), 0};
      find_groups(items, count, groups);
      auto* shown = call.out<int64_t>(order_at);  // the groups in the order of the output
      for (int64_t g = 0; g < groups.count; ++g) shown[g] = g;
      if (sorted) sort_groups(items, groups, shown);
      auto* place = call.out<int64_t>(place_at);  // of a group in the output
      for (int64_t g = 0; g < groups.count; ++g) place[shown[g]] = g;
      if (wanted[0]) {
        T* target = call.out<T>(1);
        for (int64_t o = 0; o < outer; ++o) {
          for (int64_t g = 0; g < groups.count; ++g) {
            const T* item = items.data + o * items.step + groups.first[shown[g]] * inner;
            target = std::copy_n(item, inner, target);
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
    {"Unique", check_unique, build_unique, 11},
};

}  // namespace

std::span<const Row> unique_rows() { return kRows; }

}  // namespace bp::cpu
