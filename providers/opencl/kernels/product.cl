// Products of matrices: out[m, n] = start[m] + sum over k of a[m, k] * b[k, n], by tiles of BP_ROWS rows and
// 16 * BP_VECTORS columns in registers. Convolutions are this too: b[k, n] is then the input at a shift that
// depends on k, and some columns are between rows of the image (gaps).
//
//   a[m, k] = a[m / BP_ROWS * a_tile + m % BP_ROWS * a_row + k * a_step]
//   b[k, n] = b[n / width * b_panel + n % width + k * b_step], or + shifts[k] with BP_SHIFTS
//
// Behind the last column of b lies what may be read (packed panels, planes with slack), or with BP_GUARD
// nothing: the last rows of the last tile are then read one by one.

#define BP_WIDTH (16 * BP_VECTORS)

#ifdef BP_SHIFTS
#define BP_STEP(k) shifts[k]
#else
#define BP_STEP(k) ((k)*b_step)
#endif

#if BP_VECTORS == 2
#define BP_EACH_VECTOR(X, r) X(r, 0) X(r, 1)
#else
#define BP_EACH_VECTOR(X, r) X(r, 0)
#endif
#if BP_ROWS == 8
#define BP_EACH_ROW(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#elif BP_ROWS == 4
#define BP_EACH_ROW(X) X(0) X(1) X(2) X(3)
#elif BP_ROWS == 2
#define BP_EACH_ROW(X) X(0) X(1)
#else
#define BP_EACH_ROW(X) X(0)
#endif

#define BP_DECLARE(r, v) float16 c##r##v = start##r;
#define BP_BEGIN(r)                                                    \
  const int m##r = min(m + r, rows - 1);                               \
  __global const float* a##r = a + tile * a_tile + (m##r - m) * a_row; \
  const float start##r = BP_START(m##r);                               \
  BP_EACH_VECTOR(BP_DECLARE, r)
#define BP_ADD_PRODUCT(r, v) c##r##v = fma((float16)(x##r), y##v, c##r##v);
#define BP_ADD_ROW(r)          \
  const float x##r = a##r[ka]; \
  BP_EACH_VECTOR(BP_ADD_PRODUCT, r)
#define BP_SPILL(r, v) vstore16(c##r##v, v, line);
#define BP_END(r)                                                                              \
  if (m + r < rows) {                                                                          \
    BP_EACH_VECTOR(BP_SPILL, r)                                                                \
    bp_put_line(out, place + (m + r) * out_row, n, columns, line, gap_row, gap_kept, gap_rows, \
                gap_rows_kept BP_FINISH_ARGUMENTS);                                            \
  }

inline void bp_put_line(__global BP_FINISH_TYPE* restrict out, const int place, const int n, const int columns,
                        const float* line, const int gap_row, const int gap_kept, const int gap_rows,
                        const int gap_rows_kept BP_FINISH_FUNCTION_PARAMETERS) {
#ifdef BP_GAPS
  // Column n is position x of row y of plane z; only those inside the output are kept.
  int x = n % gap_row;
  int y = n / gap_row % gap_rows;
  int z = n / gap_row / gap_rows;
  const int count = min(BP_WIDTH, columns - n);
  for (int j = 0; j < count;) {
    const int here = min(count - j, gap_kept - x);
    if (y < gap_rows_kept) {
      const int o = place + (z * gap_rows_kept + y) * gap_kept + x;
      for (int i = 0; i < here; ++i) bp_finish(out, o + i, line[j + i] BP_FINISH_NAMES);
    }
    j += max(here, 0) + gap_row - max(x, gap_kept);
    x = 0;
    if (++y == gap_rows) {
      y = 0;
      ++z;
    }
  }
#else
  const int o = place + n;
  if (n + BP_WIDTH <= columns) {
    for (int j = 0; j < BP_WIDTH; ++j) bp_finish(out, o + j, line[j] BP_FINISH_NAMES);
  } else {
    for (int j = 0; j < columns - n; ++j) bp_finish(out, o + j, line[j] BP_FINISH_NAMES);
  }
#endif
}

// One work-item: a tile. Ids: tile of rows, panel of columns, batch. a repeats after `a_batches` batches.
__kernel void product(BP_TENSOR(const float, a), BP_TENSOR(const float, b), BP_TENSOR(BP_FINISH_TYPE, out),
                      BP_TENSOR(const float, first), BP_TENSOR(const int, shifts), const int rows,
                      const int columns, const int depth, const int a_tile, const int a_row, const int a_step,
                      const int a_batches, const int a_batch, const int b_panel, const int b_step,
                      const int b_batch, const int b_count, const int out_row, const int out_batch,
                      const int gap_row, const int gap_kept, const int gap_rows,
                      const int gap_rows_kept BP_FINISH_PARAMETERS) {
  const int tile = get_global_id(0);
  const int panel = get_global_id(1);
  const int batch = get_global_id(2);
  const int m = tile * BP_ROWS;
  const int n = panel * BP_WIDTH;
  __global const float* a = a_base + a_at + batch % a_batches * a_batch;
  __global const float* b = b_base + b_at + batch * b_batch + panel * b_panel;
  __global const float* first = first_base + first_at + batch % a_batches * rows;
  __global const int* shifts = shifts_base + shifts_at;
  __global BP_FINISH_TYPE* out = out_base + out_at;
  const int place = batch * out_batch;
  BP_EACH_ROW(BP_BEGIN)
#ifdef BP_GUARD
  // Rows of b of which a whole vector may be read.
  const int room = b_count - batch * b_batch - panel * b_panel - BP_WIDTH;
  const int whole = n + BP_WIDTH <= columns ? depth : room < 0 ? 0 : min(depth, room / max(b_step, 1) + 1);
#else
  const int whole = depth;
#endif
  for (int k = 0; k < whole; ++k) {
    const int ka = k * a_step;
    __global const float* from = b + BP_STEP(k);
    const float16 y0 = vload16(0, from);
#if BP_VECTORS == 2
    const float16 y1 = vload16(1, from);
#endif
    BP_EACH_ROW(BP_ADD_ROW)
  }
  float line[BP_WIDTH];
#ifdef BP_GUARD
  for (int k = whole; k < depth; ++k) {
    const int ka = k * a_step;
    for (int j = 0; j < BP_WIDTH; ++j) line[j] = n + j < columns ? b[BP_STEP(k) + j] : 0;
    const float16 y0 = vload16(0, line);
#if BP_VECTORS == 2
    const float16 y1 = vload16(1, line);
#endif
    BP_EACH_ROW(BP_ADD_ROW)
  }
#endif
  BP_EACH_ROW(BP_END)
}
