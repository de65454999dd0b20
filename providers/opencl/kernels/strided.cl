// Copies between two strided views: element (c0, c1, ...) of the one to the same of the other. Moves anything:
// BP_BITS is an unsigned integer of the element's size, BP_RANK the number of axes, innermost last.
#define BP_AXIS(i) , const int n##i, const int from##i, const int to##i

__kernel void strided(BP_TENSOR(const BP_BITS, src), BP_TENSOR(BP_BITS, dst), const int from, const int to,
                      const int inner, const int inner_from, const int inner_to BP_AXES) {
  BP_USE(const BP_BITS, src);
  BP_USE(BP_BITS, dst);
  const int c = get_global_id(0);
  if (c >= inner) return;
  int rest = get_global_id(1);
  int read = from + c * inner_from;
  int write = to + c * inner_to;
#define BP_STEP(i)               \
  read += rest % n##i * from##i; \
  write += rest % n##i * to##i;  \
  rest /= n##i;
  BP_STEPS
  dst[write] = src[read];
}

// The same for short rows: one work-item per element of all axes, the innermost among them.
__kernel void scattered(BP_TENSOR(const BP_BITS, src), BP_TENSOR(BP_BITS, dst), const int from, const int to,
                        const int inner, const int inner_from, const int inner_to BP_AXES, const int total) {
  BP_USE(const BP_BITS, src);
  BP_USE(BP_BITS, dst);
  int rest = get_global_id(0);
  if (rest >= total) return;
  int read = from + rest % inner * inner_from;
  int write = to + rest % inner * inner_to;
  rest /= inner;
  BP_STEPS
  dst[write] = src[read];
}
