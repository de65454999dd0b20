// Lays b[k, n] = b[k * b_step + n * b_column] out in panels of BP_WIDTH columns: [n / width][k][n % width],
// zeros behind the last column. One work-item: a row of a panel. Ids: k, panel, batch.
__kernel void panels(BP_TENSOR(const float, b), BP_TENSOR(float, packed), const int depth, const int columns,
                     const int panel_count, const int b_step, const int b_column, const int b_batch) {
  BP_USE(const float, b);
  BP_USE(float, packed);
  const int k = get_global_id(0);
  if (k >= depth) return;
  const int panel = get_global_id(1);
  const int batch = get_global_id(2);
  const int n = panel * BP_WIDTH;
  b += batch * b_batch + k * b_step + n * b_column;
  packed += ((batch * panel_count + panel) * depth + k) * BP_WIDTH;
  const int count = min(BP_WIDTH, columns - n);
  if (count == BP_WIDTH && b_column == 1) {
    for (int j = 0; j < BP_WIDTH; ++j) packed[j] = b[j];
  } else {
    for (int j = 0; j < BP_WIDTH; ++j) packed[j] = j < count ? b[j * b_column] : 0;
  }
}
