// Feeds a fuzz target every file of a corpus folder, each cut short and each with bytes changed by a fixed
// seed. Finding new inputs is libFuzzer's work; this keeps what was found from coming back.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Bytes = std::vector<uint8_t>;

constexpr int kMutationsPerFile = 200;
constexpr int kTruncationsPerFile = 32;

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

void feed(const Bytes& bytes) {
  // An exact copy on the heap, so that a sanitizer sees a read past the end.
  const Bytes copy(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

size_t below(std::mt19937& random, size_t limit) {
  return std::uniform_int_distribution<size_t>(0, limit - 1)(random);
}

void feed_mutations(const Bytes& bytes, std::mt19937& random) {
  for (int i = 0; i < kTruncationsPerFile; ++i) {
    feed(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(below(random, bytes.size()))));
  }
  for (int i = 0; i < kMutationsPerFile; ++i) {
    Bytes changed = bytes;
    for (size_t n = below(random, 8) + 1; n > 0; --n) {
      changed[below(random, changed.size())] = static_cast<uint8_t>(below(random, 256));
    }
    feed(changed);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  std::mt19937 random(20240229);
  int files = 0;
  feed({});
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1])) {
    if (!entry.is_regular_file()) continue;
    const Bytes bytes = read_file(entry.path());
    feed(bytes);
    if (!bytes.empty()) feed_mutations(bytes, random);
    ++files;
  }
  std::printf("%d files replayed\n", files);
  return files > 0 ? 0 : 1;  // an empty corpus tests nothing
}
