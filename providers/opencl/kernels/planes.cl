// The input of a convolution as planes in which every tap is a shift: padded with zeros, and of a stride s
// every s-th row and column apart (phases). dst: [plane][phase z, y, x][depth][height][width]. Ids: x, row of
// all, plane of the source.
__kernel void planes(BP_TENSOR(const float, src), BP_TENSOR(float, dst), const int src_d, const int src_h,
                     const int src_w, const int width, const int height, const int depth, const int phases_x,
                     const int phases_y, const int phases_z, const int stride_x, const int stride_y,
                     const int stride_z, const int pad_x, const int pad_y, const int pad_z) {
  BP_USE(const float, src);
  BP_USE(float, dst);
  const int x = get_global_id(0);
  if (x >= width) return;
  const int row = get_global_id(1);
  const int plane = get_global_id(2);
  int rest = row;
  const int y = rest % height;
  rest /= height;
  const int z = rest % depth;
  rest /= depth;
  const int phase_x = rest % phases_x;
  rest /= phases_x;
  const int phase_y = rest % phases_y;
  const int phase_z = rest / phases_y;
  const int from_x = x * stride_x + phase_x - pad_x;
  const int from_y = y * stride_y + phase_y - pad_y;
  const int from_z = z * stride_z + phase_z - pad_z;
  const bool inside =
      from_x >= 0 && from_x < src_w && from_y >= 0 && from_y < src_h && from_z >= 0 && from_z < src_d;
  const int rows = phases_z * phases_y * phases_x * depth * height;
  dst[(plane * rows + row) * width + x] =
      inside ? src[((plane * src_d + from_z) * src_h + from_y) * src_w + from_x] : 0;
}

// The same for a processor's cores: one work-item lays out a whole plane, row by row.
__kernel void whole_planes(BP_TENSOR(const float, src), BP_TENSOR(float, dst), const int src_d, const int src_h,
                           const int src_w, const int width, const int height, const int depth,
                           const int phases_x, const int phases_y, const int phases_z, const int stride_x,
                           const int stride_y, const int stride_z, const int pad_x, const int pad_y,
                           const int pad_z) {
  const int plane = get_global_id(0);
  __global const float* restrict src = src_base + src_at + plane * src_d * src_h * src_w;
  const int rows = phases_z * phases_y * phases_x * depth * height;
  __global float* restrict dst = dst_base + dst_at + plane * rows * width;
  for (int row = 0; row < rows; ++row, dst += width) {
    const int phase = row / (height * depth);
    const int from_y = row % height * stride_y + phase / phases_x % phases_y - pad_y;
    const int from_z = row / height % depth * stride_z + phase / (phases_x * phases_y) - pad_z;
    const int shift = phase % phases_x - pad_x;
    if (from_y < 0 || from_y >= src_h || from_z < 0 || from_z >= src_d) {
      for (int x = 0; x < width; ++x) dst[x] = 0;
      continue;
    }
    __global const float* restrict line = src + (from_z * src_h + from_y) * src_w;
    // Positions whose source is inside: [first, last).
    const int first = shift >= 0 ? 0 : min(width, (stride_x - 1 - shift) / stride_x);
    const int last = clamp((src_w - shift + stride_x - 1) / stride_x, first, width);
    for (int x = 0; x < first; ++x) dst[x] = 0;
    if (stride_x == 1) {
      for (int x = first; x < last; ++x) dst[x] = line[x + shift];
    } else {
      for (int x = first; x < last; ++x) dst[x] = line[x * stride_x + shift];
    }
    for (int x = last; x < width; ++x) dst[x] = 0;
  }
}
