// In front of every kernel. A tensor is two arguments, since its memory has no address: the cl_mem, and the
// number of the first element. BP_USE gives the pointer.
#define BP_TENSOR(type, name) __global type *name##_base, const ulong name##_at
#define BP_USE(type, name) __global type* name = name##_base + name##_at

#ifdef cl_khr_fp64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif

// Elements as they lie in memory and as arithmetic is done on them: 16-bit floats count in float.
typedef ushort bfloat16;

inline float bp_load_bfloat16(const ushort bits) { return as_float((uint)bits << 16); }
inline ushort bp_to_bfloat16(const float value) {
  const uint bits = as_uint(value);
  if (isnan(value)) return (ushort)(bits >> 16 | 0x40u);
  return (ushort)((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}
inline float bp_round_bfloat16(const float value) { return bp_load_bfloat16(bp_to_bfloat16(value)); }
inline float bp_round_half(const float value) {
  ushort bits;
  vstore_half(value, 0, (half*)&bits);
  return vload_half(0, (const half*)&bits);
}

#define BP_LOAD_float(p, i) (p)[i]
#define BP_LOAD_double(p, i) (p)[i]
#define BP_LOAD_half(p, i) vload_half(i, p)
#define BP_LOAD_bfloat16(p, i) bp_load_bfloat16((p)[i])
#define BP_LOAD_char(p, i) (p)[i]
#define BP_LOAD_short(p, i) (p)[i]
#define BP_LOAD_int(p, i) (p)[i]
#define BP_LOAD_long(p, i) (p)[i]
#define BP_LOAD_uchar(p, i) (p)[i]
#define BP_LOAD_ushort(p, i) (p)[i]
#define BP_LOAD_uint(p, i) (p)[i]
#define BP_LOAD_ulong(p, i) (p)[i]
#define BP_STORE_float(p, i, v) (p)[i] = (v)
#define BP_STORE_double(p, i, v) (p)[i] = (v)
#define BP_STORE_half(p, i, v) vstore_half((float)(v), i, p)
#define BP_STORE_bfloat16(p, i, v) (p)[i] = bp_to_bfloat16(v)
#define BP_STORE_char(p, i, v) (p)[i] = (v)
#define BP_STORE_short(p, i, v) (p)[i] = (v)
#define BP_STORE_int(p, i, v) (p)[i] = (v)
#define BP_STORE_long(p, i, v) (p)[i] = (v)
#define BP_STORE_uchar(p, i, v) (p)[i] = (v)
#define BP_STORE_ushort(p, i, v) (p)[i] = (v)
#define BP_STORE_uint(p, i, v) (p)[i] = (v)
#define BP_STORE_ulong(p, i, v) (p)[i] = (v)
// With the type given by a macro.
#define BP_JOIN_(a, b) a##b
#define BP_JOIN(a, b) BP_JOIN_(a, b)
#define BP_LOAD(type, p, i) BP_JOIN(BP_LOAD_, type)(p, i)
#define BP_STORE(type, p, i, v) BP_JOIN(BP_STORE_, type)(p, i, v)

// What formulas call. NaN wins in the extremes; a NaN on the left is below nothing.
#define BP_ADD(a, b) ((a) + (b))
#define BP_MAX(a, b) ((b) != (b) ? (b) : (a) < (b) ? (b) : (a))
#define BP_MIN(a, b) ((b) != (b) ? (b) : (b) < (a) ? (b) : (a))

// The sign of the divisor; by zero: 0.
inline long bp_floor_mod(const long a, const long b) {
  if (b == 0 || b == -1) return 0;
  const long rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

// Wraps; a negative exponent leaves 1, -1 or 0.
inline long bp_power(const long base, const long exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
  long result = 1, factor = base;
  for (long rest = exponent; rest > 0; rest >>= 1) {
    if (rest & 1) result *= factor;
    factor *= factor;
  }
  return result;
}
