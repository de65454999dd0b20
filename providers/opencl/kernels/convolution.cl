// Convolutions of any type, one element of the output per work-item. Ids: position, image and channel.
#define BP_TRIPLE(name) const int name##_z, const int name##_y, const int name##_x
#define BP_PARAMETERS                                                                                \
  BP_TENSOR(const T, src), BP_TENSOR(const T, weights), BP_TENSOR(const T, bias), BP_TENSOR(T, dst), \
      const int has_bias, const int pixels, const int groups, const int channels, const int outputs, \
      BP_TRIPLE(in), BP_TRIPLE(out), BP_TRIPLE(kernel), BP_TRIPLE(stride), BP_TRIPLE(dilation), BP_TRIPLE(pad)
#define BP_BEGIN                                                          \
  BP_USE(const T, src);                                                   \
  BP_USE(const T, weights);                                               \
  BP_USE(const T, bias);                                                  \
  BP_USE(T, dst);                                                         \
  const int pixel = get_global_id(0);                                     \
  if (pixel >= pixels) return;                                            \
  const int x = pixel % out_x;                                            \
  const int y = pixel / out_x % out_y;                                    \
  const int z = pixel / (out_x * out_y);                                  \
  const int plane = get_global_id(1);                                     \
  const int channel = plane % (groups * outputs);                         \
  const int group = channel / outputs;                                    \
  const int area = in_z * in_y * in_x;                                    \
  const int taps = kernel_z * kernel_y * kernel_x;                        \
  src += (plane / (groups * outputs) * groups + group) * channels * area; \
  C sum = has_bias ? BP_LOAD(T, bias, channel) : (C)0;

__kernel void forward(BP_PARAMETERS) {
  BP_BEGIN
  weights += channel * channels * taps;
  for (int i = 0; i < kernel_z; ++i) {
    const int from_z = z * stride_z + i * dilation_z - pad_z;
    if (from_z < 0 || from_z >= in_z) continue;
    for (int j = 0; j < kernel_y; ++j) {
      const int from_y = y * stride_y + j * dilation_y - pad_y;
      if (from_y < 0 || from_y >= in_y) continue;
      for (int k = 0; k < kernel_x; ++k) {
        const int from_x = x * stride_x + k * dilation_x - pad_x;
        if (from_x < 0 || from_x >= in_x) continue;
        const int at = (from_z * in_y + from_y) * in_x + from_x;
        const int tap = (i * kernel_y + j) * kernel_x + k;
        for (int c = 0; c < channels; ++c)
          sum += BP_LOAD(T, src, c * area + at) * BP_LOAD(T, weights, c * taps + tap);
      }
    }
  }
  BP_STORE(T, dst, plane * pixels + pixel, sum);
}

// Gathers what the input would have scattered here. weights: [groups * channels][outputs][taps].
__kernel void transposed(BP_PARAMETERS) {
  BP_BEGIN
  weights += (group * channels * outputs + channel % outputs) * taps;
  for (int i = 0; i < kernel_z; ++i) {
    const int from_z = z + pad_z - i * dilation_z;
    if (from_z < 0 || from_z % stride_z != 0 || from_z / stride_z >= in_z) continue;
    for (int j = 0; j < kernel_y; ++j) {
      const int from_y = y + pad_y - j * dilation_y;
      if (from_y < 0 || from_y % stride_y != 0 || from_y / stride_y >= in_y) continue;
      for (int k = 0; k < kernel_x; ++k) {
        const int from_x = x + pad_x - k * dilation_x;
        if (from_x < 0 || from_x % stride_x != 0 || from_x / stride_x >= in_x) continue;
        const int at = (from_z / stride_z * in_y + from_y / stride_y) * in_x + from_x / stride_x;
        const int tap = (i * kernel_y + j) * kernel_x + k;
        for (int c = 0; c < channels; ++c)
          sum += BP_LOAD(T, src, c * area + at) * BP_LOAD(T, weights, c * outputs * taps + tap);
      }
    }
  }
  BP_STORE(T, dst, plane * pixels + pixel, sum);
}
