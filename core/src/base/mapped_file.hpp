// A file mapped read-only for as long as somebody holds it. Weights are read where they are mapped, so
// whoever has packed a range gives its pages back with drop_resident(). A file must not shrink while it is
// mapped: reading past its new end ends the process (SIGBUS).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "backplane/status.hpp"

namespace bp {

class MappedFile {
 public:
  // Errors name the path. Only regular files; `max_bytes` 0 means no limit.
  static Result<std::shared_ptr<const MappedFile>> open(const std::string& path, uint64_t max_bytes = 0);
  // Takes over the open descriptor `fd` in every case.
  static Result<std::shared_ptr<const MappedFile>> from_descriptor(int fd, const std::string& path,
                                                                   uint64_t max_bytes = 0);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const noexcept { return bytes_; }
  const std::string& path() const noexcept { return path_; }
  // Tells this content of this file from any other: a hash of device, inode, size and times of last change, as
  // they were when it was opened. 0 where they cannot tell, because the file was changed just before.
  uint64_t version() const noexcept { return version_; }

  // Asks the system to read a range ahead. A hint: never fails.
  void will_need(uint64_t offset, uint64_t size) const noexcept;
  // Gives the whole pages inside `range` back; a later touch reads them from the file again. Only for
  // ranges of a MappedFile (memory of another kind would lose its contents).
  static void drop_resident(std::span<const std::byte> range) noexcept;

 private:
  MappedFile(std::span<const std::byte> bytes, std::string path, uint64_t version)
      : bytes_(bytes), path_(std::move(path)), version_(version) {}

  std::span<const std::byte> bytes_;
  std::string path_;
  uint64_t version_;
};

}  // namespace bp
