#include "provider/read_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bp {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

Result<std::string> read_small_file(const std::string& path, uint64_t max_bytes) {
  // O_NONBLOCK: a pipe in a plug-in folder must not hang the search.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) {
    return Status(errno == ENOENT || errno == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kIo,
                  fmt::format("cannot open it: {}", std::strerror(errno)));
  }
  struct stat info {};
  if (::fstat(file.fd, &info) != 0 || !S_ISREG(info.st_mode))
    return Status(ErrorCode::kIo, "it is no regular file");
  std::string bytes;
  char buffer[16384];
  while (true) {
    const ssize_t count = ::read(file.fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Status(ErrorCode::kIo, fmt::format("cannot read it: {}", std::strerror(errno)));
    if (count == 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(count));
    if (bytes.size() > max_bytes) {
      return Status(ErrorCode::kInvalidArgument, fmt::format("it is larger than {} bytes", max_bytes));
    }
  }
}

}  // namespace bp
