// MaxPool and AveragePool, one element of the output per work-item. Ids: position, plane.
#define BP_TRIPLE(name) const int name##_z, const int name##_y, const int name##_x

__kernel void pool(BP_TENSOR(const T, src), BP_TENSOR(T, dst), BP_TENSOR(long, indices), const int pixels,
                   BP_TRIPLE(in), BP_TRIPLE(out), BP_TRIPLE(kernel), BP_TRIPLE(stride), BP_TRIPLE(dilation),
                   BP_TRIPLE(pad), BP_TRIPLE(end), const float power) {
  BP_USE(const T, src);
  BP_USE(T, dst);
  const int pixel = get_global_id(0);
  if (pixel >= pixels) return;
  const int plane = get_global_id(1);
  const int x = pixel % out_x * stride_x - pad_x;
  const int y = pixel / out_x % out_y * stride_y - pad_y;
  const int z = pixel / (out_x * out_y) * stride_z - pad_z;
  src += plane * in_z * in_y * in_x;
  C total = BP_START;
  int best = -1;
  int count = 0;
  for (int i = 0; i < kernel_z; ++i) {
    const int from_z = z + i * dilation_z;
    for (int j = 0; j < kernel_y; ++j) {
      const int from_y = y + j * dilation_y;
      const bool row = from_z >= 0 && from_z < in_z && from_y >= 0 && from_y < in_y;
      for (int k = 0; k < kernel_x; ++k) {
        const int from_x = x + k * dilation_x;
#ifdef BP_COUNT_PADDING
        count += from_z < in_z + end_z && from_y < in_y + end_y && from_x < in_x + end_x;
#endif
        if (!row || from_x < 0 || from_x >= in_x) continue;
        const int at = (from_z * in_y + from_y) * in_x + from_x;
        const C value = BP_LOAD(T, src, at);
#ifdef BP_MAXIMUM
        if (best < 0 || value > total || value != value) {
          total = value;
          best = at;
        }
#else
#ifndef BP_COUNT_PADDING
        ++count;
#endif
        total += BP_TERM(value);
#endif
      }
    }
  }
  BP_STORE(T, dst, plane * pixels + pixel, BP_RESULT);
#ifdef BP_INDICES
  const int best_x = best % in_x;
  const int best_y = best / in_x % in_y;
  const int best_z = best / (in_x * in_y);
  const long area = (long)in_z * in_y * in_x;
  indices_base[indices_at + plane * pixels + pixel] =
      best < 0 ? -1 : plane * area + (BP_COLUMN_MAJOR ? (best_x * in_y + best_y) * in_z + best_z : best);
#endif
}
