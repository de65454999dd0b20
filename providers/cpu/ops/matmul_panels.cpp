// Products on packed panels: the right side packed once where it is constant, the left side converted where its
// type or order asks for it.
#include "ops/matmul_panels.hpp"

#include <algorithm>

#include "constants.hpp"
#include "kernels/panel_product.hpp"

namespace bp::cpu {

namespace {

// Offsets of every batch's matrices in elements.
struct Batches {
  std::vector<int64_t> a;
  std::vector<int64_t> b;
};

Batches batch_offsets(const Product& product) {
  const size_t batch_rank = product.dst_dims.size() - 2;
  const int64_t count = element_count(
      Dims(product.dst_dims.begin(), product.dst_dims.begin() + static_cast<int64_t>(batch_rank)));
  Batches result;
  for (int64_t index = 0; index < count; ++index) {
    int64_t rest = index;
    int64_t a = 0;
    int64_t b = 0;
    for (size_t i = batch_rank; i-- > 0;) {
      const int64_t at = rest % product.dst_dims[i];
      rest /= product.dst_dims[i];
      if (product.a_dims[i] != 1) a += at * product.a_strides[i];
      if (product.b_dims[i] != 1) b += at * product.b_strides[i];
    }
    result.a.push_back(a);
    result.b.push_back(b);
  }
  return result;
}

// One matrix of each operand, and where it is read from.
struct Matrices {
  int64_t rows = 0;
  int64_t depth = 0;
  int64_t columns = 0;
  int64_t a_row = 0, a_column = 0;
  int64_t b_row = 0, b_column = 0;
};

// alpha * sum + beta * c, in double for the integers.
template <class T, class P>
void finish_row(const Epilogue& epilogue, const P* sums, const T* c, int64_t columns, T* dst) {
  using C = std::conditional_t<kIsFloat<T>, Compute<T>, double>;
  const bool plain = epilogue.alpha == 1 && c == nullptr;
  for (int64_t i = 0; i < columns; ++i) {
    if (plain) {
      dst[i] = static_cast<T>(sums[i]);
      continue;
    }
    const auto sum = kIsFloat<T> ? static_cast<C>(sums[i]) : static_cast<C>(static_cast<T>(sums[i]));
    const C add = c == nullptr ? C(0) : static_cast<C>(c[i * epilogue.column_stride]);
    dst[i] = static_cast<T>(static_cast<C>(epilogue.alpha) * sum + static_cast<C>(epilogue.beta) * add);
  }
}

template <class T>
class PanelMatmul final : public Kernel {
  using P = PanelType<T>;

 public:
  // In Call::args.
  enum Operand : size_t { kA, kB, kC, kDst, kPacked, kScratch };

  PanelMatmul(const Matrices& one, Batches batches, const Epilogue& epilogue, bool constant, int threads)
      : one_(one), batches_(std::move(batches)), epilogue_(epilogue), constant_(constant), threads_(threads) {}

  // Of one batch that runs by itself: the packed right side, the converted left side, the sums.
  int64_t scratch_elements() const { return packed() + one_.rows * (one_.depth + one_.columns); }
  int64_t side_by_side() const {
    const auto count = static_cast<int64_t>(batches_.a.size());
    return count >= threads_ ? threads_ : 1;
  }

  RunError run(const Call& call) const override {
    const auto count = static_cast<int64_t>(batches_.a.size());
    const int64_t parts = side_by_side();
    const int64_t work = count * one_.rows * one_.columns * (one_.depth / 16 + 1);
    if (parts == 1) {
      for (int64_t batch = 0; batch < count; ++batch) multiply(call, batch, 0, threads_);
      return nullptr;
    }
    parallel_for(threads_, parts, work, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part) {
        for (int64_t batch = count * part / parts; batch < count * (part + 1) / parts; ++batch) {
          multiply(call, batch, part, 1);
        }
      }
    });
    return nullptr;
  }

 private:
  int64_t packed() const { return constant_ ? 0 : packed_elements<P>(one_.depth, one_.columns); }

  void multiply(const Call& call, int64_t batch, int64_t part, int threads) const {
    const auto at = static_cast<size_t>(batch);
    P* scratch = call.out<P>(kScratch) + part * scratch_elements();
    const P* panels = constant_ ? call.in<P>(kPacked) : scratch;
    if (!constant_) {
      const T* from = call.in<T>(kB) + batches_.b[at];
      parallel_for(threads, panel_count(one_.columns, panel_kernels<P>().width), one_.depth * one_.columns,
                   [&](int64_t begin, int64_t end) {
                     pack_panels(from, one_.b_row, one_.b_column, one_.depth, one_.columns, scratch, begin,
                                 end);
                   });
    }
    scratch += packed();
    P* sums = scratch + one_.rows * one_.depth;
    int64_t stride = one_.a_row;
    const P* a = left(call.in<T>(kA) + batches_.a[at], scratch, threads, stride);
    panel_product(threads, a, stride, one_.rows, one_.depth, panels, static_cast<const P*>(nullptr), 0, sums,
                  one_.columns, one_.columns);
    const T* c = call.in<T>(kC);
    T* dst = call.out<T>(kDst) + batch * one_.rows * one_.columns;
    parallel_for(threads, one_.rows, one_.rows * one_.columns, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        finish_row(epilogue_, sums + row * one_.columns,
                   c == nullptr ? nullptr : c + row * epilogue_.row_stride, one_.columns,
                   dst + row * one_.columns);
      }
    });
  }

  // The left side with neighbouring elements in a row, in place or in `scratch`.
  const P* left(const T* a, P* scratch, int threads, int64_t& stride) const {
    constexpr bool kSame = sizeof(T) == sizeof(P) && kIsFloat<T> == kIsFloat<P>;
    if (kSame && one_.a_column == 1) return reinterpret_cast<const P*>(a);
    stride = one_.depth;
    parallel_for(threads, one_.rows, one_.rows * one_.depth, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        for (int64_t k = 0; k < one_.depth; ++k) {
          scratch[row * one_.depth + k] =
              static_cast<P>(static_cast<Compute<T>>(a[row * one_.a_row + k * one_.a_column]));
        }
      }
    });
    return scratch;
  }

  Matrices one_;
  Batches batches_;
  Epilogue epilogue_;
  bool constant_;
  int threads_;
};

template <class T>
Builder::Ref packed_right_side(Builder& b, const Matrices& one) {
  using P = PanelType<T>;
  const uint64_t id = b.graph().values[b.node().inputs[1]].constant_id;
  Constants& constants = b.constants();
  const std::string key = text(id, "/panels/", one.b_row, "/", one.b_column, "/", one.depth, "/", one.columns,
                               "/", panel_kernels<P>().width);
  const auto bytes = static_cast<uint64_t>(packed_elements<P>(one.depth, one.columns)) * sizeof(P);
  return b.packed_ref(key, bytes, [=, &constants](void* target) {
    constants.with_bytes(id, [&](const HostTensor& source) {
      pack_panels(static_cast<const T*>(source.data), one.b_row, one.b_column, one.depth, one.columns,
                  static_cast<P*>(target));
    });
  });
}

}  // namespace

void build_panel_matmul(Builder& b, const Product& product, const Epilogue& epilogue) {
  const size_t rank = product.dst_dims.size();
  const Matrices one{product.dst_dims[rank - 2],  product.a_dims[rank - 1],    product.dst_dims[rank - 1],
                     product.a_strides[rank - 2], product.a_strides[rank - 1], product.b_strides[rank - 2],
                     product.b_strides[rank - 1]};
  const bool constant =
      b.is_constant(1) && element_count(product.b_dims) == one.depth * one.columns && one.depth > 0;
  dispatch<kMatmulTypes>(b.input_type(0), [&]<class T>(Tag<T>) {
    auto kernel =
        std::make_unique<PanelMatmul<T>>(one, batch_offsets(product), epilogue, constant, b.threads());
    const auto scratch = static_cast<uint64_t>(kernel->side_by_side() * kernel->scratch_elements());
    const auto read = [&](size_t input) { return b.read(b.node().inputs[input], Layout::kPlain); };
    Builder::RawStep step;
    step.operands = {read(0), constant ? Builder::Ref{} : read(1), epilogue.has_c ? read(2) : Builder::Ref{}};
    step.operands.push_back(b.read(b.node().outputs[0], Layout::kPlain));
    step.operands.push_back(constant ? packed_right_side<T>(b, one) : Builder::Ref{});
    step.operands.push_back(b.scratch_ref(scratch * sizeof(PanelType<T>)));
    step.kernel = std::move(kernel);
    step.name = b.node().op_type;
    step.implementation = "panels";
    step.nodes = {b.node_index()};
    b.raw_step(std::move(step));
  });
}

}  // namespace bp::cpu
