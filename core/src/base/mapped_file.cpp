// mmap, madvise and the checks before them.
#include "base/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace bp {
namespace {

std::string system_text(int error) { return std::generic_category().message(error); }

size_t page_size() noexcept { return static_cast<size_t>(::sysconf(_SC_PAGESIZE)); }

// A second change within the grain of a file system's times would not show; two seconds are the coarsest in
// use.
constexpr int64_t kGrainSeconds = 2;

uint64_t version_of(const struct stat& info) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const int64_t changed = std::max<int64_t>(info.st_mtim.tv_sec, info.st_ctim.tv_sec);
  if (changed + kGrainSeconds >= now.tv_sec) return 0;
  const std::array<uint64_t, 7> facts = {
      static_cast<uint64_t>(info.st_dev),          static_cast<uint64_t>(info.st_ino),
      static_cast<uint64_t>(info.st_size),         static_cast<uint64_t>(info.st_mtim.tv_sec),
      static_cast<uint64_t>(info.st_mtim.tv_nsec), static_cast<uint64_t>(info.st_ctim.tv_sec),
      static_cast<uint64_t>(info.st_ctim.tv_nsec)};
  uint64_t hash = 0;
  for (const uint64_t fact : facts) {  // the finalizer of SplitMix64, which is one to one
    hash += fact + 0x9e3779b97f4a7c15;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
    hash ^= hash >> 31;
  }
  return std::max<uint64_t>(1, hash);
}

// Closes the descriptor on every way out; a mapping outlives it.
struct Descriptor {
  int fd;
  ~Descriptor() { ::close(fd); }
};

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path, uint64_t max_bytes) {
  // O_NONBLOCK: opening a pipe without a writer must not hang.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    const int error = errno;
    return Status(error == ENOENT || error == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kIo,
                  "cannot open '" + path + "': " + system_text(error));
  }
  return from_descriptor(fd, path, max_bytes);
}

Result<std::shared_ptr<const MappedFile>> MappedFile::from_descriptor(int fd, const std::string& path,
                                                                      uint64_t max_bytes) {
  const Descriptor descriptor{fd};
  struct stat info {};
  if (::fstat(fd, &info) != 0) {
    return Status(ErrorCode::kIo, "cannot read '" + path + "': " + system_text(errno));
  }
  if (!S_ISREG(info.st_mode)) {
    return Status(ErrorCode::kInvalidArgument,
                  "'" + path + "' is " + (S_ISDIR(info.st_mode) ? "a folder" : "no regular file"));
  }
  const auto size = static_cast<uint64_t>(info.st_size);
  if (max_bytes != 0 && size > max_bytes) {
    return Status(ErrorCode::kInvalidArgument, "'" + path + "' has " + std::to_string(size) +
                                                   " bytes; the limit is " + std::to_string(max_bytes));
  }
  std::span<const std::byte> bytes;
  if (size > 0) {  // mmap refuses an empty range
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (address == MAP_FAILED) {
      return Status(ErrorCode::kIo, "cannot map '" + path + "': " + system_text(errno));
    }
    bytes = {static_cast<const std::byte*>(address), size};
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(bytes, path, version_of(info)));
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void MappedFile::will_need(uint64_t offset, uint64_t size) const noexcept {
  if (offset >= bytes_.size()) return;
  const uint64_t start = offset / page_size() * page_size();
  const uint64_t end = size > bytes_.size() - offset ? bytes_.size() : offset + size;
  ::madvise(const_cast<std::byte*>(bytes_.data() + start), end - start, MADV_WILLNEED);
}

void MappedFile::drop_resident(std::span<const std::byte> range) noexcept {
  const auto page = static_cast<uintptr_t>(page_size());
  const auto address = reinterpret_cast<uintptr_t>(range.data());
  const uintptr_t start = (address + page - 1) / page * page;
  const uintptr_t end = (address + range.size()) / page * page;
  if (end > start) ::madvise(reinterpret_cast<void*>(start), end - start, MADV_DONTNEED);
}

}  // namespace bp
