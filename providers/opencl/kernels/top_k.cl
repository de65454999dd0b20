// The k extreme elements of each line in order, by insertion, one line per work-item; of equal ones the first.
__kernel void top_k(BP_TENSOR(const T, src), BP_TENSOR(T, values), BP_TENSOR(long, indices), const int lines,
                    const int length, const int step, const int k) {
  BP_USE(const T, src);
  BP_USE(T, values);
  BP_USE(long, indices);
  const int line = get_global_id(0);
  if (line >= lines) return;
  const int base = line / step * (length * step) + line % step;
  const int out = line / step * (k * step) + line % step;
  int held = 0;
  for (int i = 0; i < length; ++i) {
    const C value = BP_LOAD(T, src, base + i * step);
    if (held == k && !BP_BETTER(value, (C)BP_LOAD(T, values, out + (k - 1) * step))) continue;
    int at = held < k ? held++ : k - 1;
    for (; at > 0; --at) {
      const C above = BP_LOAD(T, values, out + (at - 1) * step);
      if (!BP_BETTER(value, above)) break;
      BP_STORE(T, values, out + at * step, above);
      indices[out + at * step] = indices[out + (at - 1) * step];
    }
    BP_STORE(T, values, out + at * step, value);
    indices[out + at * step] = i;
  }
}
