// Element (c0, c1, ...) of the result is element (map0[c0], map1[c1], ...) of the source; a map of -1 gives the
// filling. The maps lie one behind the other, that of axis i from first##i on.
#define BP_AXIS(i) , const int n##i, const int first##i, const int from##i
#define BP_STEP(i)                                  \
  {                                                 \
    const int index = maps[first##i + rest % n##i]; \
    outside = outside || index < 0;                 \
    at += index * from##i;                          \
    rest /= n##i;                                   \
  }
__kernel void mapped(BP_TENSOR(const BP_BITS, src), BP_TENSOR(BP_BITS, dst), BP_TENSOR(const int, maps),
                     BP_TENSOR(const BP_BITS, filling), const int has_filling, const int total BP_AXES) {
  BP_USE(const BP_BITS, src);
  BP_USE(BP_BITS, dst);
  BP_USE(const int, maps);
  BP_USE(const BP_BITS, filling);
  const int o = get_global_id(0);
  if (o >= total) return;
  int rest = o, at = 0;
  bool outside = false;
  BP_STEPS
  dst[o] = !outside ? src[at] : has_filling ? filling[0] : 0;
}
