// Tensors made of little: one value, a range, a diagonal, one-hot rows, triangles.
__kernel void fill(BP_TENSOR(BP_BITS, dst), const int total, const BP_BITS value) {
  const int i = get_global_id(0);
  if (i < total) dst_base[dst_at + i] = value;
}

#ifdef T
__kernel void range(BP_TENSOR(T, dst), const int total, BP_TENSOR(const T, start), BP_TENSOR(const T, delta)) {
  BP_USE(T, dst);
  const int i = get_global_id(0);
  if (i >= total) return;
  const C first = BP_LOAD(T, start_base, start_at);
  const C each = BP_LOAD(T, delta_base, delta_at);
  BP_STORE(T, dst, i, first + (C)i * each);
}

__kernel void eye(BP_TENSOR(T, dst), const int total, const int columns, const int shift) {
  BP_USE(T, dst);
  const int i = get_global_id(0);
  if (i < total) BP_STORE(T, dst, i, i % columns - i / columns == shift ? 1 : 0);
}
#endif

#ifdef I
// dst[outer, class, inner]; `values` is [off, on].
__kernel void one_hot(BP_TENSOR(const I, indices), BP_TENSOR(const BP_BITS, values), BP_TENSOR(BP_BITS, dst),
                      const int total, const int classes, const int inner) {
  BP_USE(const I, indices);
  BP_USE(const BP_BITS, values);
  BP_USE(BP_BITS, dst);
  const int i = get_global_id(0);
  if (i >= total) return;
  long index = (long)indices[i / (classes * inner) * inner + i % inner];
  if (index < 0) index += classes;
  dst[i] = values[index == i / inner % classes];
}
#endif

// Keeps what is on or above (below) the diagonal.
__kernel void triangle(BP_TENSOR(const BP_BITS, src), BP_TENSOR(BP_BITS, dst), const int total, const int rows,
                       const int columns, const long shift, const int upper) {
  BP_USE(const BP_BITS, src);
  BP_USE(BP_BITS, dst);
  const int i = get_global_id(0);
  if (i >= total) return;
  const long distance = (long)(i % columns) - i / columns % rows;
  const bool kept = upper ? distance >= shift : distance <= shift;
  dst[i] = kept ? src[i] : 0;
}
