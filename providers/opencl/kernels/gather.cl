// Picks elements by indices that lie on the device. BP_BITS: an unsigned integer of the element's size; I: the
// indices' type. A negative index counts from the end; one that is out of range gives zeros.
inline int bp_index(const long index, const int size) {
  const long at = index < 0 ? index + size : index;
  return at < 0 || at >= size ? -1 : (int)at;
}

// out[outer, picked, inner] = src[outer, indices[picked], inner]. Ids: inner, outer and picked.
__kernel void gather(BP_TENSOR(const BP_BITS, src), BP_TENSOR(const I, indices), BP_TENSOR(BP_BITS, dst),
                     const int inner, const int picked, const int size) {
  BP_USE(const BP_BITS, src);
  BP_USE(const I, indices);
  BP_USE(BP_BITS, dst);
  const int i = get_global_id(0);
  if (i >= inner) return;
  const int row = get_global_id(1);
  const int at = bp_index(indices[row % picked], size);
  dst[row * inner + i] = at < 0 ? 0 : src[(row / picked * size + at) * inner + i];
}

// Element o of the output, on other axes than the gathered one, lies at the same place of the source.
// BP_AXES: for each axis n##i, from##i (stride in the source), innermost first.
#define BP_AXIS(i) , const int n##i, const int from##i
#define BP_STEP(i)             \
  at += rest % n##i * from##i; \
  rest /= n##i;
__kernel void gather_elements(BP_TENSOR(const BP_BITS, src), BP_TENSOR(const I, indices),
                              BP_TENSOR(BP_BITS, dst), const int total, const int size,
                              const int stride BP_AXES) {
  BP_USE(const BP_BITS, src);
  BP_USE(const I, indices);
  BP_USE(BP_BITS, dst);
  const int o = get_global_id(0);
  if (o >= total) return;
  int rest = o, at = 0;
  BP_STEPS
  const int index = bp_index(indices[o], size);
  dst[o] = index < 0 ? 0 : src[at + index * stride];
}

// out[batch, picked, inner] = src[batch, indices[batch, picked, 0], indices[batch, picked, 1], ..., inner]
// BP_AXES: by index axis its size and stride in the source, in order.
#define BP_INDEX_AXIS(i) , const int n##i, const int from##i
#define BP_INDEX_STEP(i)                                       \
  {                                                            \
    const int index = bp_index(indices[row * axes + i], n##i); \
    outside = outside || index < 0;                            \
    at += index * from##i;                                     \
  }
__kernel void gather_nd(BP_TENSOR(const BP_BITS, src), BP_TENSOR(const I, indices), BP_TENSOR(BP_BITS, dst),
                        const int inner, const int picked, const int batch_stride,
                        const int axes BP_INDEX_AXES) {
  BP_USE(const BP_BITS, src);
  BP_USE(const I, indices);
  BP_USE(BP_BITS, dst);
  const int i = get_global_id(0);
  if (i >= inner) return;
  const int row = get_global_id(1);
  int at = row / picked * batch_stride;
  bool outside = false;
  BP_INDEX_STEPS
  dst[row * inner + i] = outside ? 0 : src[at + i];
}
