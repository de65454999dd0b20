// Running sums or products along an axis, one line per work-item.
__kernel void cumulate(BP_TENSOR(const T, src), BP_TENSOR(T, dst), const int lines, const int length,
                       const int step) {
  BP_USE(const T, src);
  BP_USE(T, dst);
  const int line = get_global_id(0);
  if (line >= lines) return;
  const int base = line / step * (length * step) + line % step;
  C total = BP_START;
  for (int j = 0; j < length; ++j) {
    const int at = base + (BP_REVERSE ? length - 1 - j : j) * step;
    const C value = BP_LOAD(T, src, at);
    if (BP_EXCLUSIVE) BP_STORE(T, dst, at, total);
    total = (C)(total BP_OPERATOR value);
    if (!BP_EXCLUSIVE) BP_STORE(T, dst, at, total);
  }
}
