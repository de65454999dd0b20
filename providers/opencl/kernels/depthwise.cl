// Depthwise convolution for a processor's cores: one work-item convolves a whole plane. The input rows under
// the kernel lie padded in a ring, the positions of a stride apart, so that every tap is a vector load.
//   BP_KH, BP_KW: kernel; BP_SX, BP_SY: strides; BP_DX, BP_DY: dilations; BP_ROW: elements of a row's phase
#define BP_RING ((BP_KH - 1) * BP_DY + 1)
#define BP_PHASES BP_SX

__kernel void depthwise(BP_TENSOR(const float, src), BP_TENSOR(const float, weights),
                        BP_TENSOR(const float, first), BP_TENSOR(BP_FINISH_TYPE, out), const int channels,
                        const int in_h, const int in_w, const int out_h, const int out_w, const int pad_y,
                        const int pad_x BP_FINISH_PARAMETERS) {
  const int plane = get_global_id(0);
  const int channel = plane % channels;
  __global const float* restrict src = src_base + src_at + plane * in_h * in_w;
  __global const float* weights = weights_base + weights_at + channel * BP_KH * BP_KW;
  __global BP_FINISH_TYPE* out = out_base + out_at;
  const float start = BP_START(first_base[first_at + channel]);
  float taps[BP_KH * BP_KW];
  for (int i = 0; i < BP_KH * BP_KW; ++i) taps[i] = weights[i];
  float rows[BP_RING][BP_PHASES * BP_ROW];
  int loaded = -pad_y;  // the next input row
  for (int y = 0; y < out_h; ++y) {
    for (; loaded < y * BP_SY - pad_y + BP_RING; ++loaded) {
      float* row = rows[(loaded + pad_y) % BP_RING];
      for (int x = 0; x < BP_PHASES * BP_ROW; ++x) row[x] = 0;
      if (loaded < 0 || loaded >= in_h) continue;
      __global const float* restrict line = src + loaded * in_w;
#if BP_SX == 1
      int x = 0;
      for (; x + 16 <= in_w; x += 16) vstore16(vload16(0, line + x), 0, row + pad_x + x);
      if (x < in_w && loaded * in_w + x + 16 <= in_h * in_w) {
        const int16 lanes = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        const float16 inside = select((float16)(0), vload16(0, line + x), lanes < (int16)(in_w - x));
        vstore16(inside, 0, row + pad_x + x);
      } else {
        for (; x < in_w; ++x) row[pad_x + x] = line[x];
      }
#else
      for (int phase = 0; phase < BP_PHASES; ++phase) {
        const int shift = phase - pad_x;
        const int begin = shift >= 0 ? 0 : (BP_SX - 1 - shift) / BP_SX;
        const int end = min(BP_ROW, (in_w - shift + BP_SX - 1) / BP_SX);
        for (int x = begin; x < end; ++x) row[phase * BP_ROW + x] = line[x * BP_SX + shift];
      }
#endif
    }
    for (int x = 0; x < out_w; x += 16) {
      float16 sum = start;
#pragma unroll
      for (int i = 0; i < BP_KH; ++i) {
        const float* row = rows[(y * BP_SY + i * BP_DY) % BP_RING] + x;
#pragma unroll
        for (int j = 0; j < BP_KW; ++j) {
          const float16 value = vload16(0, row + j * BP_DX % BP_SX * BP_ROW + j * BP_DX / BP_SX);
          sum = fma((float16)(taps[i * BP_KW + j]), value, sum);
        }
      }
      float line[16];
      vstore16(sum, 0, line);
      const int o = (plane * out_h + y) * out_w + x;
      // Too many are stored where the next row, which comes later, still lies behind them.
      if (y * out_w + x + 16 <= out_h * out_w) {
        for (int j = 0; j < 16; ++j) bp_finish(out, o + j, line[j] BP_FINISH_ARGUMENTS);
      } else {
        for (int j = 0; j < out_w - x; ++j) bp_finish(out, o + j, line[j] BP_FINISH_ARGUMENTS);
      }
    }
  }
}
