// Matrix products of any type, one element per work-item: alpha * a b + beta * c.
__kernel void matmul(BP_TENSOR(const T, a), BP_TENSOR(const T, b), BP_TENSOR(T, out), BP_TENSOR(const T, c),
                     const int rows, const int columns, const int depth, const int a_batch, const int a_row,
                     const int a_step, const int b_batch, const int b_column, const int b_step,
                     const float alpha, const float beta, const int c_row, const int c_column) {
  BP_USE(const T, a);
  BP_USE(const T, b);
  BP_USE(const T, c);
  BP_USE(T, out);
  const int column = get_global_id(0);
  if (column >= columns) return;
  const int row = get_global_id(1);
  const int batch = get_global_id(2);
  a += batch * a_batch + row * a_row;
  b += batch * b_batch + column * b_column;
  C sum = 0;
  for (int k = 0; k < depth; ++k) sum += BP_LOAD(T, a, k * a_step) * BP_LOAD(T, b, k * b_step);
  if (alpha != 1) sum = (C)(alpha * sum);
  if (beta != 0) {
    const C added = BP_LOAD(T, c, row * c_row + column * c_column);
    sum += beta == 1 ? added : (C)(beta * added);
  }
  BP_STORE(T, out, (batch * rows + row) * columns + column, sum);
}
