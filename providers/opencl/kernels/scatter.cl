// Writes updates at indices into a copy of the data. What may fall on one place is done by one work-item, in
// order. BP_JOIN_UPDATE(old, new): what is written. T, C: element types; I: the indices' type.
inline int bp_index(const long index, const int size) {
  const long at = index < 0 ? index + size : index;
  return at < 0 || at >= size ? -1 : (int)at;
}

// One work-item: all updates along the axis at one place of the other axes.
#define BP_AXIS(i) , const int n##i, const int from##i, const int to##i
#define BP_STEP(i)               \
  read += rest % n##i * from##i; \
  write += rest % n##i * to##i;  \
  rest /= n##i;
__kernel void scatter_elements(BP_TENSOR(const I, indices), BP_TENSOR(const T, updates), BP_TENSOR(T, dst),
                               const int lines, const int count, const int update_stride, const int size,
                               const int stride BP_AXES) {
  BP_USE(const I, indices);
  BP_USE(const T, updates);
  BP_USE(T, dst);
  const int line = get_global_id(0);
  if (line >= lines) return;
  int rest = line, read = 0, write = 0;
  BP_STEPS
  for (int i = 0; i < count; ++i) {
    const int from = read + i * update_stride;
    const int index = bp_index(indices[from], size);
    if (index < 0) continue;
    const int to = write + index * stride;
    const C update = BP_LOAD(T, updates, from);
    const C old = BP_LOAD(T, dst, to);
    BP_STORE(T, dst, to, BP_JOIN_UPDATE(old, update));
  }
}

// One work-item: element i of every slice.
#define BP_INDEX_AXIS(i) , const int n##i, const int to##i
#define BP_INDEX_STEP(i)                                       \
  {                                                            \
    const int index = bp_index(indices[row * axes + i], n##i); \
    outside = outside || index < 0;                            \
    at += index * to##i;                                       \
  }
__kernel void scatter_nd(BP_TENSOR(const I, indices), BP_TENSOR(const T, updates), BP_TENSOR(T, dst),
                         const int inner, const int rows, const int axes BP_INDEX_AXES) {
  BP_USE(const I, indices);
  BP_USE(const T, updates);
  BP_USE(T, dst);
  const int i = get_global_id(0);
  if (i >= inner) return;
  for (int row = 0; row < rows; ++row) {
    int at = 0;
    bool outside = false;
    BP_INDEX_STEPS
    if (outside) continue;
    const C update = BP_LOAD(T, updates, row * inner + i);
    const C old = BP_LOAD(T, dst, at + i);
    BP_STORE(T, dst, at + i, BP_JOIN_UPDATE(old, update));
  }
}
