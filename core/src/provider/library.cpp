#include "provider/library.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/mapped_file.hpp"
#include "provider/dependencies.hpp"
#include "provider/digest.hpp"
#include "provider/elf_file.hpp"
#include "provider/file_trust.hpp"

namespace bp {
namespace {

namespace fs = std::filesystem;

// What identifies the contents of a file, as far as the system tells.
struct FileIdentity {
  dev_t device;
  ino_t inode;
  off_t size;
  timespec changed;

  explicit FileIdentity(const struct stat& info)
      : device(info.st_dev), inode(info.st_ino), size(info.st_size), changed(info.st_ctim) {}
  bool operator==(const FileIdentity& other) const {
    return device == other.device && inode == other.inode && size == other.size &&
           changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
  }
};

std::optional<FileIdentity> identity_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return FileIdentity(info);
}

class Loader {
 public:
  Loader(const Manifest& manifest, bool system_place, Outcome* outcome)
      : manifest_(manifest), system_place_(system_place), outcome_(*outcome) {}

  std::optional<LoadedLibrary> run(const std::set<std::string>& features) {
    const ManifestLibrary* library = choose(features);
    if (library == nullptr || !locate(*library) || !check_file(*library)) return std::nullopt;
    return load();
  }

 private:
  bool reject(OutcomeReason reason, std::string text) {
    outcome_.state = OutcomeState::kRejected;
    outcome_.reason = reason;
    outcome_.text = std::move(text);
    return false;
  }

  const ManifestLibrary* choose(const std::set<std::string>& features) {
    const ManifestLibrary* library = choose_library(manifest_, features);
    if (library == nullptr) {
      reject(OutcomeReason::kNoVariant, fmt::format("this CPU lacks features that all of its {} libraries need",
                                                    1 + manifest_.variants.size()));
    } else if (!library->os.empty() && library->os != "linux") {
      reject(OutcomeReason::kWrongOs, fmt::format("it is for {}, this is linux", library->os));
      library = nullptr;
    } else if (!library->arch.empty() && library->arch != machine_name()) {
      reject(OutcomeReason::kWrongArchitecture,
             fmt::format("it is for {}, this is {}: install the provider for this machine", library->arch,
                         machine_name()));
      library = nullptr;
    }
    return library;
  }

  // The real path, which must lie in the manifest's real folder.
  bool locate(const ManifestLibrary& library) {
    std::error_code error;
    const fs::path folder = fs::canonical(outcome_.path, error).parent_path();
    if (error) return reject(OutcomeReason::kFileMissing, "its manifest is gone");
    const fs::path real = fs::canonical(folder / library.path, error);
    if (error) {
      return reject(
          OutcomeReason::kFileMissing,
          fmt::format("{} cannot be found ({}): the manifest is stale, remove it or install the provider anew",
                      (folder / library.path).string(), error.message()));
    }
    const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), real.begin(), real.end());
    if (end != folder.end()) {
      return reject(OutcomeReason::kInsecurePath,
                    fmt::format("{} leads out of the manifest's folder, to {}", library.path, real.string()));
    }
    outcome_.library = real.string();
    if (system_place_) {
      if (const std::string culprit = who_else_can_write(outcome_.library); !culprit.empty()) {
        return reject(OutcomeReason::kInsecurePath,
                      fmt::format("in a system folder nobody else may write: {}", culprit));
      }
    }
    return true;
  }

  bool check_file(const ManifestLibrary& library) {
    const int fd = ::open(outcome_.library.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info {};
    if (fd < 0)
      return reject(OutcomeReason::kUnreadable, fmt::format("cannot open it: {}", std::strerror(errno)));
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
      ::close(fd);
      return reject(OutcomeReason::kUnreadable, fmt::format("{} is no regular file", outcome_.library));
    }
    identity_ = FileIdentity(info);
    if (info.st_size == 0) {
      ::close(fd);
      return reject(OutcomeReason::kTruncated, "it is empty");
    }
    const auto file = MappedFile::from_descriptor(fd, outcome_.library);
    if (!file.ok()) return reject(OutcomeReason::kUnreadable, file.status().message());
    const std::span<const std::byte> bytes = (*file)->bytes();
    if (!library.sha256.empty()) {
      if (const std::string found = sha256_hex(bytes); found != library.sha256) {
        return reject(OutcomeReason::kDigestWrong,
                      fmt::format("its SHA-256 is {}, the manifest says {}: install the provider anew", found,
                                  library.sha256));
      }
    }
    return check_headers(read_elf(bytes)) && check_unchanged("while it was checked");
  }

  bool check_headers(const ElfFile& elf) {
    switch (elf.problem) {
      case ElfProblem::kNone:
        break;
      case ElfProblem::kOtherMachine:
        return reject(OutcomeReason::kWrongArchitecture, elf.text + ": install the provider for this machine");
      case ElfProblem::kNotElf:
      case ElfProblem::kNotShared:
        return reject(OutcomeReason::kLoadFailed, elf.text);
      case ElfProblem::kTruncated:
        return reject(OutcomeReason::kTruncated, elf.text);
    }
    std::vector<std::string> declared;
    for (const SharedLibraryNeed& need : manifest_.needs) declared.push_back(need.soname);
    const auto missing = find_missing_libraries(outcome_.library, elf, declared);
    if (missing.empty()) return true;
    std::vector<std::string> parts;
    for (const MissingLibrary& library : missing) parts.push_back(describe(library));
    return reject(OutcomeReason::kDependencyMissing,
                  fmt::format("missing on this machine: {}", fmt::join(parts, "; ")));
  }

  std::string describe(const MissingLibrary& missing) const {
    std::string text = missing.soname;
    if (missing.needed_by != outcome_.library) text += fmt::format(", needed by {}", missing.needed_by);
    for (const SharedLibraryNeed& need : manifest_.needs) {
      if (need.soname == missing.soname && !need.hint.empty()) text += fmt::format(" ({})", need.hint);
    }
    return text;
  }

  bool check_unchanged(const char* when) {
    if (identity_of(outcome_.library) == identity_) return true;
    return reject(OutcomeReason::kUnreadable, fmt::format("{} changed {}: try again", outcome_.library, when));
  }

  // The throwing overloads: the others lose dlerror's text.
  std::optional<LoadedLibrary> load() {
    std::shared_ptr<boost::dll::shared_library> library;
    try {
      library = std::make_shared<boost::dll::shared_library>(
          fs::path(outcome_.library), boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    } catch (const std::exception& exception) {
      reject(OutcomeReason::kLoadFailed, fmt::format("the dynamic linker says: {}", exception.what()));
      return std::nullopt;
    }
    if (!check_unchanged("while it was loaded")) return std::nullopt;
    if (!library->has(BP_PROVIDER_OPEN_SYMBOL)) {
      reject(OutcomeReason::kSymbolMissing,
             fmt::format("it does not export {}: it is no provider, or of another major version of the ABI",
                         BP_PROVIDER_OPEN_SYMBOL));
      return std::nullopt;
    }
    using OpenFunction = uint32_t(const bp_host*, uint32_t, uint32_t, bp_provider**);
    bp_provider_open_fn open = &library->get<OpenFunction>(BP_PROVIDER_OPEN_SYMBOL);
    return LoadedLibrary{std::move(library), open};
  }

  const Manifest& manifest_;
  const bool system_place_;
  Outcome& outcome_;
  std::optional<FileIdentity> identity_;
};

}  // namespace

const ManifestLibrary* choose_library(const Manifest& manifest, const std::set<std::string>& features) {
  const ManifestLibrary* best = nullptr;
  const auto consider = [&](const ManifestLibrary& library) {
    const bool runs = std::all_of(library.cpu_features.begin(), library.cpu_features.end(),
                                  [&](const std::string& feature) { return features.contains(feature); });
    if (runs && (best == nullptr || library.priority > best->priority)) best = &library;
  };
  consider(manifest.library);
  for (const ManifestLibrary& variant : manifest.variants) consider(variant);
  return best;
}

std::optional<LoadedLibrary> load_library(const Manifest& manifest, const std::set<std::string>& features,
                                          bool system_place, Outcome* outcome) {
  return Loader(manifest, system_place, outcome).run(features);
}

}  // namespace bp
