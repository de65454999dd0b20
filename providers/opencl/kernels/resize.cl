// One axis of Resize: out[outer, o, inner] = sum over t of weights[o, t] * src[outer, indices[o, t], inner].
__kernel void axis(BP_TENSOR(const T, src), BP_TENSOR(T, dst), BP_TENSOR(const int, indices),
                   BP_TENSOR(const float, weights), const int inner, const int size, const int out,
                   const int taps, const int total) {
  BP_USE(const T, src);
  BP_USE(T, dst);
  BP_USE(const int, indices);
  BP_USE(const float, weights);
  const int i = get_global_id(0);
  if (i >= total) return;
  const int o = i / inner % out;
  const int base = i / (inner * out) * size * inner + i % inner;
  C sum = 0;
  for (int t = 0; t < taps; ++t)
    sum += weights[o * taps + t] * BP_LOAD(T, src, base + indices[o * taps + t] * inner);
  BP_STORE(T, dst, i, sum);
}
