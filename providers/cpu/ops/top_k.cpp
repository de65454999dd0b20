// TopK: the largest or smallest elements along an axis, of equal ones those with the lower index. NaN counts as
// larger than all numbers.
#include <algorithm>
#include <bit>
#include <numeric>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_top_k(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kNumbers);
  check.types(1, mask(Type::kInt64));
  check.want_value(1);
}

// True where element i stands before element j.
template <class T, bool kLargest>
struct Before {
  const T* x;
  int64_t stride;

  bool operator()(int64_t i, int64_t j) const {
    const auto a = static_cast<Compute<T>>(x[i * stride]);
    const auto b = static_cast<Compute<T>>(x[j * stride]);
    if constexpr (kIsFloat<T>) {
      if (a != a || b != b) {
        const bool a_is_nan = a != a;
        const bool b_is_nan = b != b;
        return a_is_nan == b_is_nan ? i < j : a_is_nan == kLargest;
      }
    }
    if (a == b) return i < j;
    return kLargest ? a > b : a < b;
  }
};

// The first k of n indices in the order of `before`, into `places` with a stride. A heap whose root is the last
// of those kept, in the output's own memory.
template <class B>
class BestOf {
 public:
  BestOf(B before, int64_t* places, int64_t stride) : before_(before), places_(places), stride_(stride) {}

  void find(int64_t n, int64_t k, bool sorted) {
    for (int64_t i = 0; i < k; ++i) at(i) = i;
    for (int64_t i = k / 2; i-- > 0;) sink(i, k);
    for (int64_t i = k; i < n; ++i) {
      if (!before_(i, at(0))) continue;
      at(0) = i;
      sink(0, k);
    }
    for (int64_t last = k - 1; sorted && last > 0; --last) {
      std::swap(at(0), at(last));
      sink(0, last);
    }
  }

 private:
  int64_t& at(int64_t i) { return places_[i * stride_]; }

  void sink(int64_t i, int64_t size) {
    const int64_t moved = at(i);
    while (true) {
      int64_t child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && before_(at(child), at(child + 1))) ++child;
      if (!before_(moved, at(child))) break;
      at(i) = at(child);
      i = child;
    }
    at(i) = moved;
  }

  B before_;
  int64_t* places_;
  int64_t stride_;
};

// An element and its place as one number, the less the earlier it stands; for elements of up to 32 bits.
template <class T, bool kLargest>
uint64_t sort_key(T element, int64_t place) {
  uint32_t code;
  if constexpr (kIsFloat<T>) {
    const auto value = static_cast<float>(element);
    const auto bits = value == 0 ? 0u : std::bit_cast<uint32_t>(value);  // -0 is 0
    code = value != value ? ~0u : (bits >> 31) != 0 ? ~bits : bits | 0x80000000u;
  } else if constexpr (std::is_signed_v<T>) {
    code = static_cast<uint32_t>(static_cast<int32_t>(element)) ^ 0x80000000u;
  } else {
    code = static_cast<uint32_t>(element);
  }
  return uint64_t{kLargest ? ~code : code} << 32 | static_cast<uint64_t>(place);
}

// Brings the k least of n different keys to the front, in any order: each round splits the keys at one of them,
// without branches that depend on keys. `spare` holds n.
void bring_least(uint64_t* keys, uint64_t* spare, int64_t n, int64_t k) {
  constexpr int64_t kFew = 32;
  constexpr int kRounds = 40;  // of unlucky ones there may be many
  for (int round = 0; n > kFew && k > 0 && k < n && round < kRounds; ++round) {
    const uint64_t a = keys[0];
    const uint64_t b = keys[n / 2];
    const uint64_t c = keys[n - 1];
    const uint64_t pivot = std::max(std::min(a, b), std::min(std::max(a, b), c));
    int64_t less = 0;
    int64_t others = 0;
    for (int64_t i = 0; i < n; ++i) {
      const uint64_t key = keys[i];
      keys[less] = key;
      spare[others] = key;
      less += key < pivot ? 1 : 0;
      others += key < pivot ? 0 : 1;
    }
    if (k <= less) {
      n = less;
      continue;
    }
    keys += less;
    std::copy_n(spare, others, keys);
    k -= less;
    n = others;
  }
  if (k > 0 && k < n) std::nth_element(keys, keys + k, keys + n);
}

struct Lines {
  int64_t outer = 1;
  int64_t length = 1;
  int64_t inner = 1;
  int64_t k = 0;
  bool sorted = true;

  // Where many of neighbouring elements are wanted, splitting keys is faster than a heap.
  bool by_keys(int64_t element_bytes) const {
    constexpr int64_t kMany = 16;
    return inner == 1 && element_bytes <= 4 && length < (int64_t{1} << 32) && k >= length / kMany;
  }
};

// `keys`: twice the length of a line for every thread.
template <class T, bool kLargest>
void top_k_by_keys(const T* x, T* values, int64_t* places, const Lines& lines, uint64_t* keys, int threads) {
  parallel_for(threads, threads, lines.outer * lines.length, [&](int64_t begin, int64_t end) {
    uint64_t* own = keys + begin * 2 * lines.length;
    for (int64_t line = lines.outer * begin / threads; line < lines.outer * end / threads; ++line) {
      const T* from = x + line * lines.length;
      for (int64_t i = 0; i < lines.length; ++i) own[i] = sort_key<T, kLargest>(from[i], i);
      bring_least(own, own + lines.length, lines.length, lines.k);
      if (lines.sorted) std::sort(own, own + lines.k);
      for (int64_t i = 0; i < lines.k; ++i) {
        const auto place = static_cast<int64_t>(own[i] & 0xFFFFFFFFu);
        places[line * lines.k + i] = place;
        values[line * lines.k + i] = from[place];
      }
    }
  });
}

template <class T, bool kLargest>
void top_k(const T* x, T* values, int64_t* places, const Lines& lines, int threads) {
  const int64_t count = lines.outer * lines.inner;
  parallel_for(threads, count, count * lines.length, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      const int64_t outer = line / lines.inner;
      const int64_t inner = line % lines.inner;
      const T* from = x + outer * lines.length * lines.inner + inner;
      const Before<T, kLargest> before{from, lines.inner};
      const int64_t to = outer * lines.k * lines.inner + inner;
      if (lines.k == lines.length && lines.inner == 1) {  // elements of 64 bits
        std::iota(places + to, places + to + lines.k, int64_t{0});
        if (lines.sorted) std::sort(places + to, places + to + lines.k, before);
      } else {
        BestOf(before, places + to, lines.inner).find(lines.length, lines.k, lines.sorted);
      }
      for (int64_t i = 0; i < lines.k; ++i) {
        values[to + i * lines.inner] = from[places[to + i * lines.inner] * lines.inner];
      }
    }
  });
}

void build_top_k(Builder& b) {
  Dims dims = b.input_dims(0);
  const int64_t axis = b.axis(b.attributes().int_or("axis", -1), b.rank(0));
  const HostTensor& k = b.needed_value(1);
  if (k.count() != 1) b.fail(text("K must be one element, has ", k.count()));
  Lines lines;
  lines.k = k.ints()[0];
  lines.sorted = b.attributes().int_or("sorted", 1) != 0;
  int64_t& along = dims[static_cast<size_t>(axis)];
  lines.length = along;
  lines.outer = element_count(Dims(dims.begin(), dims.begin() + axis));
  lines.inner = element_count(Dims(dims.begin() + axis + 1, dims.end()));
  if (lines.k < 0 || lines.k > lines.length) {
    b.fail(text("K is ", lines.k, ", but axis ", axis, " has ", lines.length, " elements"));
  }
  along = lines.k;
  b.output(0, dims);
  b.output(1, dims);
  const bool largest = b.attributes().int_or("largest", 1) != 0;
  const bool has_values = b.has_output(0);
  const bool has_places = b.has_output(1);
  const auto count = static_cast<uint64_t>(element_count(dims));
  const size_t values = has_values ? 2 : b.scratch(count * element_size(b.input_type(0)));
  const size_t places = has_places ? 3 : b.scratch(count * sizeof(int64_t));
  const int threads = b.threads();
  const bool by_keys = lines.by_keys(element_size(b.input_type(0)));
  const size_t keys =
      by_keys ? b.scratch(static_cast<uint64_t>(threads * lines.length) * 2 * sizeof(uint64_t)) : 0;
  dispatch<kNumbers>(b.input_type(0), [&]<class T>(Tag<T>) {
    if constexpr (sizeof(T) <= 4) {
      if (by_keys) {
        return b.run([=](const Call& call) {
          const auto run = largest ? top_k_by_keys<T, true> : top_k_by_keys<T, false>;
          run(call.in<T>(0), call.out<T>(values), call.out<int64_t>(places), lines, call.out<uint64_t>(keys),
              threads);
        });
      }
    }
    b.run([=](const Call& call) {
      const auto run = largest ? top_k<T, true> : top_k<T, false>;
      run(call.in<T>(0), call.out<T>(values), call.out<int64_t>(places), lines, threads);
    });
  });
}

constexpr Row kRows[] = {
    {"TopK", check_top_k, build_top_k, 10},
};

}  // namespace

std::span<const Row> top_k_rows() { return kRows; }

}  // namespace bp::cpu
