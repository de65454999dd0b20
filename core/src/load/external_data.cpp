// The path rules are checked on the text first (for clear messages), then by the kernel, which resolves the
// path beneath the folder in one step and so leaves no gap between check and use.
#include "load/external_data.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace bp {
namespace {

namespace fs = std::filesystem;

Status check_location(const std::string& location) {
  const auto refuse = [&](const char* why) {
    return Status(ErrorCode::kInvalidModel, "external data location '" + location + "' " + why);
  };
  if (location.empty()) return {ErrorCode::kInvalidModel, "external data has no location"};
  if (location.find('\0') != std::string::npos) return refuse("contains a zero byte");
  const fs::path path(location);
  if (path.is_absolute()) return refuse("is absolute; it must be relative to the model's folder");
  for (const fs::path& part : path) {
    if (part == "..") return refuse("leaves the model's folder");
  }
  return {};
}

// For kernels and sandboxes without openat2. A link changed between the two steps is not noticed.
int open_beneath_fallback(const std::string& folder, const std::string& location) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path file = error ? fs::path() : fs::canonical(fs::path(folder) / location, error);
  if (error) {
    errno = error.value();
    return -1;
  }
  const fs::path inside = file.lexically_relative(root);
  if (inside.empty() || *inside.begin() == "..") {
    errno = EXDEV;
    return -1;
  }
  return ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

int open_beneath(const std::string& folder, const std::string& location) {
  const int root = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return -1;
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const auto fd = static_cast<int>(::syscall(SYS_openat2, root, location.c_str(), &how, sizeof how));
  const int error = errno;
  ::close(root);
  if (fd < 0 && (error == ENOSYS || error == EPERM)) return open_beneath_fallback(folder, location);
  errno = error;
  return fd;
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> open_external(LoadContext& context, const std::string& location) {
  if (const auto found = context.external_files.find(location); found != context.external_files.end()) {
    return found->second;
  }
  BP_RETURN_IF_ERROR(check_location(location));
  if (context.folder.empty()) {
    return Status(ErrorCode::kInvalidArgument,
                  "external data '" + location + "' needs a folder, and a model from memory has none");
  }
  const int fd = open_beneath(context.folder, location);
  if (fd < 0) {
    const int error = errno;
    if (error == EXDEV) {
      return Status(ErrorCode::kInvalidModel,
                    "external data location '" + location + "' is a link that leaves the model's folder");
    }
    return Status(error == ENOENT || error == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kIo,
                  "cannot open external data '" + location + "' in '" + context.folder +
                      "': " + std::generic_category().message(error));
  }
  const std::string path = (fs::path(context.folder) / location).string();
  BP_ASSIGN_OR_RETURN(std::shared_ptr<const MappedFile> file,
                      MappedFile::from_descriptor(fd, path, context.options->max_file_bytes));
  context.external_files.emplace(location, file);
  return file;
}

}  // namespace bp
