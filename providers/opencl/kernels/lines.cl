// Lines of `length` elements, `step` apart, one work-item each: softmax and its like, normalizations. With
// BP_DENSE elements are neighbours, and sums are gathered in sixteen lanes. T: element type, C: the type in
// which it counts.
#ifdef BP_DENSE
#define BP_AT(i) (i)
#else
#define BP_AT(i) ((i)*step)
#endif
#define BP_LINE                      \
  BP_USE(const T, src);              \
  BP_USE(T, dst);                    \
  const int line = get_global_id(0); \
  if (line >= lines) return;         \
  const int base = line / step * (length * step) + line % step;

// result = start gathered with f(i) over the line.
#define BP_OVER_LINE(result, start, gather, f)                        \
  C result = start;                                                   \
  {                                                                   \
    const int wide = length & ~15;                                    \
    if (wide > 0) {                                                   \
      C lanes[16];                                                    \
      for (int j = 0; j < 16; ++j) lanes[j] = start;                  \
      for (int i = 0; i < wide; i += 16)                              \
        for (int j = 0; j < 16; ++j) {                                \
          const C gathered = f(i + j);                                \
          lanes[j] = gather(lanes[j], gathered);                      \
        }                                                             \
      for (int j = 0; j < 16; ++j) result = gather(result, lanes[j]); \
    }                                                                 \
    for (int i = wide; i < length; ++i) {                             \
      const C gathered = f(i);                                        \
      result = gather(result, gathered);                              \
    }                                                                 \
  }
#define BP_ELEMENT(i) BP_LOAD(T, src, base + BP_AT(i))
#define BP_LARGER(a, b) ((a) < (b) ? (b) : (a))
#define BP_EXPONENTIAL(i) exp(BP_ELEMENT(i) - largest)
#define BP_SQUARE(i) ((BP_ELEMENT(i) - mean) * (BP_ELEMENT(i) - mean))
#define BP_MAGNITUDE(i) fabs(BP_ELEMENT(i))
#define BP_POWER(i) (BP_ELEMENT(i) * BP_ELEMENT(i))

__kernel void softmax(BP_TENSOR(const T, src), BP_TENSOR(T, dst), const int lines, const int length,
                      const int step) {
  BP_LINE
  BP_OVER_LINE(largest, -INFINITY, BP_LARGER, BP_ELEMENT)
#ifdef BP_LOGARITHM
  BP_OVER_LINE(sum, 0, BP_ADD, BP_EXPONENTIAL)
  const C shift = largest + log(sum);
  for (int i = 0; i < length; ++i) BP_STORE(T, dst, base + BP_AT(i), BP_ELEMENT(i) - shift);
#else
  // 16-bit results would lose what is kept here: the sum is of what is not rounded yet.
  BP_OVER_LINE(sum, 0, BP_ADD, BP_EXPONENTIAL)
  const C inverse = 1 / sum;
  for (int i = 0; i < length; ++i) BP_STORE(T, dst, base + BP_AT(i), BP_EXPONENTIAL(i) * inverse);
#endif
}

__kernel void hardmax(BP_TENSOR(const T, src), BP_TENSOR(T, dst), const int lines, const int length,
                      const int step) {
  BP_LINE
  int found = 0;
  C best = BP_ELEMENT(0);
  for (int i = 1; i < length; ++i) {
    const C value = BP_ELEMENT(i);
    if (value > best) {
      best = value;
      found = i;
    }
  }
  for (int i = 0; i < length; ++i) BP_STORE(T, dst, base + BP_AT(i), i == found ? 1 : 0);
}

// (x - mean) / deviation * scale + bias. BP_PARAMETER(i): which scale and bias element i has. With BP_MEAN_OUT
// and BP_DEVIATION_OUT these are written too; BP_NO_MEAN: root mean square.
__kernel void standardize(BP_TENSOR(const T, src), BP_TENSOR(T, dst), const int lines, const int length,
                          const int step, BP_TENSOR(const T, scale), BP_TENSOR(const T, bias),
                          BP_TENSOR(float, mean_out), BP_TENSOR(float, deviation_out), const float epsilon,
                          const int parameters, const int area) {
  BP_LINE
  BP_USE(const T, scale);
  BP_USE(const T, bias);
#ifdef BP_NO_MEAN
  const C mean = 0;
#else
  BP_OVER_LINE(total, 0, BP_ADD, BP_ELEMENT)
  const C mean = total / length;
#endif
  BP_OVER_LINE(squares, 0, BP_ADD, BP_SQUARE)
  const C inverse = 1 / sqrt(squares / length + (C)epsilon);
  for (int i = 0; i < length; ++i) {
    const int p = BP_PARAMETER(i);
    const C value = (BP_ELEMENT(i) - mean) * inverse * BP_LOAD(T, scale, p);
#ifdef BP_BIAS
    BP_STORE(T, dst, base + BP_AT(i), value + BP_LOAD(T, bias, p));
#else
    BP_STORE(T, dst, base + BP_AT(i), value);
#endif
  }
#ifdef BP_MEAN_OUT
  mean_out_base[mean_out_at + line] = mean;
#endif
#ifdef BP_DEVIATION_OUT
  deviation_out_base[deviation_out_at + line] = inverse;
#endif
}

// Divided by the norm; a norm of 0 leaves zeros.
__kernel void lp(BP_TENSOR(const T, src), BP_TENSOR(T, dst), const int lines, const int length,
                 const int step) {
  BP_LINE
#ifdef BP_SQUARES
  BP_OVER_LINE(sum, 0, BP_ADD, BP_POWER)
  const C norm = sqrt(sum);
#else
  BP_OVER_LINE(norm, 0, BP_ADD, BP_MAGNITUDE)
#endif
  for (int i = 0; i < length; ++i) BP_STORE(T, dst, base + BP_AT(i), norm == 0 ? 0 : BP_ELEMENT(i) / norm);
}
