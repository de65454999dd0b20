// TopK: the largest or smallest elements along an axis, of equal ones those with the lower index. NaN counts as
// larger than all numbers.
#include <algorithm>
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

struct Lines {
  int64_t outer = 1;
  int64_t length = 1;
  int64_t inner = 1;
  int64_t k = 0;
  bool sorted = true;
};

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
      if (lines.k == lines.length && lines.inner == 1) {
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
  dispatch<kNumbers>(b.input_type(0), [&]<class T>(Tag<T>) {
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
