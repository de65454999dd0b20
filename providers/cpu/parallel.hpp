// The one way to use threads in own kernels: OpenMP, the same team as oneDNN's.
// A loop runs on one thread or on the whole team: a team of changing size makes libgomp end and start threads.
#pragma once

#include <omp.h>

#include <cstdint>

namespace bp::cpu {

// Below this many elements a kernel stays on the calling thread: waking a team costs more than the work.
inline constexpr int64_t kSerialElements = 16 * 1024;

// f(begin, end) over [0, count), in one piece per thread. `work` is what all of it costs, in elements.
template <class F>
void parallel_for(int threads, int64_t count, int64_t work, F&& f) {
  if (threads <= 1 || count <= 1 || work < kSerialElements) {
    if (count > 0) f(int64_t{0}, count);
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    const int64_t part = omp_get_thread_num();
    const int64_t parts = omp_get_num_threads();
    const int64_t begin = count * part / parts;
    const int64_t end = count * (part + 1) / parts;
    if (begin < end) f(begin, end);
  }
}

// Sets the calling thread's team size for libraries that ask OpenMP, and puts it back.
class TeamSize {
 public:
  explicit TeamSize(int threads) noexcept : before_(omp_get_max_threads()) {
    changed_ = before_ != threads;
    if (changed_) omp_set_num_threads(threads);
  }
  ~TeamSize() {
    if (changed_) omp_set_num_threads(before_);
  }
  TeamSize(const TeamSize&) = delete;
  TeamSize& operator=(const TeamSize&) = delete;

 private:
  int before_;
  bool changed_;
};

}  // namespace bp::cpu
