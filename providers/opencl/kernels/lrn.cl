// Local response normalization over channels [c - before, c + after], one element per work-item.
__kernel void lrn(BP_TENSOR(const T, src), BP_TENSOR(T, dst), const int total, const int channels,
                  const int area, const int before, const int after, const float alpha, const int size,
                  const float beta, const float bias) {
  BP_USE(const T, src);
  BP_USE(T, dst);
  const int i = get_global_id(0);
  if (i >= total) return;
  const int channel = i / area % channels;
  C sum = 0;
  for (int c = max(0, channel - before); c <= min(channels - 1, channel + after); ++c) {
    const C value = BP_LOAD(T, src, i + (c - channel) * area);
    sum += value * value;
  }
  BP_STORE(T, dst, i, BP_LOAD(T, src, i) / pow((C)bias + (C)alpha / (C)size * sum, (C)beta));
}
