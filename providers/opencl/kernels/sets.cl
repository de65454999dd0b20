// Walks over sets of elements, one work-item each: reductions, and what finds one element of a set.
//   T, C: element type and the type in which it counts; TO: type of the result; A: of the sum.
// A set is `runs` runs of inner_size elements, inner_stride apart; with BP_DENSE they are neighbours.

#define BP_SET_BEGIN                \
  const int set = get_global_id(0); \
  if (set >= sets) return;          \
  int base = 0;                     \
  {                                 \
    int rest = set, offset = 0;     \
    BP_KEPT_STEPS                   \
    base = offset;                  \
  }
#define BP_RUN_BEGIN                     \
  for (int run = 0; run < runs; ++run) { \
    int rest = run, offset = base;       \
    BP_GONE_STEPS
#define BP_RUN_END }

#ifdef BP_REDUCE
// BP_MAP(v): what of an element is gathered; BP_GATHER(a, b): how; BP_START; BP_END(total): what comes out.
__kernel void reduce(BP_TENSOR(const T, src), BP_TENSOR(TO, dst), BP_SET_PARAMETERS) {
  BP_USE(const T, src);
  BP_USE(TO, dst);
  BP_SET_BEGIN
  A total = BP_START;
  BP_RUN_BEGIN
#ifdef BP_DENSE
  // Sixteen sums side by side: wide, and closer to the exact sum than one.
  A lanes[16];
  const int wide = inner_size & ~15;
  if (wide > 0) {
    for (int j = 0; j < 16; ++j) lanes[j] = BP_START;
    for (int i = 0; i < wide; i += 16)
      for (int j = 0; j < 16; ++j) {
        const A value = BP_MAP((A)(C)BP_LOAD(T, src, offset + i + j));
        lanes[j] = BP_GATHER(lanes[j], value);
      }
    for (int j = 0; j < 16; ++j) total = BP_GATHER(total, lanes[j]);
  }
  for (int i = wide; i < inner_size; ++i) {
    const A value = BP_MAP((A)(C)BP_LOAD(T, src, offset + i));
    total = BP_GATHER(total, value);
  }
#else
  for (int i = 0; i < inner_size; ++i) {
    const A value = BP_MAP((A)(C)BP_LOAD(T, src, offset + i * inner_stride));
    total = BP_GATHER(total, value);
  }
#endif
  BP_RUN_END
  BP_STORE(TO, dst, set, BP_END(total));
}

#endif

#ifdef BP_LOG_SUM_EXP
// log(sum(exp(x))), the largest element taken out first.
__kernel void log_sum_exp(BP_TENSOR(const T, src), BP_TENSOR(TO, dst), BP_SET_PARAMETERS) {
  BP_USE(const T, src);
  BP_USE(TO, dst);
  BP_SET_BEGIN
  A largest = -INFINITY;
  BP_RUN_BEGIN
  for (int i = 0; i < inner_size; ++i) {
    const A value = BP_LOAD(T, src, offset + i * inner_stride);
    largest = value > largest ? value : largest;
  }
  BP_RUN_END
  if (isinf(largest)) largest = 0;
  A total = 0;
  BP_RUN_BEGIN
  for (int i = 0; i < inner_size; ++i) total += exp((A)BP_LOAD(T, src, offset + i * inner_stride) - largest);
  BP_RUN_END
  BP_STORE(TO, dst, set, log(total) + largest);
}
#endif

#ifdef BP_EXTREME
// Where the extreme element of a set is; BP_BETTER(a, b): a goes before b.
__kernel void extreme(BP_TENSOR(const T, src), BP_TENSOR(long, dst), BP_SET_PARAMETERS) {
  BP_USE(const T, src);
  BP_USE(long, dst);
  BP_SET_BEGIN
  C best = BP_LOAD(T, src, base);
  int found = 0;
  for (int i = 1; i < inner_size; ++i) {
    const C value = BP_LOAD(T, src, base + i * inner_stride);
    if (BP_BETTER(value, best)) {
      best = value;
      found = i;
    }
  }
  dst[set] = found;
}
#endif
