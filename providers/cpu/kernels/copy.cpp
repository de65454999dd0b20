// Copies a contiguous block, with the team when it is large.
#include "kernels/copy.hpp"

#include <cstddef>
#include <cstring>

#include "parallel.hpp"

namespace bp::cpu {

std::unique_ptr<Kernel> copy_kernel(uint64_t bytes, int threads) {
  return make_kernel([bytes, threads](const Call& call) {
    const auto* source = call.in<std::byte>(0);
    auto* target = call.out<std::byte>(1);
    if (source == target) return;
    const auto count = static_cast<int64_t>(bytes);
    parallel_for(threads, count, count / 16, [&](int64_t begin, int64_t end) {
      std::memcpy(target + begin, source + begin, static_cast<size_t>(end - begin));
    });
  });
}

}  // namespace bp::cpu
